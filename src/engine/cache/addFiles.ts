/** Hashing and adding of files: what the state index vouches for is not read again, the rest goes through the pool. */

import * as fs from 'node:fs';
import * as path from 'node:path';
import { pacer, quietCall, throwIfCancelled, type Call } from '../../base/cancel';
import { fsError, StrataError } from '../errors';
import { type Hash, type Hashed, type Paths } from './cache';
import { digestOf } from './digest';
import { type Done, type Outcome } from './jobs';
import { makeObjectFolder } from './laneStage';
import { type StoreParts, toBatches } from './storeParts';
import { commitStaged, dropTemporaries, syncFolders, type CommitOptions, type Staged } from './write';

/** The adding half of the store; see `cache.ts`. */
interface Adder {
  hashFiles(files: Paths, call: Call): Promise<Hashed[]>;
  addFiles(files: Paths, call: Call): Promise<Hashed[]>;
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

/** So many files are hashed, and put into place, together: what is held in memory of each does not grow with their number. */
const ROUND = 8192;

/** Asks the index about each file of a part; what it does not know is pending, the rest is answered. */
async function survey(parts: StoreParts, work: Work, from: number): Promise<Pending[]> {
  const pending: Pending[] = [];
  const pace = pacer(work.call.signal);
  const end = Math.min(from + ROUND, work.files.length);
  for (let at = from; at < end; at += 1) {
    const pause = pace();
    if (pause) await pause;
    const file = work.files.at(at) ?? '';
    const stat = statFile(file);
    const md5 = parts.files.lookup(file, stat);
    if (md5 !== undefined && work.enough(md5)) {
      work.answers[at] = { md5, size: stat.size, mode: stat.mode & 0o7777 };
    } else pending.push({ at, path: file, bytes: stat.size });
  }
  return pending;
}

/** What is done with files. */
interface Work {
  readonly files: Paths;
  readonly answers: Hashed[];
  readonly call: Call;
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
    if (pending.length > 0) await work.act(pending, partOf(work, from));
  }
  return work.answers;
}

/** A call whose progress speaks of all files. */
function partOf({ files, call }: Work, from: number): Call {
  if (files.length <= ROUND) return call;
  return {
    ...call,
    progress: ({ phase, done, unit }) => call.progress({ phase, done: from + done, total: files.length, unit }),
  };
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

async function hashFiles(parts: StoreParts, files: Paths, call: Call): Promise<Hashed[]> {
  const answers = new Array<Hashed>(files.length);
  const act = async (pending: readonly Pending[], part: Call): Promise<void> => {
    const batches = toBatches(pending, (some) => ({
      kind: 'hash',
      hashName: 'md5',
      paths: some.map((one) => one.path),
    }));
    const outcomes = (await parts.pool.run(batches, 'progress.hashing', part)).flat();
    pending.forEach((one, n) => (answers[one.at] = take(parts, one.path, doneOf(outcomes[n]))));
  };
  return inRounds(parts, { files, answers, call, enough: () => true, act });
}

function doneOf(outcome: Outcome | undefined): Done {
  if (outcome && 'done' in outcome) return outcome.done;
  throw new StrataError(outcome?.failed.code ?? 'cache.failed', outcome?.failed.data ?? {});
}

function take(parts: StoreParts, at: string, done: Done): Hashed {
  parts.files.record(at, done.print, done.md5, done.started);
  if (done.object) parts.objects.record(parts.pathOf(done.md5), done.object, done.md5, done.started);
  return { md5: done.md5, size: done.print.size, mode: done.mode };
}

async function addFiles(parts: StoreParts, files: Paths, call: Call): Promise<Hashed[]> {
  const answers = new Array<Hashed>(files.length);
  const adding = new Adding(parts, answers, call);
  try {
    await inRounds(parts, {
      ...{ files, answers, call },
      enough: (md5) => vouched(parts, md5),
      act: (pending, part) => adding.round(pending, part),
    });
  } catch (error) {
    await adding.settle().catch(() => undefined);
    throw error;
  }
  await adding.settle();
  return answers;
}

/** One adding: a part is put into place while the next one is hashed; the folders are put on disk at the end. */
class Adding {
  private readonly token: string;
  private readonly folders = new Set<string>();
  private shelves: ReadonlySet<string> | undefined;
  private rounds = 0;
  private placing: Promise<void> = Promise.resolve();

  constructor(
    private readonly parts: StoreParts,
    private readonly answers: Hashed[],
    private readonly call: Call,
  ) {
    this.token = parts.host.randomHex(6);
  }

  async round(pending: readonly Pending[], call: Call): Promise<void> {
    const { parts } = this;
    const shelves = (this.shelves ??= this.begin());
    const token = `${this.token}-${this.rounds}`;
    this.rounds += 1;
    const batches = toBatches(pending, (some, n) => ({
      kind: 'stage',
      paths: some.map((one) => one.path),
      base: baseOf(parts),
      shelves,
      token: `${token}-${n}-`,
      shared: parts.shared,
      umask: parts.umask,
    }));
    const outcomes = (await parts.pool.run(batches, 'progress.adding', call)).flat();
    const staged = collectStaged(parts, outcomes);
    try {
      pending.forEach((one, n) => (this.answers[one.at] = take(parts, one.path, doneOf(outcomes[n]))));
      await this.placing;
    } catch (error) {
      dropTemporaries(staged);
      throw error;
    }
    this.placing = place(staged, { signal: this.call.signal, later: this.folders });
    // Its failure counts when the next part, or the end, waits for it.
    this.placing.catch(() => undefined);
  }

  /** Makes the folder of objects; gives the folders in it. */
  private begin(): ReadonlySet<string> {
    for (const folder of makeBase(this.parts)) this.folders.add(folder);
    return new Set(fs.readdirSync(baseOf(this.parts)));
  }

  /** Waits until everything is in its place, and the names are on disk. */
  async settle(): Promise<void> {
    try {
      await this.placing;
    } finally {
      await syncFolders([...this.folders]);
    }
  }
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

async function place(staged: readonly Staged[], options: CommitOptions): Promise<void> {
  const failed = await commitStaged(staged, options);
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
    await place([staged], { signal: call.signal, parents });
  } catch (error) {
    throw fsError(error, object);
  }
  return hash;
}
