/**
 * `live`: curves of runs as they are drawn. Files on disk are followed from where they were left the last time, curves of commits are read once.
 * Smoothing sees every point, decimation only what is visible.
 */

import { type Call } from '../../base/cancel';
import { type ObjectStore } from '../cache/cache';
import { type Repo } from '../data/repo';
import { chartOf, decimate, smoothed } from '../metrics/decimate';
import { newestLineage, type Series, type XKind } from '../metrics/seriesStore';
import { is } from '../errors';
import { isOpen } from '../pipeline/runDir';
import { type LiveAnswer, type LiveArgs, type LiveSeries } from '../verbs/runs';
import { paramFacts, type FileFacts } from './facts';
import { pollLogs, readLogs, type Logs } from './logs';
import { nameValues } from './names';
import { lastRun } from './runRows';
import { resolveRun, type NamedRun } from './resolveRun';
import { commitSnapshot, workspaceSnapshot } from './snapshot';

/** How long the list of log files in the workspace is good for, in milliseconds: new ones appear within that time. */
const LIST_MS = 2000;

/** Params of the workspace, and when its files were listed. */
interface Listed {
  readonly at: number;
  readonly params: readonly FileFacts[];
}

const LISTED = new WeakMap<ObjectStore, Listed>();

/** A run with its curves. */
interface RunLogs {
  readonly run: NamedRun;
  readonly read: Logs;
  readonly params: readonly FileFacts[];
}

/** `live`. Runs that cannot be found any more are left out. */
export async function readLive(repo: Repo, args: LiveArgs, call: Call): Promise<LiveAnswer> {
  const runs: RunLogs[] = [];
  for (const run of await wantedRuns(repo, args.runs)) runs.push(await logsOf(repo, run, call));
  const series = runs.flatMap((run) => drawRun(run, args));
  const newest = runs.flatMap(({ read }) => read.newest ?? []);
  const names = nameValues(runs.map(({ params }) => params));
  return {
    generation: args.generation,
    series,
    runs: runs.map(({ run: { row }, params }) => {
      const { id, name, source, state, start } = row;
      return { id, name, source, state, ...(start === undefined ? {} : { start }), params: names.values(params) };
    }),
    ...(newest.length > 0 && series.length > 0 ? { newest: Math.max(...newest) } : {}),
    xKind: commonKind(runs.flatMap(({ read }) => read.logs.map((log) => log.set.xKind))),
  };
}

/** The runs asked for, each set of files once: while a run goes it stands for the workspace. */
async function wantedRuns(repo: Repo, ids: readonly string[]): Promise<NamedRun[]> {
  const last = await lastRun(repo);
  const present = last && isOpen(last) ? last.token : 'workspace';
  const asked = ids.length === 0 ? [present] : ids.map((id) => (id === 'workspace' ? present : id));
  const runs = new Map<string, NamedRun>();
  for (const id of asked) {
    const run = await known(repo, id);
    if (!run) continue;
    const key = run.commit ?? '';
    const earlier = runs.get(key);
    if (!earlier || earlier.row.source === 'workspace') runs.set(key, run);
  }
  return [...runs.values()];
}

async function known(repo: Repo, id: string): Promise<NamedRun | undefined> {
  try {
    return await resolveRun(repo, id);
  } catch (error) {
    if (['compare.unknownRun', 'compare.runGone', 'compare.nothingInStage'].some((code) => is(error, code)))
      return undefined;
    throw error;
  }
}

async function logsOf(repo: Repo, run: NamedRun, call: Call): Promise<RunLogs> {
  if (run.commit !== undefined) return { run, ...(await commitLogs(repo, run.commit, call)) };
  const listed = LISTED.get(repo.store);
  if (listed && repo.host.now() - listed.at < LIST_MS)
    return { run, read: await pollLogs(repo, call), params: listed.params };
  const snapshot = await workspaceSnapshot(repo, call);
  const params = await paramFacts(snapshot);
  const read = await readLogs(snapshot, call);
  LISTED.set(repo.store, { at: repo.host.now(), params });
  return { run, read, params };
}

/** Curves and params of commits that have been shown; the oldest go first. */
const COMMITS = new WeakMap<ObjectStore, Map<string, Omit<RunLogs, 'run'>>>();
const MOST_COMMITS = 100;

async function commitLogs(repo: Repo, sha: string, call: Call): Promise<Omit<RunLogs, 'run'>> {
  const kept = COMMITS.get(repo.store) ?? new Map<string, Omit<RunLogs, 'run'>>();
  COMMITS.set(repo.store, kept);
  const known = kept.get(sha);
  if (known) return known;
  const snapshot = await commitSnapshot(repo, sha, true, call);
  const found = { read: await readLogs(snapshot, call), params: await paramFacts(snapshot) };
  if (found.read.complete) kept.set(sha, found);
  const [oldest] = kept.keys();
  if (kept.size > MOST_COMMITS && oldest !== undefined) kept.delete(oldest);
  return found;
}

function drawRun({ run, read }: RunLogs, args: LiveArgs): LiveSeries[] {
  const all = read.logs.flatMap(({ file, set }) => [...set.series].map(([key, series]) => ({ file, key, series })));
  const owners = new Map<string, Set<string>>();
  for (const { file, key } of all) owners.set(key, (owners.get(key) ?? new Set()).add(file.claim.source));
  return all.map(({ file, key, series }) => {
    const name = (owners.get(key)?.size ?? 0) > 1 ? `${file.claim.source}:${key}` : key;
    return drawSeries({ run: run.row.id, runName: run.row.name, key: name, chart: chartOf(key) }, series, args);
  });
}

function drawSeries(
  head: Pick<LiveSeries, 'run' | 'runName' | 'key' | 'chart'>,
  series: Series,
  args: LiveArgs,
): LiveSeries {
  const kept = newestLineage(series.x);
  const isWhole = kept.length === series.n;
  const x = isWhole ? series.x : Float64Array.from(kept, (i) => series.x[i] as number);
  const y = isWhole ? series.y : Float64Array.from(kept, (i) => series.y[i] as number);
  const drawn = decimate({ x, y }, Math.max(1, Math.floor(args.width)), args.range);
  const smooth = args.smoothing > 0 ? smoothed(y, Math.min(args.smoothing, 0.99)) : undefined;
  return {
    ...head,
    x: pick(x, drawn.picked),
    y: pick(y, drawn.picked),
    ...(smooth ? { smooth: pick(smooth, drawn.picked) } : {}),
    nonfinite: pick(x, drawn.nonfinite),
    last: y[y.length - 1] ?? NaN,
    lastX: x[x.length - 1] ?? NaN,
    n: x.length,
  };
}

function pick(values: Float64Array, at: readonly number[]): Float64Array<ArrayBuffer> {
  return Float64Array.from(at, (i) => values[i] as number);
}

/** Steps unless all curves count the same other thing. */
function commonKind(kinds: readonly XKind[]): XKind {
  const [first = 'step', ...others] = new Set(kinds);
  return others.length === 0 ? first : 'step';
}
