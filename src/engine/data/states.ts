/** Reads the three states that comparisons are made of: a commit's record, the workspace's record, the workspace itself. */

import { pacer } from '../../base/cancel';
import { type Hash, type HashName } from '../cache/cache';
import { collectCommit } from './collect';
import { isUnreadable, type DataIndex, type IndexRoot } from './dataIndex';
import { walkFolder } from './listFolder';
import { type Output, type ProjectFiles } from './model';
import { measureOutput, readFolder } from './outState';
import { type Task } from './task';

/** Outputs that comparisons look at: those in the cache, inside the project. */
function comparable(outputs: readonly Output[]): Output[] {
  return outputs.filter((output) => output.cache && !output.path.startsWith('/') && !output.path.includes('://'));
}

/** What files record, lists of folders read from the cache when `granular`. */
export async function recordedIndex(task: Task, files: ProjectFiles, granular: boolean): Promise<DataIndex> {
  const index = new Map<string, IndexRoot>();
  const pace = pacer(task.call.signal);
  for (const output of comparable(files.outputs)) {
    await pace();
    index.set(output.path, await recordedRoot(task, output, granular));
  }
  return index;
}

async function recordedRoot(task: Task, output: Output, granular: boolean): Promise<IndexRoot> {
  const { path, recorded } = output;
  if (!recorded) return { path, folder: false };
  const { hash, hashName } = recorded;
  const folder = hash.endsWith('.dir');
  const files = folder && granular ? await listOf(task, hash, hashName) : undefined;
  return { path, folder, hash, hashName, ...(files ? { files } : {}) };
}

async function listOf(task: Task, hash: Hash, hashName: HashName): Promise<ReadonlyMap<string, Hash> | undefined> {
  const entries = await readFolder(task, hash, hashName);
  return entries && new Map(entries.map((entry) => [entry.relpath, entry.md5]));
}

/** What lies in the workspace at the outputs' paths. Folders that `recorded` cannot list are told with all folders inside. */
export async function workspaceIndex(task: Task, files: ProjectFiles, recorded?: DataIndex): Promise<DataIndex> {
  const index = new Map<string, IndexRoot>();
  for (const output of comparable(files.outputs)) {
    const found = await measureOutput(task, output);
    if (!found) continue;
    const { hash, hashName, entries } = found;
    const below = entries && new Map(entries.map((entry) => [entry.relpath, entry.md5]));
    index.set(output.path, {
      path: output.path,
      folder: below !== undefined,
      hash,
      hashName,
      ...(below ? { files: below } : {}),
      ...(below && isUnreadable(recorded?.get(output.path)) ? { folders: await foldersIn(task, output.path) } : {}),
    });
  }
  return index;
}

async function foldersIn(task: Task, path: string): Promise<string[]> {
  const { folders } = await walkFolder(task, path);
  return folders.map(({ relpath }) => relpath).filter((relpath) => relpath !== '');
}

/** What a commit records; nothing when the revision does not exist yet (no commits). */
export async function commitIndex(task: Task, rev: string, granular: boolean): Promise<DataIndex | undefined> {
  const { git } = task.repo;
  const sha = await git?.resolve(rev);
  if (!git || sha === undefined) return undefined;
  return recordedIndex(task, await collectCommit(task.repo, git, sha, task.call), granular);
}
