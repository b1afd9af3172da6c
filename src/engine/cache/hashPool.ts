/**
 * Spreads jobs over lanes: this thread, in steps of 10 ms so that it stays responsive, and worker threads when there is enough
 * to do. Files go out in batches, since a message for each would cost more than hashing a small file. Progress comes at most ten
 * times a second; a cancel reaches every lane between two blocks.
 */

import * as fs from 'node:fs';
import * as path from 'node:path';
import { Cancelled, isCancelled, pacer, throwIfCancelled, type Call } from '../../base/cancel';
import { dropOutcomes, jobLength, runOne, type Job, type Outcome } from './jobs';
import { Lane } from './lane';
import { lookAt, stopLooking, type Different, type Look } from './look';
import { unpackOutcomes, type PackedOutcomes } from './packOutcomes';

/** A batch of files of one job, with their sizes in bytes for progress and balance. */
export interface Batch {
  /** Asked for once, when a lane is free: it may be made then. */
  readonly job: Job;
  readonly bytes: number;
  /** How many files the job has; those of `job` unless given. */
  readonly files?: number;
  /** Gets the outcomes as soon as they are there. They are not in the answer of `run` then, and are the taker's to clear away. */
  take?(outcomes: readonly Outcome[]): void;
}

function filesOf(batch: Batch): number {
  return batch.files ?? jobLength(batch.job);
}

/** Limits of a batch. */
export const BATCH_FILES = 256;
export const BATCH_BYTES = 8 * 1024 * 1024;

/** Below this a worker would start up longer than the work takes. */
const ALONE_FILES = 192;
const ALONE_BYTES = 16 * 1024 * 1024;
/** Up to so many names are looked at in this thread alone. */
export const ALONE_NAMES = 16_384;

/** What a lane says about its batch. */
export type LaneAnswer =
  | { readonly k: 'progress'; readonly files: number; readonly bytes: number }
  | { readonly k: 'done'; readonly outcomes: PackedOutcomes }
  | { readonly k: 'looked'; readonly found: readonly Different[] }
  | { readonly k: 'cancelled' }
  | { readonly k: 'crashed'; readonly reason: string };

/** What a worker gets: a job, with a shared number that is not 0 once it shall stop; or names to look at. */
export type LaneOrder = { readonly job: Job; readonly stop: SharedArrayBuffer } | { readonly look: Look };

/** A pool of lanes. */
export interface HashPool {
  /** Does all batches; outcomes come in their order. Rejects with Cancelled after every lane stopped. */
  run(batches: readonly Batch[], phase: string, call: Call): Promise<readonly (readonly Outcome[])[]>;
  /** Looks at all names; gives those that look different, in their order. */
  look(look: Omit<Look, 'taken'>, signal: AbortSignal): Promise<Different[]>;
  /** Tells that more than {@link ALONE_NAMES} names will be looked at soon: the helpers start meanwhile. */
  expectLook(): void;
  /** Ends the workers. */
  close(): void;
}

/** Where the bundled worker lies: beside the entry that uses it. Undefined when running from sources. */
function bundledWorker(): string | undefined {
  const folder = typeof __dirname === 'string' ? __dirname : undefined;
  const file = folder === undefined ? undefined : path.join(folder, 'hashWorker.js');
  return file !== undefined && fs.existsSync(file) ? file : undefined;
}

