/**
 * Runs stages on this machine. Each command is a process group of its own that writes straight into `out.log`, both streams in the order of
 * arrival; nothing of it passes through this process. Ending a job means TERM for the group, KILL for who is left a second later.
 */

import { spawn, type ChildProcess } from 'node:child_process';
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
  renameSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { hostname } from 'node:os';
import { StrataError } from '../errors';
import { groupAlive, isAlive, signalGroup, started } from './processes';
import { type Handle, type JobView, type LogChunk, type Runner, type StageJob, type Verdict } from './runners';
import { shellCall, stageEnv } from './shell';

/** Milliseconds between asking a job to end and ending it. */
const GRACE_MS = 1200;
/** Milliseconds that the system is given to clear away what was killed; what nobody reaps stays longer and does no harm. */
const CLEAR_MS = 400;
const FOLLOW_MS = 100;
const CHUNK = 256 * 1024;

/** A job that this process started. */
interface Active {
  readonly job: StageJob;
  readonly start: number;
  child: ChildProcess | undefined;
  cancelled: boolean;
  readonly done: Promise<JobView>;
}

/** The runner of this machine. */
export function localRunner(env: Readonly<Record<string, string | undefined>> = process.env): Runner {
  const active = new Map<string, Active>();
  return {
    kind: 'local',
    can: { dependencies: false, arrays: false, gpus: false, timeLimit: false, sharedFiles: true, estimate: false },
    probe: () => Promise.resolve({ ok: true, version: process.version }),
    submit: async (jobs) => {
      const handles: Handle[] = [];
      for (const job of jobs) handles.push(await submitOne(job, env, active));
      return handles;
    },
    poll: (handles) => Promise.resolve(handles.map((handle) => view(handle, active.get(handle.token)))),
    reattach: (handles) => Promise.resolve(handles.map((handle) => view(handle, active.get(handle.token)))),
    logs: followLog,
    wait: (handle) => active.get(handle.token)?.done ?? Promise.resolve(view(handle, undefined)),
    cancel: async (handles) => {
      await Promise.all(handles.map((handle) => cancelOne(handle, active.get(handle.token))));
    },
  };
}

async function submitOne(
  job: StageJob,
  env: Readonly<Record<string, string | undefined>>,
  active: Map<string, Active>,
): Promise<Handle> {
  mkdirSync(job.dir, { recursive: true });
  const full = stageEnv(env, job.env);
  const log = openSync(`${job.dir}/out.log`, 'a');
  const entry: Active = {
    job,
    start: Date.now(),
    child: undefined,
    cancelled: false,
    done: Promise.resolve({} as JobView),
  };
  let first: ChildProcess | undefined;
  try {
    if (job.cmd[0] !== undefined) first = await startCommand(job, job.cmd[0], full, log);
  } catch (error) {
    closeSync(log);
    throw error;
  }
  entry.child = first;
  const handle = { token: job.token, id: String(first?.pid ?? 0), submitted: entry.start, dir: job.dir };
  putJson(`${job.dir}/job.json`, { ...handle, where: hostname() });
  const done = runAll(entry, full, log).finally(() => {
    closeSync(log);
  });
  active.set(job.token, Object.assign(entry, { done }));
  return handle;
}

/** Starts one shell; its command goes to the log first. Fails with `run.noShell`. */
async function startCommand(
  job: StageJob,
  cmd: string,
  env: Record<string, string>,
  log: number,
): Promise<ChildProcess> {
  writeSync(log, `> ${cmd}\n`);
  const { file, args, verbatim } = shellCall(cmd, env, process.platform);
  const child = spawn(file, [...args], {
    cwd: job.cwd,
    env,
    stdio: ['ignore', log, log],
    detached: process.platform !== 'win32',
    windowsHide: true,
    windowsVerbatimArguments: verbatim,
  });
  try {
    await started(child);
  } catch (error) {
    throw new StrataError('run.noShell', { path: file }, { cause: error });
  }
  return child;
}

