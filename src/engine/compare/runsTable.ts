/** A window of the runs table: filtered, sorted by several columns, with the columns that hold something (or differ). */

import { type Call } from '../../base/cancel';
import { compareCodePoints } from '../../base/paths';
import { type Repo } from '../data/repo';
import { type PlainValue } from '../verbs/pipeline';
import { type RunRow, type RunsTableAnswer, type RunsTableArgs } from '../verbs/runs';
import { parseFilter, plainText } from './filter';
import { listRunRows } from './runRows';

/** `runsTable`. */
export async function readRunsTable(repo: Repo, args: RunsTableArgs, call: Call): Promise<RunsTableAnswer> {
  return tableWindow(await listRunRows(repo, {}, call), args);
}

/** Rows `from` (inclusive) to `to` (exclusive) of what passes the filter. */
export function tableWindow(all: readonly RunRow[], args: RunsTableArgs): RunsTableAnswer {
  const rows = sortRows(all.filter(parseFilter(args.filter)), args.sort);
  const columns = columnsOf(rows, args.onlyDiffering);
  const { generation, from, to } = args;
  return { generation, total: rows.length, columns, rows: rows.slice(from, to) };
}

/** Metrics before params, in the order in which they first appear. */
function columnsOf(rows: readonly RunRow[], onlyDiffering: boolean): RunsTableAnswer['columns'] {
  const columns: RunsTableAnswer['columns'] = [];
  for (const kind of ['metric', 'param'] as const) {
    const values = (row: RunRow): Record<string, PlainValue> => (kind === 'metric' ? row.last : row.params);
    for (const name of new Set(rows.flatMap((row) => Object.keys(values(row))))) {
      const cells = rows.map((row) => values(row)[name]);
      if (onlyDiffering && rows.length > 1 && new Set(cells.map((cell) => plainText(cell ?? null))).size <= 1) continue;
      const numeric = cells.every((cell) => cell === undefined || typeof cell === 'number' || typeof cell === 'bigint');
      columns.push({ id: `${kind}:${name}`, kind, name, numeric });
    }
  }
  return columns;
}

/** Stable: rows that are equal in all columns keep their order. */
function sortRows(rows: readonly RunRow[], sort: RunsTableArgs['sort']): RunRow[] {
  return [...rows].sort((a, b) => {
    for (const { column, descending } of sort) {
      const order = compareCells(cellOf(a, column), cellOf(b, column), descending);
      if (order !== 0) return order;
    }
    return 0;
  });
}

/** What a column sorts by; the fixed columns have bare names. */
function cellOf(row: RunRow, column: string): PlainValue | undefined {
  if (column.startsWith('metric:')) return row.last[column.slice('metric:'.length)];
  if (column.startsWith('param:')) return row.params[column.slice('param:'.length)];
  const fixed: Readonly<Record<string, PlainValue | undefined>> = {
    name: row.name,
    run: row.name,
    state: row.state,
    date: row.start,
    start: row.start,
    message: row.message,
    author: row.author,
    labels: row.labels.join(' '),
  };
  return fixed[column];
}

/** Numbers before texts; rows without a value come last in either direction. */
function compareCells(a: PlainValue | undefined, b: PlainValue | undefined, descending: boolean): number {
  const missing = (cell: PlainValue | undefined): boolean =>
    cell === undefined || cell === null || (typeof cell === 'number' && Number.isNaN(cell));
  if (missing(a) || missing(b)) return Number(missing(a)) - Number(missing(b));
  const order = compareValues(a as PlainValue, b as PlainValue);
  return descending ? -order : order;
}

function compareValues(a: PlainValue, b: PlainValue): number {
  const isNumber = (value: PlainValue): value is number | bigint =>
    typeof value === 'number' || typeof value === 'bigint';
  if (isNumber(a) && isNumber(b)) return a < b ? -1 : a > b ? 1 : 0;
  if (isNumber(a) || isNumber(b)) return isNumber(a) ? -1 : 1;
  return compareCodePoints(plainText(a).toLowerCase(), plainText(b).toLowerCase());
}
