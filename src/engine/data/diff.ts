/** `diff`: data that differs between two commits, or a commit and the workspace (dvc.md §16, cli.md §2). Paths are relative to the root. */

import { type Call } from '../../base/cancel';
import { StrataError } from '../errors';
import { type DiffAnswer, type DiffArgs } from '../verbs/data';
import { collectProject } from './collect';
import { diffIndexes, entryPath, type DataIndex, type IndexChange, type IndexEntry } from './dataIndex';
import { fromArgument } from './paths';
import { type Repo } from './repo';
import { requireLoaded } from './select';
import { commitIndex, workspaceIndex } from './states';
import { startTask, type Task } from './task';

/** Compares A (HEAD unless given) with B (the workspace unless given). Fails with `data.noGit` and `git.unknownRevision`. */
export async function diff(repo: Repo, args: DiffArgs, call: Call): Promise<DiffAnswer> {
  const task = startTask(repo, call);
  if (!repo.git) throw new StrataError('data.noGit', { path: repo.root });
  const [a, b] = args.targets;
  const old = await indexAt(task, a ?? 'HEAD', a === undefined);
  const now = b === undefined || b === 'workspace' ? await indexOfWorkspace(task) : await indexAt(task, b, false);
  const targets = (args.paths ?? []).map((path) => fromArgument(repo, path));
  const changes = old ? diffIndexes(old, now ?? new Map(), { granular: true, targets }) : [];
  const answer = toAnswer(changes, args.showHash === true);
  const looksForMissing = b === undefined && !args.hideMissing;
  return looksForMissing ? { ...answer, 'not in cache': missing(task, changes, args.showHash === true) } : answer;
}

/** A revision's state; undefined when there are no commits at all and nobody named one. */
async function indexAt(task: Task, rev: string, mayLack: boolean): Promise<DataIndex | undefined> {
  if (rev === 'workspace') return indexOfWorkspace(task);
  const index = await commitIndex(task, rev, true);
  if (!index && !mayLack) throw new StrataError('git.unknownRevision', { rev });
  return index;
}

async function indexOfWorkspace(task: Task): Promise<DataIndex> {
  const files = await collectProject(task.repo, task.call);
  requireLoaded(files);
  return workspaceIndex(task, files);
}

function toAnswer(changes: readonly IndexChange[], hashes: boolean): DiffAnswer {
  const of = (kind: IndexChange['kind']): IndexChange[] => changes.filter((one) => one.kind === kind);
  const both = of('modified').flatMap(({ old, new: now }) => (old && now ? [{ old, now }] : []));
  const moved = of('renamed').flatMap(({ old, new: now }) => (old && now ? [{ old, now }] : []));
  return {
    added: of('added').flatMap((one) => (one.new ? [withHash(one.new, hashes)] : [])),
    deleted: of('deleted').flatMap((one) => (one.old ? [withHash(one.old, hashes)] : [])),
    modified: both.map(({ old, now }) => {
      const hash = { old: old.hash ?? '', new: now.hash ?? '' };
      return { path: entryPath(old), ...(hashes ? { hash } : {}) };
    }),
    renamed: moved.map(({ old, now }) => {
      const path = { old: entryPath(old), new: entryPath(now) };
      return { path, ...(hashes ? { hash: old.hash ?? '' } : {}) };
    }),
    'not in cache': [],
  };
}

function withHash(entry: IndexEntry, hashes: boolean): { path: string; hash?: string } {
  return { path: entryPath(entry), ...(hashes && entry.hash !== undefined ? { hash: entry.hash } : {}) };
}

function missing(task: Task, changes: readonly IndexChange[], hashes: boolean): { path: string; hash?: string }[] {
  const { store } = task.repo;
  return changes.flatMap(({ old }) =>
    old?.hash !== undefined && !store.has(old.hash, old.hashName) ? [withHash(old, hashes)] : [],
  );
}
