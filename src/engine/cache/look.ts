/**
 * Looks at every name of a known folder, whether it is as it was: one `stat` each. Several lanes share the names: who is free takes the next
 * stretch, so that none waits for another. Runs in a worker thread or in the engine's own; what it gets and gives can be posted.
 */

import * as fs from 'node:fs';
import { type Fingerprint } from './jobs';

/** Numbers kept of a name: inode, size, mtime and ctime in milliseconds. */
export const NUMBERS = 4;

/** Names that a lane takes at a time. */
export const STRETCH = 512;
/** Names that are looked at between two looks at the clock. */
const STRIDE = 64;
const QUIET = { throwIfNoEntry: false } as const;

/** Many names as they lie in a file, made into strings a stretch at a time. `''` is the folder itself. */
export interface Names {
  /** UTF-8, separated by NUL. */
  readonly bytes: Uint8Array;
  /** Where each stretch of {@link STRETCH} names begins among the bytes; then where one more would. */
  readonly starts: Float64Array;
  readonly count: number;
}

/** Packs names. */
export function packNames(names: readonly string[]): Names {
  const parts: string[] = [];
  const starts = new Float64Array(Math.ceil(names.length / STRETCH) + 1);
  for (let n = 0; n < names.length; n += STRETCH) {
    const part = names.slice(n, n + STRETCH).join('\0');
    parts.push(part);
    starts[parts.length] = (starts[parts.length - 1] ?? 0) + Buffer.byteLength(part) + 1;
  }
  return { bytes: Buffer.from(parts.join('\0')), starts, count: names.length };
}

/** The names of a stretch, counted from 0. */
export function stretchOf({ bytes, starts, count }: Names, stretch: number): string[] {
  if (stretch * STRETCH >= count) return [];
  const from = starts[stretch] ?? 0;
  const end = (starts[stretch + 1] ?? 0) - 1;
  return Buffer.from(bytes.buffer, bytes.byteOffset + from, end - from)
    .toString()
    .split('\0');
}

/** What is looked at. */
export interface Look {
  /** Absolute path. */
  readonly folder: string;
  readonly names: Names;
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
export async function lookAt(look: Look, tick: () => Promise<void> | undefined): Promise<Different[]> {
  const { folder, numbers, names } = look;
  const taken = new Int32Array(look.taken);
  const found: Different[] = [];
  for (;;) {
    const from = Atomics.add(taken, 0, STRETCH);
    if (from >= names.count) return found;
    const some = stretchOf(names, from / STRETCH);
    for (let n = 0; n < some.length; n += 1) {
      const pause = n % STRIDE === 0 ? tick() : undefined;
      if (pause) await pause;
      const name = some[n] ?? '';
      const stat = statQuietly(name === '' ? folder : `${folder}/${name}`);
      if (stat && looksLike(stat, numbers, (from + n) * NUMBERS)) continue;
      found.push(stat ? { n: from + n, print: printOf(stat) } : { n: from + n });
      if (!stat) stopLooking(look);
    }
  }
}

/** Leaves no lane anything more to take. */
export function stopLooking({ taken, names }: Look): void {
  Atomics.store(new Int32Array(taken), 0, Math.ceil(names.count / STRETCH) * STRETCH);
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
