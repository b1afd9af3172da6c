/**
 * Columns of two models on the same samples, in the same order: what is missing on either side is dropped as a pair, and counted.
 * Too many dropped pairs, and pairs that one side loses much more often than the other, are named in warnings.
 */

import { StrataError } from '../errors';
import { midP } from './exactTests';

/** A value of a column; null, NaN, infinite and their spellings (`"nan"`, `"inf"`, `"-inf"`) are missing. */
export type Cell = number | string | boolean | null;

/** What is left of two columns of numbers. */
export interface NumberPairs {
  readonly a: Float64Array;
  readonly b: Float64Array;
  readonly dropped: number;
  readonly warnings: readonly string[];
}

/** The right/wrong table of two models. */
export interface RightWrong {
  readonly n: number;
  /** A right, B wrong. */
  readonly b: number;
  /** A wrong, B right. */
  readonly c: number;
  readonly right_a: number;
  readonly right_b: number;
  readonly dropped: number;
  readonly warnings: readonly string[];
}

/** More than this share of dropped pairs is worth a warning. */
const MANY_DROPPED = 0.05;
/** Below this p the two sides lose samples differently. */
const MISSING_DIFFERS = 0.01;

/** Keeps the pairs with a finite number on both sides. Throws `stats.lengths` when the columns do not go together. */
export function numberPairs(a: ArrayLike<Cell>, b: ArrayLike<Cell>): NumberPairs {
  sameLength(a, b);
  const tally = new MissingTally();
  const keptA: number[] = [];
  const keptB: number[] = [];
  for (let i = 0; i < a.length; i++) {
    const left = a[i];
    const right = b[i];
    if (!tally.drops(!isFiniteNumber(left), !isFiniteNumber(right))) {
      keptA.push(left as number);
      keptB.push(right as number);
    }
  }
  return { a: Float64Array.from(keptA), b: Float64Array.from(keptB), ...tally.report(a.length) };
}

/** Counts who is right where. Labels are equal when they are written alike. Throws `stats.lengths`. */
export function rightWrong(truth: ArrayLike<Cell>, predA: ArrayLike<Cell>, predB: ArrayLike<Cell>): RightWrong {
  sameLength(truth, predA);
  sameLength(truth, predB);
  const tally = new MissingTally();
  const counts = { n: 0, b: 0, c: 0, right_a: 0, right_b: 0 };
  for (let i = 0; i < truth.length; i++) {
    const label = truth[i];
    const noLabel = isMissingLabel(label);
    if (tally.drops(noLabel || isMissingLabel(predA[i]), noLabel || isMissingLabel(predB[i]))) continue;
    const a = String(predA[i]) === String(label);
    const b = String(predB[i]) === String(label);
    counts.n += 1;
    counts.right_a += Number(a);
    counts.right_b += Number(b);
    counts.b += Number(a && !b);
    counts.c += Number(b && !a);
  }
  return { ...counts, ...tally.report(truth.length) };
}

class MissingTally {
  private onlyA = 0;
  private onlyB = 0;
  private both = 0;

  /** Counts a pair; true when it must be dropped. */
  drops(missingA: boolean, missingB: boolean): boolean {
    if (!missingA && !missingB) return false;
    if (missingA && missingB) this.both += 1;
    else if (missingA) this.onlyA += 1;
    else this.onlyB += 1;
    return true;
  }

  report(total: number): { dropped: number; warnings: string[] } {
    const dropped = this.onlyA + this.onlyB + this.both;
    const warnings: string[] = [];
    if (dropped > MANY_DROPPED * total) warnings.push('many_dropped');
    if (midP(this.onlyA, this.onlyB) < MISSING_DIFFERS) warnings.push('missing_differs');
    return { dropped, warnings };
  }
}

function isFiniteNumber(cell: Cell | undefined): boolean {
  return typeof cell === 'number' && Number.isFinite(cell);
}

const NOT_A_LABEL = /^([+-]?inf(inity)?|nan|)$/i;

function isMissingLabel(cell: Cell | undefined): boolean {
  if (cell === null || cell === undefined) return true;
  if (typeof cell === 'number') return !Number.isFinite(cell);
  return typeof cell === 'string' && NOT_A_LABEL.test(cell);
}

function sameLength(a: ArrayLike<Cell>, b: ArrayLike<Cell>): void {
  if (a.length !== b.length) throw new StrataError('stats.lengths', { a: a.length, b: b.length });
}
