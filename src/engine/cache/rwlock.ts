/**
 * DVC's path locks, `.dvc/tmp/rwlock` (formats §3): which process reads and writes which paths while a stage runs. The file is changed
 * only under `.dvc/tmp/rwlock.lock`; entries of processes that are gone are dropped, anything but the known shape is an error.
 */

import * as fs from 'node:fs';
import * as path from 'node:path';
import { isInside } from '../../base/paths';
import { KeyedQueue } from '../../base/queue';
import { errno, fsError, StrataError } from '../errors';
import { asciiString } from '../formats/canonicalJson';
import { isAlive, isReused } from './holders';
import { takeLock, type HeldLock, type LockOptions } from './locks';
import { writeAtomicSync } from '../host/node';

/** Absolute paths of inputs and outputs. */
export interface PathClaims {
  readonly read: readonly string[];
  readonly write: readonly string[];
}

/** Who registers. */
interface Claimant {
  readonly pid: number;
  /** What others are told, such as `strata repro`. */
  readonly cmd: string;
  /** `core.hardlink_lock`. */
  readonly hardlink?: boolean;
  readonly signal?: AbortSignal;
}

/** Claims that are held. */
export interface PathHandle {
  /** Takes the entries out again; doing it twice is fine. */
  release(): Promise<void>;
}

interface Owner {
  readonly pid: number;
  readonly cmd: string;
}

interface Table {
  read: Map<string, Owner[]>;
  write: Map<string, Owner>;
}

/** Somebody in the way. */
interface Blocker {
  /** The path that was asked for. */
  readonly path: string;
  readonly pid: number;
  readonly cmd: string;
}

/** Enters claims. Fails at once with `lock.paths` {path, pid, cmd} when a live process is in the way, with `lock.rwlock` on a broken file. */
export async function registerPaths(dvcDir: string, claims: PathClaims, who: Claimant): Promise<PathHandle> {
  await edit(dvcDir, who, (table) => {
    const blocker = firstBlocker(table, claims, who.pid);
    if (blocker) throw new StrataError('lock.paths', { path: blocker.path, pid: blocker.pid, cmd: blocker.cmd });
    const me: Owner = { pid: who.pid, cmd: who.cmd };
    for (const at of claims.read) table.read.set(at, [...(table.read.get(at) ?? []), me]);
    for (const at of claims.write) table.write.set(at, me);
  });
  let done = false;
  return {
    release: async () => {
      if (done) return;
      done = true;
      // Not stopped by the caller's signal: a cancelled run has to take its claims out as well.
      const { cmd, hardlink = false } = who;
      await edit(dvcDir, { cmd, hardlink }, (table) => withdraw(table, claims, who.pid));
    },
  };
}

/** Who would block reading or writing these paths now; waits for nothing and changes nothing. Fails with `lock.rwlock` on a broken file. */
export function checkPaths(dvcDir: string, claims: PathClaims, pid: number): Promise<Blocker | undefined> {
  return new Promise((resolve) => resolve(firstBlocker(readTable(fileOf(dvcDir)), claims, pid)));
}

/** Takes out the entries of processes that are gone, as DVC does whenever it looks. A file without such entries is not touched. */
export async function cleanPaths(dvcDir: string, who: Claimant): Promise<void> {
  const file = fileOf(dvcDir);
  let text: string;
  try {
    text = fs.readFileSync(file, 'utf8').trim();
  } catch {
    return;
  }
  // An empty file is what DVC leaves when it is ended while it writes, and what it then refuses to read.
  if (['{}', EMPTY].includes(text) || (text !== '' && text === render(readTable(file)))) return;
  await edit(dvcDir, who, () => undefined);
}

function fileOf(dvcDir: string): string {
  return path.join(dvcDir, 'tmp', 'rwlock');
}

/** Edits of this process wait for each other here, in order; only other processes are waited for at the lock. */
const edits = new KeyedQueue();

function edit(dvcDir: string, who: Omit<Claimant, 'pid'>, change: (table: Table) => void): Promise<void> {
  return edits.run(dvcDir, () => editNow(dvcDir, who, change));
}

async function editNow(dvcDir: string, who: Omit<Claimant, 'pid'>, change: (table: Table) => void): Promise<void> {
  const file = fileOf(dvcDir);
  const signal = who.signal ?? new AbortController().signal;
  const options: LockOptions = { command: who.cmd, hardlink: who.hardlink === true, signal };
  const lock: HeldLock = await takeLock(`${file}.lock`, options);
  try {
    const table = readTable(file);
    change(table);
    writeAtomicSync(file, render(table));
  } catch (error) {
    throw fsError(error, file);
  } finally {
    lock.release();
  }
}

