/**
 * Processes of this machine: whether one lives, whether it is the one we mean, ending a whole group, and starting the detached supervisor of a
 * run. POSIX ends process groups; Windows, which has none, ends process trees with its own `taskkill`.
 */

import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { stageEnv } from './shell';

/** True while a process of that id exists. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/**
 * True while the process lives and was started with `mark` (a run's token) among its arguments. Ids are given again to others, so Linux is
 * asked for the command line; other systems answer by the id alone.
 */
export function isRunning(pid: number, mark: string): boolean {
  if (!isAlive(pid)) return false;
  if (process.platform !== 'linux') return true;
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'latin1').includes(mark);
  } catch {
    return false;
  }
}

/** Sends a signal to a process and all that it started; a group that is gone is fine. */
export function signalGroup(pid: number, signal: 'SIGTERM' | 'SIGKILL'): void {
  if (process.platform === 'win32') {
    if (signal === 'SIGKILL') {
      const root = process.env['SystemRoot'] ?? 'C:\\Windows';
      const kill = spawn(`${root}\\System32\\taskkill.exe`, ['/pid', String(pid), '/T', '/F'], {
        stdio: 'ignore',
        windowsHide: true,
      });
      kill.on('error', () => undefined);
    }
    return;
  }
  try {
    process.kill(-pid, signal);
  } catch {
    // Nobody of the group is left.
  }
}

/** True while anybody of the process group lives. */
export function groupAlive(pid: number): boolean {
  if (process.platform === 'win32') return isAlive(pid);
  return isAlive(-pid);
}

/**
 * True when a process group is surely a stage's command in the project `root`: its leader has that root in its environment, or is gone, and an
 * id is not given again while a group still bears it. Where the system does not tell, the answer is no.
 */
export function isLeftover(pid: number, root: string): boolean {
  if (!(pid > 1) || process.platform !== 'linux' || !groupAlive(pid)) return false;
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0').includes(`DVC_ROOT=${root}`);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT';
  }
}

/** A started supervisor. */
export interface Supervisor {
  readonly pid: number;
  /** Resolves when it has ended; only while the process that started it lives. */
  readonly exited: Promise<number | null>;
}

/**
 * Starts `script RUNDIR` on its own: in a session of its own, with no tie to the terminal, the window or the process that asks. What it says
 * outside its status goes to `logPath`. Fails with Node's error when the program cannot be started.
 */
export async function startSupervisor(script: string, runDir: string, logPath: string): Promise<Supervisor> {
  const log = openSync(logPath, 'a');
  try {
    const electron = process.versions['electron'] !== undefined || process.env['ELECTRON_RUN_AS_NODE'] === '1';
    const child = spawn(process.execPath, [script, runDir], {
      cwd: runDir,
      detached: true,
      windowsHide: true,
      stdio: ['ignore', log, log],
      env: stageEnv(process.env, electron ? { ELECTRON_RUN_AS_NODE: '1' } : {}),
    });
    const exited = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)));
    await started(child);
    child.unref();
    return { pid: child.pid ?? -1, exited };
  } finally {
    closeSync(log);
  }
}

/** Resolves once the process runs; rejects when it could not be started. */
export function started(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', reject);
  });
}
