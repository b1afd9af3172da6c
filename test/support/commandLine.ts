/** The built command line as a user meets it: exit code, stdout and stderr of one call, and projects in temporary folders to call it in. */

import * as assert from 'node:assert/strict';
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { dropFolder, newFolder } from './temporary';

/** The built command line. */
export const CLI = path.join(__dirname, '..', '..', 'dist', 'cli.js');

/** What a call left behind. */
export interface Outcome {
  /** Exit code; the number of the signal + 128 when one ended it. */
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** How a call is made beside its words. */
export interface Surroundings {
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly input?: string;
}

function environment(env: Surroundings['env'] = {}): NodeJS.ProcessEnv {
  const plain = { LC_ALL: undefined, LC_MESSAGES: undefined, LANG: undefined, SHELL: '/bin/sh' };
  return { ...process.env, ...plain, ...env };
}

/** Calls the command line and waits for its end. */
export function strata(cwd: string, args: readonly string[], { env, input = '' }: Surroundings = {}): Outcome {
  return call(process.execPath, [CLI, ...args], cwd, { env: environment(env), input });
}

/** Calls any program the same way. */
export function call(
  program: string,
  args: readonly string[],
  cwd: string,
  more: { readonly env?: NodeJS.ProcessEnv; readonly input?: string; readonly timeout?: number } = {},
): Outcome {
  const run = spawnSync(program, args, { cwd, encoding: 'utf8', maxBuffer: 1 << 28, timeout: 55_000, ...more });
  return { code: run.status ?? 128, out: run.stdout, err: run.stderr };
}

/** A call that is under way. */
export interface Started {
  readonly child: ChildProcess;
  /** What it has written to stdout and stderr so far. */
  said(): string;
  readonly ended: Promise<Outcome>;
}

/** Starts the command line without waiting for it. */
export function startStrata(cwd: string, args: readonly string[], { env }: Surroundings = {}): Started {
  const child = spawn(process.execPath, [CLI, ...args], {
    cwd,
    env: environment(env),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [out, err] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
  const ended = new Promise<Outcome>((resolve) => {
    child.once('close', (code) => resolve({ code: code ?? 128, out, err }));
  });
  return { child, ended, said: () => out + err };
}

/** Waits until `ready`, looking often; fails after thirty seconds. */
export async function until(ready: () => boolean, what: string): Promise<void> {
  const end = Date.now() + 30_000;
  while (!ready()) {
    assert.ok(Date.now() < end, `timed out waiting for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** True while a process runs; one that has ended and that nobody has asked about yet does not. */
export function isRunning(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(fs.readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

/** A project with Git in a folder of its own. */
export interface CommandProject {
  readonly root: string;
  /** Calls the command line in the root. */
  run(...args: string[]): Outcome;
  /** The same; it has to succeed. */
  ok(...args: string[]): string;
  /** Writes files by their path. */
  write(files: Readonly<Record<string, string>>): void;
  /** Text of a file, undefined when there is none. */
  read(file: string): string | undefined;
  drop(): void;
}

/** A copy of a project in a folder of its own: its cache and history come along. */
export function copyProject(from: CommandProject): CommandProject {
  const above = newFolder();
  const root = path.join(above, 'project');
  fs.cpSync(from.root, root, { recursive: true, verbatimSymlinks: true, preserveTimestamps: true });
  return projectAt(root);
}

/** Makes a project; it lies one folder below a temporary one, so that what leaves it is seen. */
export function newProject(files: Readonly<Record<string, string>> = {}): CommandProject {
  const above = newFolder();
  const root = path.join(above, 'project');
  fs.mkdirSync(root);
  assert.equal(spawnSync('git', ['init', '--quiet', root]).status, 0);
  const project = projectAt(root);
  project.ok('init', '-q');
  project.write(files);
  return project;
}

function projectAt(root: string): CommandProject {
  const run = (...args: string[]): Outcome => strata(root, args);
  return {
    root,
    run,
    ok: (...args) => {
      const outcome = run(...args);
      assert.equal(outcome.code, 0, `strata ${args.join(' ')}: ${outcome.err}`);
      return outcome.out;
    },
    write: (more) => {
      for (const [name, text] of Object.entries(more)) {
        fs.mkdirSync(path.dirname(path.join(root, name)), { recursive: true });
        fs.writeFileSync(path.join(root, name), text);
      }
    },
    read: (file) => {
      const at = path.join(root, file);
      return fs.existsSync(at) ? fs.readFileSync(at, 'utf8') : undefined;
    },
    drop: () => dropFolder(path.dirname(root)),
  };
}

/** Every object of the cache, as paths. */
export function objectsOf(root: string): string[] {
  const base = path.join(root, '.dvc', 'cache', 'files', 'md5');
  if (!fs.existsSync(base)) return [];
  return fs
    .readdirSync(base, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name));
}
