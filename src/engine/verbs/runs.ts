/** Verbs of params, metrics, runs, live series and comparison: arguments, answers, table rows. */

import { type PlainValue } from './pipeline';
import { READS, READS_GIT, count, flag, targets, text, words, type VerbSpec } from './verb';

export interface ShowArgs {
  targets: string[];
  allBranches?: boolean;
  allTags?: boolean;
  allCommits?: boolean;
  rev?: string;
  deps?: boolean;
}
/** `{revision: {data: {file: {data} | {error}}}}`; the key `""` is the workspace. */
export type ShowAnswer = Record<
  string,
  {
    data?: Record<string, { data: PlainValue } | { error: { type: string; msg: string } }>;
    error?: { type: string; msg: string };
  }
>;
export interface ValueDiffArgs {
  /** `[A [B]]`. */
  targets: string[];
  all?: boolean;
  paths?: string[];
  deps?: boolean;
}
export type ValueDiffAnswer = Record<string, Record<string, { old: PlainValue; new: PlainValue; diff?: number }>>;

export interface RunsArgs {
  source?: string;
  max?: number;
}
/** One execution with metrics: a commit, a run in progress, or the workspace. */
export interface RunRow {
  /** Stable: `workspace`, a full commit id, or the token of a run. */
  id: string;
  source: 'workspace' | 'commit' | 'run' | 'experiment';
  /** Branch or tag, short id, or the run's name. */
  name: string;
  state: 'running' | 'finished' | 'failed' | 'killed' | 'maybe-crashed' | 'none';
  /** Milliseconds since 1970. */
  start?: number;
  end?: number;
  commit?: string;
  message?: string;
  author?: string;
  /** `digits@v0.1.0`, `digits#prod`. */
  labels: string[];
  params: Record<string, PlainValue>;
  /** Last value by metric name. */
  last: Record<string, PlainValue>;
  best: Record<string, number>;
}
export type RunsAnswer = RunRow[];

/** A window of the runs table, sorted and filtered by the engine. */
export interface RunsTableArgs {
  from: number;
  to: number;
  sort: { column: string; descending: boolean }[];
  filter: string;
  onlyDiffering: boolean;
  /** Given back unchanged, so that a late answer can be dropped. */
  generation: number;
}
export interface RunsTableAnswer {
  generation: number;
  total: number;
  /** Ids `metric:<name>` and `param:<name>`, in their order. */
  columns: { id: string; kind: 'metric' | 'param'; name: string; numeric: boolean }[];
  rows: RunRow[];
}

export interface SeriesArgs {
  targets: string[];
  points?: boolean;
}
export interface SeriesAnswer {
  series: Record<
    string,
    {
      n: number;
      first: [number, number | string];
      last: [number, number | string];
      min: number | null;
      max: number | null;
      nonfinite: number;
      x?: (number | string)[];
      y?: (number | string)[];
    }
  >;
  notes: string[];
}

/** Live: curves of runs, decimated to the visible range. */
export interface LiveArgs {
  /** Run ids; empty: whatever is running, else the workspace. */
  runs: string[];
  /** Visible x range; absent: all. */
  range?: [number, number];
  /** Pixel columns to decimate to. */
  width: number;
  /** 0 to 0.99, smoothing factor of the debiased exponential mean. */
  smoothing: number;
  generation: number;
}
export interface LiveSeries {
  run: string;
  runName: string;
  key: string;
  /** Chart it belongs to: `loss` for `train/loss` and `val/loss`. */
  chart: string;
  x: Float64Array<ArrayBuffer>;
  y: Float64Array<ArrayBuffer>;
  smooth?: Float64Array<ArrayBuffer>;
  /** x of points whose value is not finite. */
  nonfinite: Float64Array<ArrayBuffer>;
  last: number;
  lastX: number;
  n: number;
}
export interface LiveAnswer {
  generation: number;
  series: LiveSeries[];
  runs: (Pick<RunRow, 'id' | 'name' | 'source' | 'state' | 'start'> & { params: Record<string, PlainValue> })[];
  /** Milliseconds since 1970 of the newest point; absent without points. */
  newest?: number;
  xKind: 'step' | 'epoch' | 'row';
}

