/**
 * Push and fetch of objects (formats §20). A `.dir` on a remote promises that its files are there, so files go first and a `.dir` goes
 * only when all of them arrived. Every object is hashed before it leaves and before it is taken in; what is there already is skipped,
 * so that an interrupted transfer goes on where it stopped.
 */

import { isCancelled, throwIfCancelled, type Call } from '../../base/cancel';
import { type Copied, type DirEntry, type Elsewhere, type Hash, type HashName, type ObjectStore } from '../cache/cache';
import { objectKey } from '../cache/layout';
import { parseDirObject } from '../formats/dirObject';
import { forPath, is, StrataError } from '../errors';
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

/** So many objects are fetched first; then up to so many at a time that are together no bigger than this many bytes, and at least a few. */
const FETCH_ROUND = { first: 1024, most: 8192, bytes: 256 * 1024 * 1024, least: 32 };

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

/** A refusal of the other end named after what was to go there. */
function told(one: TransferFailure): TransferFailure {
  return { ...one, error: forPath(one.error, one.path ?? one.hash) };
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
    if (remote.pathOf) return this.copy(objects, remote.pathOf.bind(remote));
    this.meter.expect(objects.length, sum(objects.map((one) => this.size(one))));
    await inLanes(objects, remote.jobs, async (one) => {
      await this.guarded(one, () => this.one(one));
    });
    throwIfCancelled(this.call.signal);
  }

  private copy(objects: readonly Wanted[], pathOf: (key: string) => string): Promise<void> {
    const { store } = this.ends;
    this.meter.expect(objects.length, 0);
    const copies = objects.map((one): Elsewhere => ({
      hash: one.hash,
      hashName: one.hashName,
      path: pathOf(keyOf(one)),
    }));
    const done = (n: number, copied: Copied): void => {
      const one = objects[n];
      if (!one) return;
      if (copied.state === 'copied') this.meter.copied(copied.size);
      else
        this.failed.push({ ...one, error: copied.state === 'failed' ? copied.error : this.unfit(one, copied.state) });
    };
    return store.copyOut(copies, { call: this.meter.beside(), phase: 'progress.pushing', done });
  }

  private size(one: Wanted): number {
    return this.ends.store.size(one.hash, one.hashName) ?? 0;
  }

  private async guarded(one: Wanted, act: () => Promise<void>): Promise<void> {
    try {
      await act();
    } catch (error) {
      if (isCancelled(error)) throw error;
      this.failed.push({ ...one, error });
    }
  }

  /** Only what matches its name leaves. */
  private async check(one: Wanted): Promise<void> {
    throwIfCancelled(this.call.signal);
    const state = await this.ends.store.verify(one.hash, one.hashName);
    if (state !== 'good') throw this.unfit(one, state);
  }

  private unfit({ path, hash, hashName }: Wanted, state: 'missing' | 'corrupt'): StrataError {
    const object = this.ends.store.pathOf(hash, hashName);
    return new StrataError(`cache.${state}`, { path: path ?? hash, hash, ...(state === 'corrupt' ? { object } : {}) });
  }

  private async one(one: Wanted): Promise<void> {
    const { store, remote } = this.ends;
    await this.check(one);
    await remote.upload(store.pathOf(one.hash, one.hashName), keyOf(one), this.meter.moving(this.call.signal));
    this.meter.fileDone(one.path ?? one.hash, this.size(one));
  }

  report(): TransferReport {
    this.meter.end();
    return { files: this.meter.files, bytes: this.meter.fileBytes, failed: this.failed.map(told) };
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
  const folders = unique(wanted).filter((one) => one.hash.endsWith('.dir'));
  const temporaries = await round.bring(absent(ends.store, folders));
  try {
    const files = wanted.filter((one) => !one.hash.endsWith('.dir'));
    for (const folder of folders) files.push(...(await round.entries(folder, temporaries)));
    await round.receive(absent(ends.store, unique(files)));
    await round.take(temporaries);
  } finally {
    await ends.store.discard([...temporaries.values()].map((one) => one.temporary));
  }
  return round.report();
}

/** Those that the store has not. */
function absent(store: ObjectStore, wanted: readonly Wanted[]): Wanted[] {
  const missing = (name: HashName): Set<Hash> =>
    store.missing(
      wanted.filter((one) => one.hashName === name).map((one) => one.hash),
      name,
    );
  const gone = { md5: missing('md5'), 'md5-dos2unix': missing('md5-dos2unix') };
  return wanted.filter((one) => gone[one.hashName].has(one.hash));
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

  /** Brings objects and takes them in. */
  async receive(objects: readonly Wanted[]): Promise<void> {
    const { remote } = this.ends;
    if (remote.pathOf) return this.copy(objects, remote.pathOf.bind(remote));
    // While some are taken in, the next ones come.
    let taking: Promise<void> = Promise.resolve();
    try {
      for (let at = 0; at < objects.length;) {
        const some = objects.slice(at, at + this.size());
        at += some.length;
        const arrived = await this.bring(some);
        await taking.catch((error: unknown) => this.drop(arrived, error));
        taking = this.take(arrived);
        // Its failure counts when the next ones have come, or at the end.
        taking.catch(() => undefined);
      }
    } finally {
      await taking;
    }
  }

  private copy(objects: readonly Wanted[], pathOf: (key: string) => string): Promise<void> {
    const { store, remote } = this.ends;
    this.meter.expect(objects.length, 0);
    const copies = objects.map((one): Elsewhere => ({
      hash: one.hash,
      hashName: one.hashName,
      path: pathOf(keyOf(one)),
    }));
    const done = (n: number, copied: Copied): void => {
      const one = objects[n];
      if (!one) return;
      if (copied.state === 'copied') this.meter.copied(copied.size);
      else if (copied.state === 'corrupt') this.failed.push({ ...plain(one), error: this.corrupt(one) });
      else {
        const missing = new StrataError('remotes.missing', { key: keyOf(one), url: remote.url });
        this.failed.push({ ...one, error: copied.state === 'failed' ? copied.error : missing });
      }
    };
    return store.copyIn(copies, { call: this.meter.beside(), phase: 'progress.fetching', done });
  }

  private corrupt(one: Wanted): StrataError {
    return new StrataError('remotes.corrupt', {
      path: one.path ?? one.hash,
      hash: one.hash,
      url: this.ends.remote.url,
    });
  }

  /**
   * How many to bring next. A round waits for the disk at its end, so that small ones come in big rounds; what is interrupted comes again,
   * so that big ones come in small rounds.
   */
  private size(): number {
    const { files, fileBytes } = this.meter;
    if (files === 0) return FETCH_ROUND.first;
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
      return this.drop(arrived, error);
    }
    return arrived;
  }

  private async drop(arrived: ReadonlyMap<string, Arrived>, error: unknown): Promise<never> {
    await this.ends.store.discard([...arrived.values()].map((one) => one.temporary));
    throw error;
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
    const list = [...arrived.values()];
    const answers = await this.ends.store.adoptFiles(list, this.call);
    answers.forEach((answer, n) => {
      const one = list[n];
      if (!one) return;
      if (answer.state === 'taken') this.meter.fileDone(one.path ?? one.hash, answer.size);
      else if (answer.state === 'corrupt') this.failed.push({ ...plain(one), error: this.corrupt(one) });
      else this.failed.push({ ...plain(one), error: answer.error });
    });
  }

  report(): TransferReport {
    this.meter.end();
    return { files: this.meter.files, bytes: this.meter.fileBytes, failed: this.failed.map(told) };
  }
}
