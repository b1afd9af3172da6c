/** `push`, `fetch`, `pull`: objects between cache and remotes (dvc.md §20). What failed is in the answer, the rest is done. */

import { type Call } from '../../base/cancel';
import { configText } from '../formats/dvcConfig';
import { objectKey } from '../cache/layout';
import { type Remote } from '../remotes/remotes';
import { fetchObjects, pushObjects, type TransferFailure, type TransferReport, type Wanted } from '../remotes/transfer';
import {
  type CheckoutAnswer,
  type FetchAnswer,
  type PullAnswer,
  type PullArgs,
  type PushAnswer,
  type ShareArgs,
} from '../verbs/data';
import { checkoutFiles } from './checkout';
import { collectProject } from './collect';
import { failureText } from './failures';
import { fetchImports, putUnrecorded, type FetchedImports } from './imports/fetchImports';
import { type Repo } from './repo';
import { requireLoaded } from './select';
import { eachRemote, selectShared, wantedObjects, withJobs } from './sharing';
import { startTask, type Task } from './task';
import { whileLocked } from './writing';

/** Moves the run cache as well; the pipeline hands it in for `--run-cache`. Answers the number of files moved. */
export type ShareRunCache = (task: Task, remote: Remote) => Promise<number>;

/** Copies objects of the targets to their remotes. Fails with `remotes.none` and the like before anything moves. */
export async function push(repo: Repo, args: ShareArgs, call: Call, runCache?: ShareRunCache): Promise<PushAnswer> {
  const task = startTask(withJobs(repo, args), call);
  return whileLocked(task, async () => {
    const { moved, ...rest } = await move(task, args, true, runCache);
    return { pushed: moved, ...rest };
  });
}

/** Brings objects of the targets into the cache. */
export async function fetch(repo: Repo, args: ShareArgs, call: Call, runCache?: ShareRunCache): Promise<FetchAnswer> {
  const task = startTask(withJobs(repo, args), call);
  return whileLocked(task, async () => {
    const imports = await importsOf(task, args);
    return withImports(task, await move(task, args, false, runCache), imports);
  });
}

/** {@link fetch}, then makes the workspace match. What could not be fetched is told once. */
export async function pull(repo: Repo, args: PullArgs, call: Call, runCache?: ShareRunCache): Promise<PullAnswer> {
  const task = startTask(withJobs(repo, args), call);
  return whileLocked(task, async () => {
    const imports = await importsOf(task, args);
    const answer = withImports(task, await move(task, args, false, runCache), imports);
    if (args.dry) return { ...answer, added: [], modified: [], deleted: [] };
    const files = await collectProject(task.repo, call);
    requireLoaded(files);
    const done = await checkoutFiles(task, files, args);
    const put = await putUnrecorded(task, imports, args.force === true);
    return {
      ...answer,
      failed: merged(answer, done, args),
      added: [...done.added, ...put.added],
      modified: [...done.modified, ...put.modified],
      deleted: done.deleted,
      ...(done.stats ? { stats: done.stats } : {}),
    };
  });
}

/** Data of imports comes from their sources. */
async function importsOf(task: Task, args: ShareArgs): Promise<FetchedImports> {
  const sources = args.dry ? [] : await selectShared(task, args);
  return fetchImports(task, sources);
}

function withImports(task: Task, { moved, ...rest }: Moved, imports: FetchedImports): FetchAnswer {
  const failed = imports.failed.map((one) => failureText(task, one));
  return {
    ...rest,
    fetched: moved + imports.files,
    bytes: rest.bytes + imports.bytes,
    failed: [...failed, ...rest.failed],
  };
}

function merged(fetched: Pick<FetchAnswer, 'failed'>, done: CheckoutAnswer, args: PullArgs): PullAnswer['failed'] {
  if (args.allowMissing) return [];
  const named = new Set(fetched.failed.map((one) => one.path));
  return [...fetched.failed, ...done.failed.filter((one) => !named.has(one.path))];
}

type Moved = Omit<PushAnswer, 'pushed'> & { readonly moved: number };

async function move(
  task: Task,
  args: ShareArgs,
  pushing: boolean,
  runCache: ShareRunCache | undefined,
): Promise<Moved> {
  const byRemote = await wantedObjects(task, args, pushing ? 'push' : 'fetch');
  const sum = { moved: 0, bytes: 0, failed: [] as Moved['failed'] };
  if (byRemote.size === 0 && !configText(task.repo.config, 'core', 'remote') && args.remote === undefined) return sum;
  const remote = await eachRemote(task, byRemote, args, async (place, wanted) => {
    const report = args.dry ? await plan(task, place, wanted, pushing) : await transfer(task, place, wanted, pushing);
    sum.moved += report.files;
    sum.bytes += report.bytes;
    sum.failed.push(...report.failed.map((one) => ownWords(task, one)));
    const results = args.runCache && runCache && !args.dry ? await runCache(task, place) : 0;
    // DVC counts results of runs among what is pushed, not among what is fetched.
    if (pushing) sum.moved += results;
  });
  return { ...sum, remote };
}

/** The paths of a transfer are as shown already. */
function ownWords(task: Task, one: TransferFailure): Moved['failed'][number] {
  return { ...failureText(task, { path: '.', hash: one.hash, error: one.error }), path: one.path ?? one.hash };
}

function transfer(task: Task, remote: Remote, wanted: readonly Wanted[], pushing: boolean): Promise<TransferReport> {
  const ends = { store: task.repo.store, remote };
  return pushing ? pushObjects(ends, wanted, task.call) : fetchObjects(ends, wanted, task.call);
}

/** What a transfer would move: absent objects, as far as lists of folders are known. */
async function plan(task: Task, remote: Remote, wanted: readonly Wanted[], pushing: boolean): Promise<TransferReport> {
  const { store } = task.repo;
  const all = await withEntries(task, wanted);
  const keys = new Map(all.map((one) => [objectKey(one.hash, one.hashName), one]));
  const there = pushing ? await remote.has([...keys.keys()], task.call) : undefined;
  const absent = [...keys].filter(([key, one]) => (there ? !there.has(key) : !store.has(one.hash, one.hashName)));
  const bytes = absent.reduce((sum, [, one]) => sum + (store.size(one.hash, one.hashName) ?? 0), 0);
  return { files: absent.length, bytes, failed: [] };
}

/** Objects with the files of folders whose list is in the cache. */
export async function withEntries(task: Task, wanted: readonly Wanted[]): Promise<Wanted[]> {
  const { store } = task.repo;
  const all: Wanted[] = [];
  for (const one of wanted) {
    all.push(one);
    if (!one.hash.endsWith('.dir') || !store.has(one.hash, one.hashName)) continue;
    const start = one.path === undefined ? '' : `${one.path}/`;
    for (const entry of await store.readDir(one.hash, one.hashName)) {
      all.push({ hash: entry.md5, hashName: one.hashName, path: start + entry.relpath });
    }
  }
  return all;
}
