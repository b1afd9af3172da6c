/**
 * The state index: which hash a file had when its inode, size, mtime and ctime were these. It spares reading, decides nothing
 * else; deleting it loses nothing. An entry is kept only when the file's mtime lay more than 2 s before its reading began: a later
 * edit in the same tick of the clock would look the same (the racy-clean rule).
 *
 * On disk: a first field with the MD5 of the rest, then fields separated by NUL, which no path contains.
 */

import * as fs from 'node:fs';
import * as path from 'node:path';
import { digestOf } from './digest';
import { type Fingerprint } from './jobs';

/** How long after a file's mtime an observation of it may be trusted, in milliseconds. */
export const RACY_MS = 2000;

interface Entry extends Fingerprint {
  readonly md5: string;
}

const FORMAT = 'strata-index-1';
const FIELDS = 6;

/** Hashes of files by path. Paths are written relative to `base`; an index of another base is not used. */
export class StateIndex {
  private entries: Map<string, Entry> | undefined;
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
    if (!entry || entry.ino !== print.ino || entry.size !== print.size) return undefined;
    if (entry.mtimeMs !== print.mtimeMs || entry.ctimeMs !== print.ctimeMs) return undefined;
    this.touched.add(key);
    return entry.md5;
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
    try {
      fs.mkdirSync(path.dirname(this.file), { recursive: true });
      writeQuietly(this.file, render(this.base, this.entries));
      this.stamp = stampOf(this.file);
      this.dirty = false;
    } catch {
      // A full disk or a read-only folder costs time at the next start, nothing else.
    }
  }

  private key(at: string): string {
    return at.startsWith(`${this.base}/`) ? at.slice(this.base.length + 1) : at;
  }

  private load(): Map<string, Entry> {
    if (this.entries) return this.entries;
    this.stamp = stampOf(this.file);
    this.entries = read(this.file, this.base);
    return this.entries;
  }

  private merge(): void {
    for (const [key, entry] of read(this.file, this.base)) if (!this.touched.has(key)) this.entries?.set(key, entry);
  }

  /** Files that are gone are never asked for again: an index that is mostly such entries is cut down. */
  private prune(): void {
    if (!this.entries || this.entries.size <= 4 * this.touched.size + 50_000) return;
    for (const key of this.entries.keys()) if (!this.touched.has(key)) this.entries.delete(key);
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

function render(base: string, entries: ReadonlyMap<string, Entry>): Buffer {
  const parts = [FORMAT, base];
  for (const [key, e] of entries) parts.push(key, `${e.ino}`, `${e.size}`, `${e.mtimeMs}`, `${e.ctimeMs}`, e.md5);
  const body = Buffer.from(parts.join('\0'), 'utf8');
  return Buffer.concat([Buffer.from(`${digestOf(body)}\0`), body]);
}

function read(file: string, base: string): Map<string, Entry> {
  const entries = new Map<string, Entry>();
  let bytes: Buffer;
  try {
    bytes = fs.readFileSync(file);
  } catch {
    return entries;
  }
  const body = bytes.subarray(33);
  if (bytes.length < 33 || digestOf(body) !== bytes.toString('latin1', 0, 32)) return entries;
  const parts = body.toString('utf8').split('\0');
  if (parts[0] !== FORMAT || parts[1] !== base) return entries;
  for (let i = 2; i + FIELDS <= parts.length; i += FIELDS) {
    const [key = '', ino, size, mtime, ctime, md5 = ''] = parts.slice(i, i + FIELDS);
    entries.set(key, { ino: Number(ino), size: Number(size), mtimeMs: Number(mtime), ctimeMs: Number(ctime), md5 });
  }
  return entries;
}

/** Atomic, not synced: the checksum finds what a power cut leaves. */
function writeQuietly(file: string, bytes: Uint8Array): void {
  const temporary = path.join(path.dirname(file), `.${process.pid.toString(36)}${Date.now().toString(36)}.tmp`);
  try {
    fs.writeFileSync(temporary, bytes, { flag: 'wx' });
    fs.renameSync(temporary, file);
  } catch (error) {
    fs.rmSync(temporary, { force: true });
    throw error;
  }
}
