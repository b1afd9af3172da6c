/**
 * The object store: contents by hash, in DVC's layout (`files/md5/xx/rest`, 2.x objects at `xx/rest`). The door of this folder.
 * The store writes atomically, verifies what it is given, and never trusts mode 0444 (formats of DVC 3.x, §4).
 */

import { type Call } from '../../base/cancel';
import { type KnownFolder, type MeasuredFolder } from './folderIndex';

/** A hash as DVC writes it: 32 hexadecimal digits, with `.dir` for a folder. */
export type Hash = string;

/** Which naming a hash belongs to. */
export type HashName = 'md5' | 'md5-dos2unix';

/** A file inside a tracked folder. */
export interface DirEntry {
  readonly relpath: string;
  readonly md5: Hash;
}

/** A download that waits to be taken in under its expected name. */
export interface Download {
  readonly hash: Hash;
  readonly hashName: HashName;
  /** A name that {@link ObjectStore.temporary} gave. */
  readonly temporary: string;
}

/** What became of a download; a wrong one is removed. */
export type Adopted =
  | { readonly state: 'taken'; readonly size: number }
  | { readonly state: 'corrupt' }
  | { readonly state: 'failed'; readonly error: unknown };

/** An object and the absolute path, outside the store, that it lies at or shall. */
export interface Elsewhere {
  readonly hash: Hash;
  readonly hashName: HashName;
  readonly path: string;
}

/** What became of a copy. `corrupt`: the bytes are not those of the name. */
export type Copied =
  | { readonly state: 'copied'; readonly size: number }
  | { readonly state: 'missing' | 'corrupt' }
  | { readonly state: 'failed'; readonly error: unknown };

/** How copies are made and told of. */
export interface Copying {
  readonly call: Call;
  /** Text key of the progress. */
  readonly phase: string;
  /** Told of each, by its number, once it is in place or was given up. */
  done(n: number, copied: Copied): void;
}

/** Absolute paths by number: an array, or something that makes each path when it is asked for. */
export interface Paths {
  readonly length: number;
  at(n: number): string | undefined;
}

/** What files looked like, in the order of the files; made by `newPrints` of `folderIndex.ts`. */
export type Prints = Float64Array;

/** What is known of a hashed file. */
export interface Hashed {
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
  /** As a file of its own, whatever links are configured. */
  readonly own?: boolean;
}

/** The store of one project. */
export interface ObjectStore {
  /** Absolute path of the cache folder (`.dvc/cache` unless configured). */
  readonly dir: string;
  /** Where an object lies, whether or not it is there. */
  pathOf(hash: Hash, hashName?: HashName): string;
  /** True when an object of that name is there (its bytes unseen). */
  has(hash: Hash, hashName?: HashName): boolean;
  /** Those of many objects that are not there (bytes unseen). Folders that hold many of them are listed instead of asked file by file. */
  missing(hashes: Iterable<Hash>, hashName?: HashName): Set<Hash>;
  /**
   * True when a `.dir` object is there and whole, and every object that it lists is there (bytes unseen). `entries` spares reading the list when
   * the caller knows what a list of that hash says.
   */
  holdsFolder(hash: Hash, hashName?: HashName, entries?: () => readonly DirEntry[]): Promise<boolean>;
  /** Size of an object in bytes; undefined when it is absent. */
  size(hash: Hash, hashName?: HashName): number | undefined;
  /**
   * Hashes files (MD5, 3.x) on worker threads, trusting the state index where it vouches for them. Order is kept. Fails with
   * `fs.notFound` when one is gone, with `cache.fileChanging` when one does not hold still. `prints` gets what each looked like, for
   * {@link noteFolder}.
   */
  hashFiles(files: Paths, call: Call, prints?: Prints): Promise<Hashed[]>;
  /** What a workspace folder (absolute) was measured to be, when it holds the same names still; `rules` as it was noted with. */
  knownFolder(folder: string, rules: string, call: Call): Promise<KnownFolder | undefined>;
  /** Hashes the changed files of a known folder. */
  hashChanged(known: KnownFolder, call: Call): Promise<void>;
  /** Stores the changed files of a known folder, and those others whose objects are gone. */
  addChanged(known: KnownFolder, call: Call): Promise<void>;
  /** Notes what a known folder has become. */
  noteKnown(known: KnownFolder, hash: Hash): void;
  /** Notes a folder whose files {@link hashFiles} just hashed. */
  noteFolder(folder: string, rules: string, found: MeasuredFolder, prints: Prints): void;
  /** Hashes and stores files. After it resolves the objects are on disk, synced. */
  addFiles(files: Paths, call: Call): Promise<Hashed[]>;
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
  /**
   * Does something in a workspace folder (absolute), by a path that leads to this very folder whatever its name comes to lead to meanwhile, where
   * the system has such paths. Does nothing when there is no such folder. Fails with `fs.outside` when it really lies outside the project, or in
   * a `.git` or `.dvc`.
   */
  inFolder(folder: string, act: (at: string) => Promise<void>): Promise<void>;
  /** Makes workspace files (absolute) that are links to objects, or read-only, their user's own. Gives how many were changed. */
  ownFiles(paths: readonly string[], call: Call): Promise<number>;
  /** Is the object's content that of its name? A wrong one goes to quarantine. */
  verify(hash: Hash, hashName?: HashName): Promise<'good' | 'missing' | 'corrupt'>;
  /** A new name in the store's file system for a download. */
  temporary(): string;
  /** Verified bytes of a small temporary (a `.dir` object). Fails with `cache.corrupt`. */
  checkTemporary(temporary: string, hash: Hash, hashName: HashName): Promise<Uint8Array>;
  /** Hashes downloads and puts those that match under their names, synced. Answers are in the order of the files. */
  adoptFiles(files: readonly Download[], call: Call): Promise<Adopted[]>;
  /**
   * Hashes temporaries whose content nobody named before and puts each under its own hash, synced. Answers are in the order given, `path` is
   * the temporary's, which is gone. When it fails, {@link discard} clears what is left.
   */
  takeFiles(temporaries: readonly string[], call: Call): Promise<Hashed[]>;
  /** Copies objects to other folders of this machine, each verified and put into place in one step, synced. A corrupt one goes to quarantine. */
  copyOut(objects: readonly Elsewhere[], how: Copying): Promise<void>;
  /** Copies objects from other folders of this machine into the store, verified, synced. A corrupt one is left where it lies. */
  copyIn(objects: readonly Elsewhere[], how: Copying): Promise<void>;
  /** Removes temporaries that will not be taken in; absent ones are fine. */
  discard(temporaries: readonly string[]): Promise<void>;
  /** Saves the state index and ends the worker threads. */
  close(): Promise<void>;
}
