/**
 * The machine as Node shows it. Calls are synchronous behind promises (see `host.ts`): they take microseconds, and a trip through
 * the thread pool would cost more than the call. Writing is durable: temporary in the same folder, fsync, rename, fsync of the folder.
 */

import { randomBytes } from 'node:crypto';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { errno, fsError, is, StrataError } from '../errors';
import { type FileEntry, type FileKind, type FileStat, type Host, type HostFs, type WriteOptions } from './host';

/** Opens the machine this process runs on. */
export function nodeHost(): Host {
  return {
    fs: nodeFs,
    platform: process.platform === 'win32' || process.platform === 'darwin' ? process.platform : 'linux',
    env: process.env,
    cpus: typeof os.availableParallelism === 'function' ? os.availableParallelism() : Math.max(1, os.cpus().length),
    now: () => Date.now(),
    randomHex: (bytes) => randomBytes(bytes).toString('hex'),
  };
}

/** Runs a synchronous call as a promise; what it throws becomes a StrataError that names the path. `size`: bytes that it would write. */
async function call<T>(at: string, act: () => T, size = 0): Promise<T> {
  try {
    return act();
  } catch (error) {
    throw withRoom(fsError(error, at), at, () => [size]);
  }
}

/**
 * Adds to `fs.full` what is needed and what is free now in the file system of `at` (absolute; need not exist); other errors pass unchanged.
 * `sizes`: of all files that the work would write there, in bytes. Where both bytes and names suffice, as under a quota, nothing is added.
 */
export function withRoom(error: unknown, at: string, sizes: () => readonly number[]): unknown {
  if (!is(error, 'fs.full')) return error;
  const place = nearest(at);
  let room: fs.StatsFs;
  try {
    room = fs.statfsSync(place);
  } catch {
    return error;
  }
  const list = sizes();
  const block = Math.max(1, room.bsize);
  const facts = {
    ...{ path: error.data['path'], place, free: room.bavail * block, names: room.ffree, files: list.length },
    need: list.reduce((sum, size) => sum + Math.max(1, Math.ceil(size / block)) * block, 0),
  };
  if (facts.need > facts.free) return new StrataError('fs.fullBytes', facts, { cause: error });
  // A new file may need a folder of its own; a file system that counts no names tells none at all.
  const short = room.files > 0 && facts.names < 2 * facts.files;
  return short ? new StrataError('fs.fullNames', facts, { cause: error }) : error;
}

/** The folder of a path that there is. */
function nearest(at: string): string {
  for (let folder = at; ; folder = path.dirname(folder)) {
    const isFolder = fs.statSync(folder, { throwIfNoEntry: false })?.isDirectory() === true;
    if (isFolder || folder === path.dirname(folder)) return folder;
  }
}

/** As `call`; a name that leads nowhere gives undefined. */
function callOr<T>(at: string, act: () => T): Promise<T | undefined> {
  return call(at, () => orAbsent(act));
}

function orAbsent<T>(act: () => T): T | undefined {
  try {
    return act();
  } catch (error) {
    if (isAbsent(error)) return undefined;
    throw error;
  }
}

function isAbsent(error: unknown): boolean {
  const code = errno(error);
  return code === 'ENOENT' || code === 'ENOTDIR';
}

const nodeFs: HostFs = {
  stat: (at) => callOr(at, () => toStat(fs.statSync(at, { throwIfNoEntry: false }))),
  lstat: (at) => callOr(at, () => toStat(fs.lstatSync(at, { throwIfNoEntry: false }))),
  readFile: (at) => call(at, () => fs.readFileSync(at)),
  readText: (at) => callOr(at, () => fs.readFileSync(at, 'utf8')),
  readRange: (at, offset, length) => call(at, () => readRange(at, offset, length)),
  readdir: (at) => callOr(at, () => fs.readdirSync(at, { withFileTypes: true }).map(toEntry)),
  writeAtomic: (at, content, options) => call(at, () => writeAtomicSync(at, content, options), content.length),
  append: (at, content) => call(at, () => fs.appendFileSync(at, content), content.length),
  mkdir: (at) => call(at, () => void mkdirs(at)),
  rename: (from, to) => call(from, () => renameDurably(from, to)),
  unlink: (at) => callOr(at, () => fs.unlinkSync(at)),
  remove: (at) => call(at, () => fs.rmSync(at, { recursive: true, force: true })),
  syncFolder: (at) => call(at, () => syncFolder(at)),
  chmod: (at, mode) => call(at, () => fs.chmodSync(at, mode)),
  readlink: (at) => call(at, () => fs.readlinkSync(at)),
  realpath: (at) => call(at, () => fs.realpathSync.native(at)),
};

