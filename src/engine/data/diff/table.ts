/**
 * What differs between two versions of a table (product: row diff). Rows are matched by a key: the columns asked for, else the first
 * column (or pair of columns) whose values are unique in both versions and mostly the same, else whole rows as a multiset.
 *
 * A: `id,x` / `1,a` / `2,b`, B: `id,x` / `1,a` / `2,c` / `3,d`: key `id`, one row changed in `x`, one added, one the same.
 */

import { pacer, type Call } from '../../../base/cancel';
import { StrataError } from '../../errors';
import { type DiffContentAnswer, type RowDiff } from '../../verbs/data';
import { csvRows, delimiterOf } from './csv';

/** Choices of a comparison. */
export interface TableOptions {
  /** Key columns by name. */
  readonly key?: readonly string[];
  /** Numbers that differ by no more than this are the same. */
  readonly tolerance?: number;
  /** How many differing rows the sample holds; 50 unless given. */
  readonly rows?: number;
}

/** The answer for tables. */
export type TableDiff = Extract<DiffContentAnswer, { kind: 'table' }>;

interface Table {
  readonly header: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** How the columns of both versions stand side by side. */
interface Columns {
  readonly header: readonly string[];
  /** Position in A and B by position in `header`, -1 where absent. */
  readonly a: readonly number[];
  readonly b: readonly number[];
}

/** Pairs of columns are tried only among the first few: their number grows with the square. */
const KEY_PAIR_COLUMNS = 8;

/** Compares two versions. Fails with `diff.keyMissing` when a key column is in only one, `diff.keyDouble` when its values repeat. */
export async function diffTables(
  path: string,
  texts: { a: string; b: string },
  options: TableOptions,
  call: Call,
): Promise<TableDiff> {
  const a = await readTable(path, texts.a, call);
  const b = await readTable(path, texts.b, call);
  const columns = alignColumns(a.header, b.header);
  const key = await chooseKey(path, { a, b, columns }, options.key, call);
  const pairs = await pairRows({ a, b, columns }, key, call);
  return summarize(path, { a, b, columns, key }, pairs, options, call);
}

async function readTable(path: string, text: string, call: Call): Promise<Table> {
  const pace = pacer(call.signal);
  const rows: string[][] = [];
  for (const row of csvRows(text, delimiterOf(path, text))) {
    rows.push(row);
    if (rows.length % 1024 === 0) await pace();
  }
  const [header = [], ...rest] = rows;
  return { header, rows: rest };
}

function alignColumns(a: readonly string[], b: readonly string[]): Columns {
  const header = [...b, ...a.filter((name) => !b.includes(name))];
  const place = (names: readonly string[]) => header.map((name, i) => (names[i] === name ? i : names.indexOf(name)));
  return { header, a: place(a), b: place(b) };
}

interface Both {
  readonly a: Table;
  readonly b: Table;
  readonly columns: Columns;
}

/** Positions in the common header of the key columns; empty for whole rows. */
async function chooseKey(
  path: string,
  both: Both,
  asked: readonly string[] | undefined,
  call: Call,
): Promise<number[]> {
  if (asked && asked.length > 0) return askedKey(path, both, asked);
  const { columns } = both;
  const common = columns.header.flatMap((_, i) => (inBoth(columns, i) ? [i] : []));
  const few = common.slice(0, KEY_PAIR_COLUMNS);
  const pairs = few.flatMap((x, n) => few.slice(n + 1).map((y) => [x, y]));
  const pace = pacer(call.signal);
  for (const candidate of [...common.map((i) => [i]), ...pairs]) {
    await pace();
    if (isGoodKey(both, candidate)) return candidate;
  }
  return [];
}

function askedKey(path: string, both: Both, asked: readonly string[]): number[] {
  const key = asked.map((name) => both.columns.header.indexOf(name));
  const missing = asked.find((_, i) => !inBoth(both.columns, key[i] ?? -1));
  if (missing !== undefined) throw new StrataError('diff.keyMissing', { path, column: missing });
  for (const side of ['a', 'b'] as const) {
    const seen = new Set<string>();
    for (const row of both[side].rows) {
      const value = keyOf(row, key, both.columns[side]);
      if (seen.has(value))
        throw new StrataError('diff.keyDouble', {
          path,
          column: asked.join(', '),
          value: value.replaceAll('\u001f', ', '),
        });
      seen.add(value);
    }
  }
  return key;
}

/** Unique in both versions, never empty, and at least half of the shorter version's values are in the other one too. */
function isGoodKey(both: Both, key: readonly number[]): boolean {
  const seen = new Set<string>();
  for (const row of both.a.rows) {
    const value = keyOf(row, key, both.columns.a);
    if (value.replaceAll('\u001f', '') === '' || seen.has(value)) return false;
    seen.add(value);
  }
  const other = new Set<string>();
  let shared = 0;
  for (const row of both.b.rows) {
    const value = keyOf(row, key, both.columns.b);
    if (value.replaceAll('\u001f', '') === '' || other.has(value)) return false;
    other.add(value);
    if (seen.has(value)) shared += 1;
  }
  return shared * 2 >= Math.min(seen.size, other.size);
}

function inBoth(columns: Columns, at: number): boolean {
  return (columns.a[at] ?? -1) >= 0 && (columns.b[at] ?? -1) >= 0;
}

function keyOf(row: readonly string[], key: readonly number[], place: readonly number[]): string {
  return key.map((i) => row[place[i] ?? -1] ?? '').join('\u001f');
}

/** A row of A beside its row of B. */
interface Pair {
  readonly a?: readonly string[];
  readonly b?: readonly string[];
}

/** Matches rows: pairs in the order of A, then rows only B has. Without a key equal rows are matched one to one. */
async function pairRows(both: Both, key: readonly number[], call: Call): Promise<Pair[]> {
  const whole = both.columns.header.map((_, i) => i);
  const by = key.length > 0 ? key : whole;
  const open = new Map<string, (readonly string[])[]>();
  for (const row of both.b.rows) {
    const value = keyOf(row, by, both.columns.b);
    const same = open.get(value);
    if (same) same.push(row);
    else open.set(value, [row]);
  }
  const pace = pacer(call.signal);
  const pairs: Pair[] = [];
  const taken = new Set<readonly string[]>();
  for (const row of both.a.rows) {
    if (pairs.length % 1024 === 0) await pace();
    const match = open.get(keyOf(row, by, both.columns.a))?.shift();
    if (match) taken.add(match);
    pairs.push(match ? { a: row, b: match } : { a: row });
  }
  for (const row of both.b.rows) if (!taken.has(row)) pairs.push({ b: row });
  return pairs;
}

/** Counts and samples the pairs. */
async function summarize(
  path: string,
  both: Both & { readonly key: readonly number[] },
  pairs: readonly Pair[],
  options: TableOptions,
  call: Call,
): Promise<TableDiff> {
  const { columns, key } = both;
  const changes = columns.header.map(() => 0);
  const rows = { a: both.a.rows.length, b: both.b.rows.length, added: 0, removed: 0, changed: 0, same: 0 };
  const sample: RowDiff[] = [];
  const pace = pacer(call.signal);
  let n = 0;
  for (const pair of pairs) {
    if ((n += 1) % 1024 === 0) await pace();
    const changed = pair.a && pair.b ? changedCells(pair.a, pair.b, columns, options.tolerance ?? 0) : [];
    for (const i of changed) changes[i] = (changes[i] ?? 0) + 1;
    const state = stateOf(pair, changed);
    rows[state] += 1;
    if (state !== 'same' && sample.length < (options.rows ?? 50))
      sample.push(rowDiff(state, pair, columns, { key, changed }));
  }
  const names = columns.header.map((name, i) => [name, changes[i] ?? 0] as const).filter(([, count]) => count > 0);
  return {
    kind: 'table',
    path,
    schema: schemaDiff(both),
    key: key.map((i) => columns.header[i] ?? ''),
    header: [...columns.header],
    rows,
    columns: Object.fromEntries(names.map(([name, count]) => [name, { changed: count }])),
    sample,
    total: rows.added + rows.removed + rows.changed,
  };
}

function stateOf(pair: Pair, changed: readonly number[]): 'added' | 'removed' | 'changed' | 'same' {
  if (!pair.a) return 'added';
  if (!pair.b) return 'removed';
  return changed.length > 0 ? 'changed' : 'same';
}

function changedCells(a: readonly string[], b: readonly string[], columns: Columns, tolerance: number): number[] {
  const changed: number[] = [];
  for (let i = 0; i < columns.header.length; i += 1) {
    if (!inBoth(columns, i)) continue;
    if (!sameCell(a[columns.a[i] ?? -1] ?? '', b[columns.b[i] ?? -1] ?? '', tolerance)) changed.push(i);
  }
  return changed;
}

function sameCell(a: string, b: string, tolerance: number): boolean {
  if (a === b) return true;
  if (tolerance <= 0 || !isNumber(a) || !isNumber(b)) return false;
  return Math.abs(Number(a) - Number(b)) <= tolerance;
}

function isNumber(cell: string): boolean {
  return cell.trim() !== '' && Number.isFinite(Number(cell));
}

function rowDiff(
  state: RowDiff['state'],
  pair: Pair,
  columns: Columns,
  at: { key: readonly number[]; changed: readonly number[] },
): RowDiff {
  const cells = (row: readonly string[] | undefined, place: readonly number[]) =>
    row ? place.map((i) => (i < 0 ? null : (row[i] ?? ''))) : null;
  const a = cells(pair.a, columns.a);
  const b = cells(pair.b, columns.b);
  return { state, key: at.key.map((i) => (b ?? a)?.[i] ?? ''), a, b, changed: [...at.changed] };
}

/** Columns that came, went, or turned from numbers to text or back. */
function schemaDiff(both: Both): TableDiff['schema'] {
  const { columns } = both;
  const named = (test: (i: number) => boolean) => columns.header.filter((_, i) => test(i));
  const kind = (table: Table, at: number) => {
    const filled = table.rows.map((row) => row[at] ?? '').filter((cell) => cell !== '');
    return filled.length === 0 ? undefined : filled.every(isNumber);
  };
  const turned = (i: number) => {
    const a = kind(both.a, columns.a[i] ?? -1);
    const b = kind(both.b, columns.b[i] ?? -1);
    return a !== undefined && b !== undefined && a !== b;
  };
  return {
    added: named((i) => (columns.a[i] ?? -1) < 0),
    removed: named((i) => (columns.b[i] ?? -1) < 0),
    changed: named((i) => inBoth(columns, i) && turned(i)),
  };
}
