/**
 * The folder index: what a tracked folder held when each of its folders and files looked like this. A folder whose entries did not change
 * has the time of its last change, so one `stat` a name tells that a whole tree is as it was, and its list, order and hash need not be made
 * again. Like the state index it spares work and decides nothing: one name that differs, and the folder is walked.
 *
 * On disk, a file a folder: a line of JSON; inode, size, mtime and ctime of each folder and file as 64-bit floats; the files' hashes; then the
 * names, folders first, separated by NUL.
 */

import * as fs from 'node:fs';
import * as path from 'node:path';
import { type DirEntry, type Hash } from './cache';
import { digestOf } from './digest';
import { floatsAt, readIndexFile, writeIndexFile } from './indexFile';
import { type HashPool } from './hashPool';
import { type Fingerprint } from './jobs';
import { NUMBERS } from './look';
import { isRacy } from './stateIndex';

const FORMAT = 'strata-folder-2';
const DIGITS = 32;

/**
 * A folder that holds the names that it held when it was last measured. Files that look different now are `changed`; what is known of them is
 * replaced by {@link set}, after which the folder's hash has to be made anew.
 */
export class KnownFolder {
  /** Numbers of the files that look different now. */
  readonly changed: number[] = [];
  /** True when something else than its files looks different. */
  moved = false;

  constructor(
    private readonly head: Head,
    /** Folders first. */
    readonly names: readonly string[],
    /** {@link NUMBERS} a name. */
    readonly numbers: Float64Array,
    /** {@link DIGITS} a file, in Latin 1. */
    readonly hashes: Buffer,
  ) {}

  /** Hash of its list as it was, with `.dir`. */
  get hash(): Hash {
    return this.head.hash;
  }

  get nfiles(): number {
    return this.head.files;
  }

  /** Bytes of its files. */
  get size(): number {
    if (this.changed.length === 0) return this.head.size;
    let sum = 0;
    for (let n = 0; n < this.nfiles; n += 1) sum += this.numbers[(this.head.folders + n) * NUMBERS + 1] ?? 0;
    return sum;
  }

  /** True when a file is a link: it counts as what it leads to. */
  get links(): boolean {
    return this.head.links;
  }

  /** Absolute path of a file. */
  pathOf(n: number): string {
    return `${this.head.folder}/${this.names[this.head.folders + n]}`;
  }

  md5Of(n: number): Hash {
    return this.hashes.toString('latin1', n * DIGITS, (n + 1) * DIGITS);
  }

  /** Its files, sorted as stored. */
  entries(): DirEntry[] {
    return this.names.slice(this.head.folders).map((relpath, n) => ({ relpath, md5: this.md5Of(n) }));
  }

  /** Takes what a file was found to be; facts that are too fresh to be trusted are not kept. */
  set(n: number, md5: Hash, print: Fingerprint, started: number): void {
    this.hashes.write(md5, n * DIGITS, DIGITS, 'latin1');
    put(this.numbers, this.head.folders + n, print, started);
  }

  /** What the file of the index says of it under its new hash. */
  rewritten(hash: Hash): readonly [Head, KnownFolder] {
    return [{ ...this.head, hash, size: this.size }, this];
  }
}

/** Facts of a name; what is too fresh to be trusted is kept in a form that nothing looks like. The size stays, for the sum. */
function put(numbers: Float64Array, n: number, print: Fingerprint, started: number): void {
  numbers.set([isRacy(print, started) ? Number.NaN : print.ino, print.size, print.mtimeMs, print.ctimeMs], n * NUMBERS);
}

/** What is noted of a folder that was just measured. */
export interface MeasuredFolder {
  readonly hash: Hash;
  readonly size: number;
  readonly entries: readonly DirEntry[];
  /** Every folder of the walk below it with what it looked like before it was listed; `''` is the folder itself. */
  readonly folders: readonly { readonly relpath: string; readonly print: Fingerprint }[];
  /** True when a file is a link. */
  readonly links: boolean;
  /** When the walk began, in milliseconds since 1970. */
  readonly started: number;
}

interface Head {
  readonly format: string;
  readonly folder: string;
  readonly rules: string;
  readonly hash: Hash;
  readonly size: number;
  readonly folders: number;
  readonly files: number;
  readonly links: boolean;
}

