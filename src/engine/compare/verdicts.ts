/**
 * Verdicts of B against A, metric by metric, by the method that the data allow (ab-statistics.md §9): predictions of the same samples before
 * anything else; a proportion with a known number of samples as an approximation that says so; one value a run gets no verdict.
 */

import { type Call } from '../../base/cancel';
import { goalOf } from '../metrics/goal';
import { howOf, type Explained, type HowLine } from '../stats/how';
import { mcnemarFromLabels } from '../stats/mcnemar';
import { pairedMean } from '../stats/pairedMean';
import { twoProportions, wilson } from '../stats/proportions';
import { sentenceOf, unitOf } from '../stats/sentence';
import { runPaced } from '../stats/steps';
import { type StatsOptions } from '../stats/settings';
import { type Interval, type Result } from '../stats/verdict';
import { type Verdict } from '../verbs/runs';
import { type FileFacts } from './facts';
import {
  mean,
  primaryOf,
  questionsOf,
  ruleOf,
  type Metric,
  type Pair,
  type PerSample,
  type Question,
} from './questions';

/** How the comparison is to be made. */
export interface CompareOptions {
  /** Name, or `FILE:KEY`: only this one is judged, as the primary one. */
  readonly metric?: string;
  /** Margin of the primary metric, in its unit. */
  readonly margin?: number;
  readonly alpha?: number;
  readonly seed?: number;
}

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

const SIZES = ['n', 'n_samples', 'num_samples', 'samples', 'n_test', 'test_size', 'support', 'count', 'total'];
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
