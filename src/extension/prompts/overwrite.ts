/** Acts that would replace what is there are done after a question that names it, never before. */

import * as vscode from 'vscode';
import { is } from '../../engine/errors';
import { type App } from '../app';
import { listText } from './progress';

/**
 * Does `act`; when that would overwrite data that is in no cache, or a path that exists, names it and asks. `question` is the key of the sentence
 * about {n} files in no cache. Undefined: rather not.
 */
export async function askToOverwrite<T>(
  app: App,
  question: string,
  act: (force: boolean) => Promise<T>,
): Promise<T | undefined> {
  try {
    return await act(false);
  } catch (error) {
    const { text } = app;
    const exists = is(error, 'import.exists');
    if (!exists && !is(error, 'data.unsaved')) throw error;
    const paths = Array.isArray(error.data['paths']) ? (error.data['paths'] as string[]) : [];
    const { path } = error.data;
    const sentence = exists
      ? text.t('confirm.replace', { path: typeof path === 'string' ? path : '' })
      : text.t(question, { n: paths.length });
    const detail = exists ? text.t('confirm.replaceDetail') : listText(paths, text);
    const go = text.t(exists ? 'action.replace' : 'action.overwrite');
    const picked = await vscode.window.showWarningMessage(sentence, { modal: true, detail }, go);
    return picked === go ? act(true) : undefined;
  }
}