/** Opens the index whose files lie in `dir`; nothing is read before it is asked for. */
export class FolderIndex {
  /** @param now milliseconds since 1970 */
  constructor(
    private readonly dir: string,
    private readonly now: () => number,
    private readonly pool: Pick<HashPool, 'look'>,
  ) {}

  /**
   * What is known of a folder, if it holds the names that it held. `rules` stands for everything else that decides which files count: the
   * ignore rules above it. Stops with `Cancelled`.
   */
  async find(folder: string, rules: string, signal: AbortSignal): Promise<KnownFolder | undefined> {
    const read = this.read(folder, rules);
    if (!read) return undefined;
    const [known, bytes] = read;
    const { names, numbers } = known;
    const folders = names.length - known.nfiles;
    for (const { n, print } of await this.pool.look({ folder, names: bytes, numbers }, names, signal)) {
      const name = names[n] ?? '';
      if (!print) return undefined;
      if (n >= folders) known.changed.push(n - folders);
      else if (!holdsSame(name === '' ? folder : `${folder}/${name}`, name, known)) return undefined;
      else {
        put(numbers, n, print, this.now());
        known.moved = true;
      }
    }
    return known;
  }

  /** What was noted, and its names as they lie in the file. */
  private read(folder: string, rules: string): readonly [KnownFolder, Uint8Array] | undefined {
    const body = readIndexFile(this.fileOf(folder));
    const line = body?.indexOf('\n') ?? -1;
    if (!body || line < 0) return undefined;
    const head = JSON.parse(body.toString('utf8', 0, line)) as Head;
    if (head.format !== FORMAT || head.folder !== folder || head.rules !== rules) return undefined;
    const count = head.folders + head.files;
    const hashes = line + 1 + count * NUMBERS * 8;
    const paths = hashes + head.files * DIGITS;
    const names = body.toString('utf8', paths).split('\0');
    const numbers = floatsAt(body, line + 1, count * NUMBERS);
    return [new KnownFolder(head, names, numbers, body.subarray(hashes, paths)), body.subarray(paths)];
  }

  /** Notes a folder. `prints` holds the numbers of its files, {@link NUMBERS} each in the order of the entries. */
  note(folder: string, rules: string, found: MeasuredFolder, prints: Float64Array): void {
    const { hash, size, entries, folders, links, started } = found;
    const counts = { folders: folders.length, files: entries.length };
    const head: Head = { format: FORMAT, folder, rules, hash, size, ...counts, links };
    const above = new Float64Array(folders.length * NUMBERS);
    folders.forEach(({ print }, n) => put(above, n, print, started));
    this.write(head, [
      new Uint8Array(above.buffer),
      new Uint8Array(prints.buffer),
      Buffer.from(entries.map((entry) => entry.md5).join(''), 'latin1'),
      Buffer.from([...folders, ...entries].map((one) => one.relpath).join('\0')),
    ]);
  }

  /** Notes a known folder whose changed files were {@link KnownFolder.set}. */
  noteKnown(known: KnownFolder, hash: Hash): void {
    const [head, { numbers, hashes, names }] = known.rewritten(hash);
    this.write(head, [
      new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength),
      hashes,
      Buffer.from(names.join('\0')),
    ]);
  }

  private write(head: Head, parts: readonly Uint8Array[]): void {
    writeIndexFile(this.fileOf(head.folder), [Buffer.from(`${JSON.stringify(head)}\n`), ...parts]);
  }

  /** One of 4,096 places: folders that are no longer tracked leave no more than that behind. */
  private fileOf(folder: string): string {
    return path.join(this.dir, digestOf(Buffer.from(folder)).slice(0, 3));
  }
}

/** A folder whose time changed may hold the same names: an editor saved a file by renaming another one to it. Links are not looked into. */
function holdsSame(at: string, name: string, known: KnownFolder): boolean {
  const start = name === '' ? '' : `${name}/`;
  const files = new Set<string>();
  const folders = new Set<string>();
  const count = known.names.length - known.nfiles;
  known.names.forEach((one, n) => {
    if (one === '' || !one.startsWith(start) || one.includes('/', start.length)) return;
    (n < count ? folders : files).add(one.slice(start.length));
  });
  let found: fs.Dirent[];
  try {
    found = fs.readdirSync(at, { withFileTypes: true });
  } catch {
    return false;
  }
  if (found.length !== files.size + folders.size) return false;
  return found.every((one) => (one.isDirectory() ? folders : one.isFile() ? files : NONE).has(one.name));
}

const NONE: ReadonlySet<string> = new Set();