/** Opens a pool with `lanes` lanes in all. Without a worker file everything is done in this thread. */
export function openHashPool(lanes: number, workerFile: string | undefined = bundledWorker()): HashPool {
  const idle: Lane[] = [];
  let closed = false;
  const lookers = Math.max(0, Math.min(lanes - 1, 3));
  const start = (): Lane => new Lane(workerFile ?? '');
  const take = (): Lane => idle.pop() ?? start();
  const give = (lane: Lane): void => {
    if (closed) lane.end();
    else idle.push(lane);
  };
  return {
    run: async (batches, phase, call) => {
      throwIfCancelled(call.signal);
      const round = new Round(batches, phase, call);
      const helpers = workerFile === undefined ? 0 : helperCount(batches, lanes);
      const workers = Array.from({ length: helpers }, take);
      const running = workers.map((lane) => lent(lane, give, round.drive(lane)));
      return round.finish([...running, round.here(helpers > 0)]);
    },
    look: async (what, signal) => {
      const look: Look = { ...what, taken: new SharedArrayBuffer(4) };
      const count = workerFile === undefined || what.names.count <= ALONE_NAMES ? 0 : lookers;
      const there = Array.from({ length: count }, take).map((lane) => lent(lane, give, lookThere(lane, look)));
      // Its failure counts once this thread has done its part.
      for (const one of there) one.catch(() => undefined);
      const here = await lookAt(look, pacer(signal)).finally(() => stopLooking(look));
      const found = [here, ...(await Promise.all(there))].flat();
      return found.sort((a, b) => a.n - b.n);
    },
    expectLook: () => {
      if (workerFile === undefined) return;
      while (idle.length < lookers) idle.push(start());
    },
    close: () => {
      closed = true;
      for (const lane of idle.splice(0)) lane.end();
    },
  };
}

/** Gives a lane back once its work has ended. One that failed is ended; one that was only stopped can work again. */
async function lent<T>(lane: Lane, give: (lane: Lane) => void, work: Promise<T>): Promise<T> {
  try {
    const value = await work;
    give(lane);
    return value;
  } catch (error) {
    if (isCancelled(error)) give(lane);
    else lane.end();
    throw error;
  }
}

function helperCount(batches: readonly Batch[], lanes: number): number {
  const files = batches.reduce((n, batch) => n + filesOf(batch), 0);
  const bytes = batches.reduce((n, batch) => n + batch.bytes, 0);
  if (files <= ALONE_FILES && bytes <= ALONE_BYTES) return 0;
  return Math.max(1, Math.min(lanes - 1, 7, batches.length));
}

/** One call of `run`. */
class Round {
  private readonly results: (readonly Outcome[] | undefined)[] = [];
  private readonly stop = new SharedArrayBuffer(4);
  /** Files that were handed back. */
  private undone = 0;
  private readonly left: number[];
  private readonly meter: Meter;

  constructor(
    private readonly batches: readonly Batch[],
    phase: string,
    private readonly call: Call,
  ) {
    this.left = batches.map((_, i) => i).reverse();
    this.meter = new Meter(batches, phase, call);
  }

  /** Waits for all lanes, then gives the outcomes or the first error. */
  async finish(lanes: readonly Promise<void>[]): Promise<readonly (readonly Outcome[])[]> {
    const halt = (): void => this.halt();
    this.call.signal.addEventListener('abort', halt, { once: true });
    try {
      const ends = await Promise.allSettled(
        lanes.map((lane) =>
          lane.catch((error: unknown) => {
            halt();
            throw error;
          }),
        ),
      );
      throwFirst(ends);
      throwIfCancelled(this.call.signal);
    } catch (error) {
      for (const outcomes of this.results) dropOutcomes(outcomes ?? []);
      throw error;
    } finally {
      this.call.signal.removeEventListener('abort', halt);
    }
    this.meter.end(this.undone);
    return this.results.map((outcomes) => outcomes ?? []);
  }

  private keep(i: number, batch: Batch, outcomes: readonly Outcome[]): void {
    for (const outcome of outcomes) if ('size' in outcome) this.undone += 1;
    if (batch.take) batch.take(outcomes);
    else this.results[i] = outcomes;
  }

  private halt(): void {
    Atomics.store(new Int32Array(this.stop), 0, 1);
  }

  private stopped(): boolean {
    return this.call.signal.aborted || Atomics.load(new Int32Array(this.stop), 0) !== 0;
  }

  /** Works in this thread. With helpers about, batches of one big file are left to them. */
  async here(helped: boolean): Promise<void> {
    const pace = pacer(this.call.signal);
    for (;;) {
      const at = this.left.findLastIndex((i) => !helped || (this.batches[i]?.bytes ?? 0) <= BATCH_BYTES);
      if (at < 0) return;
      const [i = 0] = this.left.splice(at, 1);
      const batch = this.batches[i];
      if (batch) this.keep(i, batch, await this.doHere(batch.job, pace));
    }
  }

