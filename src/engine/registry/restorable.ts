/** Whether the data of a commit can be had: every object of its outputs lies in the cache or on its remote. */

import { type Call } from '../../base/cancel';
import { type Hash, type HashName } from '../cache/cache';
import { collectCommit } from '../data/collect';
import { type Output } from '../data/model';
import { missingOnRemote } from '../data/remoteState';
import { type Repo } from '../data/repo';
import { startTask } from '../data/task';
import { StrataError } from '../errors';
import { needGit } from './readRegistry';

interface Wanted {
  readonly hash: Hash;
  readonly hashName: HashName;
  /** The remote of its output; undefined: the default one. */
  readonly remote: string | undefined;
}

/** True when nothing is missing. Imports from other repositories, which have a source of their own, are not looked for. */
export async function isRestorable(repo: Repo, commit: string, call: Call): Promise<boolean> {
  const { outputs } = await collectCommit(repo, needGit(repo), commit, call);
  const missing: Wanted[] = [];
  for (const output of outputs.filter((one) => one.cache && !one.repoImport))
    missing.push(...(await missingHere(repo, output)));
  for (const remote of new Set(missing.map((one) => one.remote))) {
    const some = missing.filter((one) => one.remote === remote);
    if (!(await isThere(repo, remote, some, call))) return false;
  }
  return true;
}

/** Objects of an output that the cache lacks; a folder whose list is missing stands for its files. */
async function missingHere({ store }: Repo, { recorded, remote }: Output): Promise<Wanted[]> {
  if (!recorded) return [];
  const { hash, hashName } = recorded;
  const isHere = (one: Hash): boolean => store.has(one, hashName);
  if (!isHere(hash)) return [{ hash, hashName, remote }];
  if (!hash.endsWith('.dir')) return [];
  const entries = await store.readDir(hash, hashName);
  return entries.filter((entry) => !isHere(entry.md5)).map((entry) => ({ hash: entry.md5, hashName, remote }));
}

async function isThere(
  repo: Repo,
  remote: string | undefined,
  wanted: readonly Wanted[],
  call: Call,
): Promise<boolean> {
  try {
    return (await missingOnRemote(startTask(repo, call), remote, wanted)).length === 0;
  } catch (error) {
    // No remote, or one that cannot be reached: then it cannot be had from there.
    if (error instanceof StrataError) return false;
    throw error;
  }
}
