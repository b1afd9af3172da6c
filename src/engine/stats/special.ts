/**
 * The two incomplete functions under every distribution, regularised and with both tails, and the root finder of the quantiles.
 * @stdlib's functions do the work where they hold; where they lose digits (large gamma shapes, arguments near 1) another route is taken.
 * Tails are never made by subtracting from 1, so that a p of 1e-200 stays a p of 1e-200.
 */

import betainc from '@stdlib/math-base-special-betainc';
import gammainc from '@stdlib/math-base-special-gammainc';

/** Both tails of a distribution at one point; they sum to 1. */
export interface Tails {
  readonly lower: number;
  readonly upper: number;
}

/** Shape above which the gamma function's own expansion is left for the series and the continued fraction. */
const LARGE_SHAPE = 500;
const MAX_TERMS = 5_000_000;
const TINY = 1e-300;
/** The range of ln x that is searched: just inside the numbers. */
const LOG_LEAST = -744;
const LOG_MOST = 709;

/**
 * Regularised incomplete beta I_z(a, b) and its complement. `rest` is 1 - z, given by the caller because it usually knows it without
 * rounding. Whichever of the two is at most ½ is the one the function is called with: near 1 the digits are gone.
 */
export function betaTails(z: number, rest: number, a: number, b: number): Tails {
  if (Number.isNaN(z + rest + a + b) || a <= 0 || b <= 0) return { lower: NaN, upper: NaN };
  if (z <= 0) return { lower: 0, upper: 1 };
  if (rest <= 0) return { lower: 1, upper: 0 };
  if (z <= 0.5) return { lower: betainc(z, a, b, true, false), upper: betainc(z, a, b, true, true) };
  return { lower: betainc(rest, b, a, true, true), upper: betainc(rest, b, a, true, false) };
}

/** Regularised incomplete gamma P(a, x) (lower) and Q(a, x) (upper) of shape `a`. */
export function gammaTails(x: number, a: number): Tails {
  if (Number.isNaN(x + a) || a <= 0) return { lower: NaN, upper: NaN };
  if (x <= 0) return { lower: 0, upper: 1 };
  if (x === Infinity) return { lower: 1, upper: 0 };
  if (a <= LARGE_SHAPE) return { lower: gammainc(x, a, true, false), upper: gammainc(x, a, true, true) };
  return largeGammaTails(x, a);
}

/**
 * Power series below the mode, Lentz' continued fraction above it, both with the prefix x^a·e^-x/Γ(a) written as
 * √(a/2π)·exp(a·(ln(1+σ) - σ) - stirling(a)), σ = (x - a)/a, which does not cancel for large `a`.
 */
function largeGammaTails(x: number, a: number): Tails {
  const sigma = (x - a) / a;
  const stirling = 1 / (12 * a) - 1 / (360 * a ** 3) + 1 / (1260 * a ** 5);
  const prefix = Math.sqrt(a / (2 * Math.PI)) * Math.exp(a * (Math.log1p(sigma) - sigma) - stirling);
  if (x < a + 1) {
    const lower = (prefix / a) * gammaSeries(x, a);
    return { lower, upper: 1 - lower };
  }
  const upper = prefix * gammaFraction(x, a);
  return { lower: 1 - upper, upper };
}

/** 1 + x/(a+1) + x²/((a+1)(a+2)) + … */
function gammaSeries(x: number, a: number): number {
  let term = 1;
  let sum = 1;
  for (let k = 1; k < MAX_TERMS && term > sum * 1e-17; k++) {
    term *= x / (a + k);
    sum += term;
  }
  return sum;
}

/** The continued fraction of Γ(a, x)·e^x/x^a, evaluated from the front (modified Lentz). */
function gammaFraction(x: number, a: number): number {
  let b = x + 1 - a;
  let c = 1 / TINY;
  let d = 1 / b;
  let value = d;
  for (let k = 1; k < MAX_TERMS; k++) {
    const step = -k * (k - a);
    b += 2;
    d = 1 / nonZero(step * d + b);
    c = nonZero(b + step / c);
    const factor = c * d;
    value *= factor;
    if (Math.abs(factor - 1) < 1e-16) break;
  }
  return value;
}

function nonZero(value: number): number {
  return Math.abs(value) < TINY ? TINY : value;
}

/**
 * The positive `x` at which `tail(x)` equals `target`, found in ln x on ln tail, so that it is as exact relatively at 1e-20 as at 1.
 * `tail` is monotone; `start` is a first guess of any quality. Returns 0 or Infinity when the answer lies beyond the numbers.
 */
export function solvePositive(tail: (x: number) => number, target: number, start: number): number {
  const goal = Math.log(target);
  const miss = (y: number): number => Math.log(tail(Math.exp(y))) - goal;
  const rising = tail(1e-300) < tail(1e300);
  const g = rising ? miss : (y: number): number => -miss(y);
  const bracket = bracketRoot(g, Math.log(usable(start)));
  if (typeof bracket === 'number') return bracket;
  return Math.exp(illinois(g, bracket));
}

function usable(start: number): number {
  return start > 0 && Number.isFinite(start) ? start : 1;
}

interface Bracket {
  low: number;
  gLow: number;
  high: number;
  gHigh: number;
}

/** Walks from `start` with growing steps until the root of the rising `g` is enclosed; a number when it lies beyond 1e±308. */
function bracketRoot(g: (y: number) => number, start: number): Bracket | number {
  const at = g(start);
  if (at === 0) return Math.exp(start);
  const direction = at < 0 ? 1 : -1;
  let near = start;
  let gNear = at;
  for (let step = 1e-10 * Math.max(1, Math.abs(start)); ; step *= 8) {
    const far = Math.max(LOG_LEAST, Math.min(LOG_MOST, start + direction * step));
    const gFar = g(far);
    if (gFar === 0) return Math.exp(far);
    if (gFar * direction > 0) {
      return direction > 0
        ? { low: near, gLow: gNear, high: far, gHigh: gFar }
        : { low: far, gLow: gFar, high: near, gHigh: gNear };
    }
    if (far === LOG_LEAST || far === LOG_MOST) return direction > 0 ? Infinity : 0;
    near = far;
    gNear = gFar;
  }
}

/** Regula falsi with the Illinois weight; halves the bracket where a value is infinite or progress stops. */
function illinois(g: (y: number) => number, bracket: Bracket): number {
  let { low, gLow, high, gHigh } = bracket;
  let side = 0;
  for (let k = 0; k < 300; k++) {
    const middle = (low + high) / 2;
    if (high - low <= 2e-16 * Math.max(1, Math.abs(middle))) break;
    const cut = (low * gHigh - high * gLow) / (gHigh - gLow);
    const y = k % 8 === 7 || !(cut > low && cut < high) ? middle : cut;
    const value = g(y);
    if (value === 0) return y;
    if (value < 0) {
      [low, gLow] = [y, value];
      if (side === -1) gHigh /= 2;
      side = -1;
    } else {
      [high, gHigh] = [y, value];
      if (side === 1) gLow /= 2;
      side = 1;
    }
  }
  return (low + high) / 2;
}
