/**
 * Push and fetch of objects (formats §20). A `.dir` on a remote promises that its files are there, so files go first and a `.dir` goes
 * only when all of them arrived. Every object is hashed before it leaves and before it is taken in; what is there already is skipped,
 * so that an interrupted transfer goes on where it stopped.
 */

import { isCancelled, throwIfCancelled, type Call } from '../../base/cancel';
import { type DirEntry, type Hash, type HashName, type ObjectStore } from '../cache/cache';
import { objectKey } from '../cache/layout';
import { parseDirObject } from '../formats/dirObject';
import { is, StrataError } from '../errors';
import { inLanes } from './lanes';
import { type Remote } from './remotes';
import { TransferMeter } from './transferMeter';

/** An object to move. */
export interface Wanted {
  readonly hash: Hash;
  readonly hashName: HashName;
  /** The workspace path it belongs to, for messages. */
  readonly path?: string;
}

/** An object that was not moved. */
export interface TransferFailure extends Wanted {
  readonly error: unknown;
}

/** What a transfer did. */
export interface TransferReport {
  /** Objects moved, and their bytes; what was there already is not counted. */
  readonly files: number;
  readonly bytes: number;
  readonly failed: readonly TransferFailure[];
}

/** Both ends of a transfer. */
export interface Ends {
  readonly store: ObjectStore;
  readonly remote: Remote;
}

/** So many objects are put into place together. */
const ROUND = 1024;
/** When they are fetched, up to this many that are together no bigger than this many bytes, and at least a few. */
const FETCH_ROUND = { most: 8192, bytes: 256 * 1024 * 1024, least: 32 };

interface Folder extends Wanted {
  readonly entries: readonly Wanted[];
}

/**
 * Copies objects to the remote, folders with all their files. Failures are in the report: `cache.missing`, `cache.corrupt` (not uploaded, moved to
 * quarantine), `remotes.incomplete` for a folder some file of which is nowhere, and what the remote says. Rejects only when cancelled.
 */
export async function pushObjects(ends: Ends, wanted: readonly Wanted[], call: Call): Promise<TransferReport> {
  const failed: TransferFailure[] = [];
  const folders: Folder[] = [];
  for (const one of unique(wanted)) {
    if (!one.hash.endsWith('.dir')) continue;
    try {
      folders.push({ ...one, entries: await entriesOf(ends.store, one) });
    } catch (error) {
      failed.push({ ...one, error });
    }
  }
  const files = unique([
    ...wanted.filter((one) => !one.hash.endsWith('.dir')),
    ...folders.flatMap((one) => one.entries),
  ]);
  const there = await ends.remote.has([...files, ...folders].map(keyOf), call);
  const round = new Push(ends, call, failed);
  await round.send(files.filter((one) => !there.has(keyOf(one))));
  const lost = new Set(failed.map(keyOf));
  const whole = folders.filter((folder) => {
    const gone = folder.entries.find((entry) => lost.has(keyOf(entry)));
    if (gone) failed.push({ ...plain(folder), error: incomplete(folder, gone) });
    return !gone && !there.has(keyOf(folder));
  });
  await round.send(whole.map(plain));
  return round.report();
}

function incomplete(folder: Wanted, gone: Wanted): StrataError {
  return new StrataError('remotes.incomplete', { path: folder.path ?? folder.hash, entry: gone.path ?? gone.hash });
}

function plain(one: Wanted): Wanted {
  return { hash: one.hash, hashName: one.hashName, ...(one.path === undefined ? {} : { path: one.path }) };
}

function keyOf(one: Wanted): string {
  return objectKey(one.hash, one.hashName);
}

function unique(wanted: readonly Wanted[]): Wanted[] {
  const seen = new Map<string, Wanted>();
  for (const one of wanted) if (!seen.has(keyOf(one))) seen.set(keyOf(one), one);
  return [...seen.values()];
}

async function entriesOf(store: ObjectStore, folder: Wanted): Promise<Wanted[]> {
  return toWanted(folder, await store.readDir(folder.hash, folder.hashName));
}

