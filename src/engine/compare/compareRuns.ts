/** `compare A B …`: finds the runs, reads what they hold, and judges each B against A. Also what gates ask of two runs. */

import { type Call } from '../../base/cancel';
import { type Repo } from '../data/repo';
import { StrataError } from '../errors';
import { type PlainValue } from '../verbs/pipeline';
import { type CompareAnswer, type CompareArgs, type Verdict } from '../verbs/runs';
import { whatChanged } from './changed';
import { readCompareConfig, type CompareConfig } from './compareConfig';
import { factsOf, type Facts } from './facts';
import { findValue } from './names';
import { findPredictions, type Found } from './predictions';
import { resolveRun, snapshotOf, type NamedRun } from './resolveRun';
import { finishRows } from './runRows';
import { joinSamples, labelsOf, sortSamples, type Joined } from './samples';
import { type Snapshot } from './snapshot';
import { judgeable, type Pair } from './questions';
import { judgePair, type CompareOptions } from './verdicts';

/** A run with everything that a comparison needs. */
interface Loaded {
  readonly run: NamedRun;
  readonly snapshot: Snapshot;
  readonly facts: Facts;
  readonly found: Found;
}

/**
 * Compares the first run with each other one. Samples and what changed are given for two runs only. Fails as `resolveRun`, with
 * `compare.tooFew`, `compare.badOption` {option} and `compare.noMetric` {metric, known}.
 */
export async function compareAll(repo: Repo, args: CompareArgs, call: Call): Promise<CompareAnswer> {
  const options = checkOptions(args);
  const [a, ...others] = await loadRuns(repo, args.targets, call);
  const [b] = others;
  if (!a || !b) throw new StrataError('compare.tooFew', {});
  const config = await readCompareConfig(repo);
  const rows = finishRows([a, ...others].map(({ run, facts }) => ({ row: run.row, facts })));
  const verdicts: CompareAnswer['verdicts'] = [];
  for (const other of others) {
    const pair = await pairOf(a, other, config, call);
    for (const verdict of await judged(pair, options, call)) verdicts.push({ ...verdict, b_run: other.run.row.id });
  }
  const nothing = { params: [], code: [], data: [], env: [] };
  if (others.length > 1) return { runs: rows, verdicts, changed: nothing };
  return {
    runs: rows,
    verdicts,
    changed: await whatChanged(a.snapshot, b.snapshot, call),
    ...(await samplesOf(a, b, call)),
  };
}

async function loadRuns(repo: Repo, targets: readonly string[], call: Call): Promise<Loaded[]> {
  const { samples } = await readCompareConfig(repo);
  const loaded: Loaded[] = [];
  for (const target of targets) {
    const run = await resolveRun(repo, target);
    const snapshot = await snapshotOf(repo, run, call);
    loaded.push({
      run,
      snapshot,
      facts: await factsOf(snapshot, call),
      found: await findPredictions(snapshot, samples, call),
    });
  }
  return loaded;
}

async function pairOf(a: Loaded, b: Loaded, config: CompareConfig, call: Call): Promise<Pair> {
  const joined = await joinedOf(a, b, call);
  const evidence = ({ facts, found }: Loaded): Pair['a'] => ({ metrics: facts.metrics, ...found });
  return { a: evidence(a), b: evidence(b), config, ...(joined ? { joined } : {}) };
}

async function joinedOf(a: Loaded, b: Loaded, call: Call): Promise<Joined | undefined> {
  const [left, right] = [a.found.predictions, b.found.predictions];
  return left && right ? joinSamples(left, right, call) : undefined;
}

async function judged(pair: Pair, options: CompareOptions, call: Call): Promise<Verdict[]> {
  const verdicts = await judgePair(pair, options, call);
  if (options.metric !== undefined && verdicts.length === 0)
    throw new StrataError('compare.noMetric', { metric: options.metric, known: judgeable(pair).join(', ') });
  return verdicts;
}

async function samplesOf(a: Loaded, b: Loaded, call: Call): Promise<Pick<CompareAnswer, 'samples' | 'sampleCounts'>> {
  const joined = await joinedOf(a, b, call);
  if (!joined || joined.invalid !== undefined || !a.found.predictions || !b.found.predictions) return {};
  const labels = labelsOf(a.found.predictions, b.found.predictions, joined);
  if (!labels) return {};
  const { samples, counts } = sortSamples(joined.ids, labels);
  return { samples, sampleCounts: counts };
}

function checkOptions({ metric, margin, alpha, seed }: Omit<CompareArgs, 'targets'>): CompareOptions {
  if (margin !== undefined && !(margin > 0)) throw new StrataError('compare.badOption', { option: 'margin' });
  if (alpha !== undefined && !(alpha > 0 && alpha < 1)) throw new StrataError('compare.badOption', { option: 'alpha' });
  if (seed !== undefined && !(Number.isSafeInteger(seed) && seed >= 0))
    throw new StrataError('compare.badOption', { option: 'seed' });
  return {
    ...(metric === undefined ? {} : { metric }),
    ...(margin === undefined ? {} : { margin }),
    ...(alpha === undefined ? {} : { alpha }),
    ...(seed === undefined ? {} : { seed }),
  };
}

/** Two runs beside each other, for gates: asked about several metrics, read once. */
export interface RunPair {
  /** Ids of the runs: commits, `workspace` or a token. */
  readonly a: string;
  readonly b: string;
  /** Value of a metric (`FILE:KEY`, or a bare key when it is unique) in B; undefined when B has no such metric. */
  value(metric: string): PlainValue | undefined;
  /** Value of a metric in A. */
  valueOfA(metric: string): PlainValue | undefined;
  /** The verdict of B against A on one metric; undefined when the runs do not share it. */
  verdict(metric: string, options?: Omit<CompareOptions, 'metric'>): Promise<Verdict | undefined>;
}

/** Opens a pair of runs. Fails as `resolveRun`. */
export async function openPair(repo: Repo, a: string, b: string, call: Call): Promise<RunPair> {
  const [left, right] = await loadRuns(repo, [a, b], call);
  if (!left || !right) throw new StrataError('compare.tooFew', {});
  const pair = await pairOf(left, right, await readCompareConfig(repo), call);
  return {
    a: left.run.row.id,
    b: right.run.row.id,
    value: (metric) => findValue(right.facts.metrics, metric),
    valueOfA: (metric) => findValue(left.facts.metrics, metric),
    verdict: async (metric, options = {}) => (await judgePair(pair, { ...checkOptions(options), metric }, call))[0],
  };
}

/** Value of a metric of one run, for rules without a partner; undefined when it has no such metric. Fails as `resolveRun`. */
export async function metricValue(
  repo: Repo,
  run: string,
  metric: string,
  call: Call,
): Promise<PlainValue | undefined> {
  const snapshot = await snapshotOf(repo, await resolveRun(repo, run), call);
  return findValue((await factsOf(snapshot, call)).metrics, metric);
}
