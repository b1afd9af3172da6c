/** `params`, `metrics` and their `diff`: the answers of DVC's JSON (cli.md §4, dvc.md §21). */

import { type Call } from '../../base/cancel';
import { fromArgument, shown } from '../data/paths';
import { isInside } from '../../base/paths';
import { type Repo } from '../data/repo';
import { StrataError } from '../errors';
import { pyRepr } from '../formats/pyText';
import { asNumber, isList, pyEqual, type Value } from '../formats/values';
import { plain } from '../pipeline/stageAnswer';
import { type ShowAnswer, type ShowArgs, type ValueDiffAnswer, type ValueDiffArgs } from '../verbs/runs';
import { commitSnapshot, workspaceSnapshot, type Snapshot } from './snapshot';
import { brokenProject, flatten, metricsAt, paramsAt, type ValueFile } from './values';

/** Reads the values that are wanted of a snapshot. */
type Reader = (snapshot: Snapshot) => Promise<ValueFile[]>;

/** `params [show]`. */
export function showParams(repo: Repo, args: ShowArgs, call: Call): Promise<ShowAnswer> {
  return show(repo, args, (snapshot) => paramsAt(snapshot, { deps: args.deps === true }), call);
}

/** `metrics [show]`. */
export function showMetrics(repo: Repo, args: ShowArgs, call: Call): Promise<ShowAnswer> {
  return show(repo, args, metricsAt, call);
}

/** `params diff [A [B]]`. */
export function diffParams(repo: Repo, args: ValueDiffArgs, call: Call): Promise<ValueDiffAnswer> {
  return diffValues(repo, args, (snapshot) => paramsAt(snapshot, { deps: args.deps === true }), call);
}

/** `metrics diff [A [B]]`. */
export function diffMetrics(repo: Repo, args: ValueDiffArgs, call: Call): Promise<ValueDiffAnswer> {
  return diffValues(repo, args, metricsAt, call);
}

async function show(repo: Repo, args: ShowArgs, read: Reader, call: Call): Promise<ShowAnswer> {
  const answer: ShowAnswer = {};
  const targets = args.targets.map((target) => fromArgument(repo, target));
  for (const { key, commit } of await revisions(repo, args)) {
    const snapshot =
      commit === undefined ? await workspaceSnapshot(repo, call) : await commitSnapshot(repo, commit, true, call);
    answer[key] = await oneRevision(snapshot, targets, read);
  }
  return withoutTwin(answer, await currentBranch(repo, args));
}

interface Revision {
  readonly key: string;
  /** Undefined for the workspace. */
  readonly commit: string | undefined;
}

/** The workspace alone under `""`; with `-a`, `-T`, `-A` also branches, tags and all commits; with `--rev` only that one. */
async function revisions(repo: Repo, args: ShowArgs): Promise<Revision[]> {
  if (args.rev !== undefined) return [{ key: args.rev, commit: await commitOf(repo, args.rev) }];
  if (!isMany(args)) return [{ key: '', commit: undefined }];
  const git = needGit(repo);
  const found: Revision[] = [{ key: 'workspace', commit: undefined }];
  const refs = await git.refs();
  if (args.allBranches === true)
    found.push(...refs.filter((ref) => ref.kind === 'branch').map((ref) => ({ key: ref.short, commit: ref.commit })));
  if (args.allTags === true)
    found.push(...refs.filter((ref) => ref.kind === 'tag').map((ref) => ({ key: ref.short, commit: ref.commit })));
  if (args.allCommits === true) {
    const heads = refs.filter((ref) => ref.kind === 'branch' || ref.kind === 'tag').map((ref) => ref.commit);
    for (const commit of await everyCommit(repo, heads)) found.push({ key: commit, commit });
  }
  return found;
}

function isMany(args: ShowArgs): boolean {
  return args.allBranches === true || args.allTags === true || args.allCommits === true;
}

/** All commits that the heads reach, over every parent. */
async function everyCommit(repo: Repo, heads: readonly string[]): Promise<string[]> {
  const git = needGit(repo);
  const seen = new Set<string>();
  const open = [...heads];
  for (let sha = open.pop(); sha !== undefined; sha = open.pop()) {
    if (seen.has(sha)) continue;
    seen.add(sha);
    open.push(...(await git.commit(sha)).parents);
  }
  return [...seen];
}

async function currentBranch(repo: Repo, args: ShowArgs): Promise<string | undefined> {
  if (!isMany(args)) return undefined;
  const { branch, commit } = await needGit(repo).head();
  return args.allBranches === true ? branch : commit;
}

