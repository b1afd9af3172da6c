/**
 * Puts objects into the workspace. Every file is prepared aside and renamed in one step; folders that would lead out of
 * the project through a link are refused, before anything is written there and again just before the renames.
 */

import * as fs from 'node:fs';
import * as path from 'node:path';
import { pacer, type Call } from '../../base/cancel';
import { forPath, fsError, is, StrataError } from '../errors';
import { withRoom } from '../host/node';
import { type FileToRestore, type Hash } from './cache';
import { BATCH_BYTES, BATCH_FILES, type Batch } from './hashPool';
import { failureOf, type Fingerprint, type Job, type Outcome, type RestoreItem } from './jobs';
import { RestoreFolders } from './restoreFolders';
import { ROUND, roundCall } from './rounds';
import { TICK_MS } from './stateIndex';
import { type StoreParts } from './storeParts';
import { commitStaged, dropTemporaries, syncFolders, type HeldFolder, type Staged } from './write';

/** A file that could not be restored. */
export interface RestoreFailure {
  readonly path: string;
  readonly error: unknown;
}

type Item = RestoreItem & { readonly loose: boolean };

/** Makes `restoreFiles` of the store. */
export function createRestorer(
  parts: StoreParts,
): (files: readonly FileToRestore[], call: Call) => Promise<RestoreFailure[]> {
  return async (files, call) => {
    const folders = new RestoreFolders(parts.root, parts.staging, parts.host.randomHex(6));
    let failures: RestoreFailure[];
    try {
      failures = await restore(parts, files, folders, call);
    } finally {
      folders.dispose();
    }
    if (failures.length > 0) folders.removeEmpty();
    return toldRoom(parts, files, failures);
  };
}

/** Where a disk was full, what all files that found no place need there and what is free. */
function toldRoom(
  parts: StoreParts,
  files: readonly FileToRestore[],
  failures: readonly RestoreFailure[],
): RestoreFailure[] {
  const full = new Set(failures.filter((one) => is(one.error, 'fs.full')).map((one) => one.path));
  let sizes: number[] | undefined;
  const needed = (): number[] =>
    (sizes ??= files
      .filter((file) => full.has(file.path))
      .map((file) => fs.statSync(parts.pathOf(file.hash, file.hashName), { throwIfNoEntry: false })?.size ?? 0));
  return failures.map((one) => (full.has(one.path) ? { ...one, error: withRoom(one.error, one.path, needed) } : one));
}

/** While one round is put into place, the next one is staged; the folders are put on disk at the end. */
async function restore(
  parts: StoreParts,
  files: readonly FileToRestore[],
  folders: RestoreFolders,
  call: Call,
): Promise<RestoreFailure[]> {
  const run: Restoring = { parts, files, folders, call, failures: [], later: new Set() };
  let placing: Promise<void> = Promise.resolve();
  try {
    for (let from = 0; from < files.length; from += ROUND) {
      const round = new RestoreRound(run, from);
      try {
        await parts.pool.run(await round.batches(), 'progress.restoring', roundCall(call, from, files.length));
        await placing;
      } catch (error) {
        dropTemporaries(round.staged);
        throw error;
      }
      placing = round.place();
      // Its failure counts when the next round, or the end, waits for it.
      placing.catch(() => undefined);
    }
    await placing;
  } finally {
    await placing.catch(() => undefined);
    await syncFolders([...run.later, ...folders.changed]);
  }
  return run.failures;
}

/** One restore. */
interface Restoring {
  readonly parts: StoreParts;
  readonly files: readonly FileToRestore[];
  readonly folders: RestoreFolders;
  readonly call: Call;
  readonly failures: RestoreFailure[];
  /** Folders whose names are to be put on disk. */
  readonly later: Set<string>;
}

/** What is known of an object before it is read, as bits. */
const VOUCHED = 1;
/** The object's mode is not the read-only one that DVC gives to what is verified. */
const LOOSE = 2;

/**
 * One round. Of each of its files numbers are kept; what a lane needs to know is made when the lane is free, and what it answers is looked at at
 * once: of thousands of files that are under way nothing else stays in memory.
 */
class RestoreRound {
  /** What is to be renamed. */
  readonly staged: Staged[] = [];
  /** Objects that links lead to now, with what they looked like when they were found right. */
  private readonly linked: { readonly object: string; readonly hash: Hash; readonly print: Fingerprint }[] = [];
  private readonly bits = new Uint8Array(ROUND);

  constructor(
    private readonly run: Restoring,
    private readonly from: number,
  ) {}

  /** Looks at each object; gives the work, in batches. What cannot be done is told. */
  async batches(): Promise<Batch[]> {
    const { files, call, failures } = this.run;
    const pace = pacer(call.signal);
    const batches: Batch[] = [];
    const end = Math.min(this.from + ROUND, files.length);
    let some: number[] = [];
    let bytes = 0;
    const flush = (): void => {
      if (some.length > 0) batches.push(this.batch(some, bytes));
      some = [];
      bytes = 0;
    };
    for (let n = this.from; n < end; n += 1) {
      const pause = pace();
      if (pause) await pause;
      const file = files[n];
      if (!file) continue;
      try {
        const size = this.look(file, n);
        if (some.length >= BATCH_FILES || (some.length > 0 && bytes + size > BATCH_BYTES)) flush();
        some.push(n);
        bytes += size;
      } catch (error) {
        failures.push({ path: file.path, error: fsError(error, file.path) });
      }
    }
    flush();
    return batches;
  }

