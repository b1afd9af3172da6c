/**
 * Exact two-sided p of counts: Fisher's for two independent arms, McNemar's mid-p for two models on the same samples.
 * Fisher's sums the probability of all tables with the same margins that are at most as likely as the one seen, only over the terms
 * that still count and each from its neighbour, so that millions of units take no time.
 */

import { binomial } from './distributions';

/**
 * Two-sided mid-p of McNemar's test: `2·cdf(k) - pmf(k)` of the binomial with ½ at k = min(b, c), written as `cdf(k) + cdf(k-1)`
 * so that nothing cancels. Exactly 1 when b = c. Fagerland, Lydersen & Laake 2013.
 */
export function midP(b: number, c: number): number {
  if (b === c) return 1;
  const k = Math.min(b, c);
  return Math.min(1, binomial.cdf(k, b + c, 0.5) + binomial.cdf(k - 1, b + c, 0.5));
}

/** Probabilities closer than this (relatively) are the same one: rounding must not drop the mirror image of the table seen. */
const SLACK = 1 + 1e-10;

/** Two-sided p of Fisher's test for x_a of n_a against x_b of n_b. */
export function fisherP(arms: { n_a: number; x_a: number; n_b: number; x_b: number }): number {
  const law = { draws: arms.n_a, good: arms.x_a + arms.x_b, total: arms.n_a + arms.n_b };
  const seen = arms.x_a;
  const low = Math.max(0, law.draws - (law.total - law.good));
  const high = Math.min(law.draws, law.good);
  const mode = Math.min(high, Math.max(low, Math.floor(((law.draws + 1) * (law.good + 1)) / (law.total + 2))));
  const limit = hypergeometric(seen, law) * SLACK;
  if (hypergeometric(mode, law) <= limit) return 1;
  const below = seen < mode ? seen : lastAtMost(low, mode, (x) => hypergeometric(x, law) <= limit);
  const above = seen > mode ? seen : -lastAtMost(-high, -mode, (x) => hypergeometric(-x, law) <= limit);
  return Math.min(1, tail(below, -1, low, law) + tail(above, 1, high, law));
}

/** `draws` from `total` things of which `good` are good. */
interface Law {
  readonly draws: number;
  readonly good: number;
  readonly total: number;
}

/** The largest integer in [from, end) for which `holds`, true first and false then; from - 1 when none. */
function lastAtMost(from: number, end: number, holds: (x: number) => boolean): number {
  let low = from - 1;
  let high = end;
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (holds(middle)) low = middle;
    else high = middle;
  }
  return low;
}

/** Probability of `from` and everything beyond it, in direction `step`, up to `end`. */
function tail(from: number, step: 1 | -1, end: number, law: Law): number {
  if ((end - from) * step < 0) return 0;
  let term = hypergeometric(from, law);
  let sum = term;
  for (let x = from; x !== end && term > sum * 1e-18; x += step) {
    term *= ratio(x, step, law);
    sum += term;
  }
  return sum;
}

/** P(x + step)/P(x). */
function ratio(x: number, step: 1 | -1, { draws, good, total }: Law): number {
  const bad = total - good;
  if (step === 1) return ((good - x) * (draws - x)) / ((x + 1) * (bad - draws + x + 1));
  return (x * (bad - draws + x)) / ((good - x + 1) * (draws - x + 1));
}

/** P(exactly x good ones), from three binomial probabilities in Loader's form (2000), which keep their digits at any size. */
function hypergeometric(x: number, { draws, good, total }: Law): number {
  const share = draws / total;
  return Math.exp(
    logBinomial(x, good, share) + logBinomial(draws - x, total - good, share) - logBinomial(draws, total, share),
  );
}

function logBinomial(k: number, n: number, p: number): number {
  if (k === 0) return n * Math.log1p(-p);
  if (k === n) return n * Math.log(p);
  const deviance = devianceTerm(k, n * p) + devianceTerm(n - k, n * (1 - p));
  const correction = stirlingError(n) - stirlingError(k) - stirlingError(n - k);
  return correction - deviance + 0.5 * Math.log(n / (2 * Math.PI * k * (n - k)));
}

/** x·ln(x/m) + m - x without cancellation where x is near m. */
function devianceTerm(x: number, m: number): number {
  if (Math.abs(x - m) >= 0.1 * (x + m)) return x * Math.log(x / m) + m - x;
  const v = (x - m) / (x + m);
  let sum = (x - m) * v;
  let power = 2 * x * v;
  for (let k = 3; ; k += 2) {
    power *= v * v;
    const next = sum + power / k;
    if (next === sum) return sum;
    sum = next;
  }
}

/** ln n! minus Stirling's approximation of it. */
function stirlingError(n: number): number {
  if (n <= 15) {
    let log = 0;
    for (let k = 2; k <= n; k++) log += Math.log(k);
    return log - (n + 0.5) * Math.log(n) + n - 0.5 * Math.log(2 * Math.PI);
  }
  const s = n * n;
  return (1 / 12 - (1 / 360 - (1 / 1260 - (1 / 1680 - 1 / (1188 * s)) / s) / s) / s) / n;
}
