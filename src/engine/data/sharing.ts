/**
 * What push, fetch and `status -c` are about: which objects of which outputs, and the remote each belongs to (dvc.md §20). An output with a
 * remote of its own goes there and nowhere else.
 */

import { pacer } from '../../base/cancel';
import { StrataError } from '../errors';
import { configText, type DvcConfig } from '../formats/dvcConfig';
import { openRemote, remoteName, type Remote } from '../remotes/remotes';
import { type Wanted } from '../remotes/transfer';
import { type ShareArgs } from '../verbs/data';
import { collectCommit, collectProject } from './collect';
import { type Output, type ProjectFiles, type Selection } from './model';
import { isCached } from './outState';
import { shown } from './paths';
import { commitsOf, wantsCommits } from './revisions';
import { requireLoaded, selectOutputs } from './select';
import { type Repo } from './repo';
import { type Task } from './task';
import { requireGit } from './versions';

/** Objects by the name of the remote they belong to. */
export type ByRemote = ReadonlyMap<string, readonly Wanted[]>;

/** What is done with the objects: `compare` looks at what would be pushed, without outputs that have a remote of their own. */
export type Sharing = 'push' | 'fetch' | 'compare';

/** The recorded objects of the targets, in the workspace and in the commits asked for, by remote. */
export async function wantedObjects(task: Task, args: ShareArgs, sharing: Sharing): Promise<ByRemote> {
  const byRemote = new Map<string, Wanted[]>();
  for (const { selected } of await selectShared(task, args)) {
    for (const one of selected) {
      if (!isShared(one.output, args, sharing)) continue;
      if (sharing === 'fetch' && (await isHereAlready(task, one.output, args))) continue;
      const name = remoteOf(task, one.output, args);
      byRemote.set(name, [...(byRemote.get(name) ?? []), ...(await objectsOf(task, one, sharing === 'push'))]);
    }
  }
  return byRemote;
}

/** What the targets mean in the workspace, and in each of the commits asked for. */
export async function selectShared(
  task: Task,
  args: ShareArgs,
): Promise<{ readonly files: ProjectFiles; readonly selected: readonly Selection[] }[]> {
  const found: { files: ProjectFiles; selected: readonly Selection[] }[] = [];
  for (const { files, strict } of await collectSources(task, args))
    found.push({ files, selected: await selectIn(task, files, args, strict) });
  return found;
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

/** Commits of `-a`, `-T`, `-A` and `--all-experiments`. */
async function wantedCommits(task: Task, args: ShareArgs): Promise<Set<string>> {
  return wantsCommits(args) ? commitsOf(requireGit(task), args, task.call) : new Set();
}

async function selectIn(task: Task, files: ProjectFiles, args: ShareArgs, strict: boolean): Promise<Selection[]> {
  try {
    return await selectOutputs(task.repo, files, args.targets, args);
  } catch (error) {
    if (strict) throw error;
    return [];
  }
}

function isShared(output: Output, args: ShareArgs, sharing: Sharing): boolean {
  if (!output.cache || !output.recorded || output.repoImport) return false;
  if (sharing !== 'fetch' && !output.push) return false;
  if (sharing === 'compare' && output.remote !== undefined) return false;
  const asked = args.remote?.toLowerCase();
  return asked === undefined || output.remote === undefined || output.remote.toLowerCase() === asked;
}

/** Where no remote is configured, what the cache has need not come from one; only what it lacks makes that a failure. */
async function isHereAlready(task: Task, { recorded, remote }: Output, args: ShareArgs): Promise<boolean> {
  const main = args.remote ?? remote ?? configText(task.repo.config, 'core', 'remote');
  return !main && recorded !== undefined && (await isCached(task, recorded));
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

/** `--jobs` shadows the remote's own setting. */
export function withJobs(repo: Repo, args: Pick<ShareArgs, 'jobs'>): Repo {
  if (args.jobs === undefined) return repo;
  const value = { value: String(args.jobs), path: '--jobs', line: 1 };
  const config: DvcConfig = new Map(
    [...repo.config].map(([section, keys]) => [
      section,
      section.startsWith('remote.') ? new Map([...keys, ['jobs', value]]) : keys,
    ]),
  );
  return { ...repo, config };
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
