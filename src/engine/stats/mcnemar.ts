/**
 * Right or wrong on the same samples: McNemar's test in its mid-p form on the samples that exactly one of the two models gets right,
 * with the interval of Bonett and Price for the difference of the two accuracies.
 */

import { binomial, chi2 } from './distributions';
import { midP } from './exactTests';
import { rightWrong, type Cell } from './pairs';
import { wilson } from './proportions';
import { settings, type StatsOptions } from './settings';
import { criticalZ, judge, type Interval, type Result } from './verdict';

/** Counts of the two kinds of disagreement among `n` samples. */
export interface McNemarCounts {
  readonly n: number;
  /** A right, B wrong. */
  readonly b: number;
  /** A wrong, B right. */
  readonly c: number;
  /** How many each gets right, when known. */
  readonly right_a?: number;
  readonly right_b?: number;
  readonly dropped?: number;
  readonly warnings?: readonly string[];
}

/** A comparison of two accuracies; `estimate` is (c - b)/n, `p` the mid-p, `statistic` the corrected chi-squared (1 df). */
export interface McNemarResult extends Result {
  readonly b: number;
  readonly c: number;
  /** c/b; Infinity when only B is ever right alone. */
  readonly odds_ratio: number | null;
  readonly p_exact: number | null;
  readonly chi2_corrected: number | null;
  readonly p_chi2_corrected: number | null;
  readonly accuracy_a: number | null;
  readonly accuracy_b: number | null;
  /** Wilson intervals of the two. */
  readonly accuracy_a_ci: Interval | null;
  readonly accuracy_b_ci: Interval | null;
}

/** McNemar's test from the counts. Fagerland, Lydersen & Laake 2013 (mid-p); Bonett & Price 2012 (interval). */
export function mcnemar(counts: McNemarCounts, options: StatsOptions = {}): McNemarResult {
  const { n, b, c, dropped = 0, warnings = [] } = counts;
  const test = chi2Test(b, c);
  const evidence = { ...(n === 0 ? NOTHING : measured(n, b, c, settings(options).alpha)), p_adjusted: null, n };
  return {
    method: 'mcnemar',
    dropped,
    statistic: test.chi2_corrected,
    df: test.chi2_corrected === null ? null : 1,
    ...evidence,
    b,
    c,
    odds_ratio: oddsRatio(b, c),
    ...test,
    ...accuracies(counts, options),
    ...judge(evidence, options),
    warnings,
  };
}

/** McNemar's test from the true labels and two columns of predictions; missing ones are dropped and counted. */
export function mcnemarFromLabels(
  truth: ArrayLike<Cell>,
  predA: ArrayLike<Cell>,
  predB: ArrayLike<Cell>,
  options: StatsOptions = {},
): McNemarResult {
  return mcnemar(rightWrong(truth, predA, predB), options);
}

const NOTHING = { estimate: null, se: null, ci: null, p: null, p_exact: null };

function measured(n: number, b: number, c: number, alpha: number) {
  return {
    estimate: (c - b) / n,
    ...bonettPrice(n, b, c, alpha),
    p: midP(b, c),
    p_exact: Math.min(1, 2 * binomial.cdf(Math.min(b, c), b + c, 0.5)),
  };
}

/** The classic form with continuity correction, for those who look for it. */
function chi2Test(b: number, c: number): Pick<McNemarResult, 'chi2_corrected' | 'p_chi2_corrected'> {
  if (b + c === 0) return { chi2_corrected: null, p_chi2_corrected: null };
  const statistic = (Math.abs(b - c) - 1) ** 2 / (b + c);
  return { chi2_corrected: statistic, p_chi2_corrected: chi2.sf(statistic, 1) };
}

function bonettPrice(n: number, b: number, c: number, alpha: number): { ci: Interval; se: number } {
  const z = criticalZ(alpha);
  const lost = (b + 1) / (n + 2);
  const won = (c + 1) / (n + 2);
  const difference = won - lost;
  const low = Math.max(-1, difference - z * spread(lost, won, n));
  const high = Math.min(1, difference + z * spread(lost, won, n));
  return { ci: [low, high], se: (high - low) / 2 / z };
}

function spread(lost: number, won: number, n: number): number {
  return Math.sqrt((lost + won - (won - lost) ** 2) / (n + 2));
}

function oddsRatio(b: number, c: number): number | null {
  if (b > 0) return c / b;
  return c > 0 ? Infinity : null;
}

type Accuracies = Pick<McNemarResult, 'accuracy_a' | 'accuracy_b' | 'accuracy_a_ci' | 'accuracy_b_ci'>;

function accuracies({ n, right_a: a, right_b: b }: McNemarCounts, options: StatsOptions): Accuracies {
  const known = (k: number | undefined): Pick<Result, 'estimate' | 'ci'> =>
    k === undefined ? { estimate: null, ci: null } : wilson(k, n, options);
  const ofA = known(a);
  const ofB = known(b);
  return { accuracy_a: ofA.estimate, accuracy_b: ofB.estimate, accuracy_a_ci: ofA.ci, accuracy_b_ci: ofB.ci };
}
