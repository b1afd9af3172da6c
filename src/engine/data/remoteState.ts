/** How cache and remote stand to each other: `status -c`, and what a remote lacks (dvc.md §15, §20). */

import { type Call } from '../../base/cancel';
import { type Hash, type HashName } from '../cache/cache';
import { objectKey } from '../cache/layout';
import { openRemote, remoteName } from '../remotes/remotes';
import { type ShareArgs } from '../verbs/data';
import { type Repo } from './repo';
import { withEntries } from './share';
import { eachRemote, wantedObjects } from './sharing';
import { startTask, type Task } from './task';

/** State of an object in DVC's words: only in the cache, only on the remote, in neither. */
export type CloudState = 'new' | 'deleted' | 'missing';

/** `status -c`: objects that are not in both, each hash once, under one of its paths. Lists of folders are looked up on the remote too. */
export async function cloudStatus(repo: Repo, args: ShareArgs, call: Call): Promise<Record<string, CloudState>> {
  const task = startTask(repo, call);
  const states = new Map<string, CloudState>();
  const byRemote = await wantedObjects(task, args, true);
  await eachRemote(task, byRemote, args, async (remote, wanted) => {
    const all = await withEntries(task, wanted);
    const keys = new Map(all.map((one) => [objectKey(one.hash, one.hashName), one]));
    const there = await remote.has([...keys.keys()], call);
    for (const [key, one] of keys) {
      const here = task.repo.store.has(one.hash, one.hashName);
      if (here !== there.has(key)) states.set(one.path ?? one.hash, here ? 'new' : 'deleted');
      else if (!here) states.set(one.path ?? one.hash, 'missing');
    }
  });
  return Object.fromEntries(states);
}

/** Those of the entries whose object the remote lacks. */
export async function missingOnRemote<T extends { readonly hash: Hash; readonly hashName: HashName }>(
  task: Task,
  asked: string | undefined,
  entries: readonly T[],
): Promise<T[]> {
  const { config, host } = task.repo;
  const remote = await openRemote(config, remoteName(config, asked), host, task.call);
  try {
    const key = (one: T): string => objectKey(one.hash, one.hashName);
    const there = await remote.has([...new Set(entries.map(key))], task.call);
    return entries.filter((one) => !there.has(key(one)));
  } finally {
    await remote.close();
  }
}
