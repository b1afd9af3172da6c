/** Commits worth showing: first parents of HEAD, of branches and of tags, newest first, each once, with the names that lead to them. */

import { pacer, type Call } from '../../base/cancel';
import { type Commit, type Git, type Ref } from '../git/git';
import { modelLabels } from './modelTags';

/** A commit with its names. */
export interface NamedCommit {
  readonly commit: Commit;
  /** A branch or tag that points at it, else its short id. */
  readonly name: string;
  /** Its other names: branches, tags, `digits@v0.1.0`, `digits#prod`. */
  readonly labels: readonly string[];
}

/** Commits read at once while walking. */
const STEP = 64;

/** At most `max` commits. */
export async function readHistory(git: Git, max: number, call: Call): Promise<NamedCommit[]> {
  const refs = (await git.refs()).filter((ref) => ref.kind === 'branch' || ref.kind === 'tag');
  const { commit: head, branch } = await git.head();
  const seen = new Map<string, Commit>();
  const pace = pacer(call.signal);
  for (const start of new Set([...(head === undefined ? [] : [head]), ...newestFirst(refs)])) {
    await pace();
    await walk(git, start, max, seen);
  }
  const names = namesOf(refs, branch);
  return [...seen.values()]
    .sort((a, b) => b.committerTime - a.committerTime)
    .slice(0, max)
    .map((commit) => ({ commit, ...names(commit.sha) }));
}

/** Branches before tags: a tag mostly lies on a branch that has been walked already. */
function newestFirst(refs: readonly Ref[]): string[] {
  const kinds = ['branch', 'tag'] as const;
  return kinds.flatMap((kind) => refs.filter((ref) => ref.kind === kind).map((ref) => ref.commit));
}

/** Adds first parents until a commit that is known already. */
async function walk(git: Git, start: string, max: number, seen: Map<string, Commit>): Promise<void> {
  let next: string | undefined = start;
  for (let taken = 0; next !== undefined && taken < max; taken += STEP) {
    if (seen.has(next)) return;
    const commits: Commit[] = await git.log(next, Math.min(STEP, max - taken));
    for (const commit of commits) {
      if (seen.has(commit.sha)) return;
      seen.set(commit.sha, commit);
    }
    next = commits[commits.length - 1]?.parents[0];
  }
}

/** Name and labels of one commit. */
export async function namedCommit(git: Git, sha: string): Promise<NamedCommit> {
  const refs = (await git.refs()).filter((ref) => ref.kind === 'branch' || ref.kind === 'tag');
  const { branch } = await git.head();
  return { commit: await git.commit(sha), ...namesOf(refs, branch)(sha) };
}

function namesOf(
  refs: readonly Ref[],
  current: string | undefined,
): (sha: string) => Pick<NamedCommit, 'name' | 'labels'> {
  const models = modelLabels(refs);
  const isModel = new Set(models.tags);
  const plain = new Map<string, string[]>();
  const ranked = [...refs].sort((a, b) => rank(a, current) - rank(b, current));
  for (const ref of ranked) {
    if (isModel.has(ref.short)) continue;
    plain.set(ref.commit, [...(plain.get(ref.commit) ?? []), ref.short]);
  }
  return (sha) => {
    const [name = sha.slice(0, 7), ...others] = plain.get(sha) ?? [];
    return { name, labels: [...others, ...(models.labels.get(sha) ?? [])] };
  };
}

/** The branch checked out, other branches, tags. */
function rank(ref: Ref, current: string | undefined): number {
  if (ref.kind === 'tag') return 2;
  return ref.short === current ? 0 : 1;
}
