/**
 * Puts objects into the workspace. Every file is prepared aside and renamed in one step; folders that would lead out of
 * the project through a link are refused, before anything is written there and again just before the renames.
 */

import * as fs from 'node:fs';
import { pacer, type Call } from '../../base/cancel';
import { fsError, StrataError } from '../errors';
import { type FileToRestore } from './cache';
import { dropOutcomes, type Done, type Outcome, type RestoreItem } from './jobs';
import { RestoreFolders } from './restoreFolders';
import { ROUND, roundCall } from './rounds';
import { TICK_MS } from './stateIndex';
import { type StoreParts, toBatches } from './storeParts';
import { commitStaged, syncFolders, type HeldFolder, type Staged } from './write';

/** A file that could not be restored. */
export interface RestoreFailure {
  readonly path: string;
  readonly error: unknown;
}

type Pending = RestoreItem & {
  readonly bytes: number;
  /** The object's mode is not the read-only one that DVC gives to what is verified. */
  readonly loose: boolean;
};

/** Makes `restoreFiles` of the store. */
export function createRestorer(
  parts: StoreParts,
): (files: readonly FileToRestore[], call: Call) => Promise<RestoreFailure[]> {
  return async (files, call) => {
    const folders = new RestoreFolders(parts.root, parts.staging, parts.host.randomHex(6));
    try {
      return await restore(parts, files, folders, call);
    } finally {
      folders.dispose();
    }
  };
}

/** While one round is put into place, the next one is staged; the folders are put on disk at the end. */
async function restore(
  parts: StoreParts,
  files: readonly FileToRestore[],
  folders: RestoreFolders,
  call: Call,
): Promise<RestoreFailure[]> {
  const failures: RestoreFailure[] = [];
  const later = new Set<string>();
  const { linkTypes: links, umask } = parts;
  let placing: Promise<void> = Promise.resolve();
  const place = async (pending: readonly Pending[], outcomes: readonly Outcome[]): Promise<void> => {
    protect(pending, outcomes);
    const staged = collect(parts, pending, outcomes, failures);
    const guard = (folder: string): HeldFolder => folders.hold(folder);
    failures.push(...(await commitStaged(staged, { signal: call.signal, later, guard })));
    removeTwins(parts, staged);
    await vouchForLinked(parts, pending, outcomes);
  };
  try {
    for (let from = 0; from < files.length; from += ROUND) {
      const pending = await prepare(parts, files.slice(from, from + ROUND), { call, folders, failures });
      const batches = toBatches(pending, (items) => ({ kind: 'restore', items, links, umask }));
      const round = roundCall(call, from, files.length);
      const outcomes = (await parts.pool.run(batches, 'progress.restoring', round)).flat();
      try {
        await placing;
      } catch (error) {
        dropOutcomes(outcomes);
        throw error;
      }
      placing = place(pending, outcomes);
      // Its failure counts when the next round, or the end, waits for it.
      placing.catch(() => undefined);
    }
    await placing;
  } finally {
    await placing.catch(() => undefined);
    await syncFolders([...later, ...folders.changed]);
  }
  return failures;
}

interface Preparing {
  readonly call: Call;
  readonly folders: RestoreFolders;
  readonly failures: RestoreFailure[];
}

/** Looks at each object and makes the folders. */
async function prepare(parts: StoreParts, files: readonly FileToRestore[], run: Preparing): Promise<Pending[]> {
  const pace = pacer(run.call.signal);
  const pending: Pending[] = [];
  for (const file of files) {
    const pause = pace();
    if (pause) await pause;
    try {
      const object = parts.pathOf(file.hash, file.hashName);
      const stat = fs.lstatSync(object, { throwIfNoEntry: false });
      if (!stat) throw new StrataError('cache.missing', { path: file.path, hash: file.hash });
      pending.push({
        hash: file.hash,
        hashName: file.hashName,
        object,
        path: file.path,
        temporary: run.folders.place(file.path),
        executable: file.executable === true,
        own: file.own === true,
        vouched: stat.isFile() && parts.objects.lookup(object, stat) === file.hash,
        bytes: stat.size,
        loose: stat.isFile() && (stat.mode & 0o7777) !== 0o444,
      });
    } catch (error) {
      run.failures.push({ path: file.path, error: fsError(error, file.path) });
    }
  }
  return pending;
}

function collect(
  parts: StoreParts,
  pending: readonly Pending[],
  outcomes: readonly Outcome[],
  failures: RestoreFailure[],
): Staged[] {
  const staged: Staged[] = [];
  pending.forEach((item, n) => {
    const outcome = outcomes[n];
    if (outcome && 'done' in outcome) {
      if (outcome.done.temporary !== undefined) staged.push({ temporary: outcome.done.temporary, path: item.path });
      return;
    }
    const { code, data } = outcome?.failed ?? { code: 'cache.failed', data: {} };
    if (code === 'cache.corrupt' || code === 'fs.isFolder' || code === 'cache.notFile') {
      parts.quarantine.take(item.object, item.hash);
      const facts = { path: item.path, hash: item.hash, object: item.object };
      failures.push({ path: item.path, error: new StrataError('cache.corrupt', facts) });
    } else failures.push({ path: item.path, error: new StrataError(code, { ...data, path: item.path }) });
  });
  return staged;
}

/** Objects that other programs left writable are made read-only once they were found right, as DVC does (formats §4.2). */
function protect(pending: readonly Pending[], outcomes: readonly Outcome[]): void {
  pending.forEach((item, n) => {
    const outcome = outcomes[n];
    if (!item.loose || !outcome || !('done' in outcome)) return;
    try {
      fs.chmodSync(item.object, 0o444);
    } catch {
      // In a shared cache the object may be another user's; it is right all the same.
    }
  });
}

/** Renaming one name of an inode to another name of it does nothing and leaves both: the temporary has to go by itself. */
function removeTwins(parts: StoreParts, staged: readonly Staged[]): void {
  if (!parts.linkTypes.includes('hardlink')) return;
  for (const one of staged) fs.rmSync(one.temporary, { force: true });
}

/**
 * Linking again need not read again: objects that were just verified are noted, with the ctime that linking left them. The clock has to move
 * on first, as an edit right after the linking would look the same.
 */
async function vouchForLinked(
  parts: StoreParts,
  pending: readonly Pending[],
  outcomes: readonly Outcome[],
): Promise<void> {
  const isLinked = (outcome: Outcome | undefined): outcome is { readonly done: Done } =>
    outcome !== undefined && 'done' in outcome && (outcome.done.linked ?? 'reflink') !== 'reflink';
  if (!outcomes.some(isLinked)) return;
  await new Promise((resolve) => setTimeout(resolve, TICK_MS));
  const started = Date.now();
  pending.forEach((item, n) => {
    const outcome = outcomes[n];
    if (!isLinked(outcome)) return;
    const { print } = outcome.done;
    const now = fs.lstatSync(item.object, { throwIfNoEntry: false });
    if (now?.ino !== print.ino || now.mtimeMs !== print.mtimeMs || now.size !== print.size) return;
    parts.objects.record(item.object, now, item.hash, started);
  });
}
