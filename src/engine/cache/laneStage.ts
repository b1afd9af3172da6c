/** Hashing files, and staging them into the cache: read once, hashed, and written to a temporary unless the object is there. */

import * as fs from 'node:fs';
import { errno, StrataError } from '../errors';
import { createDigest, digestOf } from './digest';
import { type Done, type HashJob, type StageJob, type Tick } from './jobs';
import {
  copyBlocks,
  digestFile,
  finish,
  openNew,
  printOf,
  readBlocks,
  readSmall,
  same,
  withFile,
  writeAll,
  type Open,
} from './laneIo';

const TRIES = 3;

/** Repeats a reading until the file did not change under it; gives up with `cache.fileChanging`. */
function steady(file: Open, path: string, read: () => Done | Promise<Done>, left = TRIES): Done | Promise<Done> {
  const check = (done: Done): Done | Promise<Done> => {
    const now = fs.fstatSync(file.fd);
    if (same(printOf(now), done.print)) return done;
    if (done.temporary !== undefined) fs.rmSync(done.temporary, { force: true });
    if (left <= 1) throw new StrataError('cache.fileChanging', { path });
    return steady({ fd: file.fd, stat: now }, path, read, left - 1);
  };
  const result = read();
  return result instanceof Promise ? result.then(check) : check(result);
}

function doneOf(stat: fs.Stats, started: number, md5: string, rest: Partial<Done> = {}): Done {
  return { md5, mode: stat.mode & 0o7777, print: printOf(stat), started, ...rest };
}

/** Hashes a file. */
export function hashOne(path: string, job: HashJob, tick: Tick): Done | Promise<Done> {
  return withFile(path, (file) =>
    steady(file, path, () => {
      const started = Date.now();
      const stat = fs.fstatSync(file.fd);
      const bytes = readSmall({ fd: file.fd, stat });
      if (bytes) {
        const pause = tick(bytes.length);
        const done = doneOf(stat, started, digestOf(bytes, job.hashName));
        return pause ? pause.then(() => done) : done;
      }
      const digest = createDigest(job.hashName);
      return readBlocks(file.fd, (block) => digest.update(block), tick).then(() => doneOf(stat, started, digest.hex()));
    }),
  );
}

/** Hashes a file and writes it to a temporary in the cache, unless a good object of that name is there. */
export function stageOne(path: string, job: StageJob, index: number, tick: Tick): Done | Promise<Done> {
  return withFile(path, (file) =>
    steady(file, path, () => {
      const started = Date.now();
      const stat = fs.fstatSync(file.fd);
      const bytes = readSmall({ fd: file.fd, stat });
      if (!bytes) return stageBig(file.fd, stat, job, index, tick);
      const pause = tick(bytes.length);
      const md5 = digestOf(bytes);
      const folder = `${job.base}/${md5.slice(0, 2)}`;
      const there = present(`${folder}/${md5.slice(2)}`, md5, stat.size);
      // `present` reads into another buffer, so `bytes` are still those of the file.
      const temporary = there === 'good' ? undefined : writeSmall(folder, index, bytes, job);
      const done = doneOf(stat, started, md5, {
        ...(temporary === undefined ? {} : { temporary }),
        ...(there === 'corrupt' ? { corrupt: true } : {}),
      });
      return pause ? pause.then(() => done) : done;
    }),
  );
}

/** Looks at an object that may be there already; its bytes are compared with its name, its mode proves nothing. */
function present(object: string, md5: string, size: number): 'good' | 'absent' | 'corrupt' {
  const stat = fs.lstatSync(object, { throwIfNoEntry: false });
  if (!stat) return 'absent';
  if (!stat.isFile() || stat.size !== size) return 'corrupt';
  const bytes = fs.readFileSync(object);
  return digestOf(bytes) === md5 ? 'good' : 'corrupt';
}

/** Writes a temporary in an object folder, making the folder when it is the first one there. */
function writeSmall(folder: string, index: number, bytes: Uint8Array, job: StageJob): string {
  const temporary = `${folder}/.${job.token}${index}.tmp`;
  let fd: number;
  try {
    fd = openNew(temporary, 0o444);
  } catch (error) {
    if (errno(error) !== 'ENOENT') throw error;
    makeObjectFolder(folder, job.shared);
    fd = openNew(temporary, 0o444);
  }
  finish(fd, temporary, () => writeAll(fd, bytes));
  return temporary;
}

/** Makes a folder of objects; `cache.shared = group` wants 2775 (formats §4.2). */
export function makeObjectFolder(folder: string, shared: boolean): void {
  fs.mkdirSync(folder, { recursive: true });
  if (shared) fs.chmodSync(folder, 0o2775);
}

/** Copies and hashes in one pass; the name is not known before the end, so the temporary lies above the object folders. */
async function stageBig(fd: number, stat: fs.Stats, job: StageJob, index: number, tick: Tick): Promise<Done> {
  const started = Date.now();
  const temporary = `${job.base}/.${job.token}${index}.tmp`;
  const md5 = await copyBlocks(fd, temporary, 0o444, 'md5', tick);
  const folder = `${job.base}/${md5.slice(0, 2)}`;
  const object = `${folder}/${md5.slice(2)}`;
  const there = fs.lstatSync(object, { throwIfNoEntry: false });
  if (!there) {
    makeObjectFolder(folder, job.shared);
    return doneOf(stat, started, md5, { temporary });
  }
  const good = there.isFile() && there.size === stat.size && (await digestFile(object, 'md5', tick)) === md5;
  if (!good) return doneOf(stat, started, md5, { temporary, corrupt: true });
  fs.rmSync(temporary, { force: true });
  return doneOf(stat, started, md5);
}
