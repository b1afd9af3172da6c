/** How cache and remote stand to each other: `status -c`, and what a remote lacks (dvc.md §15, §20). */

import { type Call } from '../../base/cancel';
import { type Hash, type HashName } from '../cache/cache';
import { objectKey } from '../cache/layout';
import { configText } from '../formats/dvcConfig';
import { openRemote, remoteName, type Remote } from '../remotes/remotes';
import { type Wanted } from '../remotes/transfer';
import { type ShareArgs } from '../verbs/data';
import { type Repo } from './repo';
import { withEntries } from './share';
import { eachRemote, wantedObjects, withJobs } from './sharing';
import { startTask, type Task } from './task';

/** State of an object in DVC's words: only in the cache, only on the remote, in neither. */
export type CloudState = 'new' | 'deleted' | 'missing';

/**
 * `status -c`: objects that are not in both, each hash once, under one of its paths. As with DVC, outputs that have a remote of their own are
 * not looked at.
 */
export async function cloudStatus(repo: Repo, args: ShareArgs, call: Call): Promise<Record<string, CloudState>> {
  const task = startTask(withJobs(repo, args), call);
  const states = new Map<string, CloudState>();
  const byRemote = await wantedObjects(task, args, 'compare');
  await eachRemote(task, byRemote, args, async (remote, wanted) => {
    await fetchLists(task, remote, wanted);
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

/** Brings lists of folders that only the remote has, as DVC does, so that their files can be looked for. What cannot be had stays missing. */
async function fetchLists(task: Task, remote: Remote, wanted: readonly Wanted[]): Promise<void> {
  const { store, trusted } = task.repo;
  const absent = wanted.filter((one) => one.hash.endsWith('.dir') && !store.has(one.hash, one.hashName));
  if (!trusted || absent.length === 0) return;
  const key = (one: Wanted): string => objectKey(one.hash, one.hashName);
  const there = await remote.has([...new Set(absent.map(key))], task.call);
  const moving = { signal: task.call.signal, moved: () => undefined };
  const taken = new Set<string>();
  for (const one of absent.filter((list) => there.has(key(list)))) {
    if (taken.has(key(one))) continue;
    taken.add(key(one));
    const temporary = store.temporary();
    try {
      await remote.download(key(one), temporary, moving);
      await store.adoptFiles([{ ...one, temporary }], task.call);
    } finally {
      await store.discard([temporary]);
    }
  }
}

/** Those of the entries whose object their remote lacks: their own, else the one asked for, else the default; without any that is all. */
export async function missingOnRemote<
  T extends { readonly hash: Hash; readonly hashName: HashName; readonly remote?: string | undefined },
>(task: Task, asked: string | undefined, entries: readonly T[]): Promise<T[]> {
  const { config, host } = task.repo;
  const key = (one: T): string => objectKey(one.hash, one.hashName);
  const byRemote = new Map<string, T[]>();
  const missing = new Set<T>();
  const main = asked ?? configText(config, 'core', 'remote');
  for (const one of entries) {
    if (one.remote === undefined && !main) {
      missing.add(one);
      continue;
    }
    const name = remoteName(config, one.remote ?? asked);
    byRemote.set(name, [...(byRemote.get(name) ?? []), one]);
  }
  for (const [name, own] of byRemote) {
    const remote = await openRemote(config, name, host, task.call);
    try {
      const there = await remote.has([...new Set(own.map(key))], task.call);
      for (const one of own) if (!there.has(key(one))) missing.add(one);
    } finally {
      await remote.close();
    }
  }
  return entries.filter((one) => missing.has(one));
}
