/**
 * Two copies of one project: the real DVC acts on one and ours on the other. After every step both must hold the same files, objects and
 * pointers, and give the same answers. DVC runs in a server that has it loaded, so that hundreds of calls take seconds.
 */

import assert from 'node:assert/strict';
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { root as projectRoot } from '../../scripts/lib/root.mjs';
import { ensurePython } from '../../scripts/machinery.mjs';

/** What a call left. */
export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

const SIDES = ['dvc', 'strata'] as const;
type Side = (typeof SIDES)[number];

/** The real DVC, started once. */
export class DvcServer {
  private readonly waiting: ((line: string) => void)[] = [];

  private constructor(
    private readonly child: ChildProcess,
    /** Environment of both tools. */
    readonly env: NodeJS.ProcessEnv,
  ) {
    const lines = createInterface({ input: child.stdout ?? process.stdin });
    lines.on('line', (line) => this.waiting.shift()?.(line));
    const gone = JSON.stringify({ code: 255, stdout: '', stderr: 'the server of DVC has ended' });
    child.once('exit', () => this.waiting.splice(0).forEach((answer) => answer(gone)));
  }

  static async start(): Promise<DvcServer> {
    const { python, env } = await ensurePython();
    const home = fs.realpathSync(fs.mkdtempSync(join(tmpdir(), 'strata twins home ')));
    const who = { GIT_AUTHOR_NAME: 'A', GIT_AUTHOR_EMAIL: 'a@example.com', GIT_AUTHOR_DATE: '2026-01-01T00:00:00Z' };
    const committer = {
      GIT_COMMITTER_NAME: 'A',
      GIT_COMMITTER_EMAIL: 'a@example.com',
      GIT_COMMITTER_DATE: '2026-01-01T00:00:00Z',
    };
    const all = {
      ...{ ...env, ...who, ...committer, HOME: home, XDG_CONFIG_HOME: join(home, 'config') },
      ...{ DVC_SITE_CACHE_DIR: join(home, 'site'), LC_ALL: 'C.UTF-8', SHELL: '/bin/sh' },
    };
    const child = spawn(python, [join(projectRoot, 'test', 'agreement', 'dvcServer.py')], {
      env: all,
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    return new DvcServer(child, all);
  }

  /** Runs a command; `more` adds to its environment and gives it standard input. */
  async call(
    cwd: string,
    args: readonly string[],
    more: { readonly env?: Readonly<Record<string, string>>; readonly stdin?: string } = {},
  ): Promise<Ended> {
    const answer = new Promise<string>((resolve) => this.waiting.push(resolve));
    this.child.stdin?.write(`${JSON.stringify({ args, cwd, ...more })}\n`);
    return JSON.parse(await answer) as Ended;
  }

  /** Forgets what DVC remembers beside projects, so that it looks again. */
  forget(): void {
    fs.rmSync(this.env['DVC_SITE_CACHE_DIR'] ?? '', { recursive: true, force: true });
  }

  stop(): void {
    this.child.stdin?.end();
    fs.rmSync(this.env['HOME'] ?? '', { recursive: true, force: true });
  }
}

/** The two copies. */
export class Twins {
  private constructor(
    private readonly above: string,
    private readonly server: DvcServer,
  ) {}

  /** Two equal projects with a Git repository each; what surrounds a project lies beside it. */
  static async make(server: DvcServer): Promise<Twins> {
    const above = fs.realpathSync(fs.mkdtempSync(join(tmpdir(), 'strata twins ')));
    const twins = new Twins(above, server);
    for (const side of SIDES) {
      fs.mkdirSync(twins.root(side), { recursive: true });
      twins.program(side, 'git', ['init', '-q', '-b', 'main']);
    }
    await twins.act(['init', '-q']);
    return twins;
  }

  /** Both copies once more, beside these. */
  copy(): Twins {
    const above = fs.realpathSync(fs.mkdtempSync(join(tmpdir(), 'strata twins ')));
    fs.cpSync(this.above, above, { recursive: true, verbatimSymlinks: true });
    return new Twins(above, this.server);
  }

  /** Sets a value of the configuration of both, `section.key` or `remote.name.key`. */
  configure(key: string, value: string): void {
    const [section = '', ...rest] = key.split('.');
    const head = section === 'remote' ? `['remote "${rest.shift()}"']` : `[${section}]`;
    this.both((at) => fs.appendFileSync(join(at, '.dvc', 'config'), `${head}\n    ${rest.join('.')} = ${value}\n`));
  }

  root(side: Side): string {
    return join(this.above, side, 'project');
  }

  /** Does something to the files of both; `at` is the project's folder. */
  both(change: (at: string) => void): void {
    for (const side of SIDES) change(this.root(side));
  }

  /** Runs `git` in both. */
  git(...args: string[]): void {
    for (const side of SIDES) this.program(side, 'git', args);
  }

  /** Gives the same command to both tools; both succeed or both fail. Gives whether they are in the same state afterwards. */
  async act(args: readonly string[], cwd = '.'): Promise<boolean> {
    const [theirs, ours] = await this.call(args, cwd);
    if (theirs.stderr.includes(CRASHED)) return false;
    const said = `\nDVC ${theirs.code}: ${theirs.stdout}${theirs.stderr}\nours ${ours.code}: ${ours.stdout}${ours.stderr}`;
    assert.equal(ours.code === 0, theirs.code === 0, `${args.join(' ')}: only one of both failed${said}`);
    if (ours.code !== 0 && args[0] !== 'checkout') return false;
    this.sameFiles(args.join(' ') + said);
    return true;
  }

  /** Asks both; the answers are the same, lists in any order. Failing is an answer too. `view` makes of an answer what is compared. */
  async ask(args: readonly string[], view: (answer: unknown) => unknown = inOrder, cwd = '.'): Promise<void> {
    const [theirs, ours] = await this.call([...args, '--json'], cwd);
    if (theirs.stderr.includes(CRASHED)) return;
    const said = `${args.join(' ')}\nDVC ${theirs.code}: ${theirs.stderr}\nours ${ours.code}: ${ours.stderr}`;
    assert.equal(ours.code === 0, theirs.code === 0, said);
    if (theirs.code !== 0) return;
    same(view(JSON.parse(ours.stdout)), view(JSON.parse(theirs.stdout)), said);
  }

  private async call(args: readonly string[], cwd: string): Promise<[Ended, Ended]> {
    const theirs = this.server.call(join(this.root('dvc'), cwd), args);
    const cli = join(projectRoot, 'dist', 'cli.js');
    const ours = this.program('strata', process.execPath, [process.env['STRATA_CLI'] ?? cli, ...args], cwd);
    return [await theirs, ours];
  }

  /** The same command given the other way round: DVC acts on our copy and ours on DVC's; both succeed, `judge` hears each. */
  async swapped(args: readonly string[], judge: (said: Ended) => void = () => undefined): Promise<void> {
    const theirs = this.server.call(this.root('strata'), args);
    const cli = join(projectRoot, 'dist', 'cli.js');
    const ours = this.program('dvc', process.execPath, [process.env['STRATA_CLI'] ?? cli, ...args]);
    for (const said of [await theirs, ours]) {
      assert.equal(said.code, 0, `${args.join(' ')} on what the other tool wrote: ${said.stdout}${said.stderr}`);
      judge(said);
    }
  }

  private program(side: Side, program: string, args: readonly string[], cwd = '.'): Ended {
    const options = {
      cwd: join(this.root(side), cwd),
      env: this.server.env,
      encoding: 'utf8',
      timeout: 60_000,
    } as const;
    const { status, stdout, stderr } = spawnSync(program, args, options);
    return { code: status ?? 128, stdout, stderr };
  }

  /** Both copies hold the same files: workspace, pointers, cache, remotes. */
  sameFiles(after: string): void {
    const [theirs = {}, ours = {}] = SIDES.map((side) => this.snapshot(side));
    const paths = [...new Set([...Object.keys(theirs), ...Object.keys(ours)])].filter(
      (path) => theirs[path] !== ours[path],
    );
    const lines = paths.map((path) => `${path}\n  DVC  ${theirs[path] ?? '-'}\n  ours ${ours[path] ?? '-'}`);
    assert.ok(paths.length === 0, `${after}\n${lines.join('\n')}`);
  }

  private snapshot(side: Side): Record<string, string> {
    const base = join(this.above, side);
    const found: Record<string, string> = {};
    const walk = (folder: string): void => {
      for (const entry of fs.readdirSync(join(base, folder), { withFileTypes: true })) {
        const path = join(folder, entry.name);
        if (HIDDEN.test(path)) continue;
        if (entry.isDirectory()) walk(path);
        else found[path] = this.describe(side, path);
      }
    };
    walk('.');
    return found;
  }

  private describe(side: Side, path: string): string {
    const file = join(this.above, side, path);
    const stat = fs.lstatSync(file);
    if (stat.isSymbolicLink()) return `-> ${fs.readlinkSync(file).replace(join(this.above, side), '')}`;
    return `${(stat.mode & 0o777).toString(8)} ${fs.readFileSync(file, 'utf8')}`;
  }

  dispose(): void {
    fs.rmSync(this.above, { recursive: true, force: true });
  }
}

function same(ours: unknown, theirs: unknown, said: string): void {
  const [a, b] = [JSON.stringify(theirs), JSON.stringify(ours)];
  assert.ok(a === b, `${said}\nDVC  ${a}\nours ${b}`);
}

/** What DVC says when it fails by a mistake of its own: then there is nothing to compare with. */
const CRASHED = 'unexpected error';

/** What is each tool's own: locks and state, Git's files, the configuration's spelling, empty folders of the run cache. */
const HIDDEN = /(^|\/)(\.git|\.dvc\/tmp|\.dvc\/config)$/;

/** Writes a file anew: its inode is another one, as an editor does it. */
export function writeFile(at: string, path: string, text: string, mode = 0o644): void {
  const file = join(at, path);
  fs.mkdirSync(dirname(file), { recursive: true });
  fs.rmSync(file, { recursive: true, force: true });
  fs.writeFileSync(file, text, { mode });
}

/** The same document with all lists sorted. */
export function inOrder(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inOrder).sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
  if (value === null || typeof value !== 'object') return value;
  const sorted = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(sorted.map(([key, item]) => [key, inOrder(item)]));
}
