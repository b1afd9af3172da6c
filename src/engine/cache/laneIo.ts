/** Reading and writing as the lanes do it: small files in one go through one buffer, big ones in blocks, always off an open descriptor. */

import * as fs from 'node:fs';
import { errno, StrataError } from '../errors';
import { writeWhole } from '../host/node';
import { type HashName } from './cache';
import { BLOCK, createDigest } from './digest';
import { type Fingerprint, type Tick } from './jobs';

/** One buffer a thread: small files are read into it whole. The spare byte shows a file that grew. */
const buffer = Buffer.allocUnsafe(BLOCK + 1);

/** An open file and what it looked like before it was read. */
export interface Open {
  readonly fd: number;
  readonly stat: fs.Stats;
}

/** Opens a file for reading and closes it once `act` is done. */
export function withOpen<T>(path: string, act: (fd: number) => T | Promise<T>): T | Promise<T> {
  const fd = fs.openSync(path, 'r');
  let result: T | Promise<T>;
  try {
    result = act(fd);
  } catch (error) {
    fs.closeSync(fd);
    throw error;
  }
  if (!(result instanceof Promise)) {
    fs.closeSync(fd);
    return result;
  }
  return result.finally(() => fs.closeSync(fd));
}

/** What an open file looks like. Fails with `fs.isFolder` or `cache.notFile`. */
export function look(fd: number, path: string): Open {
  const stat = fs.fstatSync(fd);
  if (!stat.isFile()) throw new StrataError(stat.isDirectory() ? 'fs.isFolder' : 'cache.notFile', { path });
  return { fd, stat };
}

/** The same for a file that is opened for it. */
export function withFile<T>(path: string, act: (file: Open) => T | Promise<T>): T | Promise<T> {
  return withOpen(path, (fd) => act(look(fd, path)));
}

/** A small file that one reading brought whole. */
export interface Whole {
  /** In a buffer that the next reading uses again. */
  readonly bytes: Uint8Array;
  /** What it looked like after the reading. */
  readonly stat: fs.Stats;
  /** Milliseconds since 1970 just before it. */
  readonly started: number;
}

/** Reads a small file in one step; undefined when it is longer than a block, was not brought whole, or is no file. */
export function readWhole(fd: number): Whole | undefined {
  const started = Date.now();
  let got: number;
  try {
    got = fs.readSync(fd, buffer, 0, buffer.length, 0);
  } catch (error) {
    if (errno(error) === 'EISDIR' || errno(error) === 'ESPIPE') return undefined;
    throw error;
  }
  if (got > BLOCK) return undefined;
  const stat = fs.fstatSync(fd);
  return stat.isFile() && stat.size === got ? { bytes: buffer.subarray(0, got), stat, started } : undefined;
}

export function printOf(stat: fs.Stats): Fingerprint {
  return { ino: stat.ino, size: stat.size, mtimeMs: stat.mtimeMs, ctimeMs: stat.ctimeMs };
}

export function same(a: Fingerprint, b: Fingerprint): boolean {
  return a.ino === b.ino && a.size === b.size && a.mtimeMs === b.mtimeMs && a.ctimeMs === b.ctimeMs;
}

/** Reads a small file into {@link buffer}; undefined when it is longer than a block. */
export function readSmall(file: Open): Uint8Array | undefined {
  if (file.stat.size > BLOCK) return undefined;
  let got = 0;
  for (;;) {
    const n = fs.readSync(file.fd, buffer, got, buffer.length - got, got);
    got += n;
    if (got > BLOCK) return undefined;
    if (n === 0 || got >= file.stat.size) return buffer.subarray(0, got);
  }
}

/** Reads a file block by block. Every block but the last is full. */
export async function readBlocks(fd: number, take: (block: Uint8Array) => void, tick: Tick): Promise<void> {
  const block = Buffer.allocUnsafe(BLOCK);
  for (let at = 0; ;) {
    let got = 0;
    while (got < BLOCK) {
      const n = fs.readSync(fd, block, got, BLOCK - got, at + got);
      if (n === 0) break;
      got += n;
    }
    if (got > 0) take(block.subarray(0, got));
    at += got;
    const pause = tick(got);
    if (pause) await pause;
    if (got < BLOCK) return;
  }
}

export function openNew(temporary: string, mode: number): number {
  return fs.openSync(temporary, 'wx', mode);
}

/** Runs `fill` and closes; a temporary that could not be filled is removed. */
export function finish(fd: number, temporary: string, fill: () => void): void {
  try {
    fill();
  } catch (error) {
    fs.closeSync(fd);
    fs.rmSync(temporary, { force: true });
    throw error;
  }
  fs.closeSync(fd);
}

export async function digestFile(path: string, name: HashName, tick: Tick): Promise<string> {
  return withFile(path, async (file) => {
    const digest = createDigest(name);
    await readBlocks(file.fd, (block) => digest.update(block), tick);
    return digest.hex();
  });
}

/** How {@link copyBlocks} copies. */
interface CopyOptions {
  readonly mode: number;
  readonly name: HashName;
  readonly tick: Tick;
}

/** Copies an open file to a new one and gives the hash of what was written. */
export async function copyBlocks(fd: number, temporary: string, how: CopyOptions): Promise<string> {
  const out = openNew(temporary, how.mode);
  const digest = createDigest(how.name);
  let at = 0;
  const take = (block: Uint8Array): void => {
    digest.update(block);
    writeWhole(out, block, at);
    at += block.length;
  };
  try {
    await readBlocks(fd, take, how.tick);
  } catch (error) {
    fs.rmSync(temporary, { force: true });
    throw error;
  } finally {
    fs.closeSync(out);
  }
  return digest.hex();
}
