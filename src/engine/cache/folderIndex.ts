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
import { pacer } from '../../base/cancel';
import { type DirEntry, type Hash } from './cache';
import { digestOf } from './digest';
import { floatsAt, readIndexFile, writeIndexFile } from './indexFile';
import { type Fingerprint } from './jobs';
import { isRacy } from './stateIndex';

const FORMAT = 'strata-folder-1';
const NUMBERS = 4;
const DIGITS = 32;
/** Names that are looked at between two looks at the clock. */
const STRIDE = 64;
const QUIET = { throwIfNoEntry: false } as const;

/** A folder that is as it was when it was last measured. */
export interface KnownFolder {
  /** Hash of its list, with `.dir`. */
  readonly hash: Hash;
  /** Bytes of its files. */
  readonly size: number;
  readonly nfiles: number;
  /** Its files, sorted as stored. */
  entries(): readonly DirEntry[];
}

/** What is noted of a folder that was just measured. */
export interface MeasuredFolder {
  readonly hash: Hash;
  readonly size: number;
  readonly entries: readonly DirEntry[];
  /** Every folder of the walk below it with what it looked like before it was listed; `''` is the folder itself. */
  readonly folders: readonly { readonly relpath: string; readonly print: Fingerprint }[];
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
}

/** Opens the index whose files lie in `dir`; nothing is read before it is asked for. */
export class FolderIndex {
  constructor(private readonly dir: string) {}

  /**
   * What is known of a folder, if all of it is as it was. `rules` stands for everything else that decides which files count: the ignore rules
   * above it. Stops with `Cancelled`.
   */
  async find(folder: string, rules: string, signal: AbortSignal): Promise<KnownFolder | undefined> {
    const body = readIndexFile(this.fileOf(folder));
    const line = body?.indexOf('\n') ?? -1;
    if (!body || line < 0) return undefined;
    const head = JSON.parse(body.toString('utf8', 0, line)) as Head;
    if (head.format !== FORMAT || head.folder !== folder || head.rules !== rules) return undefined;
    const count = head.folders + head.files;
    const numbers = floatsAt(body, line + 1, count * NUMBERS);
    const hashes = line + 1 + count * NUMBERS * 8;
    const names = body.toString('utf8', hashes + head.files * DIGITS).split('\0');
    const pace = pacer(signal);
    for (let n = 0; n < count; n += 1) {
      const pause = n % STRIDE === 0 ? pace() : undefined;
      if (pause) await pause;
      const name = names[n] ?? '';
      if (!looksLike(name === '' ? folder : `${folder}/${name}`, numbers, n * NUMBERS)) return undefined;
    }
    const entries = (): DirEntry[] =>
      names.slice(head.folders).map((relpath, i) => {
        const at = hashes + i * DIGITS;
        return { relpath, md5: body.toString('latin1', at, at + DIGITS) };
      });
    let made: readonly DirEntry[] | undefined;
    return { hash: head.hash, size: head.size, nfiles: head.files, entries: () => (made ??= entries()) };
  }

  /**
   * Notes a folder. `prints` holds the numbers of its files, {@link NUMBERS} each in the order of the entries. Nothing is noted when one of
   * its folders changed less than 2 s before it was listed: a name that came in the same tick of the clock would not show.
   */
  note(folder: string, rules: string, found: MeasuredFolder, prints: Float64Array): void {
    const { hash, size, entries, folders, started } = found;
    if (folders.some(({ print }) => isRacy(print, started))) return;
    const head: Head = { format: FORMAT, folder, rules, hash, size, folders: folders.length, files: entries.length };
    const above = new Float64Array(folders.length * NUMBERS);
    folders.forEach(({ print }, n) => above.set([print.ino, print.size, print.mtimeMs, print.ctimeMs], n * NUMBERS));
    const names = [...folders, ...entries].map((one) => one.relpath).join('\0');
    writeIndexFile(this.fileOf(folder), [
      Buffer.from(`${JSON.stringify(head)}\n`),
      Buffer.from(above.buffer),
      Buffer.from(prints.buffer),
      Buffer.from(entries.map((entry) => entry.md5).join(''), 'latin1'),
      Buffer.from(names),
    ]);
  }

  /** One of 4,096 places: folders that are no longer tracked leave no more than that behind. */
  private fileOf(folder: string): string {
    return path.join(this.dir, digestOf(Buffer.from(folder)).slice(0, 3));
  }
}

function looksLike(at: string, numbers: Float64Array, from: number): boolean {
  let stat: fs.Stats | undefined;
  try {
    stat = fs.statSync(at, QUIET);
  } catch {
    return false;
  }
  if (stat?.ino !== numbers[from] || stat?.size !== numbers[from + 1]) return false;
  return stat?.mtimeMs === numbers[from + 2] && stat?.ctimeMs === numbers[from + 3];
}
