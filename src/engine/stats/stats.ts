/**
 * The statistics by name, for `strata stats METHOD`: a JSON document in, a JSON value out, with the field names of the format.
 * Checks what it is given, and writes numbers that JSON has no word for as `"inf"`, `"-inf"` and `"nan"`.
 */

import { StrataError } from '../errors';
import { bootstrapMean } from './bootstrap';
import { beta, binomial, chi2, f, normal, t, tukey } from './distributions';
import { mcnemar, mcnemarFromLabels } from './mcnemar';
import { differences, pairedT } from './pairedT';
import { numberPairs, type Cell } from './pairs';
import { twoProportions, wilson } from './proportions';
import { signFlip } from './signFlip';
import { runNow } from './steps';
import { type StatsOptions } from './settings';
import { judge, mdeOf, type Interval } from './verdict';

type Fields = Readonly<Record<string, unknown>>;
type Method = (input: Fields, options: StatsOptions, all: Fields) => object;

const METHODS: Readonly<Record<string, Method>> = {
  dist: (input) => distRows(input),
  mcnemar: runMcNemar,
  paired_t: (input, options) => pairedT(column(input, 'a'), column(input, 'b'), options),
  two_proportions: runTwoProportions,
  wilson: (input, options) => {
    const [k, n] = [count(input, 'k'), count(input, 'n')];
    return k > n ? fail('k') : wilson(k, n, options);
  },
  sign_flip: (input, options) => {
    const { d, dropped, warnings } = differenceColumn(input);
    return { ...runNow(signFlip(d, options.seed)), dropped, warnings };
  },
  bootstrap: runBootstrap,
  verdict: runVerdict,
  mde: (input, options) => ({ mde: mdeOf(numberOrNull(input, 'se'), options) }),
};

/** The names that {@link runMethod} knows. */
export const methodNames: readonly string[] = Object.keys(METHODS);

/**
 * Runs the method of that name on plain JSON values. Throws `stats.unknownMethod` (listing what there is), `stats.badInput` (naming the
 * field) or `stats.lengths`.
 */
export function runMethod(method: string, input: unknown, options: unknown = {}): object {
  const run = Object.hasOwn(METHODS, method) ? METHODS[method] : undefined;
  if (run === undefined) throw new StrataError('stats.unknownMethod', { method, known: methodNames.join(', ') });
  const all = fields(options ?? {}, 'options');
  return spelled(run(fields(input, 'input'), readOptions(all), all)) as object;
}

function runMcNemar(input: Fields, options: StatsOptions): object {
  if ('y' in input) {
    return mcnemarFromLabels(column(input, 'y'), column(input, 'pred_a'), column(input, 'pred_b'), options);
  }
  const [b, c, n] = [count(input, 'b'), count(input, 'c'), count(input, 'n')];
  return b + c > n ? fail('n') : mcnemar({ b, c, n }, options);
}

function runTwoProportions(input: Fields, options: StatsOptions): object {
  const arms = {
    n_a: count(input, 'n_a'),
    x_a: count(input, 'x_a'),
    n_b: count(input, 'n_b'),
    x_b: count(input, 'x_b'),
  };
  if (arms.x_a > arms.n_a) fail('x_a');
  if (arms.x_b > arms.n_b) fail('x_b');
  return twoProportions(arms, options);
}

function runBootstrap(input: Fields, options: StatsOptions, all: Fields): object {
  if ((input['statistic'] ?? 'mean') !== 'mean') fail('statistic');
  const { d, dropped, warnings } = differenceColumn(input);
  const given = input['resamples'] ?? all['resamples'];
  const resamples = given === undefined ? {} : { resamples: Math.max(1, count({ resamples: given }, 'resamples')) };
  const result = runNow(bootstrapMean(d, { ...options, ...resamples }));
  return { ...result, dropped, warnings: [...warnings, ...result.warnings] };
}

function runVerdict(input: Fields, options: StatsOptions): object {
  const evidence = {
    estimate: numberOrNull(input, 'estimate'),
    se: numberOrNull(input, 'se'),
    ci: intervalOrNull(input, 'ci'),
    p: numberOrNull(input, 'p'),
    p_adjusted: numberOrNull(input, 'p_adjusted'),
    n: count(input, 'n'),
    min: input['min'] === undefined ? 2 : count(input, 'min'),
    invalid: typeof input['invalid'] === 'string' ? input['invalid'] : null,
  };
  return { ...evidence, ...judge(evidence, options) };
}

/** Differences given as `d`, or made from `a` and `b`. */
function differenceColumn(input: Fields): { d: Float64Array; dropped: number; warnings: readonly string[] } {
  if (!('d' in input)) return differences(numberPairs(column(input, 'a'), column(input, 'b')));
  const d = column(input, 'd');
  const { b, dropped, warnings } = numberPairs(
    d.map(() => 0),
    d,
  );
  // There is one side only, so that nothing can be missing more often on it.
  return { d: b, dropped, warnings: warnings.filter((code) => code !== 'missing_differs') };
}

