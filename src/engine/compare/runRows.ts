/**
 * The rows of the Runs view and of the runs table: what runs now, the workspace, and commits that have metrics, newest first. A run in progress
 * and the workspace are the same files, so that they are one row. Without Git (untrusted, or no repository) the commits are missing.
 */

import { pacer, type Call } from '../../base/cancel';
import { type Repo } from '../data/repo';
import { isOpen, listRuns, readStatus, runDir } from '../pipeline/runDir';
import { type RunStatus } from '../verbs/pipeline';
import { type RunRow, type RunsAnswer, type RunsArgs } from '../verbs/runs';
import { CommitFacts, factsOf, type Facts, type FileFacts } from './facts';
import { readHistory, type NamedCommit } from './history';
import { nameValues, type Names } from './names';
import { workspaceSnapshot, type Snapshot } from './snapshot';

/** Commits looked at unless more are asked for. */
const MOST_COMMITS = 1000;

/** A row before its values have their names. */
interface RawRun {
  readonly row: Omit<RunRow, 'params' | 'last' | 'best'>;
  readonly facts: Facts;
}

/** `runs`. */
export async function listRunRows(repo: Repo, args: RunsArgs, call: Call): Promise<RunsAnswer> {
  const runs = await collectRuns(repo, args.max ?? MOST_COMMITS, call);
  const wanted = args.source === undefined ? runs : runs.filter(({ row }) => row.source === args.source);
  return finishRows(wanted).slice(0, args.max ?? wanted.length);
}

/** All rows, unnamed. */
async function collectRuns(repo: Repo, max: number, call: Call): Promise<RawRun[]> {
  const present = await presentRuns(repo, call);
  return [...present, ...(await commitRuns(repo, max, call))];
}

/** Gives the values of all rows their common names. */
export function finishRows(runs: readonly RawRun[]): RunRow[] {
  const metricNames = nameValues(runs.flatMap(({ facts }) => [[...facts.metrics, ...facts.best]]));
  const paramNames = nameValues(runs.map(({ facts }) => facts.params));
  return runs.map(({ row, facts }) => ({
    ...row,
    params: paramNames.values(facts.params),
    last: row.state === 'running' ? runningValues(metricNames, facts.metrics) : metricNames.values(facts.metrics),
    best: metricNames.values(facts.best) as Record<string, number>,
  }));
}

/** While a run goes its own curves come first, beginning with how far it is. */
function runningValues(names: Names, files: readonly FileFacts[]): RunRow['last'] {
  const all = names.values(files);
  const fresh = files
    .filter((file) => file.live)
    .flatMap((file) => Object.keys(file.values).map((key) => names.of(file.path, key)));
  const weight = (name: string): number =>
    /(^|[:.])step$/.test(name) ? 0 : !fresh.includes(name) ? 3 : /(^|[:.])val/.test(name) ? 1 : 2;
  return Object.fromEntries(Object.entries(all).sort(([a], [b]) => weight(a) - weight(b)));
}

/** The run in progress, or the workspace; before it the last run when it ended badly. */
async function presentRuns(repo: Repo, call: Call): Promise<RawRun[]> {
  const last = await lastRun(repo);
  const snapshot = await workspaceSnapshot(repo, call);
  if (last && isOpen(last)) {
    const facts = await factsOf(snapshot, call, staleFiles(snapshot, last));
    return [{ row: runHead(last), facts }];
  }
  const facts = await factsOf(snapshot, call);
  const row: RawRun['row'] = { id: 'workspace', source: 'workspace', name: 'workspace', state: 'none', labels: [] };
  const isEmpty = facts.metrics.length === 0 && facts.params.length === 0;
  const failed = last && last.state !== 'succeeded' ? [{ row: runHead(last), facts: NOTHING }] : [];
  return [...failed, ...(isEmpty ? [] : [{ row, facts }])];
}

const NOTHING: Facts = { params: [], metrics: [], best: [], complete: true };

/** How the newest run stands. */
export async function lastRun(repo: Repo): Promise<RunStatus | undefined> {
  const [token] = await listRuns(repo.host, repo.root);
  return token === undefined ? undefined : readStatus(repo.host, runDir(repo.root, token));
}

/** The head of a run's row: its name is its time, as its token has it. */
export function runHead(status: RunStatus): RawRun['row'] {
  const [day = '', time = ''] = status.token.split('-');
  return {
    id: status.token,
    source: 'run',
    name: `run ${day.slice(0, 4)}-${day.slice(4, 6)}-${day.slice(6)} ${time.slice(0, 2)}:${time.slice(2, 4)}:${time.slice(4)}Z`,
    state: runState(status),
    start: status.start,
    ...(status.end === undefined ? {} : { end: status.end }),
    labels: [],
  };
}

/** A run's state in the words of the table. */
function runState(status: RunStatus): RunRow['state'] {
  if (isOpen(status)) return 'running';
  const states = { succeeded: 'finished', failed: 'failed', cancelled: 'killed', lost: 'maybe-crashed' } as const;
  return states[status.state as keyof typeof states];
}

/** Metrics that the stages still to come will replace: they belong to the run before. */
function staleFiles({ stages }: Snapshot, status: RunStatus): Set<string> {
  const waiting = new Set(status.stages.filter((stage) => stage.state === 'queued').map((stage) => stage.name));
  const outs = stages.filter((stage) => waiting.has(stage.id)).flatMap((stage) => stage.outs);
  return new Set(outs.map(({ output }) => output.path));
}

async function commitRuns(repo: Repo, max: number, call: Call): Promise<RawRun[]> {
  const { git } = repo;
  if (!git) return [];
  const facts = new CommitFacts(repo);
  const history = await readHistory(git, Math.max(max, 1), call);
  const found = await inLanes(history, (one) => facts.of(one.commit.sha, call), call);
  await facts.save();
  return found.flatMap(({ item, value }) =>
    value.metrics.length === 0 ? [] : [{ row: commitHead(item), facts: value }],
  );
}

/** The head of a commit's row. */
export function commitHead({ commit, name, labels }: NamedCommit): RawRun['row'] {
  return {
    id: commit.sha,
    source: 'commit',
    name,
    state: 'finished',
    start: commit.committerTime,
    commit: commit.sha,
    message: commit.message.trim(),
    author: commit.author.name,
    labels: [...labels],
  };
}

/** Git answers one question after another: several at a time keep it busy. */
const LANES = 8;

async function inLanes<T, V>(
  items: readonly T[],
  work: (item: T) => Promise<V>,
  call: Call,
): Promise<{ item: T; value: V }[]> {
  const done = new Map<T, V>();
  const open = [...items].reverse();
  const pace = pacer(call.signal);
  const lane = async (): Promise<void> => {
    for (let item = open.pop(); item !== undefined; item = open.pop()) {
      await pace();
      done.set(item, await work(item));
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  return items.map((item) => ({ item, value: done.get(item) as V }));
}
