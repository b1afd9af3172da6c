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
/** The same for the time of the last change of any kind, which no program can set; its clock ticks at least 100 times a second. In milliseconds. */
export const TICK_MS = 20;

/**
 * True when a change right after `started` (ms since 1970) could leave a file or folder looking as it does now: its times are too new, or lie
 * ahead. A file's own time may have been set back; the time of its last change cannot be. A file system that keeps no fractions keeps two
 * seconds at worst.
 */
export function isRacy({ mtimeMs, ctimeMs }: Pick<Fingerprint, 'mtimeMs' | 'ctimeMs'>, started: number): boolean {
  const tick = ctimeMs % 1000 === 0 ? RACY_MS : TICK_MS;
  return started - mtimeMs < RACY_MS || started - ctimeMs < tick;
}

const FORMAT = 'strata-index-2';
const NUMBERS = 4;
const DIGITS = 32;

/** Entries by number: {@link NUMBERS} 64-bit floats and {@link DIGITS} digits each, as they lie in the file. */
class Columns {
  /** How many entries were touched. */
  used = 0;
  /** 1 for entries that were found or noted here, not only read. */
  private marks = new Uint8Array();

  constructor(
    public numbers: Float64Array = new Float64Array(),
    public hashes: Buffer = Buffer.alloc(0),
  ) {}

  /** Makes room for the entry `n`. */
  private reserve(n: number): void {
    if ((n + 1) * NUMBERS <= this.numbers.length) return;
    const room = Math.max(1024, Math.ceil((n + 1) * 1.5));
    const numbers = new Float64Array(room * NUMBERS);
    numbers.set(this.numbers);
    const hashes = Buffer.alloc(room * DIGITS);
    this.hashes.copy(hashes);
    [this.numbers, this.hashes] = [numbers, hashes];
  }

  /** True when an entry was found or noted here. */
  touched(n: number): boolean {
    return this.marks[n] === 1;
  }

  private touch(n: number): void {
    if (n >= this.marks.length) {
      const marks = new Uint8Array(this.numbers.length / NUMBERS);
      marks.set(this.marks);
      this.marks = marks;
    }
    if (this.marks[n] !== 1) this.used += 1;
    this.marks[n] = 1;
  }

  set(n: number, print: Fingerprint, md5: string): void {
    this.reserve(n);
    this.touch(n);
    const { numbers } = this;
    const at = n * NUMBERS;
    numbers[at] = print.ino;
    numbers[at + 1] = print.size;
    numbers[at + 2] = print.mtimeMs;
    numbers[at + 3] = print.ctimeMs;
    this.hashes.write(md5, n * DIGITS, DIGITS, 'latin1');
  }

  /** Copies entry `n` of another index to `to`. */
  take(other: Columns, n: number, to: number): void {
    this.reserve(to);
    this.numbers.set(other.numbers.subarray(n * NUMBERS, (n + 1) * NUMBERS), to * NUMBERS);
    other.hashes.copy(this.hashes, to * DIGITS, n * DIGITS, (n + 1) * DIGITS);
  }

  /** The digits of entry `n`, if the file has those facts. */
  hashOf(n: number, print: Fingerprint): string | undefined {
    const { numbers } = this;
    const at = n * NUMBERS;
    if (numbers[at] !== print.ino || numbers[at + 1] !== print.size) return undefined;
    if (numbers[at + 2] !== print.mtimeMs || numbers[at + 3] !== print.ctimeMs) return undefined;
    this.touch(n);
    return this.hashes.toString('latin1', n * DIGITS, (n + 1) * DIGITS);
  }
}

/** Hashes of files by path. Paths are written relative to `base`; an index of another base is not used. */
export class StateIndex {
  private columns = new Columns();
  /** The number of each path's entry. */
  private entries: Map<string, number> | undefined;
  private next = 0;
  private stamp = '';
  private dirty = false;

  /** @param file where the index lies; it need not exist. */
  constructor(
    private readonly file: string,
    private readonly base: string,
  ) {}

  /** True when nothing is known of any file. */
  get isEmpty(): boolean {
    return this.load().size === 0;
  }

  /** True when anything is known of a file. */
  knows(at: string): boolean {
    return this.load().has(this.key(at));
  }

