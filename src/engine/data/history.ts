/**
 * `history`: the versions of one tracked path, newest first, through Git's first parents. A version begins with the commit that records
 * other content than the commit before it.
 */

import { pacer, type Call } from '../../base/cancel';
import { basename, dirname, join } from '../../base/paths';
import { type Commit, type Git } from '../git/git';
import { StrataError } from '../errors';
import { type HistoryAnswer, type HistoryArgs } from '../verbs/data';
import { collectCommit, collectFrom } from './collect';
import { type Hash } from '../cache/cache';
import { type Recorded } from './model';
import { isCached, readFolder } from './outState';
import { fromArgument, shown } from './paths';
import { type Repo } from './repo';
import { startTask, type Task } from './task';
import { requireGit, versionOf, type PathVersion } from './versions';

type Version = HistoryAnswer['versions'][number];

/** How far back a history goes. */
const MAX_COMMITS = 20_000;

/** A commit and the version it introduced. */
interface Step {
  readonly commit: Commit;
  readonly found: PathVersion & { readonly version: Recorded };
  /** Commits that hold this version, for the tags on them. */
  readonly holders: string[];
}

/** Versions of `targets[0]`. Fails with `data.notTracked` when no commit tracked it. */
export async function history(repo: Repo, args: HistoryArgs, call: Call): Promise<HistoryAnswer> {
  const task = startTask(repo, call);
  const git = requireGit(task);
  const path = fromArgument(repo, args.targets[0] ?? '.');
  const head = await git.resolve('HEAD');
  const commits = head === undefined ? [] : await git.log(head, MAX_COMMITS);
  const steps = await collectSteps(task, commits, path, (args.max ?? MAX_COMMITS) + 1);
  if (steps.length === 0) throw new StrataError('data.noHistory', { path: shown(repo, path) });
  const registered = await registrations(git);
  const versions: Version[] = [];
  for (const [i, step] of steps.slice(0, args.max ?? steps.length).entries()) {
    versions.push(await describe(task, step, steps[i + 1], registered));
  }
  return { versions };
}

async function collectSteps(task: Task, commits: readonly Commit[], path: string, max: number): Promise<Step[]> {
  const finder = new Finder(task, requireGit(task), path);
  const pace = pacer(task.call.signal);
  const steps: Step[] = [];
  let current: Step | undefined;
  for (const commit of commits) {
    await pace();
    const found = await finder.at(commit);
    if (current && sameVersion(current.found, found)) {
      current = { ...current, commit, holders: [...current.holders, commit.sha] };
      steps[steps.length - 1] = current;
      continue;
    }
    if (steps.length >= max) break;
    current = found?.version
      ? { commit, found: { ...found, version: found.version }, holders: [commit.sha] }
      : undefined;
    if (current) steps.push(current);
  }
  return steps;
}

function sameVersion(a: PathVersion, b: PathVersion | undefined): boolean {
  return a.version?.hash !== undefined && a.version.hash === b?.version?.hash;
}

/** Finds the path at commits; looks first into the file that declared it last, which is nearly always the right one. */
class Finder {
  private file: string | undefined;
  private readonly known = new Map<string, PathVersion | undefined>();

  constructor(
    private readonly task: Task,
    private readonly git: Git,
    private readonly path: string,
  ) {}

  async at(commit: Commit): Promise<PathVersion | undefined> {
    if (!this.known.has(commit.tree)) this.known.set(commit.tree, await this.look(commit.sha));
    return this.known.get(commit.tree);
  }

  private async look(sha: string): Promise<PathVersion | undefined> {
    for (const file of this.candidates()) {
      const files = await collectFrom(this.task.repo, this.git, sha, [file]);
      const found = await versionOf(this.task, files, this.path);
      if (found) return found;
    }
    const found = await versionOf(
      this.task,
      await collectCommit(this.task.repo, this.git, sha, this.task.call),
      this.path,
    );
    this.file = found?.output.file ?? this.file;
    return found;
  }

  private candidates(): string[] {
    return this.file === undefined ? [join(dirname(this.path), `${basename(this.path)}.dvc`)] : [this.file];
  }
}

/** Tags of registered versions (`m@v1.0.0`) by the commit they are on. */
async function registrations(git: Git): Promise<ReadonlyMap<string, string[]>> {
  const out = new Map<string, string[]>();
  for (const ref of await git.refs()) {
    if (ref.kind !== 'tag' || !ref.tag || !/^[^@#]+@v[^!#@]+$/.test(ref.short)) continue;
    out.set(ref.commit, [...(out.get(ref.commit) ?? []), ref.short.replaceAll('=', ':')]);
  }
  return out;
}

async function describe(
  task: Task,
  step: Step,
  older: Step | undefined,
  registered: ReadonlyMap<string, string[]>,
): Promise<Version> {
  const { commit, found } = step;
  const { version } = found;
  const tags = step.holders.flatMap((sha) => registered.get(sha) ?? []);
  const size = version.size ?? task.repo.store.size(version.hash, version.hashName);
  return {
    commit: commit.sha,
    date: new Date(commit.committerTime).toISOString(),
    author: commit.author.name,
    message: commit.message.trim(),
    hash: version.hash,
    ...(size === undefined || (version.hash.endsWith('.dir') && version.size === undefined) ? {} : { size }),
    ...(version.nfiles === undefined ? {} : { nfiles: version.nfiles }),
    ...(await changes(task, version, older?.found.version)),
    ...(tags.length > 0 ? { registered: tags } : {}),
    cached: await isCached(task, version),
  };
}

/** Files added, deleted, modified against the older version of a folder; nothing when a list is missing. */
async function changes(task: Task, now: Recorded, old: Recorded | undefined): Promise<Partial<Version>> {
  const after = await listOf(task, now);
  if (!after) return {};
  const before = old ? await listOf(task, old) : new Map<string, Hash>();
  if (!before) return {};
  let added = 0;
  let modified = 0;
  for (const [path, hash] of after) {
    if (!before.has(path)) added += 1;
    else if (before.get(path) !== hash) modified += 1;
  }
  return { added, modified, deleted: before.size - (after.size - added) };
}

async function listOf(task: Task, version: Recorded): Promise<Map<string, Hash> | undefined> {
  if (!version.hash.endsWith('.dir')) return undefined;
  const entries = await readFolder(task, version.hash, version.hashName);
  return entries && new Map(entries.map((entry) => [entry.relpath, entry.md5]));
}
