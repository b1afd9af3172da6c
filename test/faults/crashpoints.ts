/**
 * Runs `crashpoints.mjs`: the built command line under strace, ended or failed at each call that changes the disk, and judged each
 * time by `check.ts`. The level needs Linux and strace.
 */

import * as assert from 'node:assert/strict';
import { buildSync } from 'esbuild';
import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { ensurePython } from '../../scripts/machinery.mjs';
import { dropFolder, newFolder } from '../support/temporary';

const ROOT = path.join(__dirname, '..', '..');
/** The built command line. */
export const CLI = path.join(ROOT, 'dist', 'cli.js');

/** A template folder with what `check.ts` shall find, and the command under test. */
export interface Scene {
  readonly folder: string;
  /** Project folder that each case is a copy of. */
  readonly template: string;
  readonly args: readonly string[];
  /** Paths that are nobody's promise to have on disk. */
  readonly passing: readonly string[];
}

/** Runs the command line in a folder; it has to succeed. */
export function strata(cwd: string, ...args: string[]): string {
  const run = spawnSync(process.execPath, [CLI, ...args], { cwd, encoding: 'utf8' });
  assert.equal(run.status, 0, `strata ${args.join(' ')}: ${run.stderr}`);
  return run.stdout;
}

/** Where objects lie: in the cache, or on the remote, which is the folder `.dvc/remote` of the project. */
export type Place = 'cache' | 'remote';

/** What a scene's states are judged by: for each path the texts it may have while under way, and the one it has in the end. */
export interface Expected {
  /** Whole command line of the recovery: the same command again. */
  readonly command: readonly string[];
  readonly files: Readonly<
    Record<string, { readonly allowed: readonly (string | null)[]; readonly final: string | null }>
  >;
  /** Pointer files there have to be in the end. */
  readonly pointers: readonly string[];
  /** Files that must not be there in the end. */
  readonly gone?: readonly string[];
  /** Where the objects of every pointer are at any moment; the cache unless given. */
  readonly safe?: Place;
  /** Where the bytes of every file are in the end; the cache unless given. */
  readonly stored?: readonly Place[];
  /** Files that are not tracked. */
  readonly uncached?: readonly string[];
  /** Of each of these groups of files one is there at any moment. */
  readonly present?: readonly (readonly string[])[];
  /** Once all is done the same command has nothing to act on any more, and may say so. */
  readonly once?: boolean;
}

/** Makes a project, lets `fill` bring it to the state before the command, and notes what to expect. */
export function newScene(
  args: readonly string[],
  fill: (template: string) => Omit<Expected, 'command'>,
  passing: readonly string[] = [],
): Scene {
  const folder = newFolder();
  const template = path.join(folder, 'template');
  fs.mkdirSync(template);
  assert.equal(spawnSync('git', ['init', '--quiet', template]).status, 0);
  strata(template, 'init', '-q');
  const expected: Expected = { ...fill(template), command: [process.execPath, CLI, ...args] };
  fs.writeFileSync(path.join(folder, 'expected.json'), JSON.stringify(expected));
  buildSync({
    entryPoints: [path.join(__dirname, 'check.ts')],
    outfile: path.join(folder, 'check.js'),
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    logLevel: 'error',
  });
  return { folder, template, args, passing };
}

/** Removes a scene. */
export function dropScene(scene: Scene | undefined): void {
  if (scene) dropFolder(scene.folder);
}

/** State below `.dvc/tmp` that may be lost at any time. */
const IGNORED = ['lock', 'rwlock', 'rwlock.lock', 'strata/index'];

const quote = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

/** A soak tries everything, `npm test` a spread of it. */
export const SOAK = process.env['STRATA_SOAK'] !== undefined;

/** In a soak every point is tried, with more kinds of errors; else a spread of them. */
function breadth(options: readonly string[]): string[] {
  if (!SOAK) return [...options];
  const max = options.indexOf('--max');
  const all = max < 0 ? [...options] : [...options.slice(0, max), ...options.slice(max + 2)];
  return all.map((one) => (one.startsWith('EIO,') ? 'EIO,ENOSPC,EACCES,EMFILE,EROFS,EDQUOT' : one));
}

/** Runs the tool in one mode; fails with its own words when a case failed. Gives the number of cases that passed. */
export async function crash(scene: Scene, mode: string, options: readonly string[] = []): Promise<number> {
  const check = `${quote(process.execPath)} ${quote(path.join(scene.folder, 'check.js'))} ${quote(path.join(scene.folder, 'expected.json'))}`;
  const tool = path.join(__dirname, 'crashpoints.mjs');
  const unpromised = mode === 'kill' ? [] : scene.passing;
  const ignored = [...IGNORED.map((name) => `.dvc/tmp/${name}`), ...unpromised].flatMap((name) => ['--ignore', name]);
  // An error that misses its call may hit one of Node's own, on the pipe by which its threads wake each other: that run never ends, and counts as missed.
  const patience = mode === 'error' ? ['--timeout', '20'] : [];
  const judged = ['--mode', mode, ...patience, ...ignored, '--check', check, ...breadth(options)];
  const args = [tool, '--dir', scene.template, ...judged];
  const { dvc, env } = await ensurePython();
  const run = spawnSync(process.execPath, [...args, '--', process.execPath, CLI, ...scene.args], {
    encoding: 'utf8',
    maxBuffer: 1 << 26,
    env: {
      ...env,
      HOME: scene.folder,
      DVC_SITE_CACHE_DIR: path.join(scene.folder, 'site'),
      CHECK_DVC: `${dvc}\n${SOAK ? 1 : 7}`,
    },
  });
  const last = /(\d+) passed, (\d+) failed\s*$/.exec(run.stdout);
  assert.ok(run.status === 0 && last, `${run.stdout}\n${run.stderr}`);
  return Number(last[1]);
}

/** Why this level cannot run here, or undefined. */
export function whyNot(): string | undefined {
  if (process.platform !== 'linux') return 'strace is for Linux';
  return spawnSync('strace', ['-V']).status === 0 ? undefined : 'strace is not installed';
}
