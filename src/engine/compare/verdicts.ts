/**
 * Verdicts of B against A, metric by metric, by the method that the data allow (ab-statistics.md §9): predictions of the same samples before
 * anything else; a proportion with a known number of samples as an approximation that says so; one value a run gets no verdict.
 */

import { type Call } from '../../base/cancel';
import { cellNumber } from '../metrics/numbers';
import { goalOf } from '../metrics/goal';
import { howOf, type Explained, type HowLine } from '../stats/how';
import { mcnemarFromLabels } from '../stats/mcnemar';
import { pairedMean } from '../stats/pairedMean';
import { twoProportions, wilson } from '../stats/proportions';
import { sentenceOf, unitOf } from '../stats/sentence';
import { runPaced } from '../stats/steps';
import { type Interval, type Result, type StatsOptions } from '../stats/verdict';
import { type Verdict } from '../verbs/runs';
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

/** How the comparison is to be made. */
export interface CompareOptions {
  /** Name, or `FILE:KEY`: only this one is judged, as the primary one. */
  readonly metric?: string;
  /** Margin of the primary metric, in its unit. */
  readonly margin?: number;
  readonly alpha?: number;
  readonly seed?: number;
}

/** Both runs with their samples joined, if they have any. */
export interface Pair {
  readonly a: Evidence;
  readonly b: Evidence;
  readonly joined?: Joined;
  readonly config: CompareConfig;
}

/** A metric that both runs have as a number. */
interface Metric {
  readonly name: string;
  readonly path: string;
  readonly key: string;
  readonly a: number;
  readonly b: number;
}

/** A metric with what it can be judged by. */
interface Question {
  readonly name: string;
  readonly metric?: Metric;
  readonly samples?: PerSample;
}

type PerSample =
  | { readonly kind: 'rightWrong'; readonly labels: Labels }
  | {
      readonly kind: 'values';
      readonly a: readonly number[];
      readonly b: readonly number[];
      readonly goal: 'max' | 'min';
      readonly smooth: boolean;
    }
  | { readonly kind: 'invalid' };

/** All verdicts, the primary one first, then those with a test, then the rest. */
export async function judgePair(pair: Pair, options: CompareOptions, call: Call): Promise<Verdict[]> {
  const questions = questionsOf(pair);
  const primary = primaryOf(questions, pair.config, options.metric);
  const wanted = options.metric === undefined ? questions : questions.filter((one) => one === primary);
  const verdicts: Verdict[] = [];
  for (const question of wanted)
    verdicts.push(await judgeOne(question, pair, { ...options, isPrimary: question === primary }, call));
  const rank = (verdict: Verdict): number => (verdict.primary ? 0 : verdict.method === 'none' ? 2 : 1);
  return verdicts.sort((x, y) => rank(x) - rank(y));
}

/** Names of metrics that may be asked for; for messages. */
export function judgeable(pair: Pair): string[] {
  return questionsOf(pair).map((one) => one.name);
}

