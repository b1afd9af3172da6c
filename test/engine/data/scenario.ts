/** Stories told in steps: a real project in a folder of its own, acts of the engine on it, and what must hold after each. */

import * as assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { quietCall } from '../../../src/base/cancel';
import { dataVerbs, openRepo } from '../../../src/engine/data/data';
import { init } from '../../../src/engine/data/init';
import { type Repo } from '../../../src/engine/data/repo';
import { StrataError } from '../../../src/engine/errors';
import { nodeHost } from '../../../src/engine/host/node';
import { dropFolder, newFolder } from '../../support/temporary';

type Verb = keyof typeof dataVerbs;

/** One step of a story; exactly one of the keys says what it does. */
export type Step =
  | { readonly write: Readonly<Record<string, string>>; readonly mode?: number }
  | { readonly link: Readonly<Record<string, string>> }
  | { readonly remove: readonly string[] }
  | { readonly git: readonly string[] }
  | { readonly commit: string }
  /** Files that must be there with this text, or absent when null. */
  | { readonly files: Readonly<Record<string, string | null>> }
  /** Permission bits that files must have. */
  | { readonly modes: Readonly<Record<string, number>> }
  | {
      readonly verb: Verb;
      readonly targets?: readonly string[];
      readonly options?: Readonly<Record<string, unknown>>;
      readonly cwd?: string;
      /** The whole answer; `$1` … stand for the commits made so far. */
      readonly gives?: unknown;
      /** Members the answer must have. */
      readonly has?: Readonly<Record<string, unknown>>;
      /** Looks at the answer. */
      readonly check?: (answer: unknown) => void;
      /** The code it fails with. */
      readonly fails?: string;
    };

/** Tells a story from an empty project on. */
export async function tell(steps: readonly Step[]): Promise<void> {
  const up = newFolder();
  const root = path.join(up, 'repo');
  fs.mkdirSync(root);
  try {
    git(root, ['init', '-q', '-b', 'main']);
    await init({ host: nodeHost(), dir: root }, {}, quietCall());
    const commits: string[] = [];
    for (const [n, step] of steps.entries()) {
      try {
        await act(root, step, commits);
      } catch (error) {
        if (error instanceof Error) error.message = `step ${n} ${JSON.stringify(step)}: ${error.message}`;
        throw error;
      }
    }
  } finally {
    dropFolder(up);
  }
}

/** Runs `use` on a project opened in a folder. */
export async function withRepo<T>(root: string, use: (repo: Repo) => Promise<T>, cwd = '.'): Promise<T> {
  const repo = await openRepo({ root, cwd, host: nodeHost(), trusted: true, command: 'strata test' });
  try {
    return await use(repo);
  } finally {
    repo.git?.close();
    await repo.store.close();
  }
}

async function act(root: string, step: Step, commits: string[]): Promise<void> {
  const at = (file: string): string => path.join(root, file);
  if ('write' in step) for (const [file, text] of Object.entries(step.write)) put(at(file), text, step.mode);
  else if ('link' in step) for (const [file, to] of Object.entries(step.link)) fs.symlinkSync(to, at(file));
  else if ('remove' in step) for (const file of step.remove) fs.rmSync(at(file), { recursive: true, force: true });
  else if ('git' in step) git(root, step.git);
  else if ('commit' in step) {
    git(root, ['add', '-A']);
    git(root, ['commit', '-q', '-m', step.commit]);
    commits.push(git(root, ['rev-parse', 'HEAD']).trim());
  } else if ('files' in step)
    for (const [file, text] of Object.entries(step.files)) assert.equal(read(at(file)), text, file);
  else if ('modes' in step) for (const [file, mode] of Object.entries(step.modes)) checkMode(at(file), mode);
  else await callVerb(root, step, commits);
}

async function callVerb(root: string, step: Extract<Step, { verb: Verb }>, commits: readonly string[]): Promise<void> {
  const args = named({ targets: step.targets ?? [], ...step.options }, commits);
  const verb = dataVerbs[step.verb] as (repo: Repo, args: unknown, call: unknown) => Promise<unknown>;
  const answer = withRepo(root, (repo) => verb(repo, args, quietCall()), step.cwd);
  if (step.fails !== undefined) {
    await assert.rejects(answer, (error: unknown) => {
      assert.ok(error instanceof StrataError, String(error));
      assert.equal(error.code, step.fails);
      return true;
    });
    return;
  }
  const got = await answer;
  if (step.gives !== undefined) assert.deepEqual(got, named(step.gives, commits));
  step.check?.(got);
  const members = (named(step.has ?? {}, commits) ?? {}) as Record<string, unknown>;
  for (const [key, value] of Object.entries(members))
    assert.deepEqual((got as Record<string, unknown>)[key], value, key);
}

/** `$1` → the first commit's id, everywhere in plain data. */
function named(data: unknown, commits: readonly string[]): unknown {
  if (typeof data === 'string') return data.replace(/^\$(\d)$/, (_, n: string) => commits[Number(n) - 1] ?? '');
  if (Array.isArray(data)) return data.map((item) => named(item, commits));
  if (typeof data !== 'object' || data === null || data instanceof Uint8Array) return data;
  return Object.fromEntries(Object.entries(data).map(([key, value]) => [key, named(value, commits)]));
}

function put(file: string, text: string, mode = 0o644): void {
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(file, text);
  fs.chmodSync(file, mode);
}

function checkMode(file: string, mode: number): void {
  assert.equal((fs.statSync(file).mode & 0o777).toString(8), mode.toString(8), file);
}

function read(file: string): string | null {
  return fs.existsSync(file) ? fs.readFileSync(file, 'utf8') : null;
}

function git(root: string, args: readonly string[]): string {
  const who = {
    GIT_AUTHOR_NAME: 'ann',
    GIT_AUTHOR_EMAIL: 'ann@example.com',
    GIT_COMMITTER_NAME: 'ann',
    GIT_COMMITTER_EMAIL: 'ann@example.com',
  };
  const env = { ...process.env, ...who, GIT_CONFIG_GLOBAL: '/dev/null' };
  return execFileSync('git', args, { cwd: root, env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}
