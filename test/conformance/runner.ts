/**
 * Runs one conformance case: a fresh project, the acts of the case with `strata` in place of `dvc` (and `strata registry` in place of
 * `gto`), then a look at what must hold. The answer is a list of problems in words; an empty one means that the case passes.
 */

import { type ChildProcess, spawn } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, normalize } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { root as projectRoot } from '../../scripts/lib/root.mjs';
import { type Value } from '../../src/engine/formats/values';
import { askEngine } from './apiOps';
import { type ApiOp, type Case, type Entry, type Op, type OpExpectation, type ToolOp } from './caseFiles';
import { checkState } from './checkState';
import { logCommands } from './dvcliveCalls';

/** 2024-01-01T00:00:00Z: the first commit of a case is made then, each further one a minute later. */
const FIRST_COMMIT_S = 1_704_067_200;
const PATIENCE_MS = 120_000;

/** What a program left. */
interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The world of one case. */
export interface Stage {
  /** The project's folder. */
  readonly root: string;
  /** The folder above it, which is HOME too. */
  readonly up: string;
  readonly env: NodeJS.ProcessEnv;
  /** Absolute path of a path in the case. */
  at(path: string): string;
}

/** Runs a case in a folder of its own, which is removed afterwards. */
export async function runCase(one: Case): Promise<string[]> {
  const stage = makeStage();
  try {
    await run(stage, ['git', 'init', '-q', '-b', 'main']);
    const init = await run(stage, [...strata, 'init', '-q']);
    if (init.code !== 0) return [`init: exit ${init.code}: ${init.stderr.trim()}`];
    for (const entry of one.before) put(stage, entry);
    return [...(await performAll(stage, one)), ...checkState(stage, one.expect)];
  } finally {
    removeAll(stage.up);
  }
}

const strata = [process.execPath, join(projectRoot, 'dist', 'cli.js')];

function makeStage(): Stage {
  const up = realpathSync(mkdtempSync(join(tmpdir(), 'strata-case-')));
  const root = join(up, 'repo');
  mkdirSync(root);
  const who = { NAME: 'conf', EMAIL: 'c@example.com' };
  const identity = Object.entries(who).flatMap(([key, value]) => [
    [`GIT_AUTHOR_${key}`, value],
    [`GIT_COMMITTER_${key}`, value],
  ]);
  const env = {
    ...process.env,
    LC_ALL: 'C.UTF-8',
    SHELL: '/bin/sh',
    HOME: up,
    XDG_CONFIG_HOME: join(up, 'xdg'),
    GIT_CONFIG_GLOBAL: '/dev/null',
    ...(Object.fromEntries(identity) as Record<string, string>),
  };
  return { root, up, env, at: (path) => normalize(join(root, path)) };
}

/** Removes a folder in which files and folders may be read-only. */
function removeAll(folder: string): void {
  const open = (at: string): void => {
    chmodSync(at, 0o755);
    for (const entry of readdirSync(at, { withFileTypes: true })) if (entry.isDirectory()) open(join(at, entry.name));
  };
  open(folder);
  rmSync(folder, { recursive: true, force: true });
}

/** Puts a file, link or folder, in place of what is there. */
function put(stage: Stage, entry: Entry): void {
  const path = stage.at(entry.path);
  mkdirSync(entry.dir ? path : dirname(path), { recursive: true });
  if (entry.dir) return;
  if (!lstatSync(path, { throwIfNoEntry: false })?.isDirectory()) rmSync(path, { force: true });
  if (entry.link !== undefined) return symlinkSync(entry.link, path);
  const text = entry.text?.replaceAll('{ROOT}', stage.root).replaceAll('{UP}', stage.up);
  writeFileSync(path, text ?? Buffer.from(entry.base64 ?? '', 'base64'));
  chmodSync(path, parseInt(entry.mode ?? '644', 8));
}

async function performAll(stage: Stage, one: Case): Promise<string[]> {
  const problems: string[] = [];
  let commits = 0;
  for (const [n, op] of one.ops.entries()) {
    const want = one.expect.ops?.[n] ?? {};
    const name = `act ${n}, ${describe(op)}`;
    if (op.op === 'dvc' || op.op === 'gto') problems.push(...(await tool(stage, op, want)).map((x) => `${name}: ${x}`));
    else if (op.op === 'api')
      problems.push(...(await api(stage, { op, data: one.data.get(n) }, want)).map((x) => `${name}: ${x}`));
    else if (op.op === 'dvclive')
      problems.push(...(await logged(stage, op, one.data.get(n))).map((x) => `${name}: ${x}`));
    else if (op.op === 'git' || op.op === 'commit' || op.op === 'tag') {
      await git(stage, op, FIRST_COMMIT_S + 60 * commits);
      if (op.op === 'commit') commits += 1;
    } else act(stage, op);
  }
  return problems;
}

function describe(op: Op): string {
  return 'args' in op ? `${op.op} ${op.args.join(' ')}` : 'name' in op ? `${op.op} ${op.name}` : op.op;
}

async function tool(stage: Stage, op: ToolOp, want: OpExpectation): Promise<string[]> {
  const args = op.op === 'gto' ? ['registry', ...op.args] : op.args;
  const { code, stdout, stderr } = await run(stage, [...strata, ...args], op.cwd);
  if ((code === 0) !== ((want.exit ?? 0) === 0)) return [`exit ${code}, not ${want.exit ?? 0}: ${stderr.trim()}`];
  const out = unrooted(stage, stdout);
  const problems: string[] = [];
  if (want.stdout !== undefined && out.trim() !== want.stdout.trim())
    problems.push(`printed\n${out}\nnot\n${want.stdout}`);
  if (want.json === undefined) return problems;
  try {
    const answer: unknown = JSON.parse(out);
    const got = comparable(op.op === 'gto' ? brief(answer) : op.args[0] === 'plots' ? plotted(answer) : answer);
    const expected = comparable(want.json);
    if (!isDeepStrictEqual(got, expected))
      problems.push(`answered ${JSON.stringify(got)}\nnot ${JSON.stringify(expected)}`);
  } catch (error) {
    problems.push(`no JSON on stdout: ${String(error)}`);
  }
  return problems;
}

