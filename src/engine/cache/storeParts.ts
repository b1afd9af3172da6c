/** What the parts of the store share. */

import { type Batch, BATCH_BYTES, BATCH_FILES, type HashPool } from './hashPool';
import { type ListIndex } from './listIndex';
import { type StateIndex } from './stateIndex';
import { type Job } from './jobs';
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
