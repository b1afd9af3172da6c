/**
 * What the system tells of the processes that lock files name. A process id proves little: it is given again after its process has ended,
 * and a lock on a network drive may name one of another machine. Where the system shows nothing (all but Linux), the id has to do.
 */

import * as fs from 'node:fs';
import { errno } from '../errors';

/** Text of a file, at most 4 kB; empty when it cannot be read. */
export function readQuietly(file: string): string {
  try {
    return fs.readFileSync(file, 'latin1').slice(0, 4096);
  } catch {
    return '';
  }
}

/** `/proc/PID/stat` behind the name, which may hold brackets and blanks of its own: state, parent, … */
function statFields(pid: number): string[] {
  const stat = readQuietly(`/proc/${pid}/stat`);
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
}

/** True while a process of that id runs; one of another user counts, one that has ended and that nobody has asked about yet does not. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (errno(error) !== 'EPERM') return false;
  }
  return !/^[ZX]/.test(statFields(pid)[0] ?? '');
}

/** The command line of a process, shortened, where the system shows it. */
export function commandOf(pid: number): string {
  return wholeCommand(pid).slice(0, 120);
}

function wholeCommand(pid: number): string {
  return readQuietly(`/proc/${pid}/cmdline`)
    .replace(/[\0\s]+/g, ' ')
    .trim();
}

/** Whether a process has a file open; undefined where the system does not tell. */
export function hasOpen(pid: number, file: string): boolean | undefined {
  const wanted = fs.statSync(file, { throwIfNoEntry: false });
  let names: string[];
  try {
    names = fs.readdirSync(`/proc/${pid}/fd`);
  } catch {
    return undefined;
  }
  return names.some((name) => {
    const found = statQuietly(`/proc/${pid}/fd/${name}`);
    return found !== undefined && found.ino === wanted?.ino && found.dev === wanted.dev;
  });
}

function statQuietly(at: string): fs.Stats | undefined {
  try {
    return fs.statSync(at, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}

/** Clocks may be set while a process runs: so much later it has to have begun, in milliseconds. */
const SLACK_MS = 10_000;
/** `/proc/PID/stat` counts in hundredths of a second since the start of the system; the start stands in field 22, the 20th behind the name. */
const TICK_MS = 10;
const START = 19;

/**
 * True when a process cannot be the one that an entry means: it began after the entry was written (`writtenMs`, since 1970), and its command line
 * is not that of the entry (`cmd`, such as `dvc repro -q`; runs of ours stand for `strata repro`). When in doubt it is the same one.
 */
export function isReused(pid: number, cmd: string, writtenMs: number): boolean {
  const started = startedMs(pid);
  if (started === undefined || started < writtenMs + SLACK_MS) return false;
  const words = cmd.split(' ').slice(1).join(' ');
  const command = wholeCommand(pid);
  return command !== '' && !command.includes('/.dvc/tmp/strata/runs/') && !(words !== '' && command.includes(words));
}

/** When a process began, in milliseconds since 1970; undefined where the system does not tell, or tells what cannot be. */
function startedMs(pid: number): number | undefined {
  const up = Number.parseFloat(readQuietly('/proc/uptime')) * 1000;
  const ticks = Number(statFields(pid)[START]);
  const age = up - ticks * TICK_MS;
  return Number.isFinite(age) && ticks > 0 && age >= 0 ? Date.now() - age : undefined;
}
