/** Failures of single paths as answers carry them: the code for texts, and English words for `--json`. */

import { is, type StrataError } from '../errors';
import { type Failed } from '../verbs/data';
import { fromRoot, shown } from './paths';
import { type Task } from './task';

/** A path that failed; `path` may be absolute. */
export interface Failure {
  readonly path: string;
  readonly hash?: string;
  readonly error: unknown;
}

const WORDS: Readonly<Record<string, (error: StrataError) => string>> = {
  'cache.missing': () => 'not in the cache',
  'cache.corrupt': () => 'the object in the cache does not match its name',
  'cache.badDir': () => 'the list of this folder cannot be read',
  'remotes.missing': () => 'not on the remote',
  'remotes.corrupt': () => 'the remote sent bytes that do not match the name',
  'remotes.incomplete': (error) => `not pushed, because ${String(error.data['entry'])} is missing`,
};

/** A failure as the answer of a verb holds it. */
export function failureText(task: Task, failure: Failure): Failed {
  const { error, hash } = failure;
  const path = shown(task.repo, fromRoot(task.repo.root, failure.path));
  const code = is(error) ? error.code : 'unexpected';
  const words = is(error) ? WORDS[error.code]?.(error) : undefined;
  const msg = words ?? (error instanceof Error ? error.message : String(error));
  return { path, ...(hash === undefined ? {} : { hash }), msg, code, ...(is(error) ? { data: error.data } : {}) };
}