function questionsOf(pair: Pair): Question[] {
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
const SIZES = ['n', 'n_samples', 'num_samples', 'samples', 'n_test', 'test_size', 'support', 'count', 'total'];

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

function mean(values: readonly number[]): number {
  const finite = values.filter((value) => Number.isFinite(value));
  return finite.reduce((sum, value) => sum + value, 0) / finite.length;
}

/** The one asked for, else the declared one, else accuracy, else the first that can be judged, else the first. */
function primaryOf(
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

function ruleOf(question: Question, config: CompareConfig): MetricRule | undefined {
  return [...config.metrics].find(([name]) => isCalled(question, name))?.[1];
}

/** Options with what concerns this question. */
type Asked = CompareOptions & { readonly isPrimary: boolean };

async function judgeOne(question: Question, pair: Pair, asked: Asked, call: Call): Promise<Verdict> {
  const rule = ruleOf(question, pair.config);
  const { samples, metric } = question;
  const usual = samples?.kind === 'values' ? samples.goal : goalOf(metric?.key ?? question.name);
  const margin = (asked.isPrimary ? asked.margin : undefined) ?? rule?.margin;
  const options: StatsOptions = {
    goal: rule?.goal ?? usual,
    ...(margin === undefined ? {} : { margin }),
    ...(asked.alpha === undefined ? {} : { alpha: asked.alpha }),
    ...(asked.seed === undefined ? {} : { seed: asked.seed }),
  };
  const test = samples ? await testSamples(samples, pair, options, call) : testValues(metric, pair, options);
  return toVerdict(question.name, asked.isPrimary, test, options);
}

/** A result with what is said beside it. */
interface Test {
  readonly why: string;
  readonly result: Explained | NoTest;
  readonly a?: Verdict['a'];
  readonly b?: Verdict['b'];
  readonly reason?: string;
}

/** One value a run. */
interface NoTest extends Omit<Result, 'verdict'> {
  readonly method: 'none';
  readonly verdict: 'none';
}

async function testSamples(samples: PerSample, pair: Pair, options: StatsOptions, call: Call): Promise<Test> {
  const warnings = [
    ...(pair.joined?.warnings ?? []),
    ...(pair.a.predictions?.cluster === undefined ? [] : ['clustered']),
  ];
  if (samples.kind === 'invalid') return invalidTest(pair.joined?.invalid ?? 'unknown');
  if (samples.kind === 'rightWrong') {
    const { truth, a, b } = samples.labels;
    const result = mcnemarFromLabels(truth, a, b, options);
    return {
      why: 'verdict.why.rightWrong',
      result: { ...result, warnings: [...result.warnings, ...warnings] },
      ...side('a', result.accuracy_a, result.accuracy_a_ci),
      ...side('b', result.accuracy_b, result.accuracy_b_ci),
    };
  }
  const result = await runPaced(pairedMean(samples.a, samples.b, { ...options, smooth: samples.smooth }), call);
  return {
    why: result.method === 'sign_flip' ? 'verdict.why.smallOrSkewed' : 'verdict.why.valuePerSample',
    result: { ...result, warnings: [...result.warnings, ...warnings] },
    ...side('a', mean(samples.a), null),
    ...side('b', mean(samples.b), null),
  };
}

function invalidTest(reason: string): Test {
  const result: Explained = { ...EMPTY, method: 'mcnemar', verdict: 'invalid' };
  return { why: 'verdict.why.rightWrong', result, reason };
}

const EMPTY = {
  n: 0,
  dropped: 0,
  estimate: null,
  se: null,
  ci: null,
  statistic: null,
  df: null,
  p: null,
  p_adjusted: null,
  mde: null,
  needs: null,
  warnings: [],
};

function side<K extends 'a' | 'b'>(
  key: K,
  value: number | null,
  ci: Interval | null,
): { readonly [P in K]?: Verdict['a'] } {
  if (value === null || !Number.isFinite(value)) return {};
  const range: [number, number] | null = ci === null ? null : [ci[0], ci[1]];
  return { [key]: { value, ci: range } } as { readonly [P in K]: Verdict['a'] };
}

/** A metric of which each run has one number. */
function testValues(metric: Metric | undefined, pair: Pair, options: StatsOptions): Test {
  const lost = pair.a.lost !== undefined || pair.b.lost !== undefined ? ['predictions_missing'] : [];
  const sizes = metric && isShare(metric) ? sizesOf(metric, pair) : undefined;
  if (metric && sizes) return testShares(metric, sizes, lost, options);
  const result: NoTest = {
    ...EMPTY,
    method: 'none',
    verdict: 'none',
    n: 1,
    estimate: metric ? metric.b - metric.a : null,
    warnings: lost,
  };
  return {
    why: 'verdict.why.oneValue',
    result,
    ...side('a', metric?.a ?? null, null),
    ...side('b', metric?.b ?? null, null),
  };
}

const SHARE = /(^|[._])(accuracy|acc|accuracy_score|error_rate|top_?[15]|hit_?rate|pass_?rate|exact_match|em)$/i;

function isShare({ key, a, b }: Metric): boolean {
  return SHARE.test(key) && a >= 0 && a <= 1 && b >= 0 && b <= 1;
}

/** How many samples stand behind a metric: a count beside it in the same file. */
function sizesOf({ path, key }: Metric, pair: Pair): [number, number] | undefined {
  const prefix = key.slice(0, key.lastIndexOf('.') + 1);
  const size = (metrics: readonly FileFacts[]): number | undefined => {
    const values = metrics.find((file) => file.path === path)?.values ?? {};
    const found = SIZES.map((name) => values[prefix + name]).find(
      (value) => typeof value === 'number' && Number.isInteger(value) && value > 0,
    );
    return typeof found === 'number' ? found : undefined;
  };
  const [a, b] = [size(pair.a.metrics), size(pair.b.metrics)];
  return a === undefined || b === undefined ? undefined : [a, b];
}

function testShares(
  metric: Metric,
  [n_a, n_b]: readonly [number, number],
  lost: readonly string[],
  options: StatsOptions,
): Test {
  const [x_a, x_b] = [Math.round(metric.a * n_a), Math.round(metric.b * n_b)];
  const result = twoProportions({ n_a, x_a, n_b, x_b }, options);
  return {
    why: 'verdict.why.sizeKnown',
    result: { ...result, warnings: [...result.warnings, 'unpaired_approximation', ...lost] },
    ...side('a', result.p_a, wilson(x_a, n_a, options).ci),
    ...side('b', result.p_b, wilson(x_b, n_b, options).ci),
  };
}

function toVerdict(metric: string, primary: boolean, test: Test, options: StatsOptions): Verdict {
  const { result, why, reason } = test;
  const unit = unitOf(result.method);
  const about = { metric, unit, ...(reason === undefined ? {} : { reason }) };
  const { n, dropped, estimate, se, ci, statistic, df, p, p_adjusted, mde, needs, warnings } = result;
  return {
    // The fields of the result stand beside the verdict too, under the names of the statistics format.
    ...{ n, dropped, estimate, se, ci, statistic, df, p, p_adjusted, mde, needs, warnings },
    metric,
    goal: options.goal ?? 'max',
    primary,
    method: result.method,
    why,
    verdict: result.verdict,
    sentence: sentenceOf(result, about, options),
    ...(test.a ? { a: test.a } : {}),
    ...(test.b ? { b: test.b } : {}),
    result: { ...result },
    ...(typeof options.margin === 'number' ? { margin: options.margin } : {}),
    unit,
    how: howLines(test, about, options),
  };
}

function howLines(
  { result, why, reason }: Test,
  about: { metric: string; unit: 'points' | 'none' },
  options: StatsOptions,
): HowLine[] {
  const line = (label: string, code: string): HowLine => ({ label: `verdict.label.${label}`, code, data: {} });
  const reasonLine = line('why', why);
  if (result.method === 'none') {
    const notes = result.warnings.map((code) => line('warning', `verdict.warning.${code}`));
    return [line('method', 'verdict.how.none'), reasonLine, ...notes, line('assumes', 'verdict.assumes.none')];
  }
  if (reason !== undefined)
    return [{ label: 'verdict.label.warning', code: `verdict.invalid.${reason}`, data: { metric: about.metric } }];
  const [method, ...others] = howOf(result as Explained, about, options);
  return method ? [method, reasonLine, ...others] : [reasonLine];
}
