/** Hashing files, and staging them into the cache: read once, hashed, and written to a temporary unless the object is there. */

import * as fs from 'node:fs';
import { errno, StrataError } from '../errors';
import { mkdirs, writeWhole } from '../host/node';
import { BLOCK, createDigest, digestOf } from './digest';
import { HandedBack, type Done, type HashJob, type StageJob, type Tick } from './jobs';
import {
  copyBlocks,
  digestFile,
  finish,
  look,
  openNew,
  printOf,
  readBlocks,
  readSmall,
  readWhole,
  same,
  withOpen,
  type Open,
  type Whole,
} from './laneIo';
import { isRacy } from './stateIndex';

const TRIES = 3;

type Reading = (file: Open) => Done | Promise<Done>;

/** Repeats a reading until the file did not change under it; gives up with `cache.fileChanging`. `read` gets the facts from before it. */
function steady(file: Open, path: string, read: Reading, left = TRIES): Done | Promise<Done> {
  const check = (done: Done): Done | Promise<Done> => {
    const now = fs.fstatSync(file.fd);
    if (same(printOf(now), done.print)) return done;
    if (done.temporary !== undefined) fs.rmSync(done.temporary, { force: true });
    if (left <= 1) throw new StrataError('cache.fileChanging', { path });
    return steady({ fd: file.fd, stat: now }, path, read, left - 1);
  };
  const result = read(file);
  return result instanceof Promise ? result.then(check) : check(result);
}

function doneOf(stat: fs.Stats, started: number, md5: string, rest: Partial<Done> = {}): Done {
  return { md5, mode: stat.mode & 0o7777, print: printOf(stat), started, ...rest };
}

/**
 * A small file that was read in one step, in which nothing happened to it: what it looks like after the reading is so old that it looked so
 * before. Undefined when that cannot be told. Throws {@link HandedBack} for a file that is not small when the job wants that.
 */
function readAtOnce(fd: number, job: HashJob | StageJob): Whole | undefined {
  const whole = readWhole(fd);
  if (whole) return isRacy(whole.stat, whole.started) ? undefined : whole;
  const stat = job.handBack === true ? fs.fstatSync(fd) : undefined;
  if (stat?.isFile() && stat.size > BLOCK) throw new HandedBack(stat.size);
  return undefined;
}

/** Hashes a file. */
export function hashOne(path: string, job: HashJob, tick: Tick): Done | Promise<Done> {
  return withOpen(path, (fd) => {
    const whole = readAtOnce(fd, job);
    if (!whole) return steady(look(fd, path), path, (file) => hashSlowly(file, job, tick));
    const pause = tick(whole.bytes.length);
    const done = doneOf(whole.stat, whole.started, digestOf(whole.bytes, job.hashName));
    return pause ? pause.then(() => done) : done;
  });
}

function hashSlowly({ fd, stat }: Open, job: HashJob, tick: Tick): Done | Promise<Done> {
  const started = Date.now();
  const bytes = readSmall({ fd, stat });
  if (bytes) return doneOf(stat, started, digestOf(bytes, job.hashName));
  const digest = createDigest(job.hashName);
  return readBlocks(fd, (block) => digest.update(block), tick).then(() => doneOf(stat, started, digest.hex()));
}

/** Hashes a file and writes it to a temporary in the cache, unless a good object of that name is there. */
export function stageOne(path: string, job: StageJob, index: number, tick: Tick): Done | Promise<Done> {
  return withOpen(path, (fd) => {
    const whole = readAtOnce(fd, job);
    if (!whole) return steady(look(fd, path), path, (file) => stageSlowly({ path, ...file }, job, index, tick));
    const pause = tick(whole.bytes.length);
    const done = stageSmall(whole, job, index);
    return pause ? pause.then(() => done) : done;
  });
}

function stageSmall({ bytes, stat, started }: Whole, job: StageJob, index: number): Done {
  const md5 = digestOf(bytes);
  const shelf = md5.slice(0, 2);
  const folder = `${job.base}/${shelf}`;
  const there = job.shelves.has(shelf) ? present(`${folder}/${md5.slice(2)}`, md5, bytes.length) : {};
  // `present` reads into another buffer, so `bytes` are still those of the file.
  const temporary = there.object === undefined ? writeSmall(folder, index, bytes, job) : undefined;
  return doneOf(stat, started, md5, temporary === undefined ? there : { ...there, temporary });
}