export interface CompareArgs {
  /** Two or more runs: commit, branch, tag, `MODEL@VERSION`, `MODEL#STAGE`, `workspace`. */
  targets: string[];
  metric?: string;
  margin?: number;
  alpha?: number;
  seed?: number;
  gate?: boolean;
  md?: boolean;
}
export interface Verdict {
  metric: string;
  goal: 'max' | 'min';
  primary: boolean;
  method: string;
  /** Why this method, a code of `verdict.why.*`. */
  why: string;
  verdict: 'invalid' | 'not_enough_data' | 'identical' | 'B_better' | 'B_worse' | 'equivalent' | 'no_evidence' | 'none';
  /** The sentence: text key and data. */
  sentence: { code: string; data: Record<string, string | number> };
  a?: { value: number; ci: [number, number] | null };
  b?: { value: number; ci: [number, number] | null };
  /** All fields of the statistics' result: n, estimate, se, ci, p, mde, needs, dropped, warnings … */
  result: Record<string, unknown>;
  margin?: number;
  /** How numbers of this metric are shown: `points` are percentage points of a proportion (times 100). */
  unit: 'points' | 'none';
  /** How do we know: text keys of a label and of what stands beside it. */
  how: { label: string; code: string; data: Record<string, string | number> }[];
}
export interface CompareAnswer {
  runs: RunRow[];
  /** Verdicts of B against A, the primary metric first; several B: one list after another, `b` tells which. */
  verdicts: (Verdict & { b_run: string })[];
  changed: {
    params: { path: string; key: string; old: PlainValue; new: PlainValue }[];
    code: { path: string; state: string }[];
    data: { path: string; old?: string; new?: string }[];
    env: string[];
  };
  samples?: { id: string; truth: string; a: string; b: string; kind: 'fixed' | 'broken' | 'bothWrong' }[];
  sampleCounts?: { fixed: number; broken: number; bothWrong: number; bothRight: number };
}

export interface StatsArgs {
  targets: string[];
  /** What came in on standard input. */
  input: unknown;
  options: unknown;
}

/** Arguments and answers of this group by verb. */
export interface RunsVerbs {
  params: { args: ShowArgs; answer: ShowAnswer };
  metrics: { args: ShowArgs; answer: ShowAnswer };
  'params.diff': { args: ValueDiffArgs; answer: ValueDiffAnswer };
  'metrics.diff': { args: ValueDiffArgs; answer: ValueDiffAnswer };
  runs: { args: RunsArgs; answer: RunsAnswer };
  series: { args: SeriesArgs; answer: SeriesAnswer };
  stats: { args: StatsArgs; answer: Record<string, unknown> };
  compare: { args: CompareArgs; answer: CompareAnswer };
  /** For the Compare panel. */
  runsTable: { args: RunsTableArgs; answer: RunsTableAnswer };
  /** For the Live panel. */
  live: { args: LiveArgs; answer: LiveAnswer };
}

const show = {
  'all-branches': flag('a'),
  'all-tags': flag('T'),
  'all-commits': flag('A'),
  rev: text('R'),
};
const valueDiff = { all: flag(), targets: words('PATH...', 'paths') };

/** Rows of this group. */
export const RUNS_VERBS: readonly VerbSpec[] = [
  {
    id: 'params',
    words: [['params', 'show'], ['params']],
    group: 'runs',
    targets: targets('TARGET'),
    options: { ...show, deps: flag() },
    needs: READS,
    destructive: false,
  },
  {
    id: 'metrics',
    words: [['metrics', 'show'], ['metrics']],
    group: 'runs',
    targets: targets('TARGET'),
    options: show,
    needs: READS,
    destructive: false,
  },
  {
    id: 'params.diff',
    words: [['params', 'diff']],
    group: 'runs',
    targets: targets('REV', 0, 2),
    options: { ...valueDiff, deps: flag() },
    needs: READS_GIT,
    destructive: false,
  },
  {
    id: 'metrics.diff',
    words: [['metrics', 'diff']],
    group: 'runs',
    targets: targets('REV', 0, 2),
    options: valueDiff,
    needs: READS_GIT,
    destructive: false,
  },
  {
    id: 'runs',
    words: [['runs']],
    group: 'runs',
    targets: targets(),
    options: { source: text('S'), max: count('N', 'n') },
    needs: READS,
    destructive: false,
  },
  {
    id: 'series',
    words: [['series']],
    group: 'runs',
    targets: targets('PATH', 1),
    options: { points: flag() },
    needs: { project: false, trust: false, write: false, network: false },
    destructive: false,
  },
  {
    id: 'stats',
    words: [['stats']],
    group: 'compare',
    targets: targets('METHOD', 1, 1),
    options: {},
    needs: { project: false, trust: false, write: false, network: false },
    destructive: false,
  },
  {
    id: 'compare',
    words: [['compare']],
    group: 'compare',
    targets: targets('RUN', 2),
    options: {
      metric: text('M'),
      margin: count('X'),
      alpha: count('A'),
      seed: count('N'),
      gate: flag(),
      md: flag(),
    },
    needs: READS_GIT,
    destructive: false,
  },
  { id: 'runsTable', words: [], group: 'view', targets: targets(), options: {}, needs: READS, destructive: false },
  { id: 'live', words: [], group: 'view', targets: targets(), options: {}, needs: READS, destructive: false },
];
