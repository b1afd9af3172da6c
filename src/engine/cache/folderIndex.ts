/**
 * The folder index: what a tracked folder held when each of its folders and files looked like this. A folder whose entries did not change
 * has the time of its last change, so one `stat` a name tells that a whole tree is as it was, and its list, order and hash need not be made
 * again. Like the state index it spares work and decides nothing: one name that differs, and the folder is walked.
 *
 * On disk, a file a folder: a line of JSON; inode, size, mtime and ctime of each folder and file as 64-bit floats; where stretches of the names
 * begin, likewise; the files' hashes; then the names, folders first, separated by NUL.
 */

import * as fs from 'node:fs';
import * as path from 'node:path';
import { type DirEntry, type Hash, type Prints } from './cache';
import { digestOf } from './digest';
import { floatsAt, readIndexFile, writeIndexFile } from './indexFile';
import { ALONE_NAMES, type HashPool } from './hashPool';
import { type Fingerprint } from './jobs';
import { NUMBERS, packNames, STRETCH, stretchOf, type Names } from './look';
import { isRacy } from './stateIndex';

const FORMAT = 'strata-folder-3';
const DIGITS = 32;
/** A file of the index that speaks of many names is bigger than this, in bytes. */
const MANY_BYTES = ALONE_NAMES * (NUMBERS * 8 + DIGITS + 1);

/**
 * A folder that holds the names that it held when it was last measured. Files that look different now are `changed`; what is known of them is
 * replaced by {@link set}, after which the folder's hash has to be made anew.
 */
export class KnownFolder {
  /** Numbers of the files that look different now. */
  readonly changed: number[] = [];
  /** True when something else than its files looks different. */
  moved = false;

  private all: readonly string[] | undefined;
  private stretch: { readonly at: number; readonly names: readonly string[] } = { at: -1, names: [] };

  constructor(
    private readonly head: Head,
    /** Folders first. */
    readonly packed: Names,
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

  /** Names of its folders and then its files. */
  get names(): readonly string[] {
    return (this.all ??= Array.from({ length: Math.ceil(this.packed.count / STRETCH) }, (_, n) =>
      stretchOf(this.packed, n),
    ).flat());
  }

  /** Name number `n` of {@link names}. */
  nameOf(n: number): string {
    const at = Math.floor(n / STRETCH);
    if (this.stretch.at !== at) this.stretch = { at, names: stretchOf(this.packed, at) };
    return this.stretch.names[n % STRETCH] ?? '';
  }

  /** Absolute path of a file. */
  pathOf(n: number): string {
    return `${this.head.folder}/${this.nameOf(this.head.folders + n)}`;
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
    putPrint(this.numbers, this.head.folders + n, print, started);
  }

  /** What the file of the index says of it under its new hash. */
  rewritten(hash: Hash): readonly [Head, KnownFolder] {
    return [{ ...this.head, hash, size: this.size }, this];
  }
}

/** Room for the facts of so many files. */
export function newPrints(files: number): Prints {
  return new Float64Array(files * NUMBERS).fill(Number.NaN);
}

/** Facts of name number `n`; what is too fresh to be trusted is kept in a form that nothing looks like. The size stays, for the sum. */
export function putPrint(numbers: Prints, n: number, print: Fingerprint, started: number): void {
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
    private readonly pool: Pick<HashPool, 'look' | 'expectLook'>,
  ) {}

  /**
   * What is known of a folder, if it holds the names that it held. `rules` stands for everything else that decides which files count: the
   * ignore rules above it. Stops with `Cancelled`.
   */
  async find(folder: string, rules: string, signal: AbortSignal): Promise<KnownFolder | undefined> {
    const known = this.read(folder, rules);
    if (!known) return undefined;
    const { packed, numbers } = known;
    const folders = packed.count - known.nfiles;
    for (const { n, print } of await this.pool.look({ folder, names: packed, numbers }, signal)) {
      const name = n < folders ? known.nameOf(n) : '';
      if (!print) return undefined;
      if (n >= folders) known.changed.push(n - folders);
      else if (!holdsSame(name === '' ? folder : `${folder}/${name}`, name, known)) return undefined;
      else {
        putPrint(numbers, n, print, this.now());
        known.moved = true;
      }
    }
    return known;
  }

  private read(folder: string, rules: string): KnownFolder | undefined {
    const file = this.fileOf(folder);
    if (sizeOf(file) > MANY_BYTES) this.pool.expectLook();
    const body = readIndexFile(file);
    const line = body?.indexOf('\n') ?? -1;
    if (!body || line < 0) return undefined;
    const head = JSON.parse(body.toString('utf8', 0, line)) as Head;
    if (head.format !== FORMAT || head.folder !== folder || head.rules !== rules) return undefined;
    const count = head.folders + head.files;
    const stretches = line + 1 + count * NUMBERS * 8;
    const hashes = stretches + (Math.ceil(count / STRETCH) + 1) * 8;
    const bytes = hashes + head.files * DIGITS;
    const starts = floatsAt(body, stretches, (hashes - stretches) / 8);
    const packed = { bytes: body.subarray(bytes), starts, count };
    return new KnownFolder(head, packed, floatsAt(body, line + 1, count * NUMBERS), body.subarray(hashes, bytes));
  }

  /** Notes a folder. `prints` holds the numbers of its files, {@link NUMBERS} each in the order of the entries. */
  note(folder: string, rules: string, found: MeasuredFolder, prints: Prints): void {
    const { hash, size, entries, folders, links, started } = found;
    const counts = { folders: folders.length, files: entries.length };
    const head: Head = { format: FORMAT, folder, rules, hash, size, ...counts, links };
    const above = new Float64Array(folders.length * NUMBERS);
    folders.forEach(({ print }, n) => putPrint(above, n, print, started));
    const packed = packNames([...folders, ...entries].map((one) => one.relpath));
    const hashes = Buffer.from(entries.map((entry) => entry.md5).join(''), 'latin1');
    this.write(head, [bytesOf(above), bytesOf(prints), bytesOf(packed.starts), hashes, packed.bytes]);
  }

  /** Notes a known folder whose changed files were {@link KnownFolder.set}. */
  noteKnown(known: KnownFolder, hash: Hash): void {
    const [head, { numbers, hashes, packed }] = known.rewritten(hash);
    this.write(head, [bytesOf(numbers), bytesOf(packed.starts), hashes, packed.bytes]);
  }

  private write(head: Head, parts: readonly Uint8Array[]): void {
    writeIndexFile(this.fileOf(head.folder), [Buffer.from(`${JSON.stringify(head)}\n`), ...parts]);
  }

  /** One of 4,096 places: folders that are no longer tracked leave no more than that behind. */
  private fileOf(folder: string): string {
    return path.join(this.dir, digestOf(Buffer.from(folder)).slice(0, 3));
  }
}

function bytesOf({ buffer, byteOffset, byteLength }: Float64Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

function sizeOf(file: string): number {
  return fs.statSync(file, { throwIfNoEntry: false })?.size ?? 0;
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
