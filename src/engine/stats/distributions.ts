/**
 * The distributions that tests and intervals stand on: lower tail (`cdf`), upper tail (`sf`) and quantile (`ppf`).
 * Both tails are computed as such, so that neither loses its digits; quantiles invert these very tails.
 * Outside their domain they give NaN; a quantile of 0 or 1 gives the end of the support.
 */

import betaincinv from '@stdlib/math-base-special-betaincinv';
import gammaincinv from '@stdlib/math-base-special-gammaincinv';
import { betaTails, gammaTails, solvePositive, type Tails } from './special';

/** A distribution whose parameters (`args`) follow the point. */
export interface Distribution<Args extends readonly number[]> {
  /** P(X ≤ x). */
  cdf(x: number, ...args: Args): number;
  /** P(X > x). */
  sf(x: number, ...args: Args): number;
  /** The smallest x with cdf(x) ≥ p. */
  ppf(p: number, ...args: Args): number;
}

/** Standard normal. */
export const normal: Distribution<[]> = {
  cdf: (x) => (x > 0 ? 1 - normalTail(x) : normalTail(-x)),
  sf: (x) => (x < 0 ? 1 - normalTail(-x) : normalTail(x)),
  ppf: normalQuantile,
};

/** Student's t with `df` degrees of freedom (any positive number; Infinity is the normal). */
export const t: Distribution<[df: number]> = {
  cdf: (x, df) => (x > 0 ? 1 - tTail(x, df) : tTail(-x, df)),
  sf: (x, df) => (x < 0 ? 1 - tTail(-x, df) : tTail(x, df)),
  ppf: tQuantile,
};

/** Chi-squared with `df` degrees of freedom. */
export const chi2: Distribution<[df: number]> = {
  cdf: (x, df) => gammaTails(x / 2, df / 2).lower,
  sf: (x, df) => gammaTails(x / 2, df / 2).upper,
  ppf: (p, df) =>
    quantile(p, df > 0, Infinity, {
      tails: (x) => gammaTails(x / 2, df / 2),
      start: () => 2 * gammaincinv(p, df / 2),
    }),
};

/** Fisher's F with `d1` and `d2` degrees of freedom. */
export const f: Distribution<[d1: number, d2: number]> = {
  cdf: (x, d1, d2) => fTails(x, d1, d2).lower,
  sf: (x, d1, d2) => fTails(x, d1, d2).upper,
  ppf: (p, d1, d2) =>
    quantile(p, d1 > 0 && d2 > 0, Infinity, {
      tails: (x) => fTails(x, d1, d2),
      start: () => {
        const { z, rest } = betaGuess(p, d1 / 2, d2 / 2);
        return (d2 * z) / (d1 * rest);
      },
    }),
};

/** Beta on [0, 1] with shapes `a` and `b`. */
export const beta: Distribution<[a: number, b: number]> = {
  cdf: (x, a, b) => betaTails(x, 1 - x, a, b).lower,
  sf: (x, a, b) => betaTails(x, 1 - x, a, b).upper,
  ppf: (p, a, b) =>
    quantile(p, a > 0 && b > 0, 1, {
      tails: (x) => betaTails(x, 1 - x, a, b),
      start: () => betaGuess(p, a, b).z,
    }),
};

/** Binomial: the number of successes in `n` trials of probability `q`. */
export const binomial: Distribution<[n: number, q: number]> = {
  cdf: (k, n, q) => binomialTails(k, n, q).lower,
  sf: (k, n, q) => binomialTails(k, n, q).upper,
  ppf: binomialQuantile,
};

/** Upper tail of the normal for x ≥ 0: ½·erfc(x/√2) = ½·Q(½, x²/2). */
function normalTail(x: number): number {
  return gammaTails((x * x) / 2, 0.5).upper / 2;
}

