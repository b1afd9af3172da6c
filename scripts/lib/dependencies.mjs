/**
 * Installs the packages that package-lock.json names when they are not there yet.
 * Uses nothing but Node, since it runs before anything is installed.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { root } from './root.mjs';

async function packagesOf(file) {
  const text = await readFile(file, 'utf8').catch(() => '{}');
  return JSON.parse(text).packages ?? {};
}

/** Whether each package of the lock file that this machine needs is installed in that version. */
async function upToDate() {
  const wanted = await packagesOf(join(root, 'package-lock.json'));
  const present = await packagesOf(join(root, 'node_modules', '.package-lock.json'));
  return Object.entries(wanted).every(([path, { version, optional, devOptional, peer }]) => {
    if (!path || (present[path] && present[path].version === version && existsSync(join(root, path)))) return true;
    return Boolean(optional || devOptional || peer) && !present[path];
  });
}

/** Runs `npm ci` when it is needed. @returns {Promise<boolean>} whether it was */
export async function ensureDependencies() {
  if (await upToDate()) return false;
  console.log('npm ci: installing the packages of package-lock.json');
  const { status } = spawnSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], {
    cwd: root,
    stdio: 'inherit',
    shell: process.platform === 'win32',
  });
  if (status !== 0) throw new Error('npm ci failed: see its lines above.');
  return true;
}
