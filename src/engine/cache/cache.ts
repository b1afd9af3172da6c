/**
 * The object store: contents by hash, in DVC's layout (`files/md5/xx/rest`, 2.x objects at `xx/rest`). The door of this folder.
 * The store writes atomically, verifies what it is given, and never trusts mode 0444 (formats of DVC 3.x, §4).
 */

import { type Call } from '../../base/cancel';

/** A hash as DVC writes it: 32 hexadecimal digits, with `.dir` for a folder. */
export type Hash = string;

/** Which naming a hash belongs to. */
export type HashName = 'md5' | 'md5-dos2unix';

/** A file inside a tracked folder. */
export interface DirEntry {
  readonly relpath: string;
  readonly md5: Hash;
}

/** A file to take into the store, or to look at. */
export interface FileToHash {
  /** Absolute path. */
  readonly path: string;
}

/** What is known of a hashed file; `undefined` hash when the file is not there. */
export interface Hashed {
  readonly path: string;
  readonly md5: Hash;
  readonly size: number;
  readonly mode: number;
}

/** How workspace files come out of the store. */
export type LinkType = 'reflink' | 'hardlink' | 'symlink' | 'copy';

/** A file to put into the workspace. */
export interface FileToRestore {
  readonly hash: Hash;
  readonly hashName: HashName;
  /** Absolute path. */
  readonly path: string;
  readonly executable?: boolean;
}

/** The store of one project. */
export interface ObjectStore {
  /** Absolute path of the cache folder (`.dvc/cache` unless configured). */
  readonly dir: string;
  /** Where an object lies, whether or not it is there. */
  pathOf(hash: Hash, hashName?: HashName): string;
  /** True when an object of that name is there (its bytes unseen). */
  has(hash: Hash, hashName?: HashName): boolean;
  /** Size of an object in bytes; undefined when it is absent. */
  size(hash: Hash, hashName?: HashName): number | undefined;
  /** Hashes files (MD5, 3.x) on worker threads, trusting the state index where it vouches for them. Order is kept. */
  hashFiles(files: readonly FileToHash[], call: Call): Promise<Hashed[]>;
  /** Hashes and stores files. After it resolves the objects are on disk, synced. */
  addFiles(files: readonly FileToHash[], call: Call): Promise<Hashed[]>;
  /** Stores bytes that are already in memory (`.dir` objects). `suffix` is `.dir` for folders. */
  addBytes(bytes: Uint8Array, suffix?: '.dir'): Promise<Hash>;
  /** Verified bytes of an object. Fails with `cache.missing` or `cache.corrupt`. */
  read(hash: Hash, hashName?: HashName): Promise<Uint8Array>;
  /** Entries of a `.dir` object, verified and guarded; sorted as stored. */
  readDir(hash: Hash, hashName?: HashName): Promise<DirEntry[]>;
  /** Puts files into the workspace, each replaced in one step, each verified. What failed is in the answer, the rest is done. */
  restoreFiles(
    files: readonly FileToRestore[],
    call: Call,
  ): Promise<{ readonly path: string; readonly error: unknown }[]>;
  /** Is the object's content that of its name? A wrong one goes to quarantine. */
  verify(hash: Hash, hashName?: HashName): Promise<'good' | 'missing' | 'corrupt'>;
  /** Saves the state index. */
  close(): Promise<void>;
}
