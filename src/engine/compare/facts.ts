/**
 * What the runs table needs of one moment: params, last values and best values by file and key, before they get their short names. For
 * commits this never changes, so it is kept: in memory, and on disk beside the state index, where deleting it only costs time.
 */

import { type Call } from '../../base/cancel';
import { basename, dirname } from '../../base/paths';
import { type ObjectStore } from '../cache/cache';
import { type Repo } from '../data/repo';
import { goalOf } from '../metrics/goal';
import { plain } from '../pipeline/stageAnswer';
import { type PlainValue } from '../verbs/pipeline';
import { readLogs, type Log } from './logs';
import { commitSnapshot, type Snapshot } from './snapshot';
import { flatten, metricsAt, paramsAt, type ValueFile } from './values';

/** Values of one file by dotted key. */
export interface FileFacts {
  readonly path: string;
  readonly values: Readonly<Record<string, PlainValue>>;
  /** DVCLive's own summary of its curves: shown after what was measured on purpose. */
  readonly live?: true;
}

/** Everything about one moment. */
export interface Facts {
  readonly params: readonly FileFacts[];
  readonly metrics: readonly FileFacts[];
  /** Best values of the curves, by file and key like metrics. */
  readonly best: readonly FileFacts[];
  /** False when something was missing in the cache: it may be there the next time. */
  readonly complete: boolean;
}

/** Reads a moment. `skip` names metrics files that do not belong to it. */
export async function factsOf(snapshot: Snapshot, call: Call, skip: ReadonlySet<string> = new Set()): Promise<Facts> {
  const metrics = (await metricsAt(snapshot)).filter((file) => !skip.has(file.path));
  const params = await paramsAt(snapshot);
  const { logs, complete } = await readLogs(snapshot, call);
  const isLive = liveTest(logs);
  return {
    params: params.flatMap((file) => toFacts(file, false)),
    metrics: metrics.flatMap((file) => toFacts(file, isLive(file.path))),
    best: bestOf(logs),
    complete: complete && ![...metrics, ...params].some((file) => file.lost === true),
  };
}

/** Params of a moment. */
export async function paramFacts(snapshot: Snapshot): Promise<FileFacts[]> {
  return (await paramsAt(snapshot)).flatMap((file) => toFacts(file, false));
}

function toFacts({ path, data }: ValueFile, live: boolean): FileFacts[] {
  if (data === undefined) return [];
  const values = Object.fromEntries([...flatten(data)].map(([key, value]) => [key, plain(value)]));
  return [{ path, values, ...(live ? { live: true as const } : {}) }];
}

function liveTest(logs: readonly Log[]): (path: string) => boolean {
  const sources = new Set(logs.filter((log) => log.file.reader.id === 'dvclive').map((log) => log.file.claim.source));
  return (path) =>
    basename(path) === 'metrics.json' && (sources.has(dirname(path)) || basename(dirname(path)) === 'dvclive');
}

/** The best value of each curve, named like the metric that it belongs to: `train/loss` of DVCLive is `train.loss` of its metrics.json. */
function bestOf(logs: readonly Log[]): FileFacts[] {
  const files = new Map<string, Record<string, number>>();
  for (const { file, set } of logs) {
    const isDvclive = file.reader.id === 'dvclive';
    const at = isDvclive
      ? file.claim.source === '.'
        ? 'metrics.json'
        : `${file.claim.source}/metrics.json`
      : file.path;
    const values = files.get(at) ?? {};
    files.set(at, values);
    for (const [key, { y }] of set.series) {
      const best = extreme(y, goalOf(key));
      if (best !== undefined) values[isDvclive ? key.replaceAll('/', '.') : key] = best;
    }
  }
  return [...files].map(([path, values]) => ({ path, values }));
}

function extreme(y: Float64Array, goal: 'max' | 'min'): number | undefined {
  let best: number | undefined;
  for (const value of y) {
    if (Number.isFinite(value) && (best === undefined || (goal === 'max' ? value > best : value < best))) best = value;
  }
  return best;
}

const FORMAT = 'strata-runs-1';
/** More commits than this are not kept on disk. */
const MOST = 20_000;

interface Kept {
  readonly facts: Map<string, Facts>;
  isLoaded: boolean;
  isDirty: boolean;
}

const KEPT = new WeakMap<ObjectStore, Kept>();

/** Facts of commits, each worked out once. */
export class CommitFacts {
  private readonly kept: Kept;
  private readonly file: string;

  constructor(private readonly repo: Repo) {
    this.kept = KEPT.get(repo.store) ?? { facts: new Map(), isLoaded: false, isDirty: false };
    KEPT.set(repo.store, this.kept);
    this.file = `${repo.root}/.dvc/tmp/strata/index/runs.json`;
  }

  /** The facts of a commit by its full id. */
  async of(sha: string, call: Call): Promise<Facts> {
    await this.load();
    const known = this.kept.facts.get(sha);
    if (known) return known;
    const facts = await factsOf(await commitSnapshot(this.repo, sha, true, call), call);
    if (facts.complete) {
      this.kept.facts.set(sha, facts);
      this.kept.isDirty = true;
    }
    return facts;
  }

  private async load(): Promise<void> {
    if (this.kept.isLoaded) return;
    this.kept.isLoaded = true;
    try {
      const text = await this.repo.host.fs.readText(this.file);
      const data =
        text === undefined
          ? undefined
          : (JSON.parse(text, revive) as { format: string; commits: Record<string, Facts> });
      if (data?.format === FORMAT)
        for (const [sha, facts] of Object.entries(data.commits)) this.kept.facts.set(sha, facts);
    } catch {
      // A damaged file is as good as none.
    }
  }

  /** Writes what is new. Nothing is lost when that fails, and nothing is written in untrusted workspaces. */
  async save(): Promise<void> {
    if (!this.kept.isDirty || !this.repo.trusted) return;
    this.kept.isDirty = false;
    const commits = Object.fromEntries([...this.kept.facts].slice(-MOST));
    try {
      await this.repo.host.fs.writeAtomic(this.file, JSON.stringify({ format: FORMAT, commits }, replace), {
        durable: false,
      });
    } catch {
      // A full disk or a read-only folder costs time at the next start, nothing else.
    }
  }
}

/** Numbers that JSON has no word for travel as `{"$n": "…"}`. */
function replace(_key: string, value: unknown): unknown {
  if (typeof value === 'bigint') return { $n: `${value}n` };
  return typeof value === 'number' && !Number.isFinite(value) ? { $n: String(value) } : value;
}

function revive(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || !('$n' in value) || typeof value.$n !== 'string') return value;
  return value.$n.endsWith('n') ? BigInt(value.$n.slice(0, -1)) : Number(value.$n);
}
