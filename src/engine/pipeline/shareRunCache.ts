/** `--run-cache`: results of runs between cache and remote, under the same names on both sides (dvc.md §14, §20). */

import { type Task } from '../data/task';
import { is, StrataError } from '../errors';
import { parseLockEntry } from '../formats/dvcLock';
import { type Remote } from '../remotes/remotes';
import { runCacheKey, runCacheValue } from './runCache';

/** Names of results: `runs/8d/<64 digits>/<64 digits>`. */
const RESULT = /^runs\/[0-9a-f]{2}\/[0-9a-f]{64}\/[0-9a-f]{64}$/;

/** Copies results that the remote lacks; answers how many. */
export async function pushRunCache(task: Task, remote: Remote): Promise<number> {
  const { repo, call } = task;
  const keys = await localResults(task);
  const there = await remote.has(keys, call);
  const missing = keys.filter((key) => !there.has(key));
  const moving = { signal: call.signal, moved: () => undefined };
  for (const key of missing) await remote.upload(`${repo.store.dir}/${key}`, key, moving);
  return missing.length;
}

/** Brings results that the cache lacks; answers how many. Fails with `pipeline.runCacheRemote` where the remote cannot list. */
export async function fetchRunCache(task: Task, remote: Remote): Promise<number> {
  const { repo, call } = task;
  const { fs } = repo.host;
  if (!remote.list) throw new StrataError('pipeline.runCacheRemote', { url: remote.url });
  let moved = 0;
  for await (const { key } of remote.list('runs', call)) {
    const path = `${repo.store.dir}/${key}`;
    if (!RESULT.test(key) || (await fs.lstat(path))) continue;
    const temporary = `${path.slice(0, path.lastIndexOf('/'))}/.${repo.host.randomHex(8)}.tmp`;
    await fs.mkdir(path.slice(0, path.lastIndexOf('/')));
    try {
      await remote.download(key, temporary, { signal: call.signal, moved: () => undefined });
      if (!(await isNamed(task, temporary, key))) continue;
      await fs.writeAtomic(path, await fs.readFile(temporary));
      moved += 1;
    } finally {
      await fs.unlink(temporary);
    }
  }
  return moved;
}

/** What a remote sends counts only when its content has the name that it was asked for. */
async function isNamed(task: Task, path: string, key: string): Promise<boolean> {
  try {
    const entry = parseLockEntry((await task.repo.host.fs.readText(path)) ?? '', key);
    const [, , name, value] = key.split('/');
    return name === (await runCacheKey(entry)) && value === (await runCacheValue(entry));
  } catch (error) {
    if (is(error)) return false;
    throw error;
  }
}

async function localResults(task: Task): Promise<string[]> {
  const { fs } = task.repo.host;
  const names = async (folder: string): Promise<string[]> => {
    const entries = (await fs.readdir(`${task.repo.store.dir}/${folder}`)) ?? [];
    return entries.map((entry) => `${folder}/${entry.name}`);
  };
  const keys: string[] = [];
  for (const group of await names('runs'))
    for (const key of await names(group)) keys.push(...(await names(key)).filter((path) => RESULT.test(path)));
  return keys.sort();
}