function overlap(a: string, b: string): boolean {
  return isInside(a, b) || isInside(b, a);
}

/** The rule: nobody else may write what I read; nobody else may read or write what I write. Parents and children count. */
function firstBlocker(table: Table, claims: PathClaims, pid: number): Blocker | undefined {
  for (const [wanted, alsoReaders] of [
    ...claims.read.map((at) => [at, false] as const),
    ...claims.write.map((at) => [at, true] as const),
  ]) {
    for (const [at, owner] of owners(table, alsoReaders)) {
      if (owner.pid !== pid && overlap(at, wanted)) return { path: wanted, pid: owner.pid, cmd: owner.cmd };
    }
  }
  return undefined;
}

function* owners(table: Table, readers: boolean): Generator<[string, Owner]> {
  yield* table.write;
  if (!readers) return;
  for (const [at, list] of table.read) for (const owner of list) yield [at, owner];
}

function withdraw(table: Table, claims: PathClaims, pid: number): void {
  for (const at of claims.read) {
    const list = table.read.get(at) ?? [];
    const mine = list.findIndex((owner) => owner.pid === pid);
    if (mine >= 0) list.splice(mine, 1);
    if (list.length === 0) table.read.delete(at);
  }
  for (const at of claims.write) if (table.write.get(at)?.pid === pid) table.write.delete(at);
}

function readTable(file: string): Table {
  const table: Table = { read: new Map(), write: new Map() };
  let text: string;
  let written: number;
  try {
    text = fs.readFileSync(file, 'utf8');
    written = fs.statSync(file).mtimeMs;
  } catch (error) {
    if (errno(error) === 'ENOENT') return table;
    throw fsError(error, file);
  }
  if (text.trim() === '') return table;
  try {
    fill(table, JSON.parse(text), new Living(written));
  } catch (error) {
    throw new StrataError('lock.rwlock', { path: file }, { cause: error });
  }
  return table;
}

/** Says whether the processes that a table names are there still; asks the system once about each. */
class Living {
  private readonly known = new Map<string, boolean>();

  /** @param written when the table was last written, in milliseconds since 1970 */
  constructor(private readonly written: number) {}

  has({ pid, cmd }: Owner): boolean {
    const key = `${pid} ${cmd}`;
    const before = this.known.get(key);
    if (before !== undefined) return before;
    const lives = isAlive(pid) && !isReused(pid, cmd, this.written);
    this.known.set(key, lives);
    return lives;
  }
}

/** Takes what the file says, without the entries of processes that are gone. */
function fill(table: Table, data: unknown, living: Living): void {
  for (const [key, paths] of entries(data)) {
    if (key !== 'read' && key !== 'write') throw new TypeError(`unknown key ${key}`);
    for (const [at, value] of entries(paths)) {
      if (key === 'write') {
        const owner = toOwner(value);
        if (living.has(owner)) table.write.set(at, owner);
      } else {
        if (!Array.isArray(value)) throw new TypeError(`no list of readers at ${at}`);
        const alive = value.map(toOwner).filter((owner) => living.has(owner));
        if (alive.length > 0) table.read.set(at, alive);
      }
    }
  }
}

function entries(value: unknown): [string, unknown][] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new TypeError('no object');
  return Object.entries(value);
}

function toOwner(value: unknown): Owner {
  const fields = new Map(entries(value));
  const pid = fields.get('pid');
  const cmd = fields.get('cmd');
  if (fields.size !== 2 || typeof pid !== 'number' || !Number.isInteger(pid) || typeof cmd !== 'string') {
    throw new TypeError('no owner');
  }
  return { pid, cmd };
}

/** What DVC leaves when nobody holds anything. */
const EMPTY = '{"write": {}}';

/** JSON in Python's default form: `", "` and `": "`. */
function render(table: Table): string {
  const owner = ({ pid, cmd }: Owner): string => `{"pid": ${pid}, "cmd": ${asciiString(cmd)}}`;
  const write = [...table.write].map(([at, one]) => `${asciiString(at)}: ${owner(one)}`);
  const read = [...table.read].map(([at, list]) => `${asciiString(at)}: [${list.map(owner).join(', ')}]`);
  const parts: string[] = [];
  if (write.length > 0) parts.push(`"write": {${write.join(', ')}}`);
  if (read.length > 0) parts.push(`"read": {${read.join(', ')}}`);
  return parts.length > 0 ? `{${parts.join(', ')}}` : EMPTY;
}