function toWanted(folder: Wanted, entries: readonly DirEntry[]): Wanted[] {
  const start = folder.path === undefined ? '' : `${folder.path}/`;
  return entries.map((entry) => ({ hash: entry.md5, hashName: folder.hashName, path: start + entry.relpath }));
}

/** The sending half. */
class Push {
  private readonly meter: TransferMeter;

  constructor(
    private readonly ends: Ends,
    private readonly call: Call,
    private readonly failed: TransferFailure[],
  ) {
    this.meter = new TransferMeter('progress.pushing', call);
  }

  async send(objects: readonly Wanted[]): Promise<void> {
    const { remote } = this.ends;
    this.meter.expect(objects.length, sum(objects.map((one) => this.size(one))));
    if (remote.uploadMany) await this.together(objects, remote.uploadMany.bind(remote));
    else
      await inLanes(objects, remote.jobs, async (one) => {
        await this.guarded(one, () => this.one(one));
      });
    throwIfCancelled(this.call.signal);
  }

  private size(one: Wanted): number {
    return this.ends.store.size(one.hash, one.hashName) ?? 0;
  }

  private async guarded(one: Wanted, act: () => Promise<void>): Promise<boolean> {
    try {
      await act();
      return true;
    } catch (error) {
      if (isCancelled(error)) throw error;
      this.failed.push({ ...one, error });
      return false;
    }
  }

  /** Objects go in rounds, each checked before and put into place at its end. */
  private async together(objects: readonly Wanted[], uploadMany: NonNullable<Remote['uploadMany']>): Promise<void> {
    const { store } = this.ends;
    const moving = this.meter.moving(this.call.signal);
    for (let at = 0; at < objects.length; at += ROUND) {
      const good: Wanted[] = [];
      for (const one of objects.slice(at, at + ROUND))
        if (await this.guarded(one, () => this.check(one))) good.push(one);
      const files = good.map((one) => ({ path: store.pathOf(one.hash, one.hashName), key: keyOf(one) }));
      const failures = await uploadMany(files, moving);
      for (const one of good) {
        const error = failures.get(keyOf(one));
        if (error === undefined) this.meter.fileDone(one.path ?? one.hash, this.size(one));
        else this.failed.push({ ...one, error });
      }
    }
  }

  /** Only what matches its name leaves. */
  private async check(one: Wanted): Promise<void> {
    const { store } = this.ends;
    throwIfCancelled(this.call.signal);
    const path = one.path ?? one.hash;
    const object = store.pathOf(one.hash, one.hashName);
    const state = await store.verify(one.hash, one.hashName);
    if (state === 'missing') throw new StrataError('cache.missing', { path, hash: one.hash });
    if (state === 'corrupt') throw new StrataError('cache.corrupt', { path, hash: one.hash, object });
  }

  private async one(one: Wanted): Promise<void> {
    const { store, remote } = this.ends;
    await this.check(one);
    await remote.upload(store.pathOf(one.hash, one.hashName), keyOf(one), this.meter.moving(this.call.signal));
    this.meter.fileDone(one.path ?? one.hash, this.size(one));
  }

  report(): TransferReport {
    this.meter.end();
    return { files: this.meter.files, bytes: this.meter.fileBytes, failed: this.failed };
  }
}

function sum(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0);
}

/**
 * Brings objects into the cache, folders with all their files. Each is hashed before it is taken in: `remotes.corrupt` when the remote
 * holds other bytes than the name says. Failures are in the report; rejects only when cancelled.
 */
export async function fetchObjects(ends: Ends, wanted: readonly Wanted[], call: Call): Promise<TransferReport> {
  const round = new Fetch(ends, call);
  const absent = unique(wanted).filter((one) => !ends.store.has(one.hash, one.hashName));
  const folders = unique(wanted).filter((one) => one.hash.endsWith('.dir'));
  const temporaries = await round.bring(absent.filter((one) => one.hash.endsWith('.dir')));
  try {
    const files = wanted.filter((one) => !one.hash.endsWith('.dir'));
    for (const folder of folders) files.push(...(await round.entries(folder, temporaries)));
    const needed = unique(files).filter((one) => !ends.store.has(one.hash, one.hashName));
    for (let at = 0; at < needed.length;) {
      const objects = needed.slice(at, at + round.size());
      at += objects.length;
      await round.take(await round.bring(objects));
    }
    await round.take(temporaries);
  } finally {
    await ends.store.discard([...temporaries.values()].map((one) => one.temporary));
  }
  return round.report();
}