/** The workspace is left out when it says what the checked-out branch says. */
function withoutTwin(answer: ShowAnswer, branch: string | undefined): ShowAnswer {
  const twin = branch === undefined ? undefined : answer[branch];
  if (!twin || stable(twin) !== stable(answer['workspace'])) return answer;
  return Object.fromEntries(Object.entries(answer).filter(([key]) => key !== 'workspace'));
}

function stable(value: unknown): string {
  return JSON.stringify(value, (_key, member: unknown) => (typeof member === 'bigint' ? `${member}n` : member));
}

async function oneRevision(snapshot: Snapshot, targets: readonly string[], read: Reader): Promise<ShowAnswer[string]> {
  const error = brokenProject(snapshot);
  if (error) return { error };
  const { repo } = snapshot.task;
  const data: NonNullable<ShowAnswer[string]['data']> = {};
  for (const file of await read(snapshot)) {
    if (targets.length > 0 && !targets.some((target) => isInside(file.path, target))) continue;
    const entry = file.data === undefined ? undefined : plain(file.data);
    data[shown(repo, file.path)] =
      entry === undefined ? { error: file.error ?? { type: 'Error', msg: '' } } : { data: entry };
  }
  return { data };
}

function needGit(repo: Repo): NonNullable<Repo['git']> {
  if (!repo.git) throw new StrataError('data.noGit', { path: repo.root });
  return repo.git;
}

async function commitOf(repo: Repo, rev: string): Promise<string | undefined> {
  if (rev === 'workspace') return undefined;
  const sha = await needGit(repo).resolve(rev);
  if (sha === undefined) throw new StrataError('git.unknownRevision', { rev });
  return sha;
}

/** A defaults to HEAD, B to the workspace; `{}` without commits. */
async function diffValues(repo: Repo, args: ValueDiffArgs, read: Reader, call: Call): Promise<ValueDiffAnswer> {
  const [a = 'HEAD', b = 'workspace'] = args.targets;
  if (args.targets.length === 0 && (await needGit(repo).resolve('HEAD')) === undefined) return {};
  const old = await valuesAt(repo, a, read, call);
  const now = await valuesAt(repo, b, read, call);
  const wanted = (args.paths ?? []).map((path) => fromArgument(repo, path));
  const answer: ValueDiffAnswer = {};
  for (const path of new Set([...old.keys(), ...now.keys()])) {
    if (wanted.length > 0 && !wanted.some((one) => isInside(path, one))) continue;
    const changes = diffFile(old.get(path), now.get(path), args.all === true);
    if (Object.keys(changes).length > 0) answer[shown(repo, path)] = changes;
  }
  return answer;
}

async function valuesAt(repo: Repo, rev: string, read: Reader, call: Call): Promise<Map<string, Map<string, Value>>> {
  const commit = await commitOf(repo, rev);
  const snapshot =
    commit === undefined ? await workspaceSnapshot(repo, call) : await commitSnapshot(repo, commit, true, call);
  const files = await read(snapshot);
  return new Map(files.flatMap(({ path, data }) => (data === undefined ? [] : [[path, flatten(data)] as const])));
}

/** Differences of one file by key; with `all` the equal ones too. */
export function diffFile(
  old: ReadonlyMap<string, Value> | undefined,
  now: ReadonlyMap<string, Value> | undefined,
  all: boolean,
): ValueDiffAnswer[string] {
  const changes: ValueDiffAnswer[string] = {};
  for (const key of new Set([...(old?.keys() ?? []), ...(now?.keys() ?? [])])) {
    const a = old?.get(key) ?? null;
    const b = now?.get(key) ?? null;
    if (!all && pyEqual(a, b)) continue;
    const diff = difference(a, b);
    changes[key] = { old: shownValue(a), new: shownValue(b), ...(diff === undefined ? {} : { diff }) };
  }
  return changes;
}

/** Booleans count as 0 and 1; undefined where there is nothing to subtract. */
function difference(a: Value, b: Value): number | undefined {
  const number = (value: Value): number | undefined => (typeof value === 'boolean' ? Number(value) : asNumber(value));
  const x = number(a);
  const y = number(b);
  return x === undefined || y === undefined ? undefined : y - x;
}

/** Lists become Python text. */
function shownValue(value: Value): ReturnType<typeof plain> {
  return isList(value) ? pyRepr(value) : plain(value);
}
