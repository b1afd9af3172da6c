/** Two runs' samples side by side: joined by id, else by position when both were evaluated on the same data; who is right where. Pure. */

import { pacer, type Call } from '../../base/cancel';
import { cellNumber } from '../metrics/numbers';
import { type CompareAnswer } from '../verbs/runs';
import { type Predictions } from './predictions';

/** Samples that both runs have, in the order of A. */
export interface Joined {
  readonly ids: readonly string[];
  /** Rows in A and in B by sample. */
  readonly a: readonly number[];
  readonly b: readonly number[];
  /** Why nothing may be judged, a code of `verdict.invalid.*`. */
  readonly invalid?: 'duplicate_ids' | 'unmatched' | 'no_ids' | 'labels_differ';
  /** Codes of `verdict.warning.*`. */
  readonly warnings: readonly string[];
}

/** More than this share of samples without a partner is too much. */
const MANY_UNMATCHED = 0.05;

/** Joins the samples of two runs. */
export async function joinSamples(a: Predictions, b: Predictions, call: Call): Promise<Joined> {
  const joined = a.id !== undefined && b.id !== undefined ? await joinByIds(a, b, call) : joinByPosition(a, b);
  if (joined.invalid !== undefined || sameTruth(a, b, joined)) return joined;
  return { ...joined, invalid: 'labels_differ' };
}

async function joinByIds(a: Predictions, b: Predictions, call: Call): Promise<Joined> {
  const idsA = columnOf(a, a.id);
  const idsB = columnOf(b, b.id);
  const places = new Map(idsB.map((id, i) => [id, i]));
  const rows: { ids: string[]; a: number[]; b: number[] } = { ids: [], a: [], b: [] };
  if (places.size < idsB.length || new Set(idsA).size < idsA.length)
    return { ...rows, invalid: 'duplicate_ids', warnings: [] };
  const pace = pacer(call.signal);
  for (const [i, id] of idsA.entries()) {
    if (i % 4096 === 0) await pace();
    const place = places.get(id);
    if (place === undefined) continue;
    rows.ids.push(id);
    rows.a.push(i);
    rows.b.push(place);
  }
  const all = idsA.length + idsB.length - rows.ids.length;
  const unmatched = all - rows.ids.length;
  if (unmatched > MANY_UNMATCHED * all) return { ...rows, invalid: 'unmatched', warnings: [] };
  return { ...rows, warnings: unmatched > 0 ? ['unmatched'] : [] };
}

function joinByPosition(a: Predictions, b: Predictions): Joined {
  const all = Array.from({ length: a.n }, (_, i) => i);
  const same = a.n === b.n && a.data !== undefined && a.data === b.data;
  const joined = { ids: all.map((i) => String(i + 1)), a: all, b: all, warnings: [] };
  return same ? joined : { ...joined, ids: [], a: [], b: [], invalid: 'no_ids' };
}

/** True unless one and the same sample has two different true labels. */
function sameTruth(a: Predictions, b: Predictions, joined: Joined): boolean {
  if (a.truth === undefined || b.truth === undefined) return true;
  const ofA = columnOf(a, a.truth);
  const ofB = columnOf(b, b.truth);
  const label = labelReader(ofA, ofB);
  return joined.a.every((row, i) => label(ofA[row] ?? '') === label(ofB[joined.b[i] ?? -1] ?? ''));
}

/** A column of cells; empty when there is none of that name. */
export function columnOf(predictions: Predictions, name: string | undefined): readonly string[] {
  return name === undefined ? [] : (predictions.columns.get(name) ?? []);
}

/** Labels as they are compared: where all of them are numbers, `3` and `3.0` are one. */
function labelReader(...columns: readonly (readonly string[])[]): (cell: string) => string {
  const numeric = columns.every((column) => column.every((cell) => cell === '' || cellNumber(cell) !== undefined));
  return numeric ? (cell) => (cell === '' ? '' : String(cellNumber(cell))) : (cell) => cell;
}

/** True labels and predictions of both runs by sample. */
export interface Labels {
  readonly truth: readonly string[];
  readonly a: readonly string[];
  readonly b: readonly string[];
}

/** The labels of joined samples; undefined when a column is missing or the labels are measurements (then nobody is simply right). */
export function labelsOf(a: Predictions, b: Predictions, joined: Joined): Labels | undefined {
  if (a.truth === undefined || a.pred === undefined || b.pred === undefined) return undefined;
  const [truth, predA, predB] = [columnOf(a, a.truth), columnOf(a, a.pred), columnOf(b, b.pred)];
  if (isMeasured(truth)) return undefined;
  const label = labelReader(truth, predA, predB);
  const at = (column: readonly string[], rows: readonly number[]): string[] =>
    rows.map((row) => label(column[row] ?? ''));
  return { truth: at(truth, joined.a), a: at(predA, joined.a), b: at(predB, joined.b) };
}

/** True for a column of numbers with fractions: a regression's target. */
export function isMeasured(cells: readonly string[]): boolean {
  let fractions = false;
  for (const cell of cells) {
    const number = cellNumber(cell);
    if (number === undefined && cell !== '') return false;
    if (number !== undefined && Number.isFinite(number) && !Number.isInteger(number)) fractions = true;
  }
  return fractions;
}

/** How many samples of each kind are shown one by one. */
const SHOWN = 500;

/** The samples that B fixed, broke, and that both get wrong; counts are exact, of each kind the first 500 are listed. */
export function sortSamples(
  ids: readonly string[],
  { truth, a, b }: Labels,
): {
  readonly samples: NonNullable<CompareAnswer['samples']>;
  readonly counts: NonNullable<CompareAnswer['sampleCounts']>;
} {
  const counts = { fixed: 0, broken: 0, bothWrong: 0, bothRight: 0 };
  const lists = { fixed: [], broken: [], bothWrong: [] } as Record<
    'fixed' | 'broken' | 'bothWrong',
    NonNullable<CompareAnswer['samples']>
  >;
  for (const [i, id] of ids.entries()) {
    const [y = '', left = '', right = ''] = [truth[i], a[i], b[i]];
    if (y === '' || left === '' || right === '') continue;
    const kind = kindOf(left === y, right === y);
    counts[kind] += 1;
    if (kind !== 'bothRight' && lists[kind].length < SHOWN) lists[kind].push({ id, truth: y, a: left, b: right, kind });
  }
  return { samples: [...lists.broken, ...lists.fixed, ...lists.bothWrong], counts };
}

function kindOf(a: boolean, b: boolean): keyof NonNullable<CompareAnswer['sampleCounts']> {
  if (a) return b ? 'bothRight' : 'broken';
  return b ? 'fixed' : 'bothWrong';
}
