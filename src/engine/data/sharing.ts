/**
 * What push, fetch and `status -c` are about: which objects of which outputs, and the remote each belongs to (dvc.md §20). An output with a
 * remote of its own goes there and nowhere else.
 */

import { pacer } from '../../base/cancel';
import { StrataError } from '../errors';
import { openRemote, remoteName, type Remote } from '../remotes/remotes';
import { type Wanted } from '../remotes/transfer';
import { type ShareArgs } from '../verbs/data';
import { collectCommit, collectProject } from './collect';
import { type Output, type ProjectFiles, type Selection } from './model';
import { shown } from './paths';
import { requireLoaded, selectOutputs } from './select';
import { type Task } from './task';
import { requireGit } from './versions';

/** Objects by the name of the remote they belong to. */
export type ByRemote = ReadonlyMap<string, readonly Wanted[]>;

/** The recorded objects of the targets, in the workspace and in the commits asked for, by remote. */
export async function wantedObjects(task: Task, args: ShareArgs, pushing: boolean): Promise<ByRemote> {
  const byRemote = new Map<string, Wanted[]>();
  for (const { files, strict } of await collectSources(task, args)) {
    for (const one of selectIn(task, files, args, strict)) {
      if (!isShared(one.output, args, pushing)) continue;
      const name = remoteOf(task, one.output, args);
      byRemote.set(name, [...(byRemote.get(name) ?? []), ...(await objectsOf(task, one, pushing))]);
    }
  }
  return byRemote;
}

interface SourceFiles {
  readonly files: ProjectFiles;
  /** Targets that are not there are an error: only in the workspace. */
  readonly strict: boolean;
}

async function collectSources(task: Task, args: ShareArgs): Promise<SourceFiles[]> {
  const workspace = await collectProject(task.repo, task.call);
  requireLoaded(workspace);
  const sources: SourceFiles[] = [{ files: workspace, strict: true }];
  const commits = await wantedCommits(task, args);
  const pace = pacer(task.call.signal);
  for (const sha of commits) {
    await pace();
    sources.push({ files: await collectCommit(task.repo, requireGit(task), sha, task.call), strict: false });
  }
  return sources;
}

/** Commits of `-a`, `-T`, `-A`: tips of branches, tagged commits, everything reachable from either by first parents. */
async function wantedCommits(task: Task, args: ShareArgs): Promise<Set<string>> {
  const commits = new Set<string>();
  if (!args.allBranches && !args.allTags && !args.allCommits) return commits;
  const git = requireGit(task);
  for (const ref of await git.refs()) {
    const wanted =
      args.allCommits || (args.allBranches && ref.kind === 'branch') || (args.allTags && ref.kind === 'tag');
    if (wanted) commits.add(ref.commit);
  }
  if (!args.allCommits) return commits;
  for (const tip of [...commits]) for (const commit of await git.log(tip, 100_000)) commits.add(commit.sha);
  return commits;
}

function selectIn(task: Task, files: ProjectFiles, args: ShareArgs, strict: boolean): Selection[] {
  try {
    return selectOutputs(task.repo, files, args.targets, args);
  } catch (error) {
    if (strict) throw error;
    return [];
  }
}

function isShared(output: Output, args: ShareArgs, pushing: boolean): boolean {
  if (!output.cache || !output.recorded || output.repoImport) return false;
  if (pushing && !output.push) return false;
  const asked = args.remote?.toLowerCase();
  return asked === undefined || output.remote === undefined || output.remote.toLowerCase() === asked;
}

function remoteOf(task: Task, output: Output, args: ShareArgs): string {
  return args.remote === undefined && output.remote !== undefined
    ? output.remote.toLowerCase()
    : remoteName(task.repo.config, args.remote);
}

/** Objects of one output. Pushing moves whole folders: a list on the remote promises all its files (dvc.md §20). */
async function objectsOf(task: Task, one: Selection, pushing: boolean): Promise<Wanted[]> {
  const { output, inside } = one;
  if (!output.recorded) return [];
  const { hash, hashName } = output.recorded;
  const whole = { hash, hashName, path: shown(task.repo, output.path) };
  const { store } = task.repo;
  if (pushing || inside === undefined || !store.has(hash, hashName)) return [whole];
  const below = inside.slice(output.path.length + 1);
  const entries = await store.readDir(hash, hashName);
  return entries
    .filter(({ relpath }) => relpath === below || relpath.startsWith(`${below}/`))
    .map((entry) => ({ hash: entry.md5, hashName, path: shown(task.repo, `${output.path}/${entry.relpath}`) }));
}

/** Runs `act` for each remote, opened and closed around it. Fails with `remotes.none` when nothing says where to, even for nothing. */
export async function eachRemote(
  task: Task,
  byRemote: ByRemote,
  args: ShareArgs,
  act: (remote: Remote, wanted: readonly Wanted[]) => Promise<void>,
): Promise<string> {
  const names = byRemote.size > 0 ? [...byRemote.keys()] : [remoteName(task.repo.config, args.remote)];
  for (const name of names) {
    const remote = await openRemote(task.repo.config, name, task.repo.host, task.call);
    try {
      await act(remote, byRemote.get(name) ?? []);
    } finally {
      await remote.close();
    }
  }
  if (names[0] === undefined) throw new StrataError('remotes.none', {});
  return names[0];
}
