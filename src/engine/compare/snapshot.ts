/**
 * A project at one moment, a commit or the workspace: what its files declare, and the bytes of what they name. At a commit a file comes from
 * Git, else from the cache by its recorded hash; in the workspace from the disk, else from the cache.
 */

import { type Call } from '../../base/cancel';
import { basename, compareCodePoints, dirname, isInside } from '../../base/paths';
import { type Hash, type HashName } from '../cache/cache';
import { collectCommit, collectFrom, collectProject } from '../data/collect';
import { type ProjectFiles, type Recorded } from '../data/model';
import { readFolder } from '../data/outState';
import { fromGitPath, gitPath } from '../data/paths';
import { absolute, type Repo } from '../data/repo';
import { startTask, type Task } from '../data/task';
import { requireGit, versionOf } from '../data/versions';
import { StrataError, is } from '../errors';
import { collectStages, type Stage } from '../pipeline/stage';

/** A project at a commit or in the workspace. Paths are from the project's root. */
export interface Snapshot {
  readonly task: Task;
  /** Full id of the commit; undefined for the workspace. */
  readonly commit: string | undefined;
  readonly files: ProjectFiles;
  readonly stages: readonly Stage[];
  /** Files of the commit's tree, with their blob ids; undefined in the workspace. */
  readonly tree: ReadonlyMap<string, string> | undefined;
}

/** The workspace as it lies there. */
export async function workspaceSnapshot(repo: Repo, call: Call): Promise<Snapshot> {
  const files = await collectProject(repo, call);
  return {
    task: startTask(repo, call),
    commit: undefined,
    files,
    stages: collectStages(repo.root, files),
    tree: undefined,
  };
}

/**
 * A commit by its full id. With `pipelinesOnly` the `.dvc` files are left out but for those of `metrics:` and `params:`, which is all that values
 * need and much quicker in a long history.
 */
export async function commitSnapshot(repo: Repo, sha: string, pipelinesOnly: boolean, call: Call): Promise<Snapshot> {
  const task = startTask(repo, call);
  const git = requireGit(task);
  const tree = new Map<string, string>();
  for (const entry of await git.listFiles(sha, git.prefix)) {
    const path = fromGitPath(git, entry.path);
    if (entry.kind === 'blob' && path !== undefined) tree.set(path, entry.oid);
  }
  const files = pipelinesOnly ? await pipelinesAt(repo, sha, tree) : await collectCommit(repo, git, sha, call);
  return { task, commit: sha, files, stages: collectStages(repo.root, files), tree };
}

async function pipelinesAt(repo: Repo, sha: string, tree: ReadonlyMap<string, string>): Promise<ProjectFiles> {
  const git = repo.git;
  if (!git) throw new StrataError('data.noGit', { path: repo.root });
  const paths = [...tree.keys()].filter((path) => basename(path) === 'dvc.yaml');
  const files = await collectFrom(repo, git, sha, paths);
  const named = files.pipelines.flatMap(({ path, yaml }) =>
    [...yaml.metrics, ...yaml.params].map((one) => besides(path, one)),
  );
  const pointers = named.map((path) => `${path}.dvc`).filter((path) => tree.has(path));
  return pointers.length === 0 ? files : collectFrom(repo, git, sha, [...paths, ...pointers]);
}

/** A path as written in a dvc.yaml, from the root. */
export function besides(file: string, path: string): string {
  const folder = dirname(file);
  const joined = folder === '.' ? path : `${folder}/${path}`;
  const out: string[] = [];
  for (const part of joined.split('/')) {
    if (part === '..') out.pop();
    else if (part !== '.' && part !== '') out.push(part);
  }
  return out.join('/');
}

/** Where bytes were looked for in vain: `cache` when a hash is recorded but its object is not there. */
type Absence = 'nowhere' | 'cache';

/** Bytes of a file, or why there are none. */
export async function readAt(snapshot: Snapshot, path: string): Promise<Uint8Array | Absence> {
  const { task, commit, tree } = snapshot;
  const direct = commit === undefined ? await readDisk(task.repo, path) : await readTree(task.repo, commit, tree, path);
  return direct ?? readRecorded(snapshot, path);
}

async function readDisk(repo: Repo, path: string): Promise<Uint8Array | undefined> {
  try {
    const stat = await repo.host.fs.stat(absolute(repo, path));
    return stat?.kind === 'file' ? await repo.host.fs.readFile(absolute(repo, path)) : undefined;
  } catch (error) {
    // A stage may remove the file between the two.
    if (is(error, 'fs.notFound')) return undefined;
    throw error;
  }
}

