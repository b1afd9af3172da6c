/** One path at one commit: which output it belongs to there, and what is recorded about it. */

import { isInside } from '../../base/paths';
import { StrataError } from '../errors';
import { type Git } from '../git/git';
import { collectCommit, collectProject } from './collect';
import { type Output, type ProjectFiles, type Recorded } from './model';
import { readFolder } from './outState';
import { type Task } from './task';

/** A tracked path at a commit. */
export interface PathVersion {
  readonly output: Output;
  /** What is recorded of the path itself; of a file inside a folder only when the folder's list is in the cache. */
  readonly version?: Recorded;
  /** Path below the output, empty for the output itself. */
  readonly below: string;
}

/** Git, or `data.noGit`. */
export function requireGit(task: Task): Git {
  const { git, root } = task.repo;
  if (!git) throw new StrataError('data.noGit', { path: root });
  return git;
}

/** The full id of a commit. Fails with `git.unknownRevision`. */
export async function resolveCommit(git: Git, rev: string): Promise<string> {
  const sha = await git.resolve(rev);
  if (sha === undefined) throw new StrataError('git.unknownRevision', { rev });
  return sha;
}

/** What a revision (or `workspace`) tracks. Files that cannot be loaded are left out. */
export async function filesAt(task: Task, rev: string): Promise<ProjectFiles> {
  if (rev === 'workspace') return collectProject(task.repo, task.call);
  const git = requireGit(task);
  return collectCommit(task.repo, git, await resolveCommit(git, rev), task.call);
}

/** The output that tracks a path (from the root), and the path's own record; undefined when nothing tracks it. */
export async function versionOf(task: Task, files: ProjectFiles, path: string): Promise<PathVersion | undefined> {
  const output = files.outputs.find((one) => isInside(path, one.path));
  if (!output) return undefined;
  if (output.path === path) return { output, below: '', ...(output.recorded ? { version: output.recorded } : {}) };
  const below = path.slice(output.path.length + 1);
  const version = output.recorded && (await recordInside(task, output.recorded, below));
  return { output, below, ...(version ? { version } : {}) };
}

/** The record of a file or folder inside a recorded folder. A folder inside has no object of its own: its record is the list's. */
async function recordInside(task: Task, recorded: Recorded, below: string): Promise<Recorded | undefined> {
  if (!recorded.hash.endsWith('.dir')) return undefined;
  const entries = await readFolder(task, recorded.hash, recorded.hashName);
  const file = entries?.find((entry) => entry.relpath === below);
  return file && { hash: file.md5, hashName: recorded.hashName };
}
