/** How an output stands: recorded against cache, recorded against workspace (dvc.md §15). */

import { type DirEntry, type Hash, type HashName } from '../cache/cache';
import { is } from '../errors';
import { hidingRule } from './ignore';
import { measure } from './measure';
import { type Measured, type Output, type OutState, type Recorded } from './model';
import { absolute } from './repo';
import { type Task } from './task';

/** True when the object, and for a folder every file it lists, is in the cache. */
export async function isCached(task: Task, recorded: Pick<Recorded, 'hash' | 'hashName'>): Promise<boolean> {
  const { store } = task.repo;
  const { hash, hashName } = recorded;
  if (!store.has(hash, hashName)) return false;
  if (!hash.endsWith('.dir')) return true;
  const entries = await readFolder(task, hash, hashName);
  return entries !== undefined && allCached(task, entries, hashName);
}

function allCached(task: Task, entries: readonly DirEntry[], hashName: HashName): boolean {
  const hashes = entries.map((entry) => entry.md5);
  return task.repo.store.missing(hashes, hashName).size === 0;
}

/**
 * As {@link isCached} for content that was just measured: its list is known then, and the object need only hold its bytes. Reading and
 * checking a list again would cost more than all the rest of a status.
 */
async function isMeasuredCached(task: Task, found: Measured): Promise<boolean> {
  const { hash, hashName, entries } = found;
  if (!entries) return task.repo.store.has(hash, hashName);
  try {
    await task.repo.store.read(hash, hashName);
  } catch (error) {
    if (is(error, 'cache.missing') || is(error, 'cache.corrupt')) return false;
    throw error;
  }
  return allCached(task, entries, hashName);
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
  const cached = !needed || (await (same ? isMeasuredCached(task, found) : isCached(task, needed)));
  if (!cached) return 'not in cache';
  if (!found) return 'deleted';
  return same ? 'unchanged' : 'modified';
}
