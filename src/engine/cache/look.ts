/**
 * Looks at every name of a known folder, whether it is as it was: one `stat` each. Several lanes share the names: who is free takes the next
 * stretch, so that none waits for another. Runs in a worker thread or in the engine's own; what it gets and gives can be posted.
 */

import * as fs from 'node:fs';
import { type Fingerprint } from './jobs';

/** Numbers kept of a name: inode, size, mtime and ctime in milliseconds. */
export const NUMBERS = 4;

/** Names that a lane takes at a time. */
const STRETCH = 512;
/** Names that are looked at between two looks at the clock. */
const STRIDE = 64;
const QUIET = { throwIfNoEntry: false } as const;

/** What is looked at. */
export interface Look {
  /** Absolute path. */
  readonly folder: string;
  /** Names below it, UTF-8, separated by NUL. `''` is the folder itself. */
  readonly names: Uint8Array;
  /** {@link NUMBERS} a name, as it looked. */
  readonly numbers: Float64Array;
  /** One number that all lanes share: how many names are taken. */
  readonly taken: SharedArrayBuffer;
}

/** A name that looks different now. */
export interface Different {
  /** Its place among the names. */
  readonly n: number;
  /** What it looks like; absent when it is gone. */
  readonly print?: Fingerprint;
}

/** Does one lane's part. `tick` may pause or throw. A name that is gone ends the work of all lanes: the folder holds other names. */
export async function lookAt(
  look: Look,
  names: readonly string[],
  tick: () => Promise<void> | undefined,
): Promise<Different[]> {
  const { folder, numbers } = look;
  const taken = new Int32Array(look.taken);
  const found: Different[] = [];
  for (;;) {
    const from = Atomics.add(taken, 0, STRETCH);
    const end = Math.min(from + STRETCH, names.length);
    if (from >= end) return found;
    for (let n = from; n < end; n += 1) {
      const pause = n % STRIDE === 0 ? tick() : undefined;
      if (pause) await pause;
      const name = names[n] ?? '';
      const stat = statQuietly(name === '' ? folder : `${folder}/${name}`);
      if (stat && looksLike(stat, numbers, n * NUMBERS)) continue;
      found.push(stat ? { n, print: printOf(stat) } : { n });
      if (!stat) Atomics.store(taken, 0, names.length);
    }
  }
}

function printOf({ ino, size, mtimeMs, ctimeMs }: fs.Stats): Fingerprint {
  return { ino, size, mtimeMs, ctimeMs };
}

function statQuietly(at: string): fs.Stats | undefined {
  try {
    return fs.statSync(at, QUIET);
  } catch {
    return undefined;
  }
}

function looksLike(stat: fs.Stats, numbers: Float64Array, from: number): boolean {
  if (stat.ino !== numbers[from] || stat.size !== numbers[from + 1]) return false;
  return stat.mtimeMs === numbers[from + 2] && stat.ctimeMs === numbers[from + 3];
}
