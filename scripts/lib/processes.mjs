/**
 * Ending a process with everything that it started.
 * A child that has detached itself and whose parent is gone is no longer in the tree; on Linux it is found by a marker
 * in its environment, which children inherit.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** The environment variable that marks what belongs to one server. */
export const markerName = 'STRATA_SERVER_ID';

function linuxProcesses() {
  const found = [];
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    try {
      const status = readFileSync(`/proc/${entry}/stat`, 'utf8');
      const [state, parent] = status.slice(status.lastIndexOf(')') + 2).split(' ');
      if (state === 'Z') continue;
      found.push({ pid: Number(entry), parent: Number(parent), env: readFileSync(`/proc/${entry}/environ`, 'latin1') });
    } catch {
      continue; // It ended while we looked, or belongs to somebody else.
    }
  }
  return found;
}

function otherProcesses() {
  const lines = execFileSync('ps', ['-axo', 'pid=,ppid='], { encoding: 'utf8' }).trim().split('\n');
  return lines.map((line) => {
    const [pid, parent] = line.trim().split(/\s+/).map(Number);
    return { pid, parent, env: '' };
  });
}

/**
 * The ids of a process and all that descends from it or carries its marker, those that are alive.
 * @param {number} root
 * @param {string} [marker] the value of the marker variable
 */
export function familyOf(root, marker) {
  const all = process.platform === 'linux' ? linuxProcesses() : otherProcesses();
  const family = new Set([root]);
  const carries = marker ? `${markerName}=${marker}\0` : undefined;
  for (const each of all) if (carries && each.env.includes(carries)) family.add(each.pid);
  for (let grown = true; grown;) {
    grown = false;
    for (const { pid, parent } of all) {
      if (!family.has(pid) && family.has(parent)) grown = Boolean(family.add(pid));
    }
  }
  return all.map(({ pid }) => pid).filter((pid) => family.has(pid));
}

function signal(pids, name) {
  for (const pid of pids) {
    try {
      process.kill(pid, name);
    } catch {
      continue; // Already gone.
    }
  }
}

/** Ends a process and its family at once; for exit handlers, which may not wait. */
export function killFamily(root, marker) {
  if (process.platform === 'win32') {
    try {
      execFileSync('taskkill', ['/pid', String(root), '/t', '/f'], { stdio: 'ignore' });
    } catch {
      return; // Already gone.
    }
    return;
  }
  signal(familyOf(root, marker), 'SIGKILL');
}

/** Asks a process and its family to end, and after `patienceMs` ends what is left. Resolves when none is alive. */
export async function endFamily(root, marker, patienceMs = 2000) {
  if (process.platform === 'win32') return killFamily(root, marker);
  const family = new Set(familyOf(root, marker));
  signal(family, 'SIGTERM');
  const alive = () => familyOf(root, marker).concat([...family].filter(isAlive));
  for (const end = Date.now() + patienceMs; Date.now() < end; await sleep(50)) if (alive().length === 0) return;
  signal(new Set(alive()), 'SIGKILL');
  for (const end = Date.now() + patienceMs; Date.now() < end; await sleep(20)) if (alive().length === 0) return;
  throw new Error(`These processes would not end: ${alive().join(', ')}.`);
}

function isAlive(pid) {
  if (process.platform === 'linux') {
    try {
      const status = readFileSync(`/proc/${pid}/stat`, 'utf8');
      return !status.slice(status.lastIndexOf(')') + 2).startsWith('Z');
    } catch {
      return false;
    }
  }
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