/** Waits for the first command, runs the others, writes the verdict. */
async function runAll(entry: Active, env: Record<string, string>, log: number): Promise<JobView> {
  let end: { code: number | null; signal: string | null; reason?: string } = { code: 0, signal: null };
  for (const [i, cmd] of entry.job.cmd.entries()) {
    try {
      if (i > 0) entry.child = await startCommand(entry.job, cmd, env, log);
      if (entry.child) end = await exitOf(entry.child);
    } catch (error) {
      end = { code: 127, signal: null, reason: String((error as Error).message) };
    }
    if (end.code !== 0 || entry.cancelled) break;
  }
  const ok = end.code === 0 && !entry.cancelled;
  const verdict: Verdict = {
    token: entry.job.token,
    state: entry.cancelled ? 'cancelled' : ok ? 'succeeded' : 'failed',
    ...(end.code === null ? {} : { code: end.code }),
    ...(end.signal === null ? {} : { signal: end.signal }),
    ...(end.reason === undefined ? {} : { reason: end.reason }),
    start: entry.start,
    end: Date.now(),
  };
  putJson(`${entry.job.dir}/verdict.json`, verdict);
  return fromVerdict(verdict);
}

function exitOf(child: ChildProcess): Promise<{ code: number | null; signal: string | null }> {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null)
      resolve({ code: child.exitCode, signal: child.signalCode });
    else child.once('exit', (code, signal) => resolve({ code, signal }));
  });
}

/** Ends a job: TERM, and KILL for those still there when the time is up. */
async function cancelOne(handle: Handle, entry: Active | undefined): Promise<void> {
  if (entry) entry.cancelled = true;
  const pid = entry?.child?.pid ?? Number(handle.id);
  if (!(pid > 0) || readVerdict(handle)) return;
  signalGroup(pid, 'SIGTERM');
  if (!(await isGone(pid, GRACE_MS))) {
    signalGroup(pid, 'SIGKILL');
    await isGone(pid, CLEAR_MS);
  }
  await entry?.done;
}

/** Waits for a process group to end, no longer than `ms`. */
async function isGone(pid: number, ms: number): Promise<boolean> {
  const end = Date.now() + ms;
  while (groupAlive(pid)) {
    if (Date.now() >= end) return false;
    await sleep(20);
  }
  return true;
}

/** State of a job from its verdict, else from its process. */
function view(handle: Handle, entry: Active | undefined): JobView {
  const verdict = readVerdict(handle);
  if (verdict) return fromVerdict(verdict);
  const alive = entry !== undefined || isAlive(Number(handle.id));
  return { token: handle.token, state: alive ? 'running' : 'lost', startedAt: handle.submitted, source: 'engine' };
}

function fromVerdict(verdict: Verdict): JobView {
  return {
    token: verdict.token,
    state: verdict.state,
    ...(verdict.code === undefined ? {} : { exitCode: verdict.code }),
    ...(verdict.signal === undefined ? {} : { signal: verdict.signal }),
    ...(verdict.reason === undefined ? {} : { reason: verdict.reason }),
    startedAt: verdict.start,
    endedAt: verdict.end,
    source: 'verdict',
  };
}

function readVerdict(handle: Handle): Verdict | undefined {
  try {
    const verdict = JSON.parse(readFileSync(`${handle.dir}/verdict.json`, 'utf8')) as Verdict;
    return verdict.token === handle.token ? verdict : undefined;
  } catch {
    return undefined;
  }
}

/** Output from `from` on; ends when the job has ended and all is given. */
async function* followLog(handle: Handle, from: number, signal: AbortSignal): AsyncIterable<LogChunk> {
  let at = from;
  for (;;) {
    const over = readVerdict(handle) !== undefined || !isAlive(Number(handle.id));
    for (
      let bytes = readChunk(`${handle.dir}/out.log`, at);
      bytes.length > 0;
      bytes = readChunk(`${handle.dir}/out.log`, at)
    ) {
      at += bytes.length;
      yield { stream: 'out', bytes, next: at };
    }
    if (over || signal.aborted) return;
    await sleep(FOLLOW_MS);
  }
}

function readChunk(path: string, from: number): Uint8Array {
  if (!existsSync(path)) return new Uint8Array();
  const fd = openSync(path, 'r');
  try {
    const buffer = new Uint8Array(CHUNK);
    return buffer.subarray(0, readSync(fd, buffer, 0, CHUNK, from));
  } finally {
    closeSync(fd);
  }
}

/** Old or new, never half. */
function putJson(path: string, value: unknown): void {
  const temporary = `${path}.${process.pid}.tmp`;
  writeFileSync(temporary, `${JSON.stringify(value)}\n`);
  renameSync(temporary, path);
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
