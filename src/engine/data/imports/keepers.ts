/**
 * Who keeps the objects of another repository: its cache when it lies on this machine, the repository it imported them from itself, and its
 * remote. Every object is hashed on its way in, whoever it comes from.
 */

import { isCancelled, type Call } from '../../../base/cancel';
import { type DirEntry, type HashName } from '../../cache/cache';
import { objectKey } from '../../cache/layout';
import { is } from '../../errors';
import { configText } from '../../formats/dvcConfig';
import { parseDirObject } from '../../formats/dirObject';
import { openFolder } from '../../remotes/folder';
import { openRemote, type Remote } from '../../remotes/remotes';
import { fetchObjects, type Wanted } from '../../remotes/transfer';
import { type Recorded } from '../model';
import { type Task } from '../task';
import { type Found } from './otherFiles';
import { type Keeping } from './otherRepo';

/** Where the objects of one output are. */
export interface Keeper {
  /** The repository, for messages. */
  readonly url: string;
  /** The output there, for messages. */
  readonly path: string;
  readonly settings: Keeping;
  /** The one remote that its output goes to. */
  readonly remote?: string;
  /** What the output stands for where it was imported from. */
  readonly source?: () => Promise<Found>;
}

/** An object with its name. */
interface Named {
  readonly hash: string;
  readonly hashName: HashName;
}

/** Does something with each place of a keeper in turn until `act` says that it is enough. Answers the last thing that went wrong. */
async function eachPlace(
  task: Task,
  keeper: Keeper,
  act: (place: Remote) => Promise<'enough' | 'more' | { readonly failed: unknown }>,
): Promise<unknown> {
  let trouble: unknown;
  for (const open of places(task, keeper)) {
    try {
      const place = await open();
      try {
        const done = await act(place);
        if (done === 'enough') return undefined;
        if (done !== 'more') trouble = done.failed;
      } finally {
        await place.close();
      }
    } catch (error) {
      if (isCancelled(error)) throw error;
      trouble = error;
    }
  }
  return trouble;
}

function places({ repo, call }: Task, { settings, remote }: Keeper): (() => Promise<Remote>)[] {
  const { config, cache } = settings;
  const name = (remote ?? configText(config, 'core', 'remote'))?.toLowerCase();
  return [
    ...(cache === undefined ? [] : [() => Promise.resolve(openFolder(cache, repo.host, 4))]),
    ...(name === undefined ? [] : [() => openRemote(config, name, repo.host, call)]),
  ];
}

/** The list of a folder, from our own store or from where the keeper has it; undefined when that is nowhere. It is not kept. */
export async function readList(task: Task, keeper: Keeper, folder: Recorded): Promise<readonly DirEntry[] | undefined> {
  const { store } = task.repo;
  const { hash, hashName } = folder;
  if (store.has(hash, hashName)) return store.readDir(hash, hashName);
  let list: readonly DirEntry[] | undefined;
  await eachPlace(task, keeper, async (place) => {
    const temporary = store.temporary();
    const moving = { signal: task.call.signal, moved: () => undefined };
    try {
      await place.download(objectKey(hash, hashName), temporary, moving);
      const bytes = await store.checkTemporary(temporary, hash, hashName);
      list = parseDirObject(new TextDecoder().decode(bytes), hash);
      return 'enough';
    } finally {
      await store.discard([temporary]);
    }
  });
  return list;
}

/** Brings objects into the store from the places of a keeper. Answers those that are in none of them, and the last thing that went wrong. */
export async function fetchFrom(
  task: Task,
  keeper: Keeper,
  objects: readonly Named[],
  call: Call = task.call,
): Promise<{ readonly missing: readonly Named[]; readonly trouble?: unknown }> {
  const { store } = task.repo;
  const absent = (): Wanted[] =>
    objects.filter((one) => !store.has(one.hash, one.hashName)).map((one) => ({ ...one, path: keeper.path }));
  if (absent().length === 0) return { missing: [] };
  const trouble = await eachPlace(task, keeper, async (remote) => {
    const report = await fetchObjects({ store, remote }, absent(), call);
    const [first] = report.failed;
    if (!first) return 'enough';
    return is(first.error, 'remotes.missing') ? 'more' : { failed: first.error };
  });
  return { missing: absent(), ...(trouble === undefined ? {} : { trouble }) };
}
