/** A project in a temporary folder in which the real DVC and GTO and the built command line take turns. */

import assert from 'node:assert/strict';
import { spawn, spawnSync, type ChildProcess, type SpawnSyncReturns } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { root as projectRoot } from '../../scripts/lib/root.mjs';
import { ensurePython } from '../../scripts/machinery.mjs';

/** Which program is called. */
export type Tool = 'dvc' | 'gto' | 'strata' | 'git' | 'python';

/** What a call left. */
export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

const PATIENCE_MS = 120_000;

/** A Git repository with a DVC project and a remote folder beside it. */
export class TwoTools {
  private constructor(
    private readonly above: string,
    private readonly programs: Readonly<Record<Tool, readonly string[]>>,
    private readonly env: NodeJS.ProcessEnv,
  ) {}

  /** Makes the folder; `init` says who starts the project. */
  static async make(init: 'dvc' | 'strata'): Promise<TwoTools> {
    const { dvc, gto, python, env } = await ensurePython();
    const above = realpathSync(mkdtempSync(join(tmpdir(), 'strata two ')));
    const who = { GIT_AUTHOR_NAME: 'A', GIT_AUTHOR_EMAIL: 'a@example.com' };
    const programs = {
      dvc: [dvc],
      gto: [gto],
      python: [python],
      git: ['git'],
      strata: [process.execPath, join(projectRoot, 'dist', 'cli.js')],
    };
    const tools = new TwoTools(above, programs, {
      ...env,
      ...who,
      GIT_COMMITTER_NAME: 'A',
      GIT_COMMITTER_EMAIL: 'a@example.com',
      LC_ALL: 'C.UTF-8',
      SHELL: '/bin/sh',
      HOME: above,
      XDG_CONFIG_HOME: join(above, 'config'),
      DVC_SITE_CACHE_DIR: join(above, 'site'),
    });
    mkdirSync(tools.root);
    tools.run('git', 'init', '-q', '-b', 'main');
    tools.run(init, 'init', '-q');
    return tools;
  }

  /** Absolute path of the project. */
  get root(): string {
    return join(this.above, 'project');
  }

  at(path: string): string {
    return join(this.root, path);
  }

  /** Writes files by path; those that end in `.sh` are executable. */
  write(files: Readonly<Record<string, string>>): void {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(this.at(path)), { recursive: true });
      rmSync(this.at(path), { force: true });
      writeFileSync(this.at(path), text);
      if (path.endsWith('.sh')) chmodSync(this.at(path), 0o755);
    }
  }

  read(path: string): string {
    return readFileSync(this.at(path), 'utf8');
  }

  exists(path: string): boolean {
    return existsSync(this.at(path));
  }

  /** Deletes files and folders. */
  remove(...paths: string[]): void {
    for (const path of paths) rmSync(this.at(path), { recursive: true, force: true });
  }

  /** Paths of all files below a folder, sorted. */
  list(folder: string): string[] {
    const entries = readdirSync(this.at(folder), { recursive: true, withFileTypes: true });
    const files = entries.filter((entry) => !entry.isDirectory());
    return files.map((entry) => join(entry.parentPath, entry.name).slice(this.at(folder).length + 1)).sort();
  }

  /** Runs a program to its end. */
  try(tool: Tool, ...args: string[]): Ended {
    const [program = '', ...first] = this.programs[tool];
    const options = { cwd: this.root, env: this.env, encoding: 'utf8', timeout: PATIENCE_MS } as const;
    const ended: SpawnSyncReturns<string> = spawnSync(program, [...first, ...args], options);
    return { code: ended.status, stdout: ended.stdout, stderr: ended.stderr };
  }

  /** Runs a program that must succeed; gives what it printed. */
  run(tool: Tool, ...args: string[]): string {
    const { code, stdout, stderr } = this.try(tool, ...args);
    assert.equal(code, 0, `${tool} ${args.join(' ')}: exit ${code}\n${stdout}${stderr}`);
    return stdout;
  }

  json(tool: Tool, ...args: string[]): unknown {
    return JSON.parse(this.run(tool, ...args, '--json'));
  }

  /** Starts a program that goes on while others run. */
  start(tool: Tool, ...args: string[]): ChildProcess {
    const [program = '', ...first] = this.programs[tool];
    return spawn(program, [...first, ...args], { cwd: this.root, env: this.env, stdio: ['pipe', 'pipe', 'pipe'] });
  }

  commit(message: string): void {
    this.run('git', 'add', '-A');
    this.run('git', 'commit', '-q', '--allow-empty', '-m', message);
  }

  /** Both tools give the same answer to the same question, lists in any order; gives that answer. */
  agree(...args: string[]): unknown {
    const theirs = inOrder(this.json('dvc', ...args));
    assert.deepEqual(inOrder(this.json('strata', ...args)), theirs, args.join(' '));
    return theirs;
  }

  dispose(): void {
    rmSync(this.above, { recursive: true, force: true });
  }
}

/** The same document with all lists sorted. */
function inOrder(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inOrder).sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
  if (value === null || typeof value !== 'object') return value;
  const sorted = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(sorted.map(([key, item]) => [key, inOrder(item)]));
}