function stageSlowly(
  file: Open & { readonly path: string },
  job: StageJob,
  index: number,
  tick: Tick,
): Done | Promise<Done> {
  const started = Date.now();
  const bytes = readSmall(file);
  if (bytes) return stageSmall({ bytes, stat: file.stat, started }, job, index);
  return stageBig({ ...file, started }, job, index, tick);
}

/** What is known of an object that may be there already: good, wrong, or neither when absent. */
type Found = Pick<Done, 'object' | 'corrupt'>;

/** Compares the bytes of a small object with its name; its mode proves nothing. */
function present(object: string, md5: string, size: number): Found {
  const stat = fs.lstatSync(object, { throwIfNoEntry: false });
  if (!stat) return {};
  if (!stat.isFile() || stat.size !== size) return { corrupt: true };
  return digestOf(fs.readFileSync(object)) === md5 ? { object: printOf(stat) } : { corrupt: true };
}

/** Writes a temporary in an object folder, making the folder when it is the first one there. */
function writeSmall(folder: string, index: number, bytes: Uint8Array, job: StageJob): string {
  const temporary = `${folder}/.${job.token}${index}.tmp`;
  let fd: number;
  try {
    fd = openNew(temporary, OBJECT_MODE);
  } catch (error) {
    if (errno(error) !== 'ENOENT') throw error;
    makeObjectFolder(folder, job.shared);
    fd = openNew(temporary, OBJECT_MODE);
  }
  finish(fd, temporary, () => {
    writeWhole(fd, bytes);
    if ((job.umask & OBJECT_MODE) !== 0) fs.fchmodSync(fd, OBJECT_MODE);
  });
  return temporary;
}

/** Mode of every object (formats §4.2). */
export const OBJECT_MODE = 0o444;

/** Makes a folder of objects; `cache.shared = group` wants 2775 (formats §4.2). */
export function makeObjectFolder(folder: string, shared: boolean): void {
  mkdirs(folder);
  if (shared) fs.chmodSync(folder, 0o2775);
}

interface Source {
  readonly path: string;
  readonly fd: number;
  readonly stat: fs.Stats;
  readonly started: number;
}

/** A big file is cloned or copied and hashed in one pass; its name is not known before, so the temporary lies above the object folders. */
async function stageBig(source: Source, job: StageJob, index: number, tick: Tick): Promise<Done> {
  const temporary = `${job.base}/.${job.token}${index}.tmp`;
  const { stat, started } = source;
  const md5 = clone(source.path, temporary)
    ? await digestFile(temporary, 'md5', tick).catch((error: unknown) => drop(temporary, error))
    : await copyBlocks(source.fd, temporary, { mode: OBJECT_MODE, name: 'md5', tick });
  try {
    const folder = `${job.base}/${md5.slice(0, 2)}`;
    const there = await presentBig(`${folder}/${md5.slice(2)}`, md5, stat.size, tick);
    if (there.object) {
      fs.rmSync(temporary, { force: true });
      return doneOf(stat, started, md5, there);
    }
    makeObjectFolder(folder, job.shared);
    fs.chmodSync(temporary, OBJECT_MODE);
    return doneOf(stat, started, md5, { ...there, temporary });
  } catch (error) {
    return drop(temporary, error);
  }
}

function drop(temporary: string, error: unknown): never {
  fs.rmSync(temporary, { force: true });
  throw error;
}

/** Shares the blocks of a file where the file system can: a copy at once, that later writes to the file do not reach. */
function clone(from: string, to: string): boolean {
  try {
    fs.copyFileSync(from, to, fs.constants.COPYFILE_EXCL | fs.constants.COPYFILE_FICLONE_FORCE);
    return true;
  } catch {
    return false;
  }
}

async function presentBig(object: string, md5: string, size: number, tick: Tick): Promise<Found> {
  const stat = fs.lstatSync(object, { throwIfNoEntry: false });
  if (!stat) return {};
  if (!stat.isFile() || stat.size !== size) return { corrupt: true };
  const found = await digestFile(object, 'md5', (bytes) => tick(bytes * 0));
  return found === md5 ? { object: printOf(stat) } : { corrupt: true };
}
