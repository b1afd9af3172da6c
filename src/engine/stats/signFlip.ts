/**
 * The permutation test of paired differences: if A and B were exchangeable, each difference could as well have the other sign.
 * All 2ⁿ choices of signs up to 16 differences, 10,000 random ones beyond.
 */

import { seeded } from './random';
import { type Steps } from './steps';

/** Outcome of a sign-flip test; `exact` when every choice of signs was tried. */
export interface SignFlipResult {
  readonly method: 'sign_flip';
  readonly n: number;
  readonly dropped: number;
  readonly estimate: number | null;
  readonly p: number | null;
  readonly exact: boolean;
  readonly resamples: number;
  readonly seed: number;
  readonly warnings: readonly string[];
}

const EXACT_ROWS = 16;
const RANDOM_FLIPS = 10_000;
/** Sums this close to the observed one are as large: rounding must not turn a tie into a smaller value. */
const SLACK = 1e-12;
const CHUNK = 1_000_000;

/** Tests whether the mean of `d` is 0; `seed` only matters beyond 16 differences. */
export function* signFlip(d: Float64Array, seed = 1): Steps<SignFlipResult> {
  const n = d.length;
  let sum = 0;
  for (const value of d) sum += value;
  const limit = Math.abs(sum) * (1 - SLACK);
  const exact = n <= EXACT_ROWS;
  const resamples = exact ? 2 ** n : RANDOM_FLIPS;
  const count = exact ? countAll(d, limit) : yield* countRandom(d, limit, seed);
  const p = exact ? count / resamples : (1 + count) / (resamples + 1);
  const found = { estimate: n === 0 ? null : sum / n, p: n === 0 ? null : p, exact, resamples };
  return { method: 'sign_flip', n, dropped: 0, ...found, seed, warnings: [] };
}

/** Each choice of signs is a number of n bits. */
function countAll(d: Float64Array, limit: number): number {
  const n = d.length;
  let count = 0;
  for (let signs = 0; signs < 2 ** n; signs++) {
    let sum = 0;
    for (let i = 0; i < n; i++) sum += (signs >> i) & 1 ? -(d[i] ?? 0) : (d[i] ?? 0);
    if (Math.abs(sum) >= limit) count += 1;
  }
  return count;
}

function* countRandom(d: Float64Array, limit: number, seed: number): Steps<number> {
  const random = seeded(seed);
  let count = 0;
  let work = 0;
  for (let k = 0; k < RANDOM_FLIPS; k++) {
    if (Math.abs(flippedSum(d, random)) >= limit) count += 1;
    work += d.length;
    if (work > CHUNK) {
      work = 0;
      yield;
    }
  }
  return count;
}

/** One word of randomness gives 32 signs. */
function flippedSum(d: Float64Array, random: () => number): number {
  let sum = 0;
  let bits = 0;
  for (let i = 0; i < d.length; i++) {
    if ((i & 31) === 0) bits = random();
    sum += (d[i] ?? 0) * (1 - 2 * (bits & 1));
    bits >>>= 1;
  }
  return sum;
}
