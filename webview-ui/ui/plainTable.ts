/** A small table that is shown whole: no scrolling of its own, no moving focus, the first column names the row. */

import { h, type Child } from '../shared/dom';
import './ui.css';

/** One column. */
export interface PlainColumn {
  readonly label: string;
  readonly end?: boolean;
}

/** Makes the table; `label` is read aloud before it. Each row has one child a column. */
export function plainTable(
  label: string,
  columns: readonly PlainColumn[],
  rows: readonly (readonly Child[])[],
): HTMLElement {
  const className = (i: number): string | undefined => (columns[i]?.end === true ? 'is-end' : undefined);
  const table = h(
    'table',
    { class: 'plain-table', 'aria-label': label },
    h(
      'thead',
      {},
      h(
        'tr',
        {},
        columns.map((column, i) => h('th', { scope: 'col', class: className(i) }, column.label)),
      ),
    ),
    h(
      'tbody',
      {},
      rows.map((row) =>
        h(
          'tr',
          {},
          row.map((cell, i) =>
            i === 0 ? h('th', { scope: 'row', class: className(i) }, cell) : h('td', { class: className(i) }, cell),
          ),
        ),
      ),
    ),
  );
  return h('div', { class: 'plain-table-box', tabindex: 0, role: 'group', 'aria-label': label }, table);
}
