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

/** A call whose progress is shown by `show` and whose questions are dialogs. */
export function callFor(app: App, signal: AbortSignal, show: (text: string, value: Progress) => void): Call {
  return {
    signal,
    progress: (value) => show(progressText(value, app.text), value),
    ask: (question) => askModal(question, app.text),
  };
}

/** Shows a notification with progress and a Cancel button while `work` goes on; nothing for the first half second. */
export async function withProgress<T>(app: App, title: string, work: (call: Call) => Promise<T>): Promise<T> {
  return vscode.window.withProgress(
    { location: vscode.ProgressLocation.Notification, title, cancellable: true },
    async (progress, token) => {
      const controller = new AbortController();
      const listener = token.onCancellationRequested(() => controller.abort());
      let percent = 0;
      try {
        return await work(
          callFor(app, controller.signal, (message, value) => {
            const now = value.total ? Math.min(100, (100 * value.done) / value.total) : percent;
            progress.report({ message, increment: Math.max(0, now - percent) });
            percent = Math.max(percent, now);
          }),
        );
      } finally {
        listener.dispose();
      }
    },
  );
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
