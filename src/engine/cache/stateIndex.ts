/**
 * The state index: which hash a file had when its inode, size, mtime and ctime were these. It spares reading, decides nothing
 * else; deleting it loses nothing. An entry is kept only when the file's mtime lay more than 2 s before its reading began: a later
 * edit in the same tick of the clock would look the same (the racy-clean rule).
 *
 * On disk, for a reading that costs little: a line with format, base and number of entries; the numbers of each entry
 * (inode, size, mtime, ctime) as 64-bit floats; the hashes; then the paths, separated by NUL, which no path contains.
 */

import * as fs from 'node:fs';
import { floatsAt, readIndexFile, writeIndexFile } from './indexFile';
import { type Fingerprint } from './jobs';

/** How long after a file's mtime an observation of it may be trusted, in milliseconds. */
export const RACY_MS = 2000;

interface Entry extends Fingerprint {
  readonly md5: string;
}

const FORMAT = 'strata-index-2';
const NUMBERS = 4;
const DIGITS = 32;

/** What an index file holds, as it lies there: an entry is looked at only when somebody asks for its path. */
interface Columns {
  readonly paths: readonly string[];
  /** {@link NUMBERS} an entry. */
  readonly numbers: Float64Array;
  /** {@link DIGITS} an entry, in Latin 1. */
  readonly hashes: Buffer;
}

/** Hashes of files by path. Paths are written relative to `base`; an index of another base is not used. */
export class StateIndex {
  private stored: Columns = { paths: [], numbers: new Float64Array(), hashes: Buffer.alloc(0) };
  /** Where each path stands in `stored`, or what was noted since. */
  private entries: Map<string, number | Entry> | undefined;
  private readonly touched = new Set<string>();
  private stamp = '';
  private dirty = false;

  /** @param file where the index lies; it need not exist. */
  constructor(
    private readonly file: string,
    private readonly base: string,
  ) {}

  /** The hash of a file whose facts are `print`, if it was read in that very state. */
  lookup(at: string, print: Fingerprint): string | undefined {
    const key = this.key(at);
    const entry = this.load().get(key);
    if (entry === undefined) return undefined;
    const md5 = typeof entry === 'number' ? storedHash(this.stored, entry, print) : noted(entry, print);
    if (md5 !== undefined) this.touched.add(key);
    return md5;
  }

  /** Notes a hash; `started` is the time just before the file was read. Observations that are too fresh are not kept. */
  record(at: string, print: Fingerprint, md5: string, started: number): void {
    const age = started - print.mtimeMs;
    const key = this.key(at);
    if (age < RACY_MS) {
      if (this.load().delete(key)) this.dirty = true;
      return;
    }
    const { ino, size, mtimeMs, ctimeMs } = print;
    this.load().set(key, { ino, size, mtimeMs, ctimeMs, md5 });
    this.touched.add(key);
    this.dirty = true;
  }

  /** Forgets a file. */
  forget(at: string): void {
    if (this.load().delete(this.key(at))) this.dirty = true;
  }

  /** Writes the index when it changed, together with what another process wrote meanwhile. Failing to write is no failure. */
  save(): void {
    if (!this.dirty || !this.entries) return;
    if (stampOf(this.file) !== this.stamp) this.merge();
    this.prune();
    if (!writeIndexFile(this.file, render(this.base, this.entries, this.stored))) return;
    this.stamp = stampOf(this.file);
    this.dirty = false;
  }

  /** Numbers of files, {@link NUMBERS} each, that were found here as they are noted or noted anew; undefined when one was not. */
  numbersOf(files: readonly string[]): Float64Array | undefined {
    const numbers = new Float64Array(files.length * NUMBERS);
    const entries = this.load();
    for (let n = 0; n < files.length; n += 1) {
      const key = this.key(files[n] ?? '');
      const entry = this.touched.has(key) ? entries.get(key) : undefined;
      if (entry === undefined) return undefined;
      const { ino, size, mtimeMs, ctimeMs } = typeof entry === 'number' ? entryOf(this.stored, entry) : entry;
      numbers.set([ino, size, mtimeMs, ctimeMs], n * NUMBERS);
    }
    return numbers;
  }

