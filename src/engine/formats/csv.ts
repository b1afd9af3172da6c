/**
 * CSV and TSV text into columns and rows; every cell stays text, as DVC's plots keep it (dvc.md §21). Quotes, line ends within quotes and the
 * three kinds of line end are Papa Parse's work.
 */

import Papa from 'papaparse';
import { StrataError } from '../errors';

/** A table of text. Rows shorter than the header are filled with empty cells, longer ones keep their extra cells. */
export interface Table {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

type Delimiter = ',' | '\t' | ';';

/** Reads a table whose first line is the header. Fails with `formats.csv` {path, line, column} on a quote that is never closed. */
export function parseCsv(text: string, path: string, delimiter: Delimiter = ','): Table {
  const [columns = [], ...rows] = parseRows(text, path, delimiter);
  const filled = rows.map((row) =>
    row.length < columns.length ? [...row, ...Array<string>(columns.length - row.length).fill('')] : row,
  );
  return { columns, rows: filled };
}

/** The cells of each line that is not empty, as many as it has. Fails as {@link parseCsv}. */
export function parseRows(text: string, path: string, delimiter: Delimiter): string[][] {
  const parsed = Papa.parse<string[]>(text.replace(/^\ufeff/, ''), { delimiter, skipEmptyLines: true });
  const broken = parsed.errors.find((error) => error.type === 'Quotes');
  if (broken) throw new StrataError('formats.csv', { path, line: (broken.row ?? 0) + 1, column: 1 });
  return parsed.data;
}
