/**
 * Makes the workspace match what is recorded for an output. First a plan, pure reading: which files are written, which deleted, and which
 * of those hold content that no cache has. Then the plan is carried out; what fails is told, the rest is done.
 */

import { pacer } from '../../base/cancel';
import { dirname, isInside, join } from '../../base/paths';
import { type DirEntry, type FileToRestore, type HashName } from '../cache/cache';
import { StrataError } from '../errors';
import { isLinkedAsWanted } from './linkState';
import { isExecutable, measure } from './measure';
import { type Measured, type Recorded } from './model';
import { guardPlace, refuseTwins } from './placement';
import { absolute } from './repo';
import { type Task } from './task';

/** What is to lie at a path. */
export interface Wanted {
  /** From the root. */
  readonly path: string;
  /** Undefined: nothing shall be there. */
  readonly version?: Recorded;
  /** Only this file or folder below the path, from the root. */
  readonly inside?: string;
  /** Writes files that are right already too, as links of the configured type. */
  readonly relink?: boolean;
  /** As files of their own, never links: what Git holds must not lead into the cache. */
  readonly own?: boolean;
}

/** What a path had and shall get. */
export interface RestorePlan {
  readonly wanted: Wanted;
  /** How the path as a whole changes. */
  readonly change?: 'added' | 'modified' | 'deleted';
  readonly write: readonly FileToRestore[];
  /** Files to delete, from the root. */
  readonly remove: readonly string[];
  /** Files that differ, by kind, from the root. */
  readonly added: readonly string[];
  readonly modified: readonly string[];
  /** Files that would be replaced or deleted and whose content is in no cache, from the root. */
  readonly unsaved: readonly string[];
  readonly folder: boolean;
  /** The executable bit is to be set. */
  readonly setExec: boolean;
}

/** A path that could not be restored. */
export interface RestoreFailure {
  readonly path: string;
  readonly hash?: string;
  readonly error: unknown;
}

/** Plans one output. Fails with `cache.missing` when the list of a folder is not in the cache, with `data.behindLink` and the like. */
export async function planRestore(task: Task, wanted: Wanted): Promise<RestorePlan> {
  await guardPlace(task.repo, wanted.path);
  const hashName = wanted.version?.hashName ?? 'md5';
  const found = await measure(task, wanted.path, hashName);
  const target = part(wanted, await targetFiles(task, wanted));
  refuseTwins(task.repo, target.keys());
  const present = part(wanted, presentFiles(wanted.path, found));
  const setExec = wanted.version?.isexec === true && found?.isexec !== true && found?.entries === undefined;
  const executable = wanted.version?.isexec === true && !wanted.version.hash.endsWith('.dir');
  const how = { hashName, executable, own: wanted.own === true };
  const files = await compare(task, { target, present, how }, wanted.relink === true || setExec);
  return {
    wanted,
    ...changeOf(wanted, found, files),
    ...files,
    folder: wanted.version?.hash.endsWith('.dir') === true,
    setExec,
  };
}

/** Files by path from the root. */
type Files = ReadonlyMap<string, string>;

async function targetFiles(task: Task, wanted: Wanted): Promise<Files> {
  const { path, version } = wanted;
  if (!version) return new Map();
  if (!version.hash.endsWith('.dir')) return new Map([[path, version.hash]]);
  return listed(path, await task.repo.store.readDir(version.hash, version.hashName));
}

function presentFiles(path: string, found: Measured | undefined): Files {
  if (!found) return new Map();
  return found.entries ? listed(path, found.entries) : new Map([[path, found.hash]]);
}

function listed(folder: string, entries: readonly DirEntry[]): Files {
  return new Map(entries.map((entry) => [`${folder}/${entry.relpath}`, entry.md5]));
}

function part(wanted: Wanted, files: Files): Files {
  const { inside } = wanted;
  return inside === undefined ? files : new Map([...files].filter(([path]) => isInside(path, inside)));
}

interface Sides {
  readonly target: Files;
  readonly present: Files;
  readonly how: Omit<FileToRestore, 'hash' | 'path'> & { readonly hashName: HashName };
}

type Compared = Pick<RestorePlan, 'write' | 'remove' | 'added' | 'modified' | 'unsaved'>;

/** `relink`: files that are right but not linked as wanted are written too. */
async function compare(task: Task, sides: Sides, relink: boolean): Promise<Compared> {
  const { target, present, how } = sides;
  const { store } = task.repo;
  const out = { write: [] as FileToRestore[], remove: [] as string[], added: [] as string[], modified: [] as string[] };
  const unsaved: string[] = [];
  const pace = pacer(task.call.signal);
  const replaced = (path: string, hash: string): void => {
    if (!store.has(hash, how.hashName)) unsaved.push(path);
  };
  for (const [path, hash] of target) {
    const pause = pace();
    if (pause) await pause;
    const now = present.get(path);
    const file: FileToRestore = { ...how, hash, path: absolute(task.repo, path) };
    if (now === hash && (!relink || (await isLinkedAsWanted(task, file)))) continue;
    out.write.push(file);
    if (now === undefined) out.added.push(path);
    else if (now !== hash) {
      out.modified.push(path);
      replaced(path, now);
    }
  }
  for (const [path, hash] of present) {
    const pause = pace();
    if (pause) await pause;
    if (target.has(path)) continue;
    out.remove.push(path);
    replaced(path, hash);
  }
  return { ...out, unsaved };
}