  /** Notes what an object looks like; gives its size. */
  private look(file: FileToRestore, n: number): number {
    const { parts } = this.run;
    const object = parts.pathOf(file.hash, file.hashName);
    const stat = fs.lstatSync(object, { throwIfNoEntry: false });
    if (!stat) throw new StrataError('cache.missing', { path: file.path, hash: file.hash });
    const vouched = stat.isFile() && parts.objects.lookup(object, stat) === file.hash;
    const loose = stat.isFile() && (stat.mode & 0o7777) !== 0o444;
    this.bits[n - this.from] = (vouched ? VOUCHED : 0) | (loose ? LOOSE : 0);
    return stat.size;
  }

  private batch(numbers: readonly number[], bytes: number): Batch {
    const { linkTypes: links, umask } = this.run.parts;
    let items: Item[] = [];
    const makeItems = (): Item[] => (items = this.items(numbers));
    return {
      bytes,
      files: numbers.length,
      get job(): Job {
        return { kind: 'restore', items: makeItems(), links, umask };
      },
      take: (outcomes) => {
        items.forEach((item, n) => this.take(item, outcomes[n]));
        items = [];
      },
    };
  }

  /** What a lane is told of files; makes their folders. */
  private items(numbers: readonly number[]): Item[] {
    const { parts, files, folders, failures } = this.run;
    const items: Item[] = [];
    for (const n of numbers) {
      const file = files[n];
      if (!file) continue;
      const { hash, hashName, path: at, executable = false, own = false } = file;
      const bits = this.bits[n - this.from] ?? 0;
      try {
        items.push({
          ...{ hash, hashName, path: at, executable, own },
          object: parts.pathOf(hash, hashName),
          temporary: folders.place(at),
          vouched: (bits & VOUCHED) !== 0,
          loose: (bits & LOOSE) !== 0,
        });
      } catch (error) {
        failures.push({ path: at, error: fsError(error, at) });
      }
    }
    return items;
  }

  private take(item: Item, outcome: Outcome | undefined): void {
    const { parts, failures } = this.run;
    if (outcome && 'done' in outcome) {
      const { temporary, linked = 'reflink', print } = outcome.done;
      if (item.loose) protect(item.object);
      if (temporary !== undefined) this.staged.push({ temporary: item.temporary, path: item.path });
      if (linked !== 'reflink') this.linked.push({ object: item.object, hash: item.hash, print });
      return;
    }
    const { code, data } = failureOf(outcome);
    if (code === 'cache.corrupt' || code === 'fs.isFolder' || code === 'cache.notFile') {
      parts.quarantine.take(item.object, item.hash);
      const facts = { path: item.path, hash: item.hash, object: item.object };
      failures.push({ path: item.path, error: new StrataError('cache.corrupt', facts) });
    } else failures.push({ path: item.path, error: refusal(new StrataError(code, data), item.path) });
  }

  /** Puts what was staged into place. */
  async place(): Promise<void> {
    const { call, folders, failures, later, parts } = this.run;
    const guard = (folder: string): HeldFolder => folders.hold(folder);
    failures.push(...(await commitStaged(this.staged, { signal: call.signal, later, guard })));
    removeTwins(parts, this.staged);
    await this.vouchForLinked();
  }

  /**
   * Linking again need not read again: objects that were just verified are noted, with the ctime that linking left them. The clock has to move
   * on first, as an edit right after the linking would look the same.
   */
  private async vouchForLinked(): Promise<void> {
    if (this.linked.length === 0) return;
    await new Promise((resolve) => setTimeout(resolve, TICK_MS));
    const started = Date.now();
    for (const { object, hash, print } of this.linked) {
      const now = fs.lstatSync(object, { throwIfNoEntry: false });
      if (now?.ino !== print.ino || now.mtimeMs !== print.mtimeMs || now.size !== print.size) continue;
      this.run.parts.objects.record(object, now, hash, started);
    }
  }
}

/** A lane's error told of the file in the workspace, and of the place where it was met when that is the cache or the staging folder. */
function refusal(met: StrataError, at: string): unknown {
  const told = met.data['path'] === path.dirname(at) ? met : forPath(met, at);
  return told === met ? new StrataError(met.code, { ...met.data, path: at }) : told;
}

/** Objects that other programs left writable are made read-only once they were found right, as DVC does (formats §4.2). */
function protect(object: string): void {
  try {
    fs.chmodSync(object, 0o444);
  } catch {
    // In a shared cache the object may be another user's; it is right all the same.
  }
}

/** Renaming one name of an inode to another name of it does nothing and leaves both: the temporary has to go by itself. */
function removeTwins(parts: StoreParts, staged: readonly Staged[]): void {
  if (!parts.linkTypes.includes('hardlink')) return;
  for (const one of staged) fs.rmSync(one.temporary, { force: true });
}
