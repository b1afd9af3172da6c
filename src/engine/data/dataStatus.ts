/**
 * `status --data` (dvc.md §16): *committed* is what HEAD records against what the workspace's files record, *uncommitted* those against
 * the workspace itself. Outputs with `cache: false` are not looked at.
 */

import { type Call } from '../../base/cancel';
import { compareCodePoints } from '../../base/paths';
import { type DataChanges, type DataStatusAnswer, type DataStatusArgs } from '../verbs/data';
import { collectProject } from './collect';
import { diffIndexes, entryPath, type DataIndex, type IndexChange } from './dataIndex';
import { missingOnRemote } from './remoteState';
import { type ProjectFiles } from './model';
import { fromArgument, fromGitPath } from './paths';
import { type Repo } from './repo';
import { requireLoaded } from './select';
import { commitIndex, recordedIndex, workspaceIndex } from './states';
import { startTask, type Task } from './task';

/** Compares HEAD, records and workspace. Keys are there only when they hold something; paths are relative to the root. */
export async function dataStatus(repo: Repo, args: DataStatusArgs, call: Call): Promise<DataStatusAnswer> {
  const task = startTask(repo, call);
  const files = await collectProject(repo, call);
  requireLoaded(files);
  const granular = args.granular === true;
  const options = { granular, targets: args.targets.map((target) => fromArgument(repo, target)) };
  const recorded = await recordedIndex(task, files, granular);
  const uncommitted = diffIndexes(
    recorded,
    await workspaceIndex(task, files, granular ? recorded : undefined),
    options,
  );
  const head = repo.git && ((await commitIndex(task, 'HEAD', granular)) ?? new Map());
  const committed = head && diffIndexes(head, recorded, options);
  return withoutEmpty({
    not_in_cache: notInCache(task, uncommitted),
    not_in_remote: args.notInRemote ? await notInRemote(task, files, recorded, args) : [],
    committed: toChanges(committed ?? []),
    uncommitted: toChanges(uncommitted),
    untracked: args.untrackedFiles === 'all' ? await untracked(task, options.targets) : [],
    unchanged: args.unchanged ? unchanged(uncommitted, committed) : [],
  });
}

/** Recorded paths whose object is missing. */
export function notInCache(task: Task, changes: readonly IndexChange[]): string[] {
  const { store } = task.repo;
  return changes.flatMap(({ old }) =>
    old?.hash !== undefined && !store.has(old.hash, old.hashName) ? [entryPath(old)] : [],
  );
}

function toChanges(changes: readonly IndexChange[]): DataChanges {
  const paths = (kind: IndexChange['kind']): string[] =>
    changes.filter((one) => one.kind === kind).map((one) => entryPath(pathEntry(one)));
  const renamed = changes.flatMap((one) =>
    one.kind === 'renamed' && one.old && one.new ? [{ old: entryPath(one.old), new: entryPath(one.new) }] : [],
  );
  const unknown = changes.filter((one) => one.kind === 'unknown' && one.new).map((one) => entryPath(pathEntry(one)));
  return withoutEmpty({
    added: paths('added'),
    modified: paths('modified'),
    deleted: paths('deleted'),
    unknown,
    renamed,
  });
}

/** The side that says whether a path is a folder: the new one, when it knows. */
function pathEntry(one: IndexChange): { path: string; folder: boolean } {
  const entry = one.new?.hash === undefined ? (one.old ?? one.new) : one.new;
  return entry ?? { path: '', folder: false };
}

function unchanged(uncommitted: readonly IndexChange[], committed: readonly IndexChange[] | undefined): string[] {
  const same = (changes: readonly IndexChange[]): string[] =>
    changes
      .filter((one) => one.kind === 'unchanged' && one.new?.hash !== undefined)
      .map((one) => entryPath(pathEntry(one)));
  if (!committed) return same(uncommitted);
  const both = new Set(same(committed));
  return same(uncommitted).filter((path) => both.has(path));
}

async function untracked(task: Task, targets: readonly string[]): Promise<string[]> {
  const { git } = task.repo;
  if (!git) return [];
  const paths = (await git.changes()).filter((one) => one.index === '?').map((one) => fromGitPath(git, one.path));
  const inProject = paths.filter((path) => path !== undefined);
  const wanted = (path: string): boolean =>
    targets.length === 0 || targets.some((at) => path === at || path.startsWith(`${at}/`));
  return inProject.filter(wanted).sort(compareCodePoints);
}

/** Recorded paths whose object the remote lacks; of folders the folder alone unless granular. */
async function notInRemote(
  task: Task,
  files: ProjectFiles,
  recorded: DataIndex,
  args: DataStatusArgs,
): Promise<string[]> {
  const pushed = new Map(
    files.outputs.filter((output) => output.push && !output.repoImport).map((output) => [output.path, output.remote]),
  );
  const entries = [...recorded.values()]
    .filter((root) => pushed.has(root.path))
    .flatMap((root) => {
      const below = args.granular ? [...(root.files ?? [])] : [];
      const inside = below.map(([path, hash]) => ({
        path: `${root.path}/${path}`,
        folder: false,
        hash,
        hashName: root.hashName ?? 'md5',
      }));
      const { hash } = root;
      const own = hash === undefined ? [] : [{ ...root, hash, hashName: root.hashName ?? 'md5' }, ...inside];
      const remote = pushed.get(root.path);
      return own.map((one) => (remote === undefined ? one : { ...one, remote }));
    });
  const missing = await missingOnRemote(task, args.remote, entries);
  return missing.map(entryPath);
}

/** The object without empty lists and empty objects. */
function withoutEmpty<T extends object>(value: T): T {
  return Object.fromEntries(
    Object.entries(value).filter(([, member]) => Object.keys(member as object).length > 0),
  ) as T;
}