function kindOf(entry: fs.Stats | fs.Dirent): FileKind {
  if (entry.isFile()) return 'file';
  if (entry.isDirectory()) return 'folder';
  return entry.isSymbolicLink() ? 'link' : 'other';
}

function toEntry(entry: fs.Dirent): FileEntry {
  return { name: entry.name, kind: kindOf(entry) };
}

function toStat(stat: fs.Stats | undefined): FileStat | undefined {
  if (stat === undefined) return undefined;
  const { size, mtimeMs, ctimeMs, ino, dev, nlink } = stat;
  return { kind: kindOf(stat), size, mtimeMs, ctimeMs, mode: stat.mode & 0o7777, ino, dev, nlink };
}

function readRange(at: string, offset: number, length: number): Uint8Array {
  const fd = fs.openSync(at, 'r');
  try {
    const bytes = Buffer.allocUnsafe(length);
    let got = 0;
    while (got < length) {
      const n = fs.readSync(fd, bytes, got, length - got, offset + got);
      if (n === 0) break;
      got += n;
    }
    return bytes.subarray(0, got);
  } finally {
    fs.closeSync(fd);
  }
}

/**
 * Makes a folder and its parents; gives the first that was made. Throws Node's own errors, and the right ones: what Node's own way of making
 * several meets (a read-only file system, too many links) it may report as if a parent were missing.
 */
export function mkdirs(folder: string): string | undefined {
  try {
    return fs.mkdirSync(folder, { recursive: true });
  } catch (error) {
    if (errno(error) !== 'ENOENT') throw error;
    let first = folder;
    while (!fs.lstatSync(path.dirname(first), { throwIfNoEntry: false })) first = path.dirname(first);
    try {
      fs.mkdirSync(first);
    } catch (reason) {
      if (errno(reason) !== 'EEXIST') throw reason;
    }
    fs.mkdirSync(folder, { recursive: true });
    return first;
  }
}

/** Renames, and puts both folders' names on disk. */
function renameDurably(from: string, to: string): void {
  fs.renameSync(from, to);
  for (const folder of new Set([path.dirname(to), path.dirname(from)])) syncFolder(folder);
}

/** Where a write ends up: a file reached through a link is replaced itself, the link stays. */
function target(at: string): string {
  const stat = fs.lstatSync(at, { throwIfNoEntry: false });
  return stat?.isSymbolicLink() ? (orAbsent(() => fs.realpathSync.native(at)) ?? at) : at;
}

/** As `HostFs.writeAtomic`, for callers that hold a lock they must not await under. Throws Node's own errors. */
export function writeAtomicSync(at: string, content: Uint8Array | string, options: WriteOptions = {}): void {
  const durable = options.durable !== false;
  const file = target(at);
  const folder = path.dirname(file);
  const made = mkdirs(folder);
  const mode = options.mode ?? 0o666;
  const old = fs.lstatSync(file, { throwIfNoEntry: false });
  const temporary = path.join(folder, `.${randomBytes(8).toString('hex')}.tmp`);
  try {
    const fd = fs.openSync(temporary, 'wx', mode);
    try {
      writeWhole(fd, typeof content === 'string' ? Buffer.from(content) : content);
      if (old?.isFile()) fs.fchmodSync(fd, old.mode & 0o7777);
      else if (options.mode !== undefined) fs.fchmodSync(fd, mode);
      if (durable) fs.fsyncSync(fd);
    } finally {
      fs.closeSync(fd);
    }
    fs.renameSync(temporary, file);
  } catch (error) {
    fs.rmSync(temporary, { force: true });
    throw error;
  }
  if (!durable) return;
  syncFolder(folder);
  if (made !== undefined) syncMade(folder, made);
}

/**
 * Writes bytes to an open file from `start` on, all of them. By position: such a call is never one of Node's own on its pipes, so that a test
 * can have just this one fail.
 */
export function writeWhole(fd: number, bytes: Uint8Array, start = 0): void {
  for (let at = 0; at < bytes.length;) at += fs.writeSync(fd, bytes, at, bytes.length - at, start + at);
}

/** After folders were made, their names have to be on disk too: each parent from `folder` up to that of `top`. */
function syncMade(folder: string, top: string): void {
  for (let at = path.dirname(folder); ; at = path.dirname(at)) {
    syncFolder(at);
    if (at === path.dirname(top) || at === path.dirname(at)) return;
  }
}

/** Puts a folder's names on disk. Windows cannot open folders; some network file systems refuse: neither is an error. */
export function syncFolder(folder: string): void {
  if (process.platform === 'win32') return;
  const fd = fs.openSync(folder, 'r');
  try {
    fs.fsyncSync(fd);
  } catch (error) {
    const code = errno(error);
    if (code !== 'EINVAL' && code !== 'EPERM' && code !== 'ENOTSUP' && code !== 'EISDIR') throw error;
  } finally {
    fs.closeSync(fd);
  }
}
