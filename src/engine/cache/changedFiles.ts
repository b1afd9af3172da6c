/** Files of a known folder that look different now: hashed, or hashed and stored, while nothing is asked about the others. */

import * as fs from 'node:fs';
import { type Call } from '../../base/cancel';
import { fsError, StrataError } from '../errors';
import { withRoom } from '../host/node';
import { Adding, baseOf, type Pending } from './adding';
import { type KnownFolder } from './folderIndex';
import { type Done } from './jobs';
import { hashPending, type StoreParts } from './storeParts';

/** Hashes the changed files of a folder. Fails as `ObjectStore.hashFiles` does. */
export async function hashChanged(parts: StoreParts, known: KnownFolder, call: Call): Promise<void> {
  const pending = known.changed.map((n) => pendingFile(known, n));
  await hashPending(parts, pending, call, (n, done) => {
    const one = pending[n];
    if (one) take(known, one, done);
  });
}

/** Stores the changed files of a folder, and those whose objects are no longer there: `missing` gives these. */
export async function addChanged(
  parts: StoreParts,
  known: KnownFolder,
  missing: (hashes: Iterable<string>) => ReadonlySet<string>,
  call: Call,
): Promise<void> {
  const changed = new Set(known.changed);
  const kept = Array.from({ length: known.nfiles }, (_, n) => n).filter((n) => !changed.has(n));
  const gone = missing(kept.map((n) => known.md5Of(n)));
  const lost = gone.size === 0 ? [] : kept.filter((n) => gone.has(known.md5Of(n)));
  const pending = [...known.changed, ...lost].map((n) => pendingFile(known, n));
  if (pending.length === 0) return;
  const adding = new Adding(parts, call, (one, done) => take(known, one, done));
  try {
    await adding.round(pending, call);
    await adding.settle();
  } catch (error) {
    await adding.settle().catch(() => undefined);
    throw withRoom(error, baseOf(parts), () => pending.map((one) => one.bytes ?? 0));
  }
}

function take(known: KnownFolder, { at }: Pending, { md5, print, started }: Done): void {
  known.set(at, md5, print, started);
}

function pendingFile(known: KnownFolder, at: number): Pending {
  const path = known.pathOf(at);
  let stat: fs.Stats | undefined;
  try {
    stat = fs.statSync(path, { throwIfNoEntry: false });
  } catch (error) {
    throw fsError(error, path);
  }
  if (!stat) throw new StrataError('fs.notFound', { path });
  return { at, path, bytes: stat.size };
}