async function readTree(
  repo: Repo,
  commit: string,
  tree: ReadonlyMap<string, string> | undefined,
  path: string,
): Promise<Uint8Array | undefined> {
  if (!repo.git || tree?.has(path) !== true) return undefined;
  return repo.git.readFile(commit, gitPath(repo.git, path));
}

async function readRecorded(snapshot: Snapshot, path: string): Promise<Uint8Array | Absence> {
  const recorded = await recordOf(snapshot, path);
  if (!recorded || recorded.hash.endsWith('.dir')) return recorded ? 'nowhere' : absenceInside(snapshot, path);
  try {
    return await snapshot.task.repo.store.read(recorded.hash, recorded.hashName);
  } catch (error) {
    if (is(error, 'cache.missing') || is(error, 'cache.corrupt')) return 'cache';
    throw error;
  }
}

/** A file inside a recorded folder whose list is not in the cache may well exist. */
function absenceInside({ files, task }: Snapshot, path: string): Absence {
  const folder = files.outputs.find((output) => output.path !== path && isInside(path, output.path))?.recorded;
  return folder?.hash.endsWith('.dir') === true && !task.repo.store.has(folder.hash, folder.hashName)
    ? 'cache'
    : 'nowhere';
}

/** What is recorded about a path; undefined when no output holds it. */
export async function recordOf(snapshot: Snapshot, path: string): Promise<Recorded | undefined> {
  return (await versionOf(snapshot.task, snapshot.files, path))?.version;
}

/** The hash under which a file can be kept for good: the blob's or the recorded one; undefined in the workspace. */
export async function contentId(snapshot: Snapshot, path: string): Promise<string | undefined> {
  if (!snapshot.tree) return undefined;
  const blob = snapshot.tree.get(path);
  if (blob !== undefined) return `git:${blob}`;
  const recorded = await recordOf(snapshot, path);
  return recorded && `${recorded.hashName}:${recorded.hash}`;
}

/** Files at or below a path, sorted: the path itself when it is a file, nothing when it is not there. */
export async function filesBelow(snapshot: Snapshot, path: string): Promise<string[]> {
  const found = new Set<string>();
  if (snapshot.tree) for (const file of snapshot.tree.keys()) if (isInside(file, path)) found.add(file);
  if (snapshot.commit === undefined) await walkDisk(snapshot.task.repo, path, found);
  if (found.size === 0) for (const file of await recordedBelow(snapshot, path)) found.add(file);
  return [...found].sort(compareCodePoints);
}

/** {@link filesBelow}, and what is recorded there but does not lie there now. */
export async function allFilesBelow(snapshot: Snapshot, path: string): Promise<string[]> {
  const found = new Set([...(await filesBelow(snapshot, path)), ...(await recordedBelow(snapshot, path))]);
  return [...found].sort(compareCodePoints);
}

async function walkDisk(repo: Repo, path: string, found: Set<string>): Promise<void> {
  const stat = await repo.host.fs.stat(absolute(repo, path));
  if (stat?.kind === 'file') found.add(path);
  if (stat?.kind !== 'folder') return;
  const entries = (await repo.host.fs.readdir(absolute(repo, path))) ?? [];
  for (const entry of entries) {
    if (found.size > 100_000) return;
    const below = path === '.' ? entry.name : `${path}/${entry.name}`;
    // Links into the cache are files; a link to a folder could lead round in circles.
    if (entry.kind === 'folder') await walkDisk(repo, below, found);
    else if (entry.kind === 'file' || (await repo.host.fs.stat(absolute(repo, below)))?.kind === 'file')
      found.add(below);
  }
}

async function recordedBelow({ files, task }: Snapshot, path: string): Promise<string[]> {
  const found: string[] = [];
  for (const { path: out, recorded } of files.outputs) {
    if (!recorded || !(isInside(path, out) || isInside(out, path))) continue;
    const entries = await entriesOf(task, recorded);
    const all = entries ? entries.map((name) => `${out}/${name}`) : [out];
    found.push(...all.filter((file) => isInside(file, path)));
  }
  return found;
}

/** Names inside a recorded folder (none when its list is not in the cache); undefined for a file. */
async function entriesOf(
  task: Task,
  { hash, hashName }: { hash: Hash; hashName: HashName },
): Promise<string[] | undefined> {
  if (!hash.endsWith('.dir')) return undefined;
  return ((await readFolder(task, hash, hashName)) ?? []).map((entry) => entry.relpath);
}