  private async doHere(job: Job, pace: () => Promise<void> | undefined): Promise<Outcome[]> {
    const outcomes: Outcome[] = [];
    const tick = (bytes: number): Promise<void> | undefined => {
      if (this.stopped()) throw new Cancelled();
      this.meter.add(0, bytes);
      return pace();
    };
    try {
      for (let n = 0; n < jobLength(job); n += 1) {
        const outcome = runOne(job, n, tick);
        const settled = outcome instanceof Promise ? await outcome : outcome;
        outcomes.push(settled);
        if (!('size' in settled)) this.meter.add(1, 0);
      }
    } catch (error) {
      dropOutcomes(outcomes);
      throw error;
    }
    return outcomes;
  }

  /** Feeds a worker until nothing is left. A second batch waits there for the end of the first, but no big one: another lane may be free. */
  async drive(lane: Lane): Promise<void> {
    const feeds = [this.feed(lane, Infinity), this.feed(lane, BATCH_BYTES)];
    for (const feed of feeds) feed.catch(() => this.halt());
    throwFirst(await Promise.allSettled(feeds));
  }

  private async feed(lane: Lane, limit: number): Promise<void> {
    while (!this.stopped()) {
      const at = this.left.findLastIndex((i) => (this.batches[i]?.bytes ?? 0) <= limit);
      const [i] = at < 0 ? [] : this.left.splice(at, 1);
      const batch = i === undefined ? undefined : this.batches[i];
      if (i === undefined || !batch) return;
      this.keep(i, batch, await this.order(lane, batch.job));
    }
  }

  private async order(lane: Lane, job: Job): Promise<readonly Outcome[]> {
    let outcomes: readonly Outcome[] = [];
    await lane.order({ job, stop: this.stop }, (answer) => {
      if (answer.k === 'progress') this.meter.add(answer.files, answer.bytes);
      if (answer.k === 'done') outcomes = unpackOutcomes(answer.outcomes);
      return answer.k === 'done';
    });
    return outcomes;
  }
}

/** Throws a failure, if there is one; a cancel only when there is nothing else. */
function throwFirst(ends: readonly PromiseSettledResult<void>[]): void {
  const bad = ends.filter((end) => end.status === 'rejected').map((end): unknown => end.reason);
  if (bad.length > 0) throw (bad.find((error) => !isCancelled(error)) as Error | undefined) ?? new Cancelled();
}

async function lookThere(lane: Lane, look: Look): Promise<readonly Different[]> {
  let found: readonly Different[] = [];
  // Without what else lies in the same memory.
  const names = { ...look.names, bytes: Uint8Array.from(look.names.bytes) };
  await lane.order({ look: { ...look, names } }, (answer) => {
    if (answer.k === 'looked') found = answer.found;
    return answer.k === 'looked';
  });
  return found;
}

/** Adds up what lanes report and passes it on at most ten times a second. */
class Meter {
  private files = 0;
  private bytes = 0;
  private last = 0;
  private readonly total: number;
  private readonly totalBytes: number;

  constructor(
    batches: readonly Batch[],
    private readonly phase: string,
    private readonly call: Call,
  ) {
    this.total = batches.reduce((n, batch) => n + filesOf(batch), 0);
    this.totalBytes = batches.reduce((n, batch) => n + batch.bytes, 0);
  }

  add(files: number, bytes: number): void {
    this.files += files;
    this.bytes += bytes;
    const now = Date.now();
    if (now - this.last < 100) return;
    this.last = now;
    this.report();
  }

  /** The last word; so many files were handed back undone. */
  end(undone: number): void {
    this.files = this.total - undone;
    this.bytes = Math.max(this.bytes, this.totalBytes);
    if (this.total > 0) this.report();
  }

  private report(): void {
    const { phase, files: done, total, totalBytes } = this;
    const bytes = totalBytes > 0 ? Math.min(this.bytes, totalBytes) : this.bytes;
    this.call.progress({ phase, done, total, unit: 'files', bytes, ...(totalBytes > 0 ? { totalBytes } : {}) });
  }
}