  /** The hash of a file whose facts are `print`, if it was read in that very state. */
  lookup(at: string, print: Fingerprint): string | undefined {
    const entries = this.load();
    if (entries.size === 0) return undefined;
    const entry = entries.get(this.key(at));
    return entry === undefined ? undefined : this.columns.hashOf(entry, print);
  }

  /** Notes a hash; `started` is the time just before the file was read. Observations that are too fresh are not kept. */
  record(at: string, print: Fingerprint, md5: string, started: number): void {
    const entries = this.load();
    const key = this.key(at);
    const known = entries.get(key);
    if (isRacy(print, started)) {
      if (entries.delete(key)) this.dirty = true;
      return;
    }
    const entry = known ?? this.next;
    if (known === undefined) this.next += 1;
    this.columns.set(entry, print, md5);
    entries.set(key, entry);
    this.dirty = true;
  }

  /** Forgets a file. */
  forget(at: string): void {
    if (this.load().delete(this.key(at))) this.dirty = true;
  }

  /** Writes the index when it changed, together with what another process wrote meanwhile. Failing to write is no failure. */
  save(): void {
    if (!this.dirty || !this.entries) return;
    if (stampOf(this.file) !== this.stamp) this.merge(this.entries);
    this.prune(this.entries);
    if (!writeIndexFile(this.file, render(this.base, this.entries, this.columns))) return;
    this.stamp = stampOf(this.file);
    this.dirty = false;
  }

  private key(at: string): string {
    return at.startsWith(`${this.base}/`) ? at.slice(this.base.length + 1) : at;
  }

  private load(): Map<string, number> {
    if (this.entries) return this.entries;
    this.stamp = stampOf(this.file);
    const stored = read(this.file, this.base);
    if (stored) this.columns = stored.columns;
    this.next = stored?.paths.length ?? 0;
    const entries = new Map<string, number>();
    stored?.paths.forEach((at, n) => entries.set(at, n));
    return (this.entries = entries);
  }

  private merge(entries: Map<string, number>): void {
    const theirs = read(this.file, this.base);
    theirs?.paths.forEach((key, n) => {
      const known = entries.get(key);
      if (known !== undefined && this.columns.touched(known)) return;
      const entry = known ?? this.next;
      if (entry === this.next) this.next += 1;
      this.columns.take(theirs.columns, n, entry);
      entries.set(key, entry);
    });
  }

  /** Files that are gone are never asked for again: an index that is mostly such entries is cut down. */
  private prune(entries: Map<string, number>): void {
    if (entries.size <= 4 * this.columns.used + 50_000) return;
    for (const [key, entry] of entries) if (!this.columns.touched(entry)) entries.delete(key);
  }
}

function stampOf(file: string): string {
  try {
    const stat = fs.statSync(file);
    return `${stat.ino}:${stat.size}:${stat.mtimeMs}`;
  } catch {
    return '';
  }
}

function render(base: string, entries: ReadonlyMap<string, number>, columns: Columns): Uint8Array[] {
  const packed = new Columns(new Float64Array(entries.size * NUMBERS), Buffer.alloc(entries.size * DIGITS));
  let n = 0;
  for (const entry of entries.values()) {
    packed.take(columns, entry, n);
    n += 1;
  }
  const head = Buffer.from(`${[FORMAT, base, entries.size].join('\0')}\n`);
  return [head, new Uint8Array(packed.numbers.buffer), packed.hashes, Buffer.from([...entries.keys()].join('\0'))];
}

/** Undefined when there is no such file, or it is not whole, or of another base. */
function read(
  file: string,
  base: string,
): { readonly paths: readonly string[]; readonly columns: Columns } | undefined {
  const body = readIndexFile(file);
  if (!body) return undefined;
  const start = `${FORMAT}\0${base}\0`;
  const after = Buffer.byteLength(start);
  if (!body.subarray(0, after).equals(Buffer.from(start))) return undefined;
  const line = body.indexOf('\n', after);
  const count = Number(body.toString('latin1', after, line));
  const hashes = line + 1 + count * NUMBERS * Float64Array.BYTES_PER_ELEMENT;
  const names = hashes + count * DIGITS;
  const columns = new Columns(floatsAt(body, line + 1, count * NUMBERS), body.subarray(hashes, names));
  return { paths: count === 0 ? [] : body.toString('utf8', names).split('\0'), columns };
}
