/** `diff`: data that differs between two commits, or a commit and the workspace (dvc.md §16, cli.md §2). Paths are relative to the root. */

import { type Call } from '../../base/cancel';
import { is, StrataError } from '../errors';
import { type DiffAnswer, type DiffArgs } from '../verbs/data';
import { diffIndexes, entryPath, type DataIndex, type IndexChange, type IndexEntry } from './dataIndex';
import { type Output, type ProjectFiles, type Selection } from './model';
import { type Repo } from './repo';
import { requireLoaded, selectOutputs } from './select';
import { recordedIndex, workspaceIndex } from './states';
import { startTask, type Task } from './task';
import { filesAt } from './versions';

/**
 * Compares A (HEAD unless given) with B (the workspace unless given); without commits nothing differs. Fails with `data.noGit`,
 * `git.unknownRevision`, and with `data.notTracked` when a path to look at is in neither.
 */
export async function diff(repo: Repo, args: DiffArgs, call: Call): Promise<DiffAnswer> {
  const task = startTask(repo, call);
  const { git } = repo;
  if (!git) throw new StrataError('data.noGit', { path: repo.root });
  const [a = 'HEAD', b] = args.targets;
  const lacks = (await git.resolve('HEAD')) === undefined;
  const changes = lacks ? [] : await changesBetween(task, [a, b ?? 'workspace'], args.paths ?? []);
  const answer = toAnswer(changes, args.showHash === true);
  if (b !== undefined || args.hideMissing) return answer;
  return { ...answer, 'not in cache': missing(task, changes, args.showHash === true) };
}

async function changesBetween(
  task: Task,
  [a, b]: readonly [string, string],
  paths: readonly string[],
): Promise<IndexChange[]> {
  const old = await stateAt(task, a, paths);
  const now = await stateAt(task, b, paths);
  const lost = old.unknown.find((path) => now.unknown.includes(path));
  if (lost !== undefined) throw new StrataError('data.notTracked', { path: lost });
  const changes = diffIndexes(old.index, now.index, { granular: true, targets: [...old.targets, ...now.targets] });
  return paths.length > 0 && old.targets.length + now.targets.length === 0 ? [] : changes;
}

/** A side of the comparison: outputs that the paths mean, what of them is wanted, and paths that mean nothing there. */
interface Side {
  readonly index: DataIndex;
  readonly targets: readonly string[];
  readonly unknown: readonly string[];
}

async function stateAt(task: Task, rev: string, paths: readonly string[]): Promise<Side> {
  const files = await filesAt(task, rev);
  if (rev === 'workspace') requireLoaded(files);
  const targets: string[] = [];
  const unknown: string[] = [];
  const outputs = new Set<Output>(paths.length === 0 ? files.outputs : []);
  for (const path of paths) {
    const found = await selected(task, files, path);
    if (!found) unknown.push(path);
    for (const { output, inside } of found ?? []) {
      outputs.add(output);
      targets.push(inside ?? output.path);
    }
  }
  const narrowed = { ...files, outputs: [...outputs] };
  const index = rev === 'workspace' ? await workspaceIndex(task, narrowed) : await recordedIndex(task, narrowed, true);
  return { index, targets, unknown };
}

async function selected(task: Task, files: ProjectFiles, path: string): Promise<Selection[] | undefined> {
  try {
    return await selectOutputs(task.repo, files, [path]);
  } catch (error) {
    if (is(error, 'data.notTracked')) return undefined;
    throw error;
  }
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
