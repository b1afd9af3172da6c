/** Runs a verb with its progress in a view, a Cancel, and its questions as modal dialogs. */

import * as vscode from 'vscode';
import { Cancelled, type Call, type Progress, type Question } from '../../base/cancel';
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
 * Questions of the engine are modal dialogs.
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
        work({
          signal: controller.signal,
          ask: (question) => askModal(question, app.text),
          progress: (value) => {
            const message = progressText(value, app.text);
            progress.report({ message });
            app.acts.show(controller, `${title}: ${message}`);
          },
        }),
      ),
    );
  } finally {
    app.acts.end(controller);
  }
}

/** A question of the engine as a modal dialog; closing it means the safe choice. */
export async function askModal(question: Question, text: Texts): Promise<string> {
  const sentence = text.t(`ask.${question.code}`, question.data);
  if (question.kind === 'secret') {
    const value = await vscode.window.showInputBox({ prompt: sentence, password: true, ignoreFocusOut: true });
    if (value === undefined) throw new Cancelled();
    return value;
  }
  const [safe = 'cancel', ...others] = question.choices;
  const labels = others.map((choice) => ({ title: text.t(`choice.${choice}`), choice }));
  const detail = listText(question.items ?? [], text);
  const picked = await vscode.window.showWarningMessage(sentence, { modal: true, detail }, ...labels);
  return picked?.choice ?? safe;
}

/** At most ten items, then how many more. */
export function listText(items: readonly string[], text: Texts): string {
  const shown = items.slice(0, 10).map(visible);
  const more = items.length - shown.length;
  return [...shown, ...(more > 0 ? [text.t('list.more', { n: more })] : [])].join('\n');
}
