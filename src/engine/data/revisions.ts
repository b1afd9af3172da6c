/**
 * Which commits the options of scope mean, as DVC understands them: `--rev`, `--num`, branches, tags, every commit, commits since a day,
 * experiments. Several add up. All parents are followed for “every commit”, first parents for `--num`.
 */

import { pacer, type Call } from '../../base/cancel';
import { is, StrataError } from '../errors';
import { type Commit, type Git, type Ref } from '../git/git';

/** The options of scope. */
export interface Scope {
  readonly rev?: string;
  /** How many commits back from each start; 1 unless given. */
  readonly num?: number;
  readonly allBranches?: boolean;
  readonly allTags?: boolean;
  readonly allCommits?: boolean;
  /** `yyyy-mm-dd`, local time: commits of that day and later. */
  readonly date?: string;
  readonly allExperiments?: boolean;
}

/** True when a scope asks for any commit at all. */
export function wantsCommits(scope: Scope): boolean {
  const { rev, allBranches, allTags, allCommits, date, allExperiments } = scope;
  return (
    rev !== undefined ||
    date !== undefined ||
    allBranches === true ||
    allTags === true ||
    allCommits === true ||
    allExperiments === true
  );
}

/**
 * Ids of the commits of a scope. Fails with `git.unknownRevision` {rev}, with `gc.badDate` {date}. Commits that a shallow clone lacks are not
 * among them.
 */
export async function commitsOf(git: Git, scope: Scope, call: Call): Promise<Set<string>> {
  const refs = await git.refs();
  const commits = new Set<string>();
  const add = async (rev: string): Promise<void> => {
    for (const { sha } of await git.log(rev, scope.num ?? 1)) commits.add(sha);
  };
  if (scope.rev !== undefined) await add(await resolve(git, refs, scope.rev));
  if (scope.allBranches) for (const ref of refs) if (ref.kind === 'branch') await add(ref.commit);
  if (scope.allTags) for (const ref of refs) if (ref.kind === 'tag') commits.add(ref.commit);
  if (scope.allExperiments) for (const ref of refs) await addExperiment(git, ref, commits);
  const since = sinceWhen(scope);
  if (since === undefined) return commits;
  for (const [sha, time] of await everyCommit(git, refs, call)) if (time >= since) commits.add(sha);
  return commits;
}

/** From which moment on every commit is wanted, in milliseconds; undefined when not every commit is. */
function sinceWhen({ allCommits, date }: Scope): number | undefined {
  if (allCommits) return Number.NEGATIVE_INFINITY;
  return date === undefined ? undefined : dayStart(date);
}

/** A revision, or an experiment by its name. */
async function resolve(git: Git, refs: readonly Ref[], rev: string): Promise<string> {
  const sha = await git.resolve(rev);
  if (sha !== undefined) return sha;
  const named = refs.find((ref) => experimentOf(ref)?.name === rev);
  if (!named) throw new StrataError('git.unknownRevision', { rev });
  return named.commit;
}

const EXPERIMENT = /^refs\/exps\/([0-9a-f]{2})\/([0-9a-f]{38,62})\/(.+)$/;

function experimentOf(ref: Ref): { readonly baseline: string; readonly name: string } | undefined {
  const found = EXPERIMENT.exec(ref.name);
  return found ? { baseline: `${found[1] ?? ''}${found[2] ?? ''}`, name: found[3] ?? '' } : undefined;
}

/** The commits of an experiment from its tip down to its baseline; of what waits in a queue the tip. */
async function addExperiment(git: Git, ref: Ref, commits: Set<string>): Promise<void> {
  if (!ref.name.startsWith('refs/exps/')) return;
  const experiment = experimentOf(ref);
  commits.add(ref.commit);
  let next = experiment && ref.commit;
  while (next !== undefined && next !== experiment?.baseline) {
    const commit = await commitOrNone(git, next);
    if (!commit) return;
    commits.add(commit.sha);
    next = commit.parents[0];
  }
}

/** Every commit that HEAD, branches, remote branches and tags lead to, with the moment it was made in milliseconds. */
async function everyCommit(git: Git, refs: readonly Ref[], call: Call): Promise<Map<string, number>> {
  const seen = new Map<string, number>();
  const head = await git.resolve('HEAD');
  const open = refs.filter((ref) => ref.kind !== 'other').map((ref) => ref.commit);
  if (head !== undefined) open.push(head);
  const pace = pacer(call.signal);
  for (let sha = open.pop(); sha !== undefined; sha = open.pop()) {
    if (seen.has(sha)) continue;
    await pace();
    const commit = await commitOrNone(git, sha);
    if (!commit) continue;
    seen.set(sha, commit.committerTime);
    open.push(...commit.parents);
  }
  return seen;
}

/** Undefined where a shallow clone ends. */
async function commitOrNone(git: Git, sha: string): Promise<Commit | undefined> {
  try {
    return await git.commit(sha);
  } catch (error) {
    if (is(error, 'git.unknownRevision')) return undefined;
    throw error;
  }
}

/** The first moment of a day here, in milliseconds. */
function dayStart(date: string): number {
  const [, year, month, day] = /^(\d{4})-(\d{1,2})-(\d{1,2})$/.exec(date) ?? [];
  const start = new Date(Number(year), Number(month) - 1, Number(day));
  if (start.getMonth() !== Number(month) - 1 || start.getDate() !== Number(day))
    throw new StrataError('gc.badDate', { date });
  return start.getTime();
}
