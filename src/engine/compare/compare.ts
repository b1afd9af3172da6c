/**
 * The door of comparison: values of params and metrics, the list and table of runs, their curves, and the comparison of two; each verb takes
 * the project, its arguments and the call. Gates use {@link judgeRuns} and {@link runMetric}. The report is `report.ts`.
 */

import { type Call } from '../../base/cancel';
import { type Repo } from '../data/repo';
import { type PlainValue } from '../verbs/pipeline';
import {
  type CompareAnswer,
  type CompareArgs,
  type LiveAnswer,
  type LiveArgs,
  type RunsAnswer,
  type RunsArgs,
  type RunsTableAnswer,
  type RunsTableArgs,
} from '../verbs/runs';
import { readCommitMetrics } from './commitMetrics';
import { compareAll, metricValue, openPair, type RunPair } from './compareRuns';
import { readLive } from './live';
import { plotVerbs } from './plots/plots';
import { listRunRows } from './runRows';
import { readRunsTable } from './runsTable';
import { diffMetrics, diffParams, showMetrics, showParams } from './show';

/** What runs now, the workspace, and commits with metrics. */
export function runs(repo: Repo, args: RunsArgs, call: Call): Promise<RunsAnswer> {
  return listRunRows(repo, args, call);
}

/** A window of the runs table. */
export function runsTable(repo: Repo, args: RunsTableArgs, call: Call): Promise<RunsTableAnswer> {
  return readRunsTable(repo, args, call);
}

/** Curves of runs as they are drawn. */
export function live(repo: Repo, args: LiveArgs, call: Call): Promise<LiveAnswer> {
  return readLive(repo, args, call);
}

/** Verdicts of the other runs against the first. */
export function compare(repo: Repo, args: CompareArgs, call: Call): Promise<CompareAnswer> {
  return compareAll(repo, args, call);
}

/** Two runs beside each other, for gates: values and verdicts by metric. */
export function judgeRuns(repo: Repo, a: string, b: string, call: Call): Promise<RunPair> {
  return openPair(repo, a, b, call);
}

/** Value of one metric of one run. */
export function runMetric(repo: Repo, run: string, metric: string, call: Call): Promise<PlainValue | undefined> {
  return metricValue(repo, run, metric, call);
}

/** Numbers among the metrics of commits by short name, for the list of a model's versions. */
export function commitMetrics(
  repo: Repo,
  commits: readonly string[],
  call: Call,
): Promise<Map<string, Record<string, number>>> {
  return readCommitMetrics(repo, commits, call);
}

/** Verbs of this folder by id. */
export const compareVerbs = {
  params: showParams,
  metrics: showMetrics,
  'params.diff': diffParams,
  'metrics.diff': diffMetrics,
  ...plotVerbs,
  runs,
  runsTable,
  live,
  compare,
};
