/**
 * What the engine asks of a machine. The world comes in as this one argument: Node's (`node.ts`), one in memory for tests
 * (`memory.ts`), faulty ones in tests, later a browser's. Every path here is absolute and native.
 *
 * The engine always lives in a thread of its own (worker, command line, supervisor of a run), so Node's host answers from
 * synchronous calls: a promise here costs a microtask, not a trip through the thread pool. Loops over user data pace themselves
 * with `pacer` of `base/cancel`.
 */

/** What kind of thing a name stands for; `other` are sockets, devices and pipes. */
export type FileKind = 'file' | 'folder' | 'link' | 'other';

/** Facts about a file; times in milliseconds since 1970 (fractions kept), size in bytes, mode as POSIX bits. */
export interface FileStat {
  readonly kind: FileKind;
  readonly size: number;
  readonly mtimeMs: number;
  readonly ctimeMs: number;
  readonly mode: number;
  readonly ino: number;
  readonly dev: number;
  readonly nlink: number;
}

/** A name in a folder. */
export interface FileEntry {
  readonly name: string;
  readonly kind: FileKind;
}

/** How {@link HostFs.writeAtomic} writes. */
export interface WriteOptions {
  /** Permission bits, 0o666 & ~umask unless given; an existing file keeps its own. */
  readonly mode?: number;
  /** False leaves out fsync of file and folder: only for state that may be lost. */
  readonly durable?: boolean;
}

/** File system calls. All throw StrataErrors (`fs.notFound`, `fs.denied`, `fs.full` …) that name the path. */
export interface HostFs {
  /** Follows links; undefined when nothing is there. */
  stat(path: string): Promise<FileStat | undefined>;
  /** Does not follow links; undefined when nothing is there. */
  lstat(path: string): Promise<FileStat | undefined>;
  readFile(path: string): Promise<Uint8Array>;
  /** The text of a UTF-8 file, or undefined when nothing is there. */
  readText(path: string): Promise<string | undefined>;
  /** Up to `length` bytes from `offset`; shorter at the end of the file. */
  readRange(path: string, offset: number, length: number): Promise<Uint8Array>;
  /** Entries in no particular order; undefined when the folder is absent. */
  readdir(path: string): Promise<FileEntry[] | undefined>;
  /** Old or new, never half: temporary in the same folder, fsync, rename, fsync of the folder. Makes missing parents. */
  writeAtomic(path: string, content: Uint8Array | string, options?: WriteOptions): Promise<void>;
  /** Appends without replacing; for logs. */
  append(path: string, content: Uint8Array | string): Promise<void>;
  /** Makes the folder and its parents; one that exists is fine. */
  mkdir(path: string): Promise<void>;
  /** Renames a file or folder within one file system; the new name is on disk when it resolves. */
  rename(from: string, to: string): Promise<void>;
  /** Removes a file or link; one that is absent is fine. */
  unlink(path: string): Promise<void>;
  /** Removes a file or a whole folder without following links; one that is absent is fine. */
  remove(path: string): Promise<void>;
  /** Puts the names in a folder on disk: after deletions that must not come back. */
  syncFolder(path: string): Promise<void>;
  chmod(path: string, mode: number): Promise<void>;
  readlink(path: string): Promise<string>;
  realpath(path: string): Promise<string>;
}

/** The machine. */
export interface Host {
  readonly fs: HostFs;
  readonly platform: 'linux' | 'darwin' | 'win32';
  readonly env: Readonly<Record<string, string | undefined>>;
  /** How many processors may be used. */
  readonly cpus: number;
  /** Milliseconds since 1970. */
  now(): number;
  /** `bytes` random bytes as hexadecimal digits. */
  randomHex(bytes: number): string;
}
