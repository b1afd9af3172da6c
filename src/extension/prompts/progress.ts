/** Runs a verb with its progress in a view, a Cancel, and its questions as dialogs. */

import * as vscode from 'vscode';
import { type Call, type Progress } from '../../base/cancel';
import { visible } from '../../base/text';
import { type App } from '../app';
import { type Texts } from '../texts';

/** Figures of a progress in words: `Hashing 214 / 1,200 · 1.9 GB · images/7.png`. */
export function progressText(value: Progress, text: Texts): string {
  const amount = (n: number): string => (value.unit === 'bytes' ? text.size(n) : text.number(n, 0));
  const of = value.total === undefined ? '' : ` / ${amount(value.total)}`;
  const bytes = value.bytes === undefined ? '' : ` · ${text.size(value.bytes)}`;
  return `${text.t(value.phase)} ${amount(value.done)}${of}${bytes}${value.item ? ` · ${visible(value.item)}` : ''}`;
}

/**
 * Does `work` with a bar in its view, the figures above the view's rows and in the status bar, and *Cancel* in the view's title.
 * The engine's questions are dialogs; passwords may be kept.
 */
export async function withProgress<T>(
  app: App,
  title: string,
  work: (call: Call) => Promise<T>,
  viewId = 'strata.data',
): Promise<T> {
  const controller = app.acts.begin(viewId);
  const bar = <R>(act: () => Promise<R>): Thenable<R> => vscode.window.withProgress({ location: { viewId } }, act);
  try {
    return await vscode.window.withProgress({ location: vscode.ProgressLocation.Window, title }, (progress) =>
      bar(() =>
        app.secrets.during((ask) =>
          work({
            signal: controller.signal,
            ask,
            progress: (value) => {
              const message = progressText(value, app.text);
              progress.report({ message });
              app.acts.show(controller, `${title}: ${message}`);
            },
          }),
        ),
      ),
    );
  } finally {
    app.acts.end(controller);
  }
}

/** At most ten items, then how many more. */
export function listText(items: readonly string[], text: Texts): string {
  const shown = items.slice(0, 10).map(visible);
  const more = items.length - shown.length;
  return [...shown, ...(more > 0 ? [text.t('list.more', { n: more })] : [])].join('\n');
}