function changeOf(wanted: Wanted, found: Measured | undefined, files: Compared): Pick<RestorePlan, 'change'> {
  if (!wanted.version) return found ? { change: 'deleted' } : {};
  if (!found) return { change: 'added' };
  const differs = files.added.length + files.modified.length + files.remove.length > 0;
  return differs ? { change: 'modified' } : {};
}

/**
 * Carries out a plan: writes, then deletes what is no longer wanted, with the folders that this empties. A file whose object is missing
 * or wrong stays as it was and is in the answer.
 */
export async function applyRestore(task: Task, plan: RestorePlan): Promise<RestoreFailure[]> {
  const { repo } = task;
  const { path } = plan.wanted;
  await guardPlace(repo, path);
  const gone = repo.store.missing(
    plan.write.map((file) => file.hash),
    plan.write[0]?.hashName,
  );
  const missing = plan.write.filter((file) => gone.has(file.hash));
  const ready = gone.size === 0 ? plan.write : plan.write.filter((file) => !gone.has(file.hash));
  const failures: RestoreFailure[] = missing.map((file) => ({
    path: file.path,
    hash: file.hash,
    error: new StrataError('cache.missing', { hash: file.hash }),
  }));
  if (plan.write.length > 0 && ready.length === 0) return failures;
  const cleared = await clearWay(task, plan);
  if (plan.folder && plan.wanted.inside === undefined) await repo.host.fs.mkdir(absolute(repo, path));
  const failed = await repo.store.restoreFiles(ready, task.call);
  await setExecutable(task, plan);
  if (failures.length === 0) await removeFiles(task, plan, cleared);
  return [...failures, ...failed];
}

/** Makes room where a file stands in the way of a folder, or a folder in the way of a file; answers the files this deleted. */
async function clearWay(task: Task, plan: RestorePlan): Promise<ReadonlySet<string>> {
  const { fs } = task.repo.host;
  if (!(await fs.lstat(absolute(task.repo, plan.wanted.path)))) return new Set();
  const written = new Set(plan.write.map((file) => file.path));
  const cleared = new Set<string>();
  const folders = new Set<string>();
  for (const file of plan.write) for (const folder of above(file.path, task.repo.root)) folders.add(folder);
  for (const path of plan.remove) {
    const at = absolute(task.repo, path);
    const blocks = folders.has(at) || above(at, task.repo.root).some((folder) => written.has(folder));
    if (!blocks) continue;
    await fs.unlink(at);
    cleared.add(path);
  }
  for (const path of [...written].sort((a, b) => a.length - b.length)) await removeEmptyTree(task, path);
  return cleared;
}

/** The folders above a path, up to and without `root`; all absolute. */
function above(path: string, root: string): string[] {
  const out: string[] = [];
  for (let at = dirname(path); at.length > root.length; at = dirname(at)) out.push(at);
  return out;
}

/** Removes folders without files at a path where a file is to be written. */
async function removeEmptyTree(task: Task, path: string): Promise<void> {
  const { fs } = task.repo.host;
  if ((await fs.lstat(path))?.kind !== 'folder') return;
  if (await isEmptyTree(task, path)) await fs.remove(path);
}

async function isEmptyTree(task: Task, path: string): Promise<boolean> {
  for (const entry of (await task.repo.host.fs.readdir(path)) ?? []) {
    if (entry.kind !== 'folder' || !(await isEmptyTree(task, join(path, entry.name)))) return false;
  }
  return true;
}

async function setExecutable(task: Task, plan: RestorePlan): Promise<void> {
  if (!plan.setExec || plan.write.length > 0) return;
  const at = absolute(task.repo, plan.wanted.path);
  const stat = await task.repo.host.fs.lstat(at);
  // A link shares its mode with the object in the cache, which stays as it is.
  const own = stat?.kind === 'file' && stat.nlink === 1;
  if (own && !isExecutable(stat.mode)) await task.repo.host.fs.chmod(at, stat.mode | 0o100);
}

/** Deletes the files of a plan and the folders this empties; the output's own folder only when nothing is wanted there. */
async function removeFiles(task: Task, plan: RestorePlan, cleared: ReadonlySet<string>): Promise<void> {
  const { fs } = task.repo.host;
  const output = plan.wanted.path;
  const folders = new Set<string>();
  for (const path of plan.remove) {
    if (cleared.has(path)) continue;
    await fs.unlink(absolute(task.repo, path));
    for (let at = dirname(path); at !== '.' && isInside(at, output); at = dirname(at)) folders.add(at);
  }
  if (plan.folder) folders.delete(output);
  const deepest = [...folders].sort((a, b) => b.split('/').length - a.split('/').length);
  for (const folder of deepest) {
    if ((await fs.readdir(absolute(task.repo, folder)))?.length === 0) await fs.remove(absolute(task.repo, folder));
  }
  if (!plan.wanted.version) await removeEmptyTree(task, absolute(task.repo, output));
}
