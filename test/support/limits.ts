/** Systems that say no: small and read-only disks, a user without rights, few open files, little memory. Most of it needs root on Linux. */

import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { type Context } from 'mocha';
import { call, CLI, type Outcome } from './commandLine';
import { skip } from './skip';

const PEAK = path.join(__dirname, '..', '..', 'bench', 'peakHook.cjs');
const NOBODY = 65534;

/** How a small disk is made: a tmpfs with these options, or an ext4 of so many megabytes in a file. */
export type DiskKind = { readonly tmpfs: string } | { readonly ext4: number };

/** A file system of its own, mounted in a folder. */
export class SmallDisk {
  private constructor(
    /** Where it is mounted. */
    readonly at: string,
    private readonly image: string | undefined,
  ) {}

  /** Mounts it at `at`, which is made; skips the running test where that cannot be done. */
  static mount(context: Context, at: string, kind: DiskKind): SmallDisk {
    fs.mkdirSync(at);
    const image = 'ext4' in kind ? `${at}.image` : undefined;
    if (image !== undefined && 'ext4' in kind) {
      fs.writeFileSync(image, '');
      fs.truncateSync(image, kind.ext4 << 20);
      if (spawnSync('mkfs.ext4', ['-q', '-F', '-m', '0', image]).status !== 0) skip(context, 'there is no mkfs.ext4');
    }
    const how = 'tmpfs' in kind ? ['-t', 'tmpfs', '-o', kind.tmpfs, 'none'] : ['-o', 'loop', image ?? ''];
    if (spawnSync('mount', [...how, at]).status !== 0) skip(context, 'no file system can be mounted here');
    return new SmallDisk(at, image);
  }

  /** Lets nobody write to it any longer, or again. */
  readOnly(yes: boolean): void {
    const { status, stderr } = spawnSync('mount', ['-o', yes ? 'remount,ro' : 'remount,rw', this.at]);
    if (status !== 0) throw new Error(String(stderr));
  }

  /** Fills it until no file of `block` bytes goes on it, of 0 bytes until no name does; {@link free} takes that away. */
  fill(block: number): void {
    const bytes = Buffer.alloc(block, 'x');
    for (let n = 0; ; n += 1) {
      try {
        fs.writeFileSync(path.join(this.at, `ballast${n}`), bytes);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
        fs.rmSync(path.join(this.at, `ballast${n}`), { force: true });
        return;
      }
    }
  }

  free(): void {
    for (const name of fs.readdirSync(this.at)) if (name.startsWith('ballast')) fs.rmSync(path.join(this.at, name));
  }

  unmount(): void {
    spawnSync('umount', [this.at]);
    if (this.image !== undefined) fs.rmSync(this.image, { force: true });
  }
}

/** Calls the command line as a user without rights over what is root's. */
export function asNobody(cwd: string, ...args: string[]): Outcome {
  const drop = [`--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups', process.execPath, CLI];
  return call('setpriv', [...drop, ...args], cwd, { env: { ...process.env, HOME: '/', SHELL: '/bin/sh' } });
}

/** Skips unless this is root and another user can be played. `above` is opened for everybody. */
export function needNobody(context: Context, above: string): void {
  if (process.getuid?.() !== 0) skip(context, 'another user can be played by root only');
  fs.chmodSync(above, 0o755);
  if (asNobody('/', '--version').code !== 0) skip(context, 'another user cannot reach the program');
}

/** Gives files with all below to nobody, or back to root. */
export function give(to: 'nobody' | 'root', ...paths: string[]): void {
  const who = to === 'nobody' ? `${NOBODY}:${NOBODY}` : '0:0';
  spawnSync('chown', ['-hR', who, ...paths]);
}

/** Calls the command line in a shell that first did `limit`, such as `ulimit -n 64`. */
export function limited(cwd: string, limit: string, args: readonly string[], timeout = 55_000): Outcome {
  const script = `${limit} && exec "$0" "$@"`;
  return call('/bin/sh', ['-c', script, process.execPath, CLI, ...args], cwd, { timeout });
}

/** Calls the command line; says besides how much memory it held at most, in MB, with options for Node before it. */
export function measured(
  cwd: string,
  args: readonly string[],
  node: readonly string[] = [],
  timeout = 55_000,
): Outcome & { readonly mb: number } {
  const outcome = call(process.execPath, [...node, '--require', PEAK, CLI, ...args], cwd, { timeout });
  return { ...outcome, mb: Number(/^peak (\d+)$/m.exec(outcome.err)?.[1]) / 1000 };
}
