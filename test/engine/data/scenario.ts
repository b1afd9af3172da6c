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
  | { readonly mkdir: readonly string[] }
  /** Deletes the lists of folders from the cache. */
  | { readonly removeLists: true }
  /** Files that must be there. */
  | { readonly exists: readonly string[] }
  /** What names must stand for: a link, a file of its own, one that shares its bytes with another name. */
  | { readonly kinds: Readonly<Record<string, 'link' | 'file' | 'shared'>> }
  /** Notes which files lie there; `same` wants those very files. */
  | { readonly remember: readonly string[] }
  | { readonly same: readonly string[] }
  /** Makes a name of the object that the `.dvc` file beside it records, as DVC links. */
  | { readonly hardlink: string }
  /** Sets a path of the configuration to a new folder on another disk. */
  | { readonly otherDisk: string }
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
      /** Milliseconds to let pass first. */
      readonly after?: number;
      /** Looks at the answer. */
      readonly check?: (answer: unknown) => void;
      /** The code it fails with. */
      readonly fails?: string;
    };

/** An empty project with Git, alone in a folder that is the caller's to drop; gives its absolute path. */
export async function newProject(): Promise<string> {
  const root = path.join(newFolder(), 'repo');
  fs.mkdirSync(root);
  git(root, ['init', '-q', '-b', 'main']);
  await init({ host: nodeHost(), dir: root }, {}, quietCall());
  return root;
}

/** Tells a story from an empty project on. */
export async function tell(steps: readonly Step[]): Promise<void> {
  const root = await newProject();
  try {
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
    dropFolder(path.dirname(root));
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
  if ('verb' in step) return callVerb(root, step, commits);
  if ('git' in step) git(root, step.git);
  else if ('commit' in step) {
    git(root, ['add', '-A']);
    git(root, ['commit', '-q', '-m', step.commit]);
    commits.push(git(root, ['rev-parse', 'HEAD']).trim());
  } else if (!change(root, step)) look(root, step);
}

/** Changes files; false when the step is about something else. */
function change(root: string, step: Step): boolean {
  const at = (file: string): string => path.join(root, file);
  if ('write' in step) for (const [file, text] of Object.entries(step.write)) put(at(file), text, step.mode);
  else if ('link' in step) for (const [file, to] of Object.entries(step.link)) fs.symlinkSync(to, at(file));
  else if ('remove' in step) for (const file of step.remove) fs.rmSync(at(file), { recursive: true, force: true });
  else if ('mkdir' in step) for (const folder of step.mkdir) fs.mkdirSync(at(folder), { recursive: true });
  else if ('removeLists' in step) removeLists(at('.dvc/cache'));
  else if ('hardlink' in step) linkObject(root, step.hardlink);
  else if ('otherDisk' in step) useOtherDisk(at('.dvc/config'), step.otherDisk);
  else return false;
  return true;
}

/** Inodes by path, of the story that is being told. */
const remembered = new Map<string, number>();

function look(root: string, step: Step): void {
  const at = (file: string): string => path.join(root, file);
  const inode = (file: string): number => fs.lstatSync(at(file)).ino;
  const each = <T>(facts: Readonly<Record<string, T>>, check: (file: string, fact: T) => void): void =>
    Object.entries(facts).forEach(([file, fact]) => check(file, fact));
  if ('files' in step) each(step.files, (file, text) => assert.equal(read(at(file)), text, file));
  else if ('modes' in step) each(step.modes, (file, mode) => checkMode(at(file), mode));
  else if ('exists' in step) for (const file of step.exists) assert.ok(fs.existsSync(at(file)), file);
  else if ('kinds' in step) each(step.kinds, (file, kind) => assert.equal(kindOf(at(file)), kind, file));
  else if ('remember' in step) for (const file of step.remember) remembered.set(at(file), inode(file));
  else if ('same' in step) for (const file of step.same) assert.equal(inode(file), remembered.get(at(file)), file);
}

function linkObject(root: string, name: string): void {
  const md5 = /md5: (\w+)/.exec(read(path.join(root, `${name}.dvc`)) ?? '')?.[1] ?? '';
  const object = `.dvc/cache/files/md5/${md5.slice(0, 2)}/${md5.slice(2)}`;
  fs.linkSync(path.join(root, object), path.join(root, name));
}

function useOtherDisk(config: string, name: string): void {
  const [section = '', key = ''] = name.split('.');
  const folder = fs.mkdtempSync('/dev/shm/strata-');
  process.once('exit', () => fs.rmSync(folder, { recursive: true, force: true }));
  fs.appendFileSync(config, `[${section}]\n    ${key} = ${folder}\n`);
}

async function callVerb(root: string, step: Extract<Step, { verb: Verb }>, commits: readonly string[]): Promise<void> {
  if (step.after !== undefined) await new Promise((resolve) => setTimeout(resolve, step.after));
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

function kindOf(file: string): 'link' | 'file' | 'shared' {
  const stat = fs.lstatSync(file);
  return stat.isSymbolicLink() ? 'link' : stat.nlink > 1 ? 'shared' : 'file';
}

function removeLists(cache: string): void {
  for (const name of fs.readdirSync(cache, { recursive: true, encoding: 'utf8' }))
    if (name.endsWith('.dir')) fs.rmSync(path.join(cache, name));
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
