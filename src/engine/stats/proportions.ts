/**
 * Shares of yes among many: the Wilson interval of one share, and the comparison of the shares of two independent arms
 * (pooled z or Fisher's exact p, Newcombe's interval, relative lift with Katz' interval beside it).
 */

import { normal } from './distributions';
import { fisherP } from './exactTests';
import { settings, type StatsOptions } from './settings';
import { criticalZ, judge, type Interval, type Result, type Verdict } from './verdict';

/** One share. `verdict` only says when there is nothing to measure. */
export interface WilsonResult {
  readonly method: 'wilson';
  readonly n: number;
  readonly estimate: number | null;
  readonly ci: Interval | null;
  readonly verdict: Verdict | null;
}

/** Events and units of two arms. */
export interface TwoArms {
  readonly n_a: number;
  readonly x_a: number;
  readonly n_b: number;
  readonly x_b: number;
}

/** A comparison of two independent shares; `n` is both arms together. */
export interface TwoProportionsResult extends Result, TwoArms {
  readonly p_a: number | null;
  readonly p_b: number | null;
  /** p_b/p_a - 1 and its interval. */
  readonly lift: number | null;
  readonly lift_ci: Interval | null;
  readonly p_fisher: number | null;
}

/** Fewer expected events than this: the normal approximation is left for Fisher's test. */
const SMALL_COUNT = 5;

/** Score interval of k of n (Wilson 1927), within [0, 1]; null for n = 0. */
export function wilson(k: number, n: number, options: StatsOptions = {}): WilsonResult {
  if (n === 0) return { method: 'wilson', n, estimate: null, ci: null, verdict: 'not_enough_data' };
  const ci = wilsonInterval(k, n, criticalZ(settings(options).alpha));
  return { method: 'wilson', n, estimate: k / n, ci, verdict: null };
}

/** Compares x_b of n_b with x_a of n_a. Newcombe 1998, method 10, for the interval. */
export function twoProportions(arms: TwoArms, options: StatsOptions = {}): TwoProportionsResult {
  const n = arms.n_a + arms.n_b;
  const base = { method: 'two_proportions', n, ...arms, dropped: 0, df: null, p_adjusted: null };
  if (arms.n_a === 0 || arms.n_b === 0) {
    const nothing = { estimate: null, se: null, ci: null, p: null };
    const empty = { statistic: null, lift: null, lift_ci: null, p_fisher: null, p_a: null, p_b: null };
    return { ...base, ...nothing, ...empty, ...judge({ ...nothing, n }, options), warnings: [] };
  }
  const p_a = arms.x_a / arms.n_a;
  const p_b = arms.x_b / arms.n_b;
  const test = pooledTest(arms);
  const z = criticalZ(settings(options).alpha);
  const evidence = {
    estimate: p_b - p_a,
    se: Math.sqrt((p_a * (1 - p_a)) / arms.n_a + (p_b * (1 - p_b)) / arms.n_b),
    ci: newcombe(arms, z),
    p: test.p,
    n,
  };
  return {
    ...base,
    ...evidence,
    ...{ p_a, p_b },
    statistic: test.statistic,
    p_fisher: test.p_fisher,
    lift: p_a > 0 ? p_b / p_a - 1 : null,
    lift_ci: katz(arms, z),
    // Without any spread seen, nothing is known about what could have been seen, and equal is not identical.
    ...judge({ ...evidence, se: evidence.se === 0 ? null : evidence.se }, options),
    warnings: test.small ? ['small_counts'] : [],
  };
}

function wilsonInterval(k: number, n: number, z: number): Interval {
  const middle = k + (z * z) / 2;
  const half = z * Math.sqrt((k * (n - k)) / n + (z * z) / 4);
  return [Math.max(0, (middle - half) / (n + z * z)), Math.min(1, (middle + half) / (n + z * z))];
}

interface PooledTest {
  readonly statistic: number | null;
  readonly p: number;
  readonly p_fisher: number;
  readonly small: boolean;
}

function pooledTest(arms: TwoArms): PooledTest {
  const { n_a, n_b, x_a, x_b } = arms;
  const pooled = (x_a + x_b) / (n_a + n_b);
  const small = Math.min(n_a, n_b) * Math.min(pooled, 1 - pooled) < SMALL_COUNT;
  const variance = pooled * (1 - pooled) * (1 / n_a + 1 / n_b);
  if (variance === 0) return { statistic: null, p: 1, p_fisher: 1, small };
  const statistic = (x_b / n_b - x_a / n_a) / Math.sqrt(variance);
  const p_fisher = fisherP(arms);
  return { statistic, p: small ? p_fisher : Math.min(1, 2 * normal.sf(Math.abs(statistic))), p_fisher, small };
}

/** The Wilson intervals of both arms, squared and added. */
function newcombe({ n_a, n_b, x_a, x_b }: TwoArms, z: number): Interval {
  const a = x_a / n_a;
  const b = x_b / n_b;
  const [lowA, highA] = wilsonInterval(x_a, n_a, z);
  const [lowB, highB] = wilsonInterval(x_b, n_b, z);
  return [b - a - Math.hypot(b - lowB, highA - a), b - a + Math.hypot(highB - b, a - lowA)];
}

/** Interval of the relative lift from the logarithm of the ratio; null without events in an arm. */
function katz({ n_a, n_b, x_a, x_b }: TwoArms, z: number): Interval | null {
  if (x_a === 0 || x_b === 0) return null;
  const log = Math.log(x_b / n_b / (x_a / n_a));
  const half = z * Math.sqrt(Math.max(0, 1 / x_b - 1 / n_b + 1 / x_a - 1 / n_a));
  return [Math.expm1(log - half), Math.expm1(log + half)];
}
