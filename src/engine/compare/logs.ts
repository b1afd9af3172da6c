/**
 * Curves that a project logs: DVCLive's folders beside metrics files, plots and metrics outputs that are tables with steps. At a commit they are
 * read once from Git or the cache and kept by their content; in the workspace they are followed where they lie.
 */

import { pacer, type Call } from '../../base/cancel';
import { dirname } from '../../base/paths';
import { type ObjectStore } from '../cache/cache';
import { absolute, type Repo } from '../data/repo';
import { type MetricFile } from '../metrics/discover';
import { type FollowedFile } from '../metrics/follow';
import { followFile, metricFile, readWhole } from '../metrics/metrics';
import { type SeriesSet } from '../metrics/seriesStore';
import { besides, contentId, filesBelow, readAt, type Snapshot } from './snapshot';
import { declaredMetrics } from './values';

/** One file of curves. */
export interface Log {
  readonly file: MetricFile;
  readonly set: SeriesSet;
}

/** Files that may hold curves, path from the root, each with its reader. */
async function logFiles(snapshot: Snapshot): Promise<MetricFile[]> {
  const found = new Map<string, MetricFile>();
  for (const place of logPlaces(snapshot)) {
    for (const path of await filesBelow(snapshot, place)) {
      const file = metricFile(path);
      if (file) found.set(path, file);
    }
  }
  return [...found.values()];
}

/** Files and folders in which curves are looked for. */
function logPlaces(snapshot: Snapshot): Set<string> {
  const { stages, files } = snapshot;
  const drawn = stages.flatMap((stage) =>
    stage.outs.filter(({ output }) => output.kind !== 'out').map(({ output }) => output.path),
  );
  const plots = files.pipelines.flatMap(({ path, yaml }) => yaml.plots.map((plot) => besides(path, plot.id)));
  const beside = declaredMetrics(snapshot).map((path) =>
    dirname(path) === '.' ? 'plots/metrics' : `${dirname(path)}/plots/metrics`,
  );
  return new Set([...drawn, ...plots, ...beside]);
}

/** Curves with what is known about them. */
export interface Logs {
  readonly logs: readonly Log[];
  /** False when some file is not in the cache. */
  readonly complete: boolean;
  /** Milliseconds since 1970 of the last writing; of files on disk only. */
  readonly newest?: number;
}

/** Reads all curves of a snapshot; in the workspace only what is new since the last time. */
export async function readLogs(snapshot: Snapshot, call: Call): Promise<Logs> {
  const files = await logFiles(snapshot);
  return snapshot.commit === undefined ? followLogs(snapshot.task.repo, files, call) : readKept(snapshot, files, call);
}

interface Followed {
  readonly file: MetricFile;
  readonly followed: FollowedFile;
}

/** Followed files by path, for each project. */
const FOLLOWED = new WeakMap<ObjectStore, Map<string, Followed>>();

async function followLogs(repo: Repo, files: readonly MetricFile[], call: Call): Promise<Logs> {
  const open = FOLLOWED.get(repo.store) ?? new Map<string, Followed>();
  FOLLOWED.set(repo.store, open);
  const paths = new Set(files.map((file) => file.path));
  for (const path of open.keys()) if (!paths.has(path)) open.delete(path);
  for (const file of files) {
    if (open.has(file.path)) continue;
    open.set(file.path, { file, followed: followFile(repo.host.fs, absolute(repo, file.path), file) });
  }
  return pollLogs(repo, call);
}

/** What is new in the files that {@link readLogs} found in the workspace before; new files are not looked for. */
export async function pollLogs(repo: Repo, call: Call): Promise<Logs> {
  const logs: Log[] = [];
  const times: number[] = [];
  for (const { file, followed } of [...(FOLLOWED.get(repo.store)?.values() ?? [])]) {
    await followed.poll(call);
    const set = followed.series;
    if (set.series.size === 0 || !isCurve(file, set)) continue;
    logs.push({ file, set });
    times.push(followed.modified ?? 0);
  }
  return { logs, complete: true, ...(times.length > 0 ? { newest: Math.max(...times) } : {}) };
}

/** Series of files that never change, by content and place; the oldest go first. */
const READ = new Map<string, SeriesSet>();
const MOST_READ = 2000;

async function readKept(snapshot: Snapshot, files: readonly MetricFile[], call: Call): Promise<Logs> {
  const logs: Log[] = [];
  const pace = pacer(call.signal);
  let complete = true;
  for (const file of files) {
    await pace();
    const set = await readLog(snapshot, file);
    if (!set) complete = false;
    else if (isCurve(file, set)) logs.push({ file, set });
  }
  return { logs, complete };
}

async function readLog(snapshot: Snapshot, file: MetricFile): Promise<SeriesSet | undefined> {
  const id = await contentId(snapshot, file.path);
  const key = `${id ?? ''} ${file.path}`;
  const known = id === undefined ? undefined : READ.get(key);
  if (known) return known;
  const bytes = await readAt(snapshot, file.path);
  if (typeof bytes === 'string') return undefined;
  const set = readWhole(bytes, file);
  if (id !== undefined) keep(key, set);
  return set;
}

function keep(key: string, set: SeriesSet): void {
  READ.set(key, set);
  const [oldest] = READ.keys();
  if (READ.size > MOST_READ && oldest !== undefined) READ.delete(oldest);
}

/** A table without steps (a confusion matrix, a ROC curve) is no curve of a training. */
function isCurve(file: MetricFile, set: SeriesSet): boolean {
  return file.reader.id === 'dvclive' || set.xKind !== 'row';
}