interface Arrived extends Wanted {
  readonly temporary: string;
}

/** The receiving half. */
class Fetch {
  private readonly meter: TransferMeter;
  private readonly failed: TransferFailure[] = [];

  constructor(
    private readonly ends: Ends,
    private readonly call: Call,
  ) {
    this.meter = new TransferMeter('progress.fetching', call);
  }

  /**
   * How many to bring next. A round waits for the disk at its end, so that small ones come in big rounds; what is interrupted comes again,
   * so that big ones come in small rounds.
   */
  size(): number {
    const { files, fileBytes } = this.meter;
    if (files === 0) return ROUND;
    const fitting = Math.floor((FETCH_ROUND.bytes * files) / Math.max(fileBytes, 1));
    return Math.max(FETCH_ROUND.least, Math.min(FETCH_ROUND.most, fitting));
  }

  /** Downloads to temporaries of the store. */
  async bring(objects: readonly Wanted[]): Promise<Map<string, Arrived>> {
    const { store, remote } = this.ends;
    const arrived = new Map<string, Arrived>();
    this.meter.expect(objects.length, 0);
    try {
      await inLanes(objects, remote.jobs, async (one) => {
        const temporary = store.temporary();
        arrived.set(keyOf(one), { ...one, temporary });
        try {
          throwIfCancelled(this.call.signal);
          await remote.download(keyOf(one), temporary, this.meter.moving(this.call.signal));
        } catch (error) {
          arrived.delete(keyOf(one));
          await store.discard([temporary]);
          if (isCancelled(error)) throw error;
          this.failed.push({ ...one, error });
        }
      });
      throwIfCancelled(this.call.signal);
    } catch (error) {
      await store.discard([...arrived.values()].map((one) => one.temporary));
      throw error;
    }
    return arrived;
  }

  /** The files of a folder, from the store or from what just arrived; a folder that may not be used is taken out of `arrived`. */
  async entries(folder: Wanted, arrived: Map<string, Arrived>): Promise<Wanted[]> {
    const { store } = this.ends;
    const one = arrived.get(keyOf(folder));
    try {
      if (store.has(folder.hash, folder.hashName)) return await entriesOf(store, folder);
      if (!one) return [];
      const bytes = await store.checkTemporary(one.temporary, folder.hash, folder.hashName);
      return toWanted(folder, parseDirObject(new TextDecoder().decode(bytes), folder.hash));
    } catch (error) {
      // One that came wrong stays: it is judged when it would be taken in.
      if (one && is(error, 'cache.corrupt')) return [];
      this.failed.push({ ...plain(folder), error });
      arrived.delete(keyOf(folder));
      if (one) await store.discard([one.temporary]);
      return [];
    }
  }

  /** Verifies what arrived and puts it under its name. */
  async take(arrived: ReadonlyMap<string, Arrived>): Promise<void> {
    const { store, remote } = this.ends;
    const list = [...arrived.values()];
    const answers = await store.adoptFiles(list, this.call);
    answers.forEach((answer, n) => {
      const one = list[n];
      if (!one) return;
      const path = one.path ?? one.hash;
      if (answer.state === 'taken') this.meter.fileDone(path, answer.size);
      else if (answer.state === 'corrupt') {
        const error = new StrataError('remotes.corrupt', { path, hash: one.hash, url: remote.url });
        this.failed.push({ ...plain(one), error });
      } else this.failed.push({ ...plain(one), error: answer.error });
    });
  }

  report(): TransferReport {
    this.meter.end();
    return { files: this.meter.files, bytes: this.meter.fileBytes, failed: this.failed };
  }
}
