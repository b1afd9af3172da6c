/**
 * What two runs can be asked: metrics that both have, and what their samples answer, brought together under one name where the metric is the
 * summary of those samples. Pure.
 */

import { cellNumber } from '../metrics/numbers';
import { goalOf } from '../metrics/goal';
import { type CompareConfig, type MetricRule } from './compareConfig';
import { type FileFacts } from './facts';
import { nameValues } from './names';
import { isMeasure, type Predictions } from './predictions';
import { columnOf, isMeasured, labelsOf, type Joined, type Labels } from './samples';

/** What is known of one run. */
export interface Evidence {
  readonly metrics: readonly FileFacts[];
  readonly predictions?: Predictions;
  /** A file of predictions whose object is missing in the cache. */
  readonly lost?: string;
}

/** Both runs with their samples joined, if they have any. */
export interface Pair {
  readonly a: Evidence;
  readonly b: Evidence;
  readonly joined?: Joined;
  readonly config: CompareConfig;
}

/** A metric that both runs have as a number. */
export interface Metric {
  readonly name: string;
  readonly path: string;
  readonly key: string;
  readonly a: number;
  readonly b: number;
}

/** A metric with what it can be judged by. */
export interface Question {
  readonly name: string;
  readonly metric?: Metric;
  readonly samples?: PerSample;
}

/** Samples of both runs side by side. */
export type PerSample =
  | { readonly kind: 'rightWrong'; readonly labels: Labels }
  | {
      readonly kind: 'values';
      readonly a: readonly number[];
      readonly b: readonly number[];
      readonly goal: 'max' | 'min';
      readonly smooth: boolean;
    }
  | { readonly kind: 'invalid' };

/** Names of metrics that may be asked for; for messages. */
export function judgeable(pair: Pair): string[] {
  return questionsOf(pair).map((one) => one.name);
}

/** Everything that can be asked, what samples answer first. */
export function questionsOf(pair: Pair): Question[] {
  const metrics = commonMetrics(pair);
  const questions: Question[] = [];
  for (const found of sampleQuestions(pair, metrics))
    if (!questions.some((one) => one.name === found.name)) questions.push(found);
  const taken = new Set(questions.map((one) => one.name));
  const rest = metrics.filter((one) => !taken.has(one.name) && !isCount(one.key));
  return [...questions, ...rest.map((metric) => ({ name: metric.name, metric }))];
}

function commonMetrics({ a, b }: Pair): Metric[] {
  const names = nameValues([a.metrics, b.metrics]);
  const order = [...a.metrics.filter((file) => !file.live), ...a.metrics.filter((file) => file.live)];
  return order.flatMap(({ path, values }) => {
    const other = b.metrics.find((file) => file.path === path)?.values ?? {};
    return Object.entries(values).flatMap(([key, left]): Metric[] => {
      const right = other[key];
      if (!isFiniteNumber(left) || !isFiniteNumber(right)) return [];
      return [{ name: names.of(path, key), path, key, a: left, b: right }];
    });
  });
}

function isFiniteNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}

const COUNTS = /(^|\.)(n|n_?samples|num_?samples|samples|n_?test|test_?size|support|count|total|step|epoch|seed)$/i;

/** Counts describe the test, they are not what is tested. */
function isCount(key: string): boolean {
  return COUNTS.test(key);
}

/** What the joined samples can answer. */
function sampleQuestions({ a, b, joined, config }: Pair, metrics: readonly Metric[]): Question[] {
  if (!a.predictions || !b.predictions || !joined) return [];
  if (joined.invalid !== undefined)
    return [{ ...named(metrics, ACCURACY, undefined, 'accuracy'), samples: { kind: 'invalid' } }];
  const labels = labelsOf(a.predictions, b.predictions, joined);
  const first = labels
    ? [accuracyQuestion(labels, metrics)]
    : errorQuestions(a.predictions, b.predictions, joined, metrics);
  return [...first, ...columnQuestions(a.predictions, b.predictions, joined, { metrics, config })];
}

const ACCURACY = /(^|\.)(accuracy|acc|accuracy_score|top_?1|top1_accuracy)$/i;

function accuracyQuestion(labels: Labels, metrics: readonly Metric[]): Question {
  const share = (side: readonly string[]): number => {
    const known = labels.truth.flatMap((truth, i) =>
      truth === '' || (side[i] ?? '') === '' ? [] : [side[i] === truth],
    );
    return known.filter(Boolean).length / Math.max(1, known.length);
  };
  const values: [number, number] = [share(labels.a), share(labels.b)];
  return { ...named(metrics, ACCURACY, values, 'accuracy'), samples: { kind: 'rightWrong', labels } };
}

