/** Hashing and adding of files: what the state index vouches for is not read again, the rest goes through the pool. */

import * as fs from 'node:fs';
import * as path from 'node:path';
import { pacer, quietCall, throwIfCancelled, type Call } from '../../base/cancel';
import { fsError, StrataError } from '../errors';
import { type FileToHash, type Hash, type Hashed } from './cache';
import { digestOf } from './digest';
import { type Done, type Outcome } from './jobs';
import { makeObjectFolder } from './laneStage';
import { type StoreParts, toBatches } from './storeParts';
import { commitStaged, dropTemporaries, type Staged } from './write';

/** The adding half of the store; see `cache.ts`. */
interface Adder {
  hashFiles(files: readonly FileToHash[], call: Call): Promise<Hashed[]>;
  addFiles(files: readonly FileToHash[], call: Call): Promise<Hashed[]>;
  addBytes(bytes: Uint8Array, suffix?: '.dir'): Promise<Hash>;
}

interface Pending {
  readonly at: number;
  readonly path: string;
  readonly bytes: number;
}

/** Makes the adding half. */
export function createAdder(parts: StoreParts): Adder {
  return {
    hashFiles: (files, call) => hashFiles(parts, files, call),
    addFiles: (files, call) => addFiles(parts, files, call),
    addBytes: (bytes, suffix) => addBytes(parts, bytes, suffix),
  };
}

/** Asks the index about each file; what it does not know is pending. */
async function survey(
  parts: StoreParts,
  files: readonly FileToHash[],
  call: Call,
  enough: (md5: Hash) => boolean,
): Promise<{ readonly answers: (Hashed | undefined)[]; readonly pending: Pending[] }> {
  const answers: (Hashed | undefined)[] = [];
  const pending: Pending[] = [];
  const pace = pacer(call.signal);
  for (const [at, file] of files.entries()) {
    const pause = pace();
    if (pause) await pause;
    const stat = statFile(file.path);
    const md5 = parts.files.lookup(file.path, stat);
    if (md5 !== undefined && enough(md5)) {
      answers.push({ path: file.path, md5, size: stat.size, mode: stat.mode & 0o7777 });
    } else {
      answers.push(undefined);
      pending.push({ at, path: file.path, bytes: stat.size });
    }
  }
  return { answers, pending };
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

async function hashFiles(parts: StoreParts, files: readonly FileToHash[], call: Call): Promise<Hashed[]> {
  const { answers, pending } = await survey(parts, files, call, () => true);
  const batches = toBatches(pending, (part) => ({ kind: 'hash', hashName: 'md5', paths: part.map((one) => one.path) }));
  const outcomes = (await parts.pool.run(batches, 'progress.hashing', call)).flat();
  pending.forEach((one, n) => (answers[one.at] = take(parts, one.path, doneOf(outcomes[n]))));
  return answers.filter((answer) => answer !== undefined);
}

function doneOf(outcome: Outcome | undefined): Done {
  if (outcome && 'done' in outcome) return outcome.done;
  throw new StrataError(outcome?.failed.code ?? 'cache.failed', outcome?.failed.data ?? {});
}

function take(parts: StoreParts, at: string, done: Done): Hashed {
  parts.files.record(at, done.print, done.md5, done.started);
  if (done.object) parts.objects.record(parts.pathOf(done.md5), done.object, done.md5, done.started);
  return { path: at, md5: done.md5, size: done.print.size, mode: done.mode };
}

async function addFiles(parts: StoreParts, files: readonly FileToHash[], call: Call): Promise<Hashed[]> {
  const { answers, pending } = await survey(parts, files, call, (md5) => vouched(parts, md5));
  if (pending.length === 0) return answers.filter((answer) => answer !== undefined);
  const parents = makeBase(parts);
  const token = parts.host.randomHex(6);
  const shelves = new Set(fs.readdirSync(baseOf(parts)));
  const batches = toBatches(pending, (part, n) => ({
    kind: 'stage',
    paths: part.map((one) => one.path),
    base: baseOf(parts),
    shelves,
    token: `${token}-${n}-`,
    shared: parts.shared,
    umask: parts.umask,
  }));
  const outcomes = (await parts.pool.run(batches, 'progress.adding', call)).flat();
  const staged = collectStaged(parts, outcomes);
  try {
    pending.forEach((one, n) => (answers[one.at] = take(parts, one.path, doneOf(outcomes[n]))));
  } catch (error) {
    dropTemporaries(staged);
    throw error;
  }
  await place(parts, staged, parents, call);
  return answers.filter((answer) => answer !== undefined);
}

/** True when the object is there in the very state in which its bytes were last verified. */
function vouched(parts: StoreParts, md5: Hash): boolean {
  const object = parts.pathOf(md5);
  const stat = fs.lstatSync(object, { throwIfNoEntry: false });
  return stat !== undefined && stat.isFile() && parts.objects.lookup(object, stat) === md5;
}

/** The folder of all 3.x objects. */
export function baseOf(parts: StoreParts): string {
  return `${parts.dir}/files/md5`;
}

/** Makes the folder of all 3.x objects. Gives the folders whose names have to be synced. */
export function makeBase(parts: StoreParts): string[] {
  const base = baseOf(parts);
  try {
    const first = fs.mkdirSync(base, { recursive: true });
    if (parts.shared && first !== undefined) {
      for (let at = base; at.length >= first.length; at = path.dirname(at)) fs.chmodSync(at, 0o2775);
    }
    const parents = [base];
    if (first !== undefined) {
      for (let at = base; at !== first;) parents.push((at = path.dirname(at)));
      parents.push(path.dirname(first));
    }
    return [...new Set(parents)];
  } catch (error) {
    throw fsError(error, base);
  }
}

/** What has to be renamed, each object once; wrong objects in the way go to quarantine. */
function collectStaged(parts: StoreParts, outcomes: readonly Outcome[]): Staged[] {
  const staged = new Map<string, Staged>();
  for (const outcome of outcomes) {
    if (!('done' in outcome) || outcome.done.temporary === undefined) continue;
    const { md5, temporary, corrupt } = outcome.done;
    const one = { temporary, path: parts.pathOf(md5) };
    if (staged.has(one.path)) {
      dropTemporaries([one]);
      continue;
    }
    if (corrupt) parts.quarantine.take(one.path, md5);
    staged.set(one.path, one);
  }
  return [...staged.values()];
}

async function place(
  parts: StoreParts,
  staged: readonly Staged[],
  parents: readonly string[],
  call: Call,
): Promise<void> {
  const failed = await commitStaged(staged, { signal: call.signal, parents });
  const [first] = failed;
  if (first) throw first.error;
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
      fs.writeFileSync(temporary, bytes, { flag: 'wx', mode: 0o444 });
    } catch (error) {
      dropTemporaries([staged]);
      throw error;
    }
    await place(parts, [staged], parents, call);
  } catch (error) {
    throw fsError(error, object);
  }
  return hash;
}
