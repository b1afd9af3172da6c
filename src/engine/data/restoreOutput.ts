/**
 * Makes the workspace match what is recorded for an output. First a plan, pure reading: which files are written, which deleted, and which
 * of those hold content that no cache has. Then the plan is carried out; what fails is told, the rest is done.
 */

import { pacer } from '../../base/cancel';
import { basename, dirname, isInside, join } from '../../base/paths';
import { type DirEntry, type FileToRestore, type HashName, type Paths } from '../cache/cache';
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
  readonly added: Paths;
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
  refuseTwins(task.repo, pathsOf(wanted.path, target));
  const present = part(wanted, presentFiles(found));
  const setExec = wanted.version?.isexec === true && found?.isexec !== true && found?.entries === undefined;
  const executable = wanted.version?.isexec === true && !wanted.version.hash.endsWith('.dir');
  const how = {
    hashName,
    executable,
    own: wanted.own === true,
    output: wanted.path,
    at: absolute(task.repo, wanted.path),
  };
  const files = await compare(task, { target, present, how }, wanted.relink === true || setExec);
  return {
    wanted,
    ...changeOf(wanted, found, files),
    ...files,
    folder: wanted.version?.hash.endsWith('.dir') === true,
    setExec,
  };
}

/** Files of an output, by their path below it; an output that is a file has one, `''`. */
type Files = readonly DirEntry[];

async function targetFiles(task: Task, { version }: Wanted): Promise<Files> {
  if (!version) return [];
  if (!version.hash.endsWith('.dir')) return [{ relpath: '', md5: version.hash }];
  return task.repo.store.readDir(version.hash, version.hashName);
}

function presentFiles(found: Measured | undefined): Files {
  if (!found) return [];
  return found.entries ?? [{ relpath: '', md5: found.hash }];
}

function part({ path, inside }: Wanted, files: Files): Files {
  return inside === undefined ? files : files.filter(({ relpath }) => isInside(below(path, relpath), inside));
}

/** Path from the root of a file of an output. */
function below(output: string, relpath: string): string {
  return relpath === '' ? output : `${output}/${relpath}`;
}

function* pathsOf(output: string, files: Files): Generator<string> {
  for (const { relpath } of files) yield below(output, relpath);
}

/** What all files of an output share. */
interface How {
  readonly hashName: HashName;
  readonly executable: boolean;
  readonly own: boolean;
  /** Path of the output, from the root. */
  readonly output: string;
  /** The same, absolute. */
  readonly at: string;
}

/** A file to write. Its paths are made when they are asked for: of a million files no list of them is kept. */
class PlannedFile implements FileToRestore {
  constructor(
    readonly hash: string,
    private readonly relpath: string,
    private readonly how: How,
  ) {}

  get hashName(): HashName {
    return this.how.hashName;
  }

  get executable(): boolean {
    return this.how.executable;
  }

  get own(): boolean {
    return this.how.own;
  }

  get fromRoot(): string {
    return below(this.how.output, this.relpath);
  }

  get path(): string {
    return below(this.how.at, this.relpath);
  }
}

interface Sides {
  readonly target: Files;
  readonly present: Files;
  readonly how: How;
}

type Compared = Pick<RestorePlan, 'write' | 'remove' | 'added' | 'modified' | 'unsaved'>;

/** `relink`: files that are right but not linked as wanted are written too. */
async function compare(task: Task, { target, present, how }: Sides, relink: boolean): Promise<Compared> {
  const { store } = task.repo;
  const [write, added]: [PlannedFile[], PlannedFile[]] = [[], []];
  const out = { remove: [] as string[], modified: [] as string[], unsaved: [] as string[] };
  const pace = pacer(task.call.signal);
  const replaced = (path: string, hash: string): void => {
    if (!store.has(hash, how.hashName)) out.unsaved.push(path);
  };
  const there = new Map(present.map(({ relpath, md5 }) => [relpath, md5]));
  for (const { relpath, md5 } of target) {
    const pause = pace();
    if (pause) await pause;
    const now = there.get(relpath);
    const file = new PlannedFile(md5, relpath, how);
    if (now === md5 && (!relink || (await isLinkedAsWanted(task, file)))) continue;
    write.push(file);
    if (now === undefined) added.push(file);
    else if (now !== md5) {
      out.modified.push(file.fromRoot);
      replaced(file.fromRoot, now);
    }
  }
  const wanted = new Set(present.length === 0 ? [] : target.map(({ relpath }) => relpath));
  for (const { relpath, md5 } of present) {
    const pause = pace();
    if (pause) await pause;
    if (wanted.has(relpath)) continue;
    const path = below(how.output, relpath);
    out.remove.push(path);
    replaced(path, md5);
  }
  return { ...out, write, added: { length: added.length, at: (n) => added[n]?.fromRoot } };
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
  // Where files are to come their folders are made with them, and not left empty when none could be written.
  const empty = plan.folder && plan.wanted.inside === undefined && ready.length === 0;
  if (empty) await repo.host.fs.mkdir(absolute(repo, path));
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
    await unlinkInside(task, dirname(at), [basename(at)]);
    cleared.add(path);
  }
  for (const path of [...written].sort((a, b) => a.length - b.length)) await removeEmptyTree(task, path);
  return cleared;
}

/** Deletes files of a workspace folder (absolute), never of one that a link leads to outside. */
function unlinkInside({ repo }: Task, folder: string, names: readonly string[]): Promise<void> {
  return repo.store.inFolder(folder, async (at) => {
    for (const name of names) await repo.host.fs.unlink(`${at}/${name}`);
  });
}

/** The same for an empty folder, or one of empty folders. */
function removeInside({ repo }: Task, at: string): Promise<void> {
  return repo.store.inFolder(dirname(at), (folder) => repo.host.fs.remove(`${folder}/${basename(at)}`));
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
  if (await isEmptyTree(task, path)) await removeInside(task, path);
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
  const byFolder = new Map<string, string[]>();
  for (const path of plan.remove) {
    if (cleared.has(path)) continue;
    const names = byFolder.get(dirname(path)) ?? [];
    names.push(basename(path));
    byFolder.set(dirname(path), names);
  }
  for (const [folder, names] of byFolder) {
    await unlinkInside(task, absolute(task.repo, folder), names);
    for (let at = folder; at !== '.' && isInside(at, output); at = dirname(at)) folders.add(at);
  }
  if (plan.folder) folders.delete(output);
  const deepest = [...folders].sort((a, b) => b.split('/').length - a.split('/').length);
  for (const folder of deepest) {
    const at = absolute(task.repo, folder);
    if ((await fs.readdir(at))?.length === 0) await removeInside(task, at);
  }
  if (!plan.wanted.version) await removeEmptyTree(task, absolute(task.repo, output));
}