/** Absolute and squared errors of a regression. */
function errorQuestions(a: Predictions, b: Predictions, joined: Joined, metrics: readonly Metric[]): Question[] {
  const truth = numbersAt(columnOf(a, a.truth), joined.a);
  if (a.truth === undefined || a.pred === undefined || b.pred === undefined || !isMeasured(columnOf(a, a.truth)))
    return [];
  const errors = (run: Predictions, rows: readonly number[]): number[] =>
    numbersAt(columnOf(run, run.pred), rows).map((value, i) => value - (truth[i] ?? NaN));
  const [ofA, ofB] = [errors(a, joined.a), errors(b, joined.b)];
  const question = (pattern: RegExp, name: string, of: (error: number) => number): Question => {
    const [left, right] = [ofA.map(of), ofB.map(of)];
    const samples = { kind: 'values', a: left, b: right, goal: 'min', smooth: true } as const;
    return { ...named(metrics, pattern, [mean(left), mean(right)], name), samples };
  };
  return [
    question(/(^|\.)(mae|mean_absolute_error)$/i, 'mae', Math.abs),
    question(/(^|\.)(mse|mean_squared_error)$/i, 'mse', (error) => error * error),
  ];
}

interface Known {
  readonly metrics: readonly Metric[];
  readonly config: CompareConfig;
}

/** Columns with a number per sample: declared ones, and those whose names say what they are. */
function columnQuestions(a: Predictions, b: Predictions, joined: Joined, { metrics, config }: Known): Question[] {
  const roles = new Set([a.id, a.truth, a.pred, a.cluster]);
  const declared = new Map([...config.metrics].map(([name, rule]) => [rule.column ?? name, name]));
  return [...a.columns.keys()].flatMap((column): Question[] => {
    const wanted = declared.get(column);
    if (roles.has(column) || !b.columns.has(column) || (wanted === undefined && !isMeasure(column))) return [];
    const [left, right] = [numbersAt(columnOf(a, column), joined.a), numbersAt(columnOf(b, column), joined.b)];
    const smooth = !/ndcg|^ap$|^rr$|f1|judge/i.test(column);
    const samples = { kind: 'values', a: left, b: right, goal: goalOf(column), smooth } as const;
    const found = named(
      metrics,
      wanted === undefined ? /./ : exactly(wanted),
      [mean(left), mean(right)],
      wanted ?? column,
    );
    return [{ ...found, ...(wanted === undefined ? {} : { name: wanted }), samples }];
  });
}

function exactly(name: string): RegExp {
  return new RegExp(`^${name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}$`);
}

/** Written values are rounded. */
const ROUNDING = 1e-4;

/** The metric that the samples are the samples of: called so, and with the same values in both runs; else a name of its own. */
function named(
  metrics: readonly Metric[],
  pattern: RegExp,
  values: readonly [number, number] | undefined,
  otherwise: string,
): Pick<Question, 'name' | 'metric'> {
  const near = (x: number, y: number): boolean => Math.abs(x - y) <= ROUNDING * Math.max(1, Math.abs(y));
  const metric = metrics.find((one) => {
    if (!pattern.test(one.key) && !pattern.test(one.name)) return false;
    return values === undefined || (near(one.a, values[0]) && near(one.b, values[1]));
  });
  if (metric) return { name: metric.name, metric };
  return { name: metrics.some((one) => one.name === otherwise) ? `${otherwise} (samples)` : otherwise };
}

function numbersAt(column: readonly string[], rows: readonly number[]): number[] {
  return rows.map((row) => cellNumber(column[row] ?? '') ?? NaN);
}

/** Mean of the finite values. */
export function mean(values: readonly number[]): number {
  const finite = values.filter((value) => Number.isFinite(value));
  return finite.reduce((sum, value) => sum + value, 0) / finite.length;
}

/** The one asked for, else the declared one, else accuracy, else the first that can be judged, else the first. */
export function primaryOf(
  questions: readonly Question[],
  config: CompareConfig,
  asked: string | undefined,
): Question | undefined {
  if (asked !== undefined) return questions.find((one) => isCalled(one, asked));
  return (
    questions.find((one) => ruleOf(one, config)?.primary === true) ??
    questions.find((one) => one.samples?.kind === 'rightWrong' || one.samples?.kind === 'invalid') ??
    questions.find((one) => ACCURACY.test(one.metric?.key ?? one.name)) ??
    questions.find((one) => one.samples !== undefined) ??
    questions[0]
  );
}

function isCalled({ name, metric }: Question, wanted: string): boolean {
  return (
    name === wanted || metric?.key === wanted || (metric !== undefined && `${metric.path}:${metric.key}` === wanted)
  );
}

/** What is declared about the metric of a question. */
export function ruleOf(question: Question, config: CompareConfig): MetricRule | undefined {
  return [...config.metrics].find(([name]) => isCalled(question, name))?.[1];
}
