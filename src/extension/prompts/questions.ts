/** The engine's questions as dialogs: a modal choice, or a box for text that nobody sees. */

import * as vscode from 'vscode';
import { Cancelled, type Question } from '../../base/cancel';
import { type Texts } from '../texts';
import { listText } from './progress';

/** The answer to a choice; closing the dialog means the safe one. */
export async function askChoice(question: Question, text: Texts): Promise<string> {
  const [safe = 'cancel', ...others] = question.choices;
  const labels = others.map((choice) => ({ title: text.t(`choice.${choice}`), choice }));
  const detail = listText(question.items ?? [], text);
  const sentence = text.t(`ask.${question.code}`, question.data);
  const picked = await vscode.window.showWarningMessage(sentence, { modal: true, detail }, ...labels);
  return picked?.choice ?? safe;
}

/** The typed secret; `note` says what becomes of it. Fails with Cancelled after Escape. */
export async function askSecret(question: Question, note: string | undefined, text: Texts): Promise<string> {
  const value = await vscode.window.showInputBox({
    title: text.t(`ask.${question.code}`, question.data),
    ...(note === undefined ? {} : { prompt: note }),
    password: true,
    ignoreFocusOut: true,
  });
  if (value === undefined) throw new Cancelled();
  return value;
}
