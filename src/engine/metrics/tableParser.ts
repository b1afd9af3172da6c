/**
 * Metric tables (CSV, TSV) read piece by piece as they grow: a header, then a row a step. Takes text as it comes, uses whole records only
 * and keeps an unfinished one for later; it never throws, whatever a half-written file holds.
 *
 * x is the first of the known step columns; a column of moments is the wall time; every other column with numbers is a metric.
 */

import { cellMoment, cellNumber, isAbsent } from './numbers';
import { type SeriesSet, type XKind } from './seriesStore';

/** Names of x in the order of preference (metrics.md §9). */
const X_COLUMNS: readonly (readonly [string, XKind])[] = [
  ['step', 'step'],
  ['global_step', 'step'],
  ['iteration', 'step'],
  ['iter', 'step'],
  ['epoch', 'epoch'],
  ['batch', 'step'],
  ['round', 'step'],
  ['_step', 'step'],
];
const TIME_COLUMNS = new Set(['time', 'timestamp', 'wall_time', '_timestamp', 'created_at']);

/** How a table is read. */
export interface TableShape {
  /** Character between cells; told from the header when absent. */
  readonly delimiter?: string;
  /** Name of the one metric, whatever its column is called: in DVCLive the file's place names it. */
  readonly metric?: string;
}

interface Columns {
  readonly names: readonly string[];
  readonly x: number;
  /** -1 when there is none. */
  readonly time: number;
}

/** Reads one table into a set of series. */
export class TableParser {
  private rest = '';
  private columns: Columns | undefined;
  private delimiter: string;
  private rows = 0;

  constructor(
    private readonly into: SeriesSet,
    private readonly shape: TableShape = {},
  ) {
    this.delimiter = shape.delimiter ?? '';
  }

  /** Takes the next piece of text; an unfinished record waits for the next one. */
  push(text: string): void {
    const all = this.rest + text;
    let from = 0;
    let quote = all.indexOf('"');
    for (;;) {
      if (quote >= 0 && quote < from) quote = all.indexOf('"', from);
      const line = all.indexOf('\n', from);
      const end = quote >= 0 && quote < line ? recordEnd(all, quote, line) : line;
      if (end < 0) break;
      this.record(all.slice(from, end));
      from = end + 1;
    }
    this.rest = all.slice(from);
  }

  /**
   * The file is over: what waits is a record when it has as many cells as the header. False when it is cut short and was left out.
   */
  end(): boolean {
    const last = this.rest;
    this.rest = '';
    if (last.trim() === '') return true;
    if (this.columns && this.cells(last).length < this.columns.names.length) return false;
    this.record(last);
    return true;
  }

  private record(raw: string): void {
    const line = raw.endsWith('\r') ? raw.slice(0, -1) : raw;
    if (!this.columns) {
      const header = line.replace(/^\ufeff/, '');
      if (header.trim() !== '') this.header(header);
      return;
    }
    if (line.trim() === '') return;
    const cells = this.cells(line);
    if (isHeader(cells)) this.header(line);
    else this.row(cells, this.columns);
  }

  private header(line: string): void {
    if (this.delimiter === '') this.delimiter = delimiterOf(line);
    const names = this.cells(line).map((name) => name.trim());
    const lower = names.map((name) => name.toLowerCase());
    const found = X_COLUMNS.find(([name]) => lower.includes(name));
    const time = lower.findIndex((name) => TIME_COLUMNS.has(name));
    this.columns = { names, x: found ? lower.indexOf(found[0]) : -1, time };
    this.into.xKind = found?.[1] ?? 'row';
  }

  private row(cells: readonly string[], columns: Columns): void {
    const x = columns.x < 0 ? this.rows : cellNumber(cells[columns.x] ?? '');
    this.rows += 1;
    if (x === undefined || !Number.isFinite(x)) return;
    const moment = columns.time < 0 ? undefined : cellMoment(cells[columns.time] ?? '');
    const skipped = moment === undefined ? -1 : columns.time;
    for (let i = 0; i < columns.names.length; i += 1) {
      if (i !== columns.x && i !== skipped) this.cell(cells[i], x, columns.names[i], moment);
    }
  }

  private cell(cell: string | undefined, x: number, name: string | undefined, moment: number | undefined): void {
    const y = cell === undefined || isAbsent(cell) ? undefined : cellNumber(cell);
    if (y !== undefined) this.into.push(this.shape.metric ?? name ?? '', x, y, moment);
  }

  /** The cells of one record; doubled quotes inside quotes stand for one. */
  private cells(line: string): string[] {
    if (!line.includes('"')) return line.split(this.delimiter);
    const cells: string[] = [];
    let cell = '';
    let quoted = false;
    for (let i = 0; i < line.length; i += 1) {
      const char = line[i] as string;
      if (char === '"' && quoted && line[i + 1] === '"') cell += line[(i += 1)] as string;
      else if (char === '"') quoted = !quoted;
      else if (char === this.delimiter && !quoted) {
        cells.push(cell);
        cell = '';
      } else cell += char;
    }
    return [...cells, cell];
  }
}

/** A quote that stays open for longer than this is no quote. */
const LONGEST_RECORD = 64 * 1024;

/** Where the record ends whose first quote is at `quote` and whose first line ends at `line`; -1 while a quote is open. */
function recordEnd(text: string, quote: number, line: number): number {
  let quoted = false;
  for (let i = quote; i < text.length; i += 1) {
    if (text[i] === '"') quoted = !quoted;
    else if (text[i] === '\n' && !quoted) return i;
    if (i - quote > LONGEST_RECORD) return line;
  }
  return -1;
}

/** A row of words, none of them a number, is a header again: a writer that was started anew, perhaps with other columns. */
function isHeader(cells: readonly string[]): boolean {
  const filled = cells.filter((cell) => !isAbsent(cell));
  return filled.length > 0 && filled.length === cells.length && filled.every((cell) => isWord(cell));
}

function isWord(cell: string): boolean {
  return cellNumber(cell) === undefined && cellMoment(cell) === undefined && /^\s*[\p{L}_]/u.test(cell);
}

/** The most frequent of tab, comma and semicolon in the header. */
function delimiterOf(line: string): string {
  const counts = [',', '\t', ';'].map((mark) => ({ mark, n: line.split(mark).length }));
  return counts.reduce((best, next) => (next.n > best.n ? next : best)).mark;
}
