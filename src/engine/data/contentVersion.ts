/** One side of a comparison of contents: a file, a folder, or nothing, at a commit or in the workspace. */

import { type Hash } from '../cache/cache';
import { digestOf } from '../cache/digest';
import { measure } from './measure';
import { type Recorded } from './model';
import { gitPath } from './paths';
import { absolute } from './repo';
import { type Task } from './task';
import { filesAt, requireGit, resolveCommit, versionOf } from './versions';

/** A file's facts and a way to its bytes. */
export interface FileSide {
  readonly kind: 'file';
  readonly size: number;
  readonly hash: Hash;
  read(): Promise<Uint8Array>;
}

/** Files of a folder: hash and, where known, size in bytes, by path below it. */
export interface FolderSide {
  readonly kind: 'folder';
  readonly files: ReadonlyMap<string, { readonly hash: Hash; readonly size?: number }>;
}

/** What a path holds; undefined: nothing. */
export type Side = FileSide | FolderSide | undefined;

/** Looks a path (from the root) up at a revision or in the `workspace`. */
export async function sideAt(task: Task, rev: string, path: string): Promise<Side> {
  return rev === 'workspace' ? workspaceSide(task, path) : commitSide(task, rev, path);
}

async function workspaceSide(task: Task, path: string): Promise<Side> {
  const { fs } = task.repo.host;
  const found = await measure(task, path);
  if (!found) return undefined;
  if (!found.entries)
    return { kind: 'file', size: found.size, hash: found.hash, read: () => fs.readFile(absolute(task.repo, path)) };
  const files = new Map<string, { hash: Hash; size?: number }>();
  for (const { relpath, md5 } of found.entries) {
    const size = (await fs.stat(absolute(task.repo, `${path}/${relpath}`)))?.size;
    files.set(relpath, { hash: md5, ...(size === undefined ? {} : { size }) });
  }
  return { kind: 'folder', files };
}

async function commitSide(task: Task, rev: string, path: string): Promise<Side> {
  const git = requireGit(task);
  const sha = await resolveCommit(git, rev);
  const bytes = await git.readFile(sha, gitPath(git, path));
  if (bytes) return { kind: 'file', size: bytes.length, hash: digestOf(bytes), read: () => Promise.resolve(bytes) };
  const found = await versionOf(task, await filesAt(task, sha), path);
  const recorded = found?.output.recorded;
  if (!found || !recorded) return undefined;
  const { version } = found;
  return version && !version.hash.endsWith('.dir')
    ? objectSide(task, version)
    : listedSide(task, recorded, found.below);
}

/** A file in the cache. */
function objectSide(task: Task, version: Recorded): FileSide {
  const { store } = task.repo;
  const { hash, hashName } = version;
  const size = version.size ?? store.size(hash, hashName) ?? 0;
  return { kind: 'file', size, hash, read: () => store.read(hash, hashName) };
}

/** The part of a recorded folder below a path (empty: all of it); undefined when nothing is there. */
async function listedSide(task: Task, recorded: Recorded, below: string): Promise<Side> {
  const { store } = task.repo;
  if (!recorded.hash.endsWith('.dir')) return undefined;
  const start = below === '' ? '' : `${below}/`;
  const files = new Map<string, { hash: Hash; size?: number }>();
  for (const { relpath, md5 } of await store.readDir(recorded.hash, recorded.hashName)) {
    if (!relpath.startsWith(start)) continue;
    const size = store.size(md5, recorded.hashName);
    files.set(relpath.slice(start.length), { hash: md5, ...(size === undefined ? {} : { size }) });
  }
  return files.size > 0 || below === '' ? { kind: 'folder', files } : undefined;
}
