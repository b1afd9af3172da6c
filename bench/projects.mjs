/** Projects to measure in: the same seeded files under Strata, under the real DVC, and bare for the floor. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { outFolder } from '../scripts/lib/root.mjs';
import { timed } from './measure.mjs';

/** Where the bench works; what lies there is removed when it begins and when it ends. */
export const workFolder = join(outFolder, 'bench');
const asideFolder = join(workFolder, 'aside');
const floorProgram = fileURLToPath(new URL('floor.mjs', import.meta.url));

/** Different incompressible bytes for each number, always the same. */
function bytesOf(number, size) {
  const parts = [];
  for (let got = 0; got < size; got += 64) parts.push(createHash('sha512').update(`${number} ${got}`).digest());
  return Buffer.concat(parts).subarray(0, size);
}

/** Writes `count` files of `size` bytes into a folder; `from` is the number that their names and contents begin with. */
export function makeFiles(folder, count, size, from = 0) {
  mkdirSync(folder, { recursive: true });
  for (let i = from; i < from + count; i++) {
    writeFileSync(join(folder, `${String(i).padStart(6, '0')}.bin`), bytesOf(i, size));
  }
}

/** Removes what stands there, whatever it is. */
export function remove(...paths) {
  for (const path of paths) rmSync(path, { recursive: true, force: true });
}

let aside = 0;

/**
 * Takes what stands there out of the way, within its file system. It is removed when the bench ends: ext4 does not use the numbers of files
 * again that were removed within the last minutes, and looking for others costs whoever makes files next many times the work itself.
 */
export function setAside(...paths) {
  for (const path of paths) {
    if (!existsSync(path)) continue;
    mkdirSync(asideFolder, { recursive: true });
    renameSync(path, join(asideFolder, String((aside += 1))));
  }
}

/** Lets nothing that was written before be paid for by what is timed next, and keeps files in memory. */
export function settle(folder) {
  execFileSync('sync');
  if (!existsSync(folder)) return;
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (entry.isFile()) readFileSync(join(entry.parentPath ?? entry.path, entry.name));
  }
}

/** A project under one tool. */
class Project {
  constructor(name, root, command, states) {
    this.name = name;
    this.root = root;
    this.command = command;
    /** Folders in which the tool remembers hashes. */
    this.states = states;
  }

  path(...parts) {
    return join(this.root, ...parts);
  }

  run(...args) {
    return timed(this.command(args));
  }

  /** What a fresh clone lacks: everything that the tool remembers about files. */
  forget() {
    setAside(...this.states);
  }
}

/**
 * Two projects with Git and the same files, one under each tool.
 * @param {{work: string, dist: string, peer: {dvc: string, env: NodeJS.ProcessEnv}, twins?: boolean}} context twins: false where DVC has no part
 * @param {(folder: string) => void} fill writes the first project's files; the second gets a copy
 * @returns {{strata: Project, dvc: Project}}
 */
export function makeProjects({ work, dist, peer, twins = true }, fill) {
  const site = join(work, 'dvc-site');
  const env = { ...peer.env, DVC_SITE_CACHE_DIR: site, DVC_NO_ANALYTICS: '1', LC_ALL: 'C.UTF-8' };
  const roots = { strata: join(work, 'strata'), dvc: join(work, 'dvc') };
  const cli = join(dist, 'cli.js');
  const ours = (args) => ({ program: process.execPath, args: [cli, ...args], cwd: roots.strata, env });
  const theirs = (args) => ({ program: peer.dvc, args, cwd: roots.dvc, env });
  const strata = new Project('strata', roots.strata, ours, [join(roots.strata, '.dvc', 'tmp')]);
  const dvc = new Project('dvc', roots.dvc, theirs, [join(roots.dvc, '.dvc', 'tmp'), site]);
  mkdirSync(roots.strata, { recursive: true });
  fill(roots.strata);
  if (twins) cpSync(roots.strata, roots.dvc, { recursive: true, preserveTimestamps: true });
  for (const project of twins ? [strata, dvc] : [strata]) {
    execFileSync('git', ['init', '--quiet'], { cwd: project.root, stdio: 'ignore' });
    project.run('init');
  }
  return { strata, dvc };
}

/** The command of a floor; see `floor.mjs`. */
export function floor(...args) {
  return { program: process.execPath, args: [floorProgram, ...args] };
}
