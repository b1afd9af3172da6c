/** What the parts of the store share. */

import { type Call } from '../../base/cancel';
import { type Batch, BATCH_BYTES, BATCH_FILES, type HashPool } from './hashPool';
import { type ListIndex } from './listIndex';
import { type StateIndex } from './stateIndex';
import { dropOutcomes, type Job, type Outcome } from './jobs';
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

/** Cuts a list into batches of at most 256 files or about 8 MiB; `job` makes the work of a batch, told its number. */
export function toBatches<T extends Sized>(items: readonly T[], job: (part: T[], number: number) => Job): Batch[] {
  const batches: Batch[] = [];
  let part: T[] = [];
  let bytes = 0;
  const flush = (): void => {
    if (part.length > 0) batches.push({ job: job(part, batches.length), bytes });
    part = [];
    bytes = 0;
  };
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

/** How a run of the pool is told and stopped. */
interface Told {
  readonly phase: string;
  readonly call: Call;
}

/**
 * Has the lanes do files. Those whose sizes are not known go in batches by number; what turns out to be big is handed back and goes again, cut
 * by size. `job` makes the work of a batch from its paths and a tag that no other batch has. Outcomes come in the order of the files.
 */
export async function runFiles(
  { pool }: Pick<StoreParts, 'pool'>,
  files: readonly Unread[],
  { phase, call }: Told,
  job: (paths: readonly string[], tag: string, handBack: boolean) => Job,
): Promise<Outcome[]> {
  const pathsOf = (some: readonly Unread[]): string[] => some.map((one) => one.path);
  const handBack = files.some((one) => one.bytes === undefined);
  const sized = files.map(({ path, bytes }) => ({ path, bytes: handBack ? 0 : (bytes ?? 0) }));
  const batches = toBatches(sized, (some, n) => job(pathsOf(some), `${n}`, handBack));
  const outcomes = (await pool.run(batches, phase, call)).flat();
  const big = outcomes.flatMap((outcome, n) =>
    'size' in outcome ? [{ n, path: files[n]?.path ?? '', bytes: outcome.size }] : [],
  );
  if (big.length === 0) return outcomes;
  const before = files.length - big.length;
  const progress: Call['progress'] = (value) =>
    call.progress({ ...value, done: before + value.done, total: files.length });
  const again = toBatches(big, (some, n) => job(pathsOf(some), `big${n}`, false));
  try {
    const found = (await pool.run(again, phase, { ...call, progress })).flat();
    big.forEach(({ n }, i) => (outcomes[n] = found[i] ?? outcomes[n]!));
  } catch (error) {
    dropOutcomes(outcomes);
    throw error;
  }
  return outcomes;
}

/** Hashes files; see {@link runFiles}. */
export function hashPending(parts: Pick<StoreParts, 'pool'>, files: readonly Unread[], call: Call): Promise<Outcome[]> {
  const told = { phase: 'progress.hashing', call };
  return runFiles(parts, files, told, (paths, _tag, handBack) => ({ kind: 'hash', hashName: 'md5', paths, handBack }));
}