  private key(at: string): string {
    return at.startsWith(`${this.base}/`) ? at.slice(this.base.length + 1) : at;
  }

  private load(): Map<string, number | Entry> {
    if (this.entries) return this.entries;
    this.stamp = stampOf(this.file);
    this.stored = read(this.file, this.base) ?? this.stored;
    return (this.entries = new Map(this.stored.paths.map((at, n) => [at, n])));
  }

  private merge(): void {
    const theirs = read(this.file, this.base);
    theirs?.paths.forEach((key, n) => {
      if (!this.touched.has(key)) this.entries?.set(key, entryOf(theirs, n));
    });
  }

  /** Files that are gone are never asked for again: an index that is mostly such entries is cut down. */
  private prune(): void {
    if (!this.entries || this.entries.size <= 4 * this.touched.size + 50_000) return;
    for (const key of this.entries.keys()) if (!this.touched.has(key)) this.entries.delete(key);
  }
}

function noted(entry: Entry, print: Fingerprint): string | undefined {
  const same = entry.ino === print.ino && entry.size === print.size;
  return same && entry.mtimeMs === print.mtimeMs && entry.ctimeMs === print.ctimeMs ? entry.md5 : undefined;
}

function storedHash({ numbers, hashes }: Columns, n: number, print: Fingerprint): string | undefined {
  const at = n * NUMBERS;
  if (numbers[at] !== print.ino || numbers[at + 1] !== print.size) return undefined;
  if (numbers[at + 2] !== print.mtimeMs || numbers[at + 3] !== print.ctimeMs) return undefined;
  return hashes.toString('latin1', n * DIGITS, (n + 1) * DIGITS);
}

function entryOf({ numbers, hashes }: Columns, n: number): Entry {
  const [ino = 0, size = 0, mtimeMs = 0, ctimeMs = 0] = numbers.subarray(n * NUMBERS, (n + 1) * NUMBERS);
  return { ino, size, mtimeMs, ctimeMs, md5: hashes.toString('latin1', n * DIGITS, (n + 1) * DIGITS) };
}

function stampOf(file: string): string {
  try {
    const stat = fs.statSync(file);
    return `${stat.ino}:${stat.size}:${stat.mtimeMs}`;
  } catch {
    return '';
  }
}

function render(base: string, entries: ReadonlyMap<string, number | Entry>, stored: Columns): Buffer[] {
  const numbers = new Float64Array(entries.size * NUMBERS);
  const hashes: string[] = [];
  for (const value of entries.values()) {
    const { ino, size, mtimeMs, ctimeMs, md5 } = typeof value === 'number' ? entryOf(stored, value) : value;
    numbers.set([ino, size, mtimeMs, ctimeMs], hashes.length * NUMBERS);
    hashes.push(md5);
  }
  const head = Buffer.from(`${[FORMAT, base, entries.size].join('\0')}\n`);
  const parts = [head, Buffer.from(numbers.buffer), Buffer.from(hashes.join(''), 'latin1')];
  return [...parts, Buffer.from([...entries.keys()].join('\0'))];
}

/** Undefined when there is no such file, or it is not whole, or of another base. */
function read(file: string, base: string): Columns | undefined {
  const body = readIndexFile(file);
  if (!body) return undefined;
  const start = `${FORMAT}\0${base}\0`;
  const after = Buffer.byteLength(start);
  if (!body.subarray(0, after).equals(Buffer.from(start))) return undefined;
  const line = body.indexOf('\n', after);
  const count = Number(body.toString('latin1', after, line));
  const floats = line + 1 + count * NUMBERS * Float64Array.BYTES_PER_ELEMENT;
  const numbers = floatsAt(body, line + 1, count * NUMBERS);
  const names = floats + count * DIGITS;
  const paths = count === 0 ? [] : body.toString('utf8', names).split('\0');
  return { paths, numbers, hashes: body.subarray(floats, names) };
}