/** Parameters of each distribution, in the order of `args`. */
const DISTRIBUTIONS = {
  normal: { law: normal, args: 0 },
  t: { law: t, args: 1 },
  chi2: { law: chi2, args: 1 },
  f: { law: f, args: 2 },
  beta: { law: beta, args: 2 },
  binomial: { law: binomial, args: 2 },
} as const;

function distRows(input: Fields): object {
  const name = input['distribution'];
  const rows = Array.isArray(input['rows']) ? (input['rows'] as unknown[]) : fail('rows');
  if (name === 'tukey') {
    return {
      rows: rows.map((row) => {
        const given = fields(row, 'rows');
        return { q: tukey.quantile(1 - numberOf(given, 'alpha'), numberOf(given, 'k')) };
      }),
    };
  }
  const entry = isDistribution(name) ? DISTRIBUTIONS[name] : fail('distribution');
  return { rows: rows.map((row) => distRow(entry, fields(row, 'rows'))) };
}

function isDistribution(name: unknown): name is keyof typeof DISTRIBUTIONS {
  return typeof name === 'string' && Object.hasOwn(DISTRIBUTIONS, name);
}

type Law = (typeof DISTRIBUTIONS)[keyof typeof DISTRIBUTIONS];

function distRow({ law, args: wanted }: Law, row: Fields): object {
  const given = Array.isArray(row['args']) ? (row['args'] as unknown[]) : [];
  const args = given.map(spelledNumber).filter((arg) => arg !== undefined);
  if (args.length !== wanted || given.length !== wanted) fail('args');
  const functions: Record<'cdf' | 'sf' | 'ppf', (at: number, ...args: number[]) => number> = law;
  if ('p' in row) return { ppf: functions.ppf(numberOf(row, 'p'), ...args) };
  const x = numberOf(row, 'x');
  return { cdf: functions.cdf(x, ...args), sf: functions.sf(x, ...args) };
}

function readOptions(all: Fields): StatsOptions {
  const within = (name: string): number | undefined => {
    const value = numberOrNull(all, name);
    return value === null ? undefined : value > 0 && value < 1 ? value : fail(name);
  };
  const margin = numberOrNull(all, 'margin');
  if (margin !== null && !(margin > 0)) fail('margin');
  const goal = all['goal'] ?? 'max';
  if (goal !== 'max' && goal !== 'min') fail('goal');
  const alpha = within('alpha');
  const power = within('power');
  return {
    ...(alpha === undefined ? {} : { alpha }),
    ...(power === undefined ? {} : { power }),
    margin,
    goal,
    seed: all['seed'] === undefined ? 1 : count(all, 'seed'),
  };
}

function fail(field: string): never {
  throw new StrataError('stats.badInput', { field });
}

function fields(value: unknown, name: string): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) fail(name);
  return value as Fields;
}

function column(input: Fields, name: string): Cell[] {
  const value = input[name];
  if (!Array.isArray(value)) return fail(name);
  const cells = value as unknown[];
  if (!cells.every((cell) => cell === null || ['number', 'string', 'boolean'].includes(typeof cell))) fail(name);
  return cells as Cell[];
}

function count(input: Fields, name: string): number {
  const value = input[name];
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : fail(name);
}

const SPELLINGS: Readonly<Record<string, number>> = { nan: NaN, inf: Infinity, '-inf': -Infinity };

/** A number, also spelled; undefined for anything else. */
function spelledNumber(value: unknown): number | undefined {
  if (typeof value === 'number') return value;
  return typeof value === 'string' ? SPELLINGS[value] : undefined;
}

function numberOf(input: Fields, name: string): number {
  return spelledNumber(input[name]) ?? fail(name);
}

/** Absent, null and NaN are null. */
function numberOrNull(input: Fields, name: string): number | null {
  if (input[name] === undefined || input[name] === null) return null;
  const value = numberOf(input, name);
  return Number.isNaN(value) ? null : value;
}

function intervalOrNull(input: Fields, name: string): Interval | null {
  const value = input[name];
  if (value === undefined || value === null) return null;
  const [low, high] = (Array.isArray(value) ? (value as unknown[]) : []).map(spelledNumber);
  if (low === undefined || high === undefined) return fail(name);
  return low <= high ? [low, high] : [high, low];
}

/** The value as JSON can carry it. */
function spelled(value: unknown): unknown {
  if (typeof value === 'number') {
    if (Number.isFinite(value)) return value;
    return Number.isNaN(value) ? 'nan' : value > 0 ? 'inf' : '-inf';
  }
  if (Array.isArray(value)) return value.map(spelled);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, spelled(item)]));
}
