/**
 * A number per sample from two models on the same samples: the t test and interval of the mean difference B - A.
 * Differences without spread get their own rule, so that three identical gains are not taken for proof.
 */

import { t } from './distributions';
import { numberPairs, type Cell, type NumberPairs } from './pairs';
import { settings, type StatsOptions } from './settings';
import { judge, type Interval, type Result } from './verdict';

/** A comparison of two means on pairs; `dz` is the mean difference in standard deviations of the differences. */
export interface PairedResult extends Result {
  readonly dz: number | null;
}

/** The differences of the kept pairs, with their moments. */
export interface Differences {
  readonly d: Float64Array;
  readonly mean: number;
  /** Standard deviation with divisor n - 1; 0 when the differences are equal but for rounding. */
  readonly sd: number;
  /** Third standardised moment; 0 without spread. */
  readonly skew: number;
  readonly dropped: number;
  readonly warnings: readonly string[];
}

/** Differences that agree within this many units in the last place of the values are equal. */
const ROUNDING = 4 * Number.EPSILON;

/** Paired t test of the columns `a` and `b`; pairs with a missing side are dropped and counted. */
export function pairedT(a: ArrayLike<Cell>, b: ArrayLike<Cell>, options: StatsOptions = {}): PairedResult {
  return pairedTOf(differences(numberPairs(a, b)), options);
}

/** The t test on differences that are already made. */
export function pairedTOf(diffs: Differences, options: StatsOptions = {}): PairedResult {
  const { mean, sd, dropped } = diffs;
  const n = diffs.d.length;
  const enough = n >= 2;
  const test = enough ? tTest(n, mean, sd, settings(options).alpha) : NOTHING;
  const evidence = { estimate: n === 0 ? null : mean, se: test.se, ci: test.ci, p: test.p, p_adjusted: null, n };
  const still = enough && sd === 0;
  return {
    method: 'paired_t',
    dropped,
    ...evidence,
    statistic: test.statistic,
    df: enough ? n - 1 : null,
    dz: enough && !still ? mean / sd : null,
    ...judge(evidence, options),
    warnings: still ? [...diffs.warnings, 'zero_variance'] : diffs.warnings,
  };
}

/** Makes the differences B - A and their moments, in two passes so that large offsets do not cancel. */
export function differences({ a, b, dropped, warnings }: NumberPairs): Differences {
  const d = new Float64Array(a.length);
  let largest = 0;
  for (let i = 0; i < d.length; i++) {
    const left = a[i] ?? 0;
    const right = b[i] ?? 0;
    d[i] = right - left;
    largest = Math.max(largest, Math.abs(left), Math.abs(right));
  }
  return { d, ...moments(d, largest * ROUNDING), dropped, warnings };
}

/** Mean, standard deviation and skewness; a spread of at most `noise` counts as none, a mean of rounding noise alone as 0. */
function moments(d: Float64Array, noise: number): { mean: number; sd: number; skew: number } {
  const n = d.length;
  let sum = 0;
  let low = Infinity;
  let high = -Infinity;
  for (const value of d) {
    sum += value;
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  if (n === 0) return { mean: NaN, sd: NaN, skew: 0 };
  const rough = sum / n;
  if (n > 1 && high - low <= noise) {
    const none = Math.max(Math.abs(low), Math.abs(high)) <= noise;
    return { mean: none ? 0 : low === high ? low : rough, sd: 0, skew: 0 };
  }
  return aroundMean(d, rough);
}

function aroundMean(d: Float64Array, rough: number): { mean: number; sd: number; skew: number } {
  const n = d.length;
  let rest = 0;
  for (const value of d) rest += value - rough;
  const mean = rough + rest / n;
  let squares = 0;
  let cubes = 0;
  for (const value of d) {
    const off = value - mean;
    squares += off * off;
    cubes += off * off * off;
  }
  return { mean, sd: Math.sqrt(squares / (n - 1)), skew: squares === 0 ? 0 : cubes / n / (squares / n) ** 1.5 };
}

interface TTest {
  readonly se: number | null;
  readonly ci: Interval | null;
  readonly statistic: number | null;
  readonly p: number | null;
}

const NOTHING: TTest = { se: null, ci: null, statistic: null, p: null };

function tTest(n: number, mean: number, sd: number, alpha: number): TTest {
  // Without spread only the signs speak: n equal gains happen by chance with probability 2^(1-n).
  if (sd === 0) return { se: 0, ci: [mean, mean], statistic: null, p: mean === 0 ? 1 : Math.min(1, 2 ** (1 - n)) };
  const se = sd / Math.sqrt(n);
  const statistic = mean / se;
  const half = -t.ppf(alpha / 2, n - 1) * se;
  return {
    se,
    ci: [mean - half, mean + half],
    statistic,
    p: Math.min(1, 2 * t.sf(Math.abs(statistic), n - 1)),
  };
}
