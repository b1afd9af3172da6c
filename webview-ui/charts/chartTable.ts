/** The numbers of a chart as a table: one row for each x, one column for each curve. */

import { type Disposable } from '../../src/base/lifecycle';
import { type Text } from '../../src/base/text';
import { formatValue } from '../shared/format';
import { type GridColumn, PLAIN_LAYOUT } from '../table/columns';
import { createGrid } from '../table/grid';
import { allX, nearest, type ChartSeries } from './series';

/** What the table is called. */
export interface SeriesTableOptions {
  readonly text: Text;
  readonly title: string;
  readonly xLabel: string;
}

/** A table of curves; it keeps its place while numbers arrive. */
export interface SeriesTable extends Disposable {
  readonly element: HTMLElement;
  update(series: readonly ChartSeries[]): void;
}

/** Makes the table, still without curves. */
export function createSeriesTable(options: SeriesTableOptions): SeriesTable {
  const { text } = options;
  let xs: Float64Array = new Float64Array();
  let byId: ReadonlyMap<string, ChartSeries> = new Map();
  const first: GridColumn = { id: 'x', label: options.xLabel, width: 90, align: 'end', fixed: true };
  const grid = createGrid<number>({
    label: options.title,
    text,
    columns: [first],
    layout: PLAIN_LAYOUT,
    layoutChanged: () => undefined,
    load: ({ from, to }) => Promise.resolve({ total: xs.length, from, rows: [...xs.slice(from, to)] }),
    cell: (x, column) => {
      const one = byId.get(column.id);
      return { text: one ? valueAt(one, x, text) : text.number(x, 6) };
    },
    failed: () => undefined,
  });
  const update = (series: readonly ChartSeries[]): void => {
    xs = allX(series);
    byId = new Map(series.map((one) => [one.id, one]));
    grid.setColumns([first, ...series.map(({ id, label }) => ({ id, label, width: 120, align: 'end' as const }))]);
    grid.refresh();
  };
  return { element: grid.element, update, dispose: () => grid.dispose() };
}

function valueAt(series: ChartSeries, x: number, text: Text): string {
  const i = nearest(series.x, x);
  const value = series.x[i] === x ? series.y[i] : undefined;
  return value === undefined ? '' : formatValue(text, value, 6);
}
