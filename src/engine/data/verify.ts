/** `verify`: hashes every object that the targets use and says what is damaged, and where a good copy may be. Trusts nothing. */

import { type Call } from '../../base/cancel';
import { is } from '../errors';
import { type DirEntry } from '../cache/cache';
import { objectKey } from '../cache/layout';
import { configPath, configText } from '../formats/dvcConfig';
import { openRemote } from '../remotes/remotes';
import { type Wanted } from '../remotes/transfer';
import { type VerifyAnswer, type VerifyArgs } from '../verbs/data';
import { collectProject } from './collect';
import { readFolder } from './outState';
import { shown } from './paths';
import { type Repo } from './repo';
import { requireLoaded, selectOutputs } from './select';
import { startTask, type Task } from './task';

type Bad = VerifyAnswer['bad'][number];

/** Checks objects. A wrong one has gone to quarantine when it is reported. */
export async function verify(repo: Repo, args: VerifyArgs, call: Call): Promise<VerifyAnswer> {
  const task = startTask(repo, call);
  const files = await collectProject(repo, call);
  requireLoaded(files);
  const selected = await selectOutputs(repo, files, args.targets);
  const { used, refused } = await usedObjects(
    task,
    selected.map((one) => one.output),
  );
  const bad: Bad[] = [...refused];
  let done = 0;
  for (const one of used) {
    call.progress({
      phase: 'progress.verifying',
      done,
      total: used.length,
      unit: 'files',
      ...(one.path ? { item: one.path } : {}),
    });
    const state = await repo.store.verify(one.hash, one.hashName);
    if (state !== 'good') bad.push({ path: one.path ?? one.hash, hash: one.hash, reason: state, copies: [] });
    done += 1;
  }
  return { checked: used.length, bad: await withCopies(task, args, bad, used) };
}

/** Objects to check, and lists that may not be followed. */
interface Used {
  readonly used: Wanted[];
  readonly refused: Bad[];
}

/** Objects of outputs, each hash once, with the files of folders whose list can be read. */
async function usedObjects(
  task: Task,
  outputs: readonly { path: string; cache: boolean; recorded?: Wanted }[],
): Promise<Used> {
  const objects = new Map<string, Wanted>();
  const refused = new Map<string, Bad>();
  const add = (one: Wanted): void => {
    const key = objectKey(one.hash, one.hashName);
    if (!objects.has(key)) objects.set(key, one);
  };
  for (const { path, cache, recorded } of outputs) {
    if (!cache || !recorded) continue;
    const { hash, hashName } = recorded;
    add({ hash, hashName, path: shown(task.repo, path) });
    if (!hash.endsWith('.dir')) continue;
    const list = await listOf(task, recorded, shown(task.repo, path));
    if ('reason' in list) refused.set(hash, list);
    else
      for (const entry of list) add({ hash: entry.md5, hashName, path: shown(task.repo, `${path}/${entry.relpath}`) });
  }
  return { used: [...objects.values()], refused: [...refused.values()] };
}

/** The files of a folder, none when its list is missing or damaged; or why what it says is refused. */
async function listOf(task: Task, { hash, hashName }: Wanted, path: string): Promise<readonly DirEntry[] | Bad> {
  try {
    return (await readFolder(task, hash, hashName)) ?? [];
  } catch (error) {
    if (!is(error) || !error.code.startsWith('formats.dir')) throw error;
    return { path, hash, reason: 'refused', copies: [], code: error.code, data: error.data };
  }
}

/** Looks for copies on the remote asked for, or on the default one when it is a folder: no network unless asked. */
async function withCopies(task: Task, args: VerifyArgs, bad: readonly Bad[], used: readonly Wanted[]): Promise<Bad[]> {
  const { config, host } = task.repo;
  const name = args.remote?.toLowerCase() ?? localDefault(task);
  if (bad.length === 0 || name === undefined) return [...bad];
  const remote = await openRemote(config, name, host, task.call);
  try {
    const keys = new Map(used.map((one) => [one.hash, objectKey(one.hash, one.hashName)]));
    const there = await remote.has(
      bad.map((one) => keys.get(one.hash) ?? ''),
      task.call,
    );
    return bad.map((one) =>
      one.reason !== 'refused' && there.has(keys.get(one.hash) ?? '') ? { ...one, copies: [`remote:${name}`] } : one,
    );
  } finally {
    await remote.close();
  }
}

function localDefault(task: Task): string | undefined {
  const { config } = task.repo;
  const name = configText(config, 'core', 'remote');
  const url = name === undefined ? undefined : configPath(config, `remote.${name}`, 'url');
  return url === undefined || url.includes('://') ? undefined : name;
}
