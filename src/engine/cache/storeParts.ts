/** What the parts of the store share. */

import { type Call } from '../../base/cancel';
import { StrataError } from '../errors';
import { type Batch, BATCH_BYTES, BATCH_FILES, type HashPool } from './hashPool';
import { type ListIndex } from './listIndex';
import { type StateIndex } from './stateIndex';
import { failureOf, type Done, type Job, type Outcome } from './jobs';
import { type Quarantine } from './quarantine';
import { type Hash, type HashName, type LinkType } from './cache';
import { type Host } from '../host/host';

/** The store's inside. */
export interface StoreParts {
  readonly host: Host;
  readonly root: string;
  readonly dir: string;
  /** Where restores prepare files. */
  readonly staging: string;
  readonly linkTypes: readonly LinkType[];
  readonly shared: boolean;
  readonly umask: number;
  readonly pool: HashPool;
  /** Hashes of workspace files. */
  readonly files: StateIndex;
  /** Objects that were verified. */
  readonly objects: StateIndex;
  /** Folder lists that were found whole with all their objects. */
  readonly lists: ListIndex;
  readonly readOnly?: boolean;
  readonly quarantine: Quarantine;
  pathOf(hash: Hash, hashName?: HashName): string;
}

/** Something with a size in bytes. */
interface Sized {
  readonly bytes: number;
}

/**
 * Cuts a list into batches of at most 256 files or about 8 MiB; `job` makes the work of a batch, told its number, when a lane is free. `take` gets
 * the outcomes of a batch as soon as they are there; without it they are in the answer of the pool.
 */
export function toBatches<T extends Sized>(
  items: readonly T[],
  job: (part: T[], number: number) => Job,
  take?: (part: readonly T[], outcomes: readonly Outcome[]) => void,
): Batch[] {
  const batches: Batch[] = [];
  let part: T[] = [];
  let bytes = 0;
  const flush = (): void => {
    if (part.length > 0) batches.push(batchOf(part, batches.length, bytes));
    part = [];
    bytes = 0;
  };
  const batchOf = (some: T[], number: number, size: number): Batch => ({
    get job() {
      return job(some, number);
    },
    files: some.length,
    bytes: size,
    ...(take ? { take: (outcomes: readonly Outcome[]) => take(some, outcomes) } : {}),
  });
  for (const item of items) {
    if (part.length >= BATCH_FILES || (part.length > 0 && bytes + item.bytes > BATCH_BYTES)) flush();
    part.push(item);
    bytes += item.bytes;
  }
  flush();
  return batches;
}

/** A file to read; its size in bytes, where it is known. */
interface Unread {
  readonly path: string;
  readonly bytes: number | undefined;
}

/** How a run of the pool is told and stopped, and who gets what was done with each file, by its number: in no order, and each once. */
interface Told {
  readonly phase: string;
  readonly call: Call;
  readonly take: (n: number, done: Done) => void;
}

/**
 * Has the lanes do files. Those whose sizes are not known go in batches by number; what turns out to be big is handed back and goes again, cut
 * by size. `job` makes the work of a batch from its paths and a tag that no other batch has. Fails, once all others are done, with what kept the
 * first file of those that could not be done.
 */
export async function runFiles(
  { pool }: Pick<StoreParts, 'pool'>,
  files: readonly Unread[],
  { phase, call, take }: Told,
  job: (paths: readonly string[], tag: string, handBack: boolean) => Job,
): Promise<void> {
  type Numbered = { readonly n: number; readonly path: string; readonly bytes: number };
  const pathsOf = (some: readonly Numbered[]): string[] => some.map((one) => one.path);
  const handBack = files.some((one) => one.bytes === undefined);
  const big: Numbered[] = [];
  let failed: { readonly n: number; readonly outcome: Outcome } | undefined;
  const hand = (some: readonly Numbered[], outcomes: readonly Outcome[]): void =>
    some.forEach((one, i) => {
      const outcome = outcomes[i];
      if (outcome && 'done' in outcome) take(one.n, outcome.done);
      else if (outcome && 'size' in outcome) big.push({ ...one, bytes: outcome.size });
      else if (outcome && (!failed || one.n < failed.n)) failed = { n: one.n, outcome };
    });
  const sized = files.map(({ path, bytes }, n) => ({ n, path, bytes: handBack ? 0 : (bytes ?? 0) }));
  await pool.run(
    toBatches(sized, (some, n) => job(pathsOf(some), `${n}`, handBack), hand),
    phase,
    call,
  );
  if (big.length > 0) {
    const before = files.length - big.length;
    const progress: Call['progress'] = (value) =>
      call.progress({ ...value, done: before + value.done, total: files.length });
    const again = toBatches(big.splice(0), (some, n) => job(pathsOf(some), `big${n}`, false), hand);
    await pool.run(again, phase, { ...call, progress });
  }
  throwIfFailed(failed);
}

function throwIfFailed(failed: { readonly outcome: Outcome } | undefined): void {
  if (!failed) return;
  const { code, data } = failureOf(failed.outcome);
  throw new StrataError(code, data);
}

/** Hashes files; see {@link runFiles}. */
export function hashPending(
  parts: Pick<StoreParts, 'pool'>,
  files: readonly Unread[],
  call: Call,
  take: Told['take'],
): Promise<void> {
  const told = { phase: 'progress.hashing', call, take };
  return runFiles(parts, files, told, (paths, _tag, handBack) => ({ kind: 'hash', hashName: 'md5', paths, handBack }));
}