/** Wichura 1988, Algorithm AS 241 (PPND16): relative error about 1e-16, down to p = 1e-316. */
function normalQuantile(p: number): number {
  if (!(p >= 0 && p <= 1)) return NaN;
  if (p === 0 || p === 1) return p === 0 ? -Infinity : Infinity;
  const q = p - 0.5;
  if (Math.abs(q) <= 0.425) {
    const r = 0.180625 - q * q;
    return (q * polynomial(AS241.a, r)) / polynomial(AS241.b, r);
  }
  const r = Math.sqrt(-Math.log(q < 0 ? p : 1 - p));
  const size =
    r <= 5
      ? polynomial(AS241.c, r - 1.6) / polynomial(AS241.d, r - 1.6)
      : polynomial(AS241.e, r - 5) / polynomial(AS241.f, r - 5);
  return q < 0 ? -size : size;
}

/** Coefficients of the three rational approximations, lowest power first. */
const AS241 = {
  a: [
    3.387132872796366608, 133.14166789178437745, 1971.5909503065514427, 13731.693765509461125, 45921.953931549871457,
    67265.770927008700853, 33430.575583588128105, 2509.0809287301226727,
  ],
  b: [
    1, 42.313330701600911252, 687.1870074920579083, 5394.1960214247511077, 21213.794301586595867, 39307.89580009271061,
    28729.085735721942674, 5226.495278852545925,
  ],
  c: [
    1.42343711074968357734, 4.6303378461565452959, 5.7694972214606914055, 3.64784832476320460504,
    1.27045825245236838258, 0.24178072517745061177, 0.0227238449892691845833, 7.7454501427834140764e-4,
  ],
  d: [
    1, 2.05319162663775882187, 1.6763848301838038494, 0.68976733498510000455, 0.14810397642748007459,
    0.0151986665636164571966, 5.475938084995344946e-4, 1.05075007164441684324e-9,
  ],
  e: [
    6.6579046435011037772, 5.4637849111641143699, 1.7848265399172913358, 0.29656057182850489123,
    0.026532189526576123093, 0.0012426609473880784386, 2.71155556874348757815e-5, 2.01033439929228813265e-7,
  ],
  f: [
    1, 0.59983220655588793769, 0.13692988092273580531, 0.0148753612908506148525, 7.868691311456132591e-4,
    1.8463183175100546818e-5, 1.4215117583164458887e-7, 2.04426310338993978564e-15,
  ],
} as const;

function polynomial(coefficients: readonly number[], x: number): number {
  let sum = 0;
  for (let k = coefficients.length - 1; k >= 0; k--) sum = sum * x + (coefficients[k] ?? 0);
  return sum;
}

/** Above this many degrees of freedom t is the normal to the last digit but one. */
const T_IS_NORMAL = 1e15;

const T_FAR = 1e140;

/** Upper tail of t for x ≥ 0. */
function tTail(x: number, df: number): number {
  if (df > T_IS_NORMAL) return normalTail(x);
  if (x === Infinity) return df > 0 ? 0 : NaN;
  // Where x² would overflow the tail is a pure power of x.
  if (x > T_FAR) return tTail(T_FAR, df) * (x / T_FAR) ** -df;
  return tTails(x, df).lower / 2;
}

/** I at df/(df+x²): `lower` is both tails of t together, `upper` the mass between -x and x. */
function tTails(x: number, df: number): Tails {
  const square = Math.min(x, T_FAR) ** 2;
  const total = df + square;
  return betaTails(df / total, square / total, df / 2, 0.5);
}

function tQuantile(p: number, df: number): number {
  if (!(p >= 0 && p <= 1) || !(df > 0)) return NaN;
  if (df > T_IS_NORMAL) return normalQuantile(p);
  if (p === 0.5) return 0;
  const size = p === 0 || p === 1 ? Infinity : tSize(p, df);
  return p < 0.5 ? -size : size;
}

