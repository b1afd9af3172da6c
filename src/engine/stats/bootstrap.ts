/**
 * Bootstrap of a mean: the interval that resampling the rows gives, bias-corrected and accelerated (Efron 1987), and a p by inversion.
 * The same seed gives the same resamples bit for bit.
 */

import { normal } from './distributions';
import { seeded } from './random';
import { type Steps } from './steps';
import { settings, type StatsOptions } from './settings';
import { judge, type Interval, type Result } from './verdict';

/** A bootstrapped mean; `ci` is the BCa interval, or the percentile one where `interval` says so. `se` is that of the resamples. */
export interface BootstrapResult extends Result {
  readonly ci_bca: Interval | null;
  readonly ci_percentile: Interval | null;
  readonly interval: 'bca' | 'percentile';
  readonly resamples: number;
  readonly seed: number;
}

/** Options of a bootstrap: `resamples` is 10,000, or 2,000 above 200,000 rows. */
export interface BootstrapOptions extends StatsOptions {
  readonly resamples?: number;
}

const RESAMPLES = 10_000;
const RESAMPLES_OF_MANY = 2_000;
const MANY_ROWS = 200_000;
/** Below this many rows the acceleration is not trusted. */
const BCA_ROWS = 15;
/** Additions between two pauses. */
const CHUNK = 1_000_000;

/** Resamples the rows of `d` (differences B - A) and returns mean, interval, p and verdict. */
export function* bootstrapMean(d: Float64Array, options: BootstrapOptions = {}): Steps<BootstrapResult> {
  const n = d.length;
  if (n < 2) return tooFew(d, options);
  const { alpha, seed } = settings(options);
  const resamples = options.resamples ?? (n > MANY_ROWS ? RESAMPLES_OF_MANY : RESAMPLES);
  const mean = meanOf(d);
  const means = (yield* resampledMeans(d, resamples, seed)).sort();
  const percentile: Interval = [quantileOf(means, alpha / 2), quantileOf(means, 1 - alpha / 2)];
  const bca = bcaInterval(means, d, mean, alpha);
  const useBca = bca !== null && n >= BCA_ROWS;
  const evidence = { estimate: mean, se: sdOf(means), ci: useBca ? bca : percentile, p: invertedP(means), n };
  return {
    ...BASE,
    ...evidence,
    ...{ ci_bca: bca, ci_percentile: percentile, interval: useBca ? 'bca' : 'percentile', resamples, seed },
    ...judge(evidence, options),
    warnings: resamples < RESAMPLES && options.resamples === undefined ? ['fewer_resamples'] : [],
  };
}

const BASE = { method: 'bootstrap', dropped: 0, statistic: null, df: null, p_adjusted: null };

function tooFew(d: Float64Array, options: BootstrapOptions): BootstrapResult {
  const evidence = { estimate: d[0] ?? null, se: null, ci: null, p: null, n: d.length };
  const found = { ci_bca: null, ci_percentile: null, interval: 'percentile', resamples: 0 } as const;
  return { ...BASE, ...evidence, ...found, seed: settings(options).seed, ...judge(evidence, options), warnings: [] };
}

function* resampledMeans(d: Float64Array, resamples: number, seed: number): Steps<Float64Array> {
  const n = d.length;
  const random = seeded(seed);
  const scale = n / 2 ** 32;
  const means = new Float64Array(resamples);
  let work = 0;
  for (let k = 0; k < resamples; k++) {
    let sum = 0;
    for (let i = 0; i < n; i++) sum += d[Math.floor(random() * scale)] ?? 0;
    means[k] = sum / n;
    work += n;
    if (work > CHUNK) {
      work = 0;
      yield;
    }
  }
  return means;
}

/** Null when the bias or the acceleration cannot be computed (no spread, or every resample on one side). */
function bcaInterval(sorted: Float64Array, d: Float64Array, mean: number, alpha: number): Interval | null {
  const below = (countBelow(sorted, mean, false) + countBelow(sorted, mean, true)) / 2;
  const bias = normal.ppf(below / sorted.length);
  let squares = 0;
  let cubes = 0;
  for (const value of d) {
    const off = value - mean;
    squares += off * off;
    cubes += off * off * off;
  }
  const acceleration = cubes / (6 * squares ** 1.5);
  if (!Number.isFinite(bias) || !Number.isFinite(acceleration)) return null;
  const level = (z: number): number => normal.cdf(bias + (bias + z) / (1 - acceleration * (bias + z)));
  return [quantileOf(sorted, level(normal.ppf(alpha / 2))), quantileOf(sorted, level(-normal.ppf(alpha / 2)))];
}

/** How many of the sorted values are below `limit` (or at most it). */
function countBelow(sorted: Float64Array, limit: number, orEqual: boolean): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const value = sorted[middle] ?? 0;
    if (value < limit || (orEqual && value === limit)) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** `2·min(#{θ* ≤ 0} + 1, #{θ* ≥ 0} + 1)/(B + 1)`, at most 1. */
function invertedP(sorted: Float64Array): number {
  const most = sorted.length;
  const notAbove = countBelow(sorted, 0, true);
  const notBelow = most - countBelow(sorted, 0, false);
  return Math.min(1, (2 * (Math.min(notAbove, notBelow) + 1)) / (most + 1));
}

/** Linear interpolation between the order statistics. */
function quantileOf(sorted: Float64Array, p: number): number {
  const at = p * (sorted.length - 1);
  const low = sorted[Math.floor(at)] ?? NaN;
  const high = sorted[Math.ceil(at)] ?? NaN;
  return low + (high - low) * (at - Math.floor(at));
}

function meanOf(values: Float64Array): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum / values.length;
}

function sdOf(values: Float64Array): number {
  const mean = meanOf(values);
  let squares = 0;
  for (const value of values) squares += (value - mean) ** 2;
  return Math.sqrt(squares / (values.length - 1));
}
