/** How an output stands: recorded against cache, recorded against workspace (dvc.md §15). */

import { type DirEntry, type Hash, type HashName } from '../cache/cache';
import { is } from '../errors';
import { hidingRule } from './ignore';
import { measure } from './measure';
import { type Measured, type Output, type OutState, type Recorded } from './model';
import { absolute } from './repo';
import { type Task } from './task';

/**
 * True when the object, and for a folder every file it lists, is in the cache. `entries` spares reading the list of content that was just
 * measured.
 */
export async function isCached(
  task: Task,
  { hash, hashName }: Pick<Recorded, 'hash' | 'hashName'>,
  entries?: () => readonly DirEntry[],
): Promise<boolean> {
  const { store } = task.repo;
  return hash.endsWith('.dir') ? store.holdsFolder(hash, hashName, entries) : store.has(hash, hashName);
}

/** Entries of a folder's object; undefined when it is missing or broken. */
export async function readFolder(
  task: Task,
  hash: Hash,
  hashName: HashName,
): Promise<{ relpath: string; md5: Hash }[] | undefined> {
  try {
    return await task.repo.store.readDir(hash, hashName);
  } catch (error) {
    if (is(error, 'cache.missing') || is(error, 'cache.corrupt')) return undefined;
    throw error;
  }
}

/** What lies at an output's path; undefined when nothing does or `.dvcignore` hides it. */
export async function measureOutput(task: Task, output: Output): Promise<Measured | undefined> {
  const stat = await task.repo.host.fs.stat(absolute(task.repo, output.path));
  if (!stat || (await hidingRule(task.ignores, output.path, stat.kind === 'folder'))) return undefined;
  return measure(task, output.path, output.recorded?.hashName ?? 'md5');
}

/** True when two hashes name the same content. */
export function sameContent(
  a: Pick<Recorded, 'hash' | 'hashName'> | undefined,
  b: Pick<Recorded, 'hash' | 'hashName'> | undefined,
): boolean {
  return a !== undefined && b !== undefined && a.hash === b.hash && a.hashName === b.hashName;
}

/**
 * The state of an output. Its object is looked for first: a recorded output that is not in the cache is that, whatever the workspace
 * holds. An output without a recorded hash is `deleted` when absent and `modified` when present.
 */
export async function outState(task: Task, output: Output): Promise<OutState> {
  const { recorded } = output;
  const needed = output.cache ? recorded : undefined;
  if (needed && !task.repo.store.has(needed.hash, needed.hashName)) return 'not in cache';
  const found = await measureOutput(task, output);
  const same = found !== undefined && sameContent(recorded, found);
  const cached = !needed || (await isCached(task, needed, same ? () => found.entries ?? [] : undefined));
  if (!cached) return 'not in cache';
  if (!found) return 'deleted';
  return same ? 'unchanged' : 'modified';
}