/** Text with the folders of this run as the cases name them. */
function unrooted(stage: Stage, text: string): string {
  return text.replaceAll(stage.root, '{ROOT}').replaceAll(stage.up, '{UP}');
}

/** Lists sorted, the wording of errors left out. */
function comparable(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map(comparable).sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
  }
  if (value === null || typeof value !== 'object') return value;
  const sorted = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(sorted.map(([key, item]) => [key, key === 'msg' ? '' : comparable(item)]));
}

/** The decisive fields of what `gto show NAME` answers. */
function brief(answer: unknown): unknown {
  if (!Array.isArray(answer)) return answer;
  const versions = answer as {
    version?: string;
    is_active?: boolean;
    stages?: { stage: string; is_active: boolean }[];
  }[];
  if (versions[0]?.version === undefined) return answer;
  return versions.map(({ version, is_active, stages = [] }) => ({
    version,
    is_active,
    stages: stages.map((each) => [each.stage, each.is_active]),
  }));
}

interface Drawing {
  readonly title?: { readonly text?: string };
  readonly data: { readonly values: unknown };
}

/** What the cases hold of plots: titles and points of the drawings. */
function plotted(answer: unknown): unknown {
  const { errors = [], data = {} } = answer as {
    readonly errors?: unknown;
    readonly data?: Record<string, { type: string; revisions: string[]; content?: Drawing }[]>;
  };
  const plots = Object.entries(data).map(([id, items]) => [
    id,
    items.map(({ type, revisions, content }) => {
      return { type, revisions, title: content?.title?.text ?? null, values: content?.data.values ?? null };
    }),
  ]);
  return { errors, data: Object.fromEntries(plots) as unknown };
}

/** What DVCLive's calls do, done by `strata log`. */
async function logged(stage: Stage, { dir }: { readonly dir: string }, calls: Value | undefined): Promise<string[]> {
  const problems: string[] = [];
  for (const args of logCommands(calls ?? [])) {
    const { code, stderr } = await run(stage, [...strata, 'log', '--dir', dir, ...args]);
    if (code !== 0) problems.push(`log ${args.join(' ')}: exit ${code}: ${stderr.trim()}`);
  }
  return problems;
}

async function api(
  stage: Stage,
  { op, data }: { op: ApiOp; data: Value | undefined },
  want: OpExpectation,
): Promise<string[]> {
  const got = withoutWords(await askEngine(op, data, (path) => stage.at(path)));
  return isDeepStrictEqual(got, withoutWords(want.value))
    ? []
    : [`gave ${JSON.stringify(got)}\nnot ${JSON.stringify(want.value)}`];
}

/** An error without its wording. */
function withoutWords(value: unknown): unknown {
  return typeof value === 'object' && value !== null && 'error' in value ? { ...value, error: '' } : value;
}

type GitOp = 'dvc' | 'gto' | 'git' | 'commit' | 'tag';

async function git(stage: Stage, op: Op & { op: GitOp }, now: number): Promise<void> {
  if (op.op === 'commit') {
    const env = { GIT_AUTHOR_DATE: `${now} +0000`, GIT_COMMITTER_DATE: `${now} +0000` };
    await run(stage, ['git', 'add', '-A'], op.cwd, env);
    await run(stage, ['git', 'commit', '-q', '--allow-empty', '-m', op.message], op.cwd, env);
  } else if (op.op === 'tag') {
    const env = { GIT_COMMITTER_DATE: `${FIRST_COMMIT_S + op.at} +0000` };
    await run(stage, ['git', 'tag', ...(op.light ? [] : ['-a', '-m', op.name]), op.name, op.rev], '.', env);
  } else await run(stage, ['git', ...op.args], op.cwd);
}

/** What is done to files. */
function act(stage: Stage, op: Op): void {
  if (op.op === 'write') put(stage, op);
  else if (op.op === 'rm') rmSync(stage.at(op.path), { recursive: true });
  else if (op.op === 'chmod') chmodSync(stage.at(op.path), parseInt(op.mode, 8));
  else if (op.op === 'fresh-state') rmSync(stage.at('.dvc/tmp/strata'), { recursive: true, force: true });
  else if (op.op === 'copy') cpSync(stage.at(op.from), stage.at(op.to), { recursive: true, preserveTimestamps: true });
  else if (op.op === 'mv') {
    mkdirSync(dirname(stage.at(op.to)), { recursive: true });
    renameSync(stage.at(op.from), stage.at(op.to));
  } else throw new Error(`The runner does not know the act ${JSON.stringify(op)}.`);
}

/** Runs a program to its end; one that does not end is killed and fails the case. */
function run(
  stage: Stage,
  [program = '', ...args]: readonly string[],
  cwd = '.',
  more: NodeJS.ProcessEnv = {},
): Promise<Ended> {
  const options = { cwd: stage.at(cwd), env: { ...stage.env, ...more }, stdio: ['ignore', 'pipe', 'pipe'] as const };
  const child: ChildProcess = spawn(program, args, { ...options, stdio: [...options.stdio], timeout: PATIENCE_MS });
  let stdout = '';
  let stderr = '';
  child.stdout?.setEncoding('utf8').on('data', (chunk: string) => (stdout += chunk));
  child.stderr?.setEncoding('utf8').on('data', (chunk: string) => (stderr += chunk));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, stdout, stderr }));
  });
}