/** |t| at p. Near the middle the mass between -x and x is matched, since there the tail's digits no longer tell x from 0. */
function tSize(p: number, df: number): number {
  const tail = p < 0.5 ? p : 1 - p;
  const { z, rest } = betaGuess(2 * tail, df / 2, 0.5);
  const start = Math.sqrt((df * rest) / z);
  if (tail < 0.25) return solvePositive((x) => tTail(x, df), tail, start);
  return solvePositive((x) => tTails(x, df).upper, Math.abs(p - 0.5) * 2, start);
}

function fTails(x: number, d1: number, d2: number): Tails {
  if (!(d1 > 0 && d2 > 0) || Number.isNaN(x)) return { lower: NaN, upper: NaN };
  if (x <= 0) return { lower: 0, upper: 1 };
  const scaled = d1 * x;
  if (scaled === Infinity) return { lower: 1, upper: 0 };
  return betaTails(scaled / (scaled + d2), d2 / (scaled + d2), d1 / 2, d2 / 2);
}

/** A first guess of the beta quantile and of 1 minus it, the smaller one inverted and the other made from it. */
function betaGuess(p: number, a: number, b: number): { z: number; rest: number } {
  const z = betaincinv(p, a, b);
  if (z <= 0.5) return { z, rest: 1 - z };
  const rest = betaincinv(p, b, a, true);
  return { z: 1 - rest, rest };
}

interface Inverse {
  readonly tails: (x: number) => Tails;
  readonly start: () => number;
}

/** Quantile of a distribution on (0, end): inverts the tail that is the smaller one at `p`. */
function quantile(p: number, valid: boolean, end: number, { tails, start }: Inverse): number {
  if (!(p >= 0 && p <= 1) || !valid) return NaN;
  if (p === 0) return 0;
  if (p === 1) return end;
  const x =
    p <= 0.5 ? solvePositive((v) => tails(v).lower, p, start()) : solvePositive((v) => tails(v).upper, 1 - p, start());
  return Math.min(x, end);
}

function binomialTails(k: number, n: number, q: number): Tails {
  if (!(n >= 0 && q >= 0 && q <= 1) || Number.isNaN(k)) return { lower: NaN, upper: NaN };
  const whole = Math.floor(k);
  if (whole < 0) return { lower: 0, upper: 1 };
  if (whole >= n) return { lower: 1, upper: 0 };
  const { lower, upper } = betaTails(q, 1 - q, whole + 1, n - whole);
  return { lower: upper, upper: lower };
}

function binomialQuantile(p: number, n: number, q: number): number {
  if (!(p >= 0 && p <= 1 && n >= 0 && q >= 0 && q <= 1)) return NaN;
  let low = 0;
  let high = n;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (binomialTails(middle, n, q).lower >= p) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** Studentised range of `k` normal values with known spread (infinite degrees of freedom), for critical differences. */
export const tukey = {
  /** P(range ≤ q): k·∫ φ(z)·(Φ(z) - Φ(z - q))^(k-1) dz. */
  cdf: (q: number, k: number): number => (q <= 0 ? 0 : rangeProbability(q, k)),
  /** The q with cdf(q) = p. */
  quantile: (p: number, k: number): number => {
    if (!(p >= 0 && p < 1) || !(k >= 2)) return NaN;
    return p === 0 ? 0 : solvePositive((q) => 1 - rangeProbability(q, k), 1 - p, 3);
  },
};

/** Simpson's rule over ±9 standard deviations; the integrand is smooth and vanishes at both ends. */
function rangeProbability(q: number, k: number): number {
  const steps = 720;
  const width = 18 / steps;
  let sum = 0;
  for (let i = 0; i <= steps; i++) {
    const z = -9 + i * width;
    const weight = i === 0 || i === steps ? 1 : i % 2 === 1 ? 4 : 2;
    sum += weight * Math.exp((-z * z) / 2) * Math.max(0, normal.cdf(z) - normal.cdf(z - q)) ** (k - 1);
  }
  return Math.min(1, (k * sum * width) / 3 / Math.sqrt(2 * Math.PI));
}
