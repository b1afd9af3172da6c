/** Drawing of heads and rows. A cell says its meaning by text or sign as well as by colour. */

import { type Text } from '../../src/base/text';
import { h, type Child } from '../shared/dom';
import { icon } from '../ui/icon';
import { type GridColumn, type GridLayout, type SortKey } from './columns';

/** What a change of a cell or row is called; drawn as colour and as a sign or a line. */
export type CellTone = 'added' | 'removed' | 'changed' | 'good' | 'bad' | 'muted';

/** What a cell shows. */
export interface CellView {
  readonly text: string;
  /** Shown instead of `text`, which stays the name for screen readers through the tooltip. */
  readonly content?: Child;
  readonly title?: string;
  readonly tone?: CellTone;
  /** Codicon before the text. */
  readonly icon?: string;
}

/** What a row shows besides its cells. */
export interface RowView {
  readonly tone?: CellTone;
  readonly selected?: boolean;
}

/** The box before a row. */
export interface CheckView {
  readonly checked: boolean;
  /** Name for screen readers, such as the run's name. */
  readonly label: string;
}

/** A row ready to draw. */
export interface RowDraw {
  readonly index: number;
  readonly cells: readonly { readonly column: GridColumn; readonly view: CellView }[];
  readonly row: RowView;
  readonly check?: CheckView;
}

/** Draws a row; index 0 is the first below the head, whose own `aria-rowindex` is 1. */
export function drawRow(draw: RowDraw): HTMLTableRowElement {
  const check = draw.check && drawCheckCell(draw.check);
  const cells = draw.cells.map(({ column, view }, i) => drawCell(column, view, i === 0));
  return h(
    'tr',
    {
      role: 'row',
      class: `grid-row${toneClass(draw.row.tone)}`,
      'aria-rowindex': draw.index + 2,
      'aria-selected': draw.row.selected,
    },
    check,
    cells,
  );
}

/** Draws the row that stands for one not yet loaded. */
export function drawMissingRow(index: number, columns: number, label: string): HTMLTableRowElement {
  const cell = h('td', {
    role: 'gridcell',
    colspan: columns,
    class: 'grid-missing',
    tabindex: -1,
    'aria-label': label,
  });
  cell.append(h('span', { class: `skeleton-line skeleton-${index % 4}` }));
  return h('tr', { role: 'row', class: 'grid-row', 'aria-rowindex': index + 2 }, cell);
}

function drawCheckCell(check: CheckView): HTMLTableCellElement {
  const box = h('input', { type: 'checkbox', tabindex: -1, 'aria-label': check.label });
  box.checked = check.checked;
  return h('td', { role: 'gridcell', class: 'grid-check', tabindex: -1 }, box);
}

function drawCell(column: GridColumn, view: CellView, first: boolean): HTMLElement {
  const props = {
    role: first ? 'rowheader' : 'gridcell',
    class: `grid-cell${column.align === 'end' ? ' is-end' : ''}${first ? ' is-first' : ''}${toneClass(view.tone)}`,
    tabindex: -1,
    title: view.title ?? view.text,
  };
  const content = [view.icon !== undefined && icon(view.icon), view.content ?? view.text];
  return first ? h('th', { ...props, scope: 'row' }, content) : h('td', props, content);
}

function toneClass(tone: CellTone | undefined): string {
  return tone === undefined ? '' : ` is-${tone}`;
}

/** Draws the head of one column with its sort sign and the handle of its width. */
export function drawHead(column: GridColumn, layout: GridLayout, text: Text): HTMLTableCellElement {
  const place = layout.sort.findIndex((key) => key.column === column.id);
  const key = layout.sort[place];
  const sign = key && icon(key.descending ? 'arrow-down' : 'arrow-up');
  const order = layout.sort.length > 1 && key ? h('span', { class: 'grid-order' }, place + 1) : undefined;
  return h(
    'th',
    {
      role: 'columnheader',
      scope: 'col',
      class: `grid-head${column.align === 'end' ? ' is-end' : ''}`,
      'aria-sort': column.sortable === true ? sortState(key) : undefined,
      tabindex: -1,
      title: headTitle(column, text),
    },
    column.group !== undefined && h('span', { class: 'grid-group' }, column.group),
    h('span', { class: 'grid-label' }, column.label),
    sign,
    order,
    h('span', { class: 'grid-resize', 'aria-hidden': true }),
  );
}

function sortState(key: SortKey | undefined): 'none' | 'ascending' | 'descending' {
  if (key === undefined) return 'none';
  return key.descending ? 'descending' : 'ascending';
}

function headTitle(column: GridColumn, text: Text): string {
  const name = column.title ?? column.label;
  return column.sortable === true ? `${name}\n${text.t('webview.grid.sortHint')}` : name;
}

/** Draws the head of the boxes: one box for all. */
export function drawCheckHead(state: 'none' | 'some' | 'all', label: string): HTMLTableCellElement {
  const box = h('input', { type: 'checkbox', tabindex: -1, 'aria-label': label });
  box.checked = state === 'all';
  box.indeterminate = state === 'some';
  return h('th', { role: 'columnheader', scope: 'col', class: 'grid-head grid-check', tabindex: -1 }, box);
}
