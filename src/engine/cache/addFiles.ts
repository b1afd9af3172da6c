/** Hashing and adding of files: what the state index vouches for is not read again, the rest goes through the pool. */

import * as fs from 'node:fs';
import * as path from 'node:path';
import { pacer, quietCall, throwIfCancelled, type Call } from '../../base/cancel';
import { fsError, StrataError } from '../errors';
import { withRoom, writeWhole } from '../host/node';
import { type Hash, type Hashed, type Paths, type Prints } from './cache';
import { Adding, baseOf, makeBase, place, type Pending } from './adding';
import { digestOf } from './digest';
import { putPrint } from './folderIndex';
import { type Done } from './jobs';
import { finish, openNew } from './laneIo';
import { makeObjectFolder, OBJECT_MODE } from './laneStage';
import { ROUND, roundCall } from './rounds';
import { hashPending, type StoreParts } from './storeParts';
import { dropTemporaries } from './write';

/** The adding half of the store; see `cache.ts`. */
interface Adder {
  hashFiles(files: Paths, call: Call, prints?: Prints): Promise<Hashed[]>;
  addFiles(files: Paths, call: Call): Promise<Hashed[]>;
  addBytes(bytes: Uint8Array, suffix?: '.dir'): Promise<Hash>;
}

/** Makes the adding half. */
export function createAdder(parts: StoreParts): Adder {
  return {
    hashFiles: (files, call, prints) => hashFiles(parts, files, call, prints),
    addFiles: (files, call) => addFiles(parts, files, call),
    addBytes: (bytes, suffix) => addBytes(parts, bytes, suffix),
  };
}

/** Asks the index about each file of a part; what it does not know is pending, the rest is answered. */
async function survey(parts: StoreParts, work: Work, from: number): Promise<Pending[]> {
  const pending: Pending[] = [];
  const pace = pacer(work.call.signal);
  const end = Math.min(from + ROUND, work.files.length);
  for (let at = from; at < end; at += 1) {
    const pause = pace();
    if (pause) await pause;
    const file = work.files.at(at) ?? '';
    // What the index does not know is looked at when it is read.
    const stat = !work.unknown && parts.files.knows(file) ? statFile(file) : undefined;
    const md5 = stat && parts.files.lookup(file, stat);
    if (stat && md5 !== undefined && work.enough(md5)) {
      if (work.prints) putPrint(work.prints, at, stat, Infinity);
      work.answers[at] = { md5, size: stat.size, mode: stat.mode & 0o7777 };
    } else pending.push({ at, path: file, bytes: stat?.size });
  }
  return pending;
}

/** What is done with files. */
interface Work {
  readonly files: Paths;
  readonly answers: Hashed[];
  readonly call: Call;
  /** Gets what the files look like. */
  readonly prints?: Prints;
  /** The index knew nothing when this began. */
  readonly unknown: boolean;
  /** True when nothing more than its hash is wanted of a file that the index vouches for. */
  enough(md5: Hash): boolean;
  /** Does the pending files of a part. */
  act(pending: readonly Pending[], call: Call): Promise<void>;
}

/** Goes through all files in parts; while one is worked on, the next is looked at. */
async function inRounds(parts: StoreParts, work: Work): Promise<Hashed[]> {
  let ahead = survey(parts, work, 0);
  for (let from = 0; from < work.files.length; from += ROUND) {
    const pending = await ahead;
    ahead = survey(parts, work, from + ROUND);
    // Its failure counts when its turn comes.
    ahead.catch(() => undefined);
    if (pending.length > 0) await work.act(pending, roundCall(work.call, from, work.files.length));
  }
  return work.answers;
}

function statFile(at: string): fs.Stats {
  let stat: fs.Stats | undefined;
  try {
    stat = fs.statSync(at, { throwIfNoEntry: false });
  } catch (error) {
    throw fsError(error, at);
  }
  if (!stat) throw new StrataError('fs.notFound', { path: at });
  return stat;
}

async function hashFiles(parts: StoreParts, files: Paths, call: Call, prints?: Prints): Promise<Hashed[]> {
  const answers = new Array<Hashed>(files.length);
  const act = async (pending: readonly Pending[], part: Call): Promise<void> => {
    await hashPending(parts, pending, part, (n, done) => {
      const one = pending[n];
      if (!one) return;
      if (prints) putPrint(prints, one.at, done.print, done.started);
      answers[one.at] = take(parts, one.path, done);
    });
  };
  const unknown = parts.files.isEmpty;
  return inRounds(parts, { files, answers, call, ...(prints ? { prints } : {}), unknown, enough: () => true, act });
}

function take(parts: StoreParts, at: string, done: Done): Hashed {
  parts.files.record(at, done.print, done.md5, done.started);
  if (done.object) parts.objects.record(parts.pathOf(done.md5), done.object, done.md5, done.started);
  return { md5: done.md5, size: done.print.size, mode: done.mode };
}

async function addFiles(parts: StoreParts, files: Paths, call: Call): Promise<Hashed[]> {
  const answers = new Array<Hashed>(files.length);
  const adding = new Adding(parts, call, (one, done) => (answers[one.at] = take(parts, one.path, done)));
  try {
    await inRounds(parts, {
      ...{ files, answers, call, unknown: parts.files.isEmpty },
      enough: (md5) => vouched(parts, md5),
      act: (pending, part) => adding.round(pending, part),
    });
    await adding.settle();
    return answers;
  } catch (error) {
    await adding.settle().catch(() => undefined);
    throw withRoom(error, baseOf(parts), () => sizesLeft(files, answers));
  }
}

/** Bytes of the files that have no answer. */
function sizesLeft(files: Paths, answers: readonly (Hashed | undefined)[]): number[] {
  const sizes: number[] = [];
  for (let n = 0; n < files.length; n += 1) {
    if (answers[n]) continue;
    sizes.push(fs.statSync(files.at(n) ?? '', { throwIfNoEntry: false })?.size ?? 0);
  }
  return sizes;
}

/** True when the object is there in the very state in which its bytes were last verified. */
function vouched(parts: StoreParts, md5: Hash): boolean {
  const object = parts.pathOf(md5);
  const stat = fs.lstatSync(object, { throwIfNoEntry: false });
  return stat !== undefined && stat.isFile() && parts.objects.lookup(object, stat) === md5;
}

async function addBytes(parts: StoreParts, bytes: Uint8Array, suffix: '.dir' | '' = ''): Promise<Hash> {
  const hash = `${digestOf(bytes)}${suffix}`;
  const object = parts.pathOf(hash);
  const parents = makeBase(parts);
  const call = quietCall();
  throwIfCancelled(call.signal);
  try {
    const old = fs.lstatSync(object, { throwIfNoEntry: false });
    if (old?.isFile() && old.size === bytes.length && fs.readFileSync(object).equals(bytes)) return hash;
    if (old) parts.quarantine.take(object, hash);
    makeObjectFolder(path.dirname(object), parts.shared);
    const temporary = path.join(path.dirname(object), `.${parts.host.randomHex(8)}.tmp`);
    const staged = { temporary, path: object };
    try {
      const fd = openNew(temporary, OBJECT_MODE);
      finish(fd, temporary, () => writeWhole(fd, bytes));
    } catch (error) {
      dropTemporaries([staged]);
      throw error;
    }
    await place([staged], { signal: call.signal, parents });
  } catch (error) {
    throw withRoom(fsError(error, object), object, () => [bytes.length]);
  }
  return hash;
}
