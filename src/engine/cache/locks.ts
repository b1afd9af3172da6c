/**
 * DVC's repository lock (formats §3): `flock(2)` on `.dvc/tmp/lock`, taken for us by a child process on our own descriptor, since the
 * lock belongs to the open file and stays when the child ends. With `core.hardlink_lock` it is the link protocol of flufl instead.
 */

import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { pause, throwIfCancelled } from '../../base/cancel';
import { errno, fsError, StrataError } from '../errors';
import { mkdirs } from '../host/node';
import { commandOf, hasOpen, isAlive, readQuietly } from './holders';

/** How a lock is taken. */
export interface LockOptions {
  /** What messages call this process. */
  readonly command: string;
  /** `core.hardlink_lock`. */
  readonly hardlink: boolean;
  readonly signal: AbortSignal;
  /** How long to wait for another holder, in milliseconds; 3,000 unless given. */
  readonly waitMs?: number;
}

/** A lock that is held. Releasing it twice does nothing. */
export interface HeldLock {
  release(): void;
}

const PAUSE_MS = 100;

/** Runs `fn` while holding the repository lock of the project whose `.dvc` is `dvcDir`. Fails with `lock.busy` {path, pid, holder}. */
export async function withRepoLock<T>(dvcDir: string, options: LockOptions, fn: () => Promise<T>): Promise<T> {
  const lock = await takeLock(path.join(dvcDir, 'tmp', 'lock'), options);
  try {
    return await fn();
  } finally {
    lock.release();
  }
}

/** Takes DVC's kind of lock on a file, waiting for another holder. */
export async function takeLock(file: string, options: LockOptions): Promise<HeldLock> {
  makeFolder(path.dirname(file));
  const attempt = options.hardlink ? tryHardlink : process.platform === 'darwin' ? tryExlock : tryFlock;
  const until = Date.now() + (options.waitMs ?? 3000);
  for (;;) {
    throwIfCancelled(options.signal);
    const held = await attempt(file);
    if (held) return held;
    if (Date.now() >= until) throw busy(file);
    await pause(PAUSE_MS, options.signal);
  }
}

function makeFolder(folder: string): void {
  try {
    mkdirs(folder);
  } catch (error) {
    throw fsError(error, folder);
  }
}

/** Who holds the lock, as far as the file and the system tell. A process that does not have the file open is not to blame. */
function busy(file: string): StrataError {
  const pid = Number.parseInt(readQuietly(file), 10);
  if (!Number.isInteger(pid) || pid <= 0 || !isAlive(pid) || hasOpen(pid, file) === false) {
    return new StrataError('lock.busy', { path: file, holder: 'DVC / Strata' });
  }
  const command = commandOf(pid);
  return new StrataError('lock.busy', { path: file, pid, holder: `${command} (PID ${pid})`.trim() });
}

function open(file: string, flags: number): number {
  try {
    return fs.openSync(file, flags, 0o644);
  } catch (error) {
    throw fsError(error, file);
  }
}

/** Writes who we are, as DVC does, and makes the handle. */
function held(fd: number): HeldLock {
  const text = ` ${process.pid}\n`;
  try {
    fs.writeSync(fd, text, 0);
    fs.ftruncateSync(fd, text.length);
  } catch {
    // A full disk: the lock is ours all the same, others are told less about us.
  }
  let open = true;
  return {
    release: () => {
      if (open) fs.closeSync(fd);
      open = false;
    },
  };
}

async function tryFlock(file: string): Promise<HeldLock | undefined> {
  const fd = open(file, fs.constants.O_RDWR | fs.constants.O_CREAT);
  let ours = false;
  try {
    ours = await childLocks(fd);
    return ours ? held(fd) : undefined;
  } finally {
    if (!ours) fs.closeSync(fd);
  }
}

/** Programs that lock descriptor 3 and exit: 0 when it is ours, 1 when another holds it. */
const LOCKERS: readonly (readonly [string, readonly string[]])[] = [
  ['flock', ['-n', '-x', '3']],
  ['perl', ['-e', 'open(F, "+<&=3") or exit 2; exit(flock(F, 6) ? 0 : 1)']],
];

async function childLocks(fd: number): Promise<boolean> {
  for (const [name, args] of LOCKERS) {
    const program = systemProgram(name);
    if (program === undefined) continue;
    const code = await exitCode(program, args, fd);
    if (code === 0) return true;
    if (code === 1) return false;
  }
  throw new StrataError('lock.noProgram', {});
}

/** Only the system's own folders: never a program of the workspace or of a changed PATH. */
function systemProgram(name: string): string | undefined {
  return ['/usr/bin', '/bin', '/usr/local/bin'].map((folder) => `${folder}/${name}`).find((at) => fs.existsSync(at));
}

function exitCode(program: string, args: readonly string[], fd: number): Promise<number | null> {
  return new Promise((resolve) => {
    const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'ignore', fd], env: { LC_ALL: 'C' } });
    child.on('error', () => resolve(null));
    child.on('close', (code) => resolve(code));
  });
}

const O_EXLOCK = 0x20;

/** macOS takes the same kind of lock while opening. */
async function tryExlock(file: string): Promise<HeldLock | undefined> {
  const { O_RDWR, O_CREAT, O_NONBLOCK } = fs.constants;
  try {
    return held(fs.openSync(file, O_RDWR | O_CREAT | O_NONBLOCK | O_EXLOCK, 0o644));
  } catch (error) {
    if (errno(error) === 'EAGAIN' || errno(error) === 'EWOULDBLOCK') return undefined;
    throw fsError(error, file);
  }
}

const YEAR_S = 365 * 24 * 3600;
const SLACK_MS = 10_000;

/** The link protocol: a claim file of our own, linked to the lock's name; ours when the link is made. */
async function tryHardlink(file: string): Promise<HeldLock | undefined> {
  const seed = [file, os.hostname(), process.pid, Date.now(), Math.random()].join('|');
  const claim = path.join(path.dirname(file), `${createHash('md5').update(seed).digest('hex')}.lock`);
  try {
    fs.writeFileSync(claim, claim, { flag: 'wx' });
    const until = Date.now() / 1000 + YEAR_S;
    fs.utimesSync(claim, until, until);
    if (linkTo(claim, file) || (isStale(file) && breakStale(file, claim))) return linkHeld(file, claim);
    fs.unlinkSync(claim);
    return undefined;
  } catch (error) {
    fs.rmSync(claim, { force: true });
    throw fsError(error, file);
  }
}

function linkTo(claim: string, file: string): boolean {
  try {
    fs.linkSync(claim, file);
    return true;
  } catch (error) {
    if (errno(error) === 'EEXIST') return false;
    throw error;
  }
}

function isStale(file: string): boolean {
  const stat = fs.statSync(file, { throwIfNoEntry: false });
  return stat !== undefined && stat.mtimeMs + SLACK_MS < Date.now();
}

/** Takes a lock over whose lifetime has passed, or that an flock left behind: its name is removed, then linked anew. */
function breakStale(file: string, claim: string): boolean {
  fs.rmSync(file, { force: true });
  // Another process may do the same at this moment: the name has to be ours still.
  return linkTo(claim, file) && fs.statSync(file, { throwIfNoEntry: false })?.ino === fs.statSync(claim).ino;
}

function linkHeld(file: string, claim: string): HeldLock {
  let open = true;
  return {
    release: () => {
      if (!open) return;
      open = false;
      fs.rmSync(file, { force: true });
      fs.rmSync(claim, { force: true });
    },
  };
}
