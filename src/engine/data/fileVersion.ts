/** The bytes of a file at a commit, or as it lies in the workspace: from Git when Git has it, else from the cache. */

import { type Call } from '../../base/cancel';
import { StrataError } from '../errors';
import { type FileVersionAnswer, type FileVersionArgs } from '../verbs/dataViews';
import { gitPath } from './paths';
import { absolute, type Repo } from './repo';
import { startTask, type Task } from './task';
import { filesAt, requireGit, resolveCommit, versionOf } from './versions';

/**
 * Reads a file (path from the root) at a revision. Fails with `data.noVersion` {path, rev} when nothing has it there, with `cache.missing`
 * when its object is not in the cache, with `data.tooLarge` above `maxBytes`.
 */
export async function fileVersion(repo: Repo, args: FileVersionArgs, call: Call): Promise<FileVersionAnswer> {
  const bytes = await readVersion(startTask(repo, call), args);
  if (bytes === undefined) throw new StrataError('data.noVersion', { path: args.path, rev: args.rev });
  return { bytes, size: bytes.length };
}

/** {@link fileVersion} that answers undefined when nothing has the path at that revision. */
export async function readVersion(task: Task, args: FileVersionArgs): Promise<Uint8Array | undefined> {
  if (args.rev === 'workspace') return readWorkspace(task, args);
  const git = requireGit(task);
  const sha = await resolveCommit(git, args.rev);
  const fromGit = await git.readFile(sha, gitPath(git, args.path));
  if (fromGit) return limited(args, fromGit.length, () => Promise.resolve(fromGit));
  const found = await versionOf(task, await filesAt(task, sha), args.path);
  const version = found?.version;
  if (!version || version.hash.endsWith('.dir')) return undefined;
  const { store } = task.repo;
  return limited(args, store.size(version.hash, version.hashName) ?? 0, () =>
    store.read(version.hash, version.hashName),
  );
}

async function readWorkspace(task: Task, args: FileVersionArgs): Promise<Uint8Array | undefined> {
  const { fs } = task.repo.host;
  const at = absolute(task.repo, args.path);
  const stat = await fs.stat(at);
  if (stat?.kind !== 'file') return undefined;
  return limited(args, stat.size, () => fs.readFile(at));
}

function limited(args: FileVersionArgs, size: number, read: () => Promise<Uint8Array>): Promise<Uint8Array> {
  if (args.maxBytes !== undefined && size > args.maxBytes)
    throw new StrataError('data.tooLarge', { path: args.path, size, limit: args.maxBytes });
  return read();
}
