/** A table that changed: schema, changed cells by column, then the rows with old and new values in their cells. */

import { visible, type Text } from '../../src/base/text';
import { type TableDiff } from '../../src/protocol/diff';
import { h, type Child } from '../shared/dom';
import { type CellView } from '../table/cells';
import { PLAIN_LAYOUT, type GridColumn } from '../table/columns';
import { createGrid } from '../table/grid';
import { plainButton } from '../ui/button';
import { checkbox } from '../ui/field';
import { badge } from '../ui/marks';
import { popover } from '../ui/popover';

type Row = TableDiff['sample'][number];

/** What the view may do. */
export interface TableDiffOptions {
  readonly text: Text;
  /** Only rows in which this column changed; null for all. */
  readonly column: string | null;
  readonly columnChanged: (column: string | null) => void;
  /** The chosen key; empty leaves the choice to the engine. */
  readonly key: readonly string[];
  readonly keyChanged: (key: readonly string[]) => void;
}

const SIGN: Readonly<Record<Row['state'], string>> = {
  added: 'diff-added',
  removed: 'diff-removed',
  changed: 'diff-modified',
};

/** Makes the view. */
export function tableDiffView(diff: TableDiff, options: TableDiffOptions): HTMLElement {
  const { text } = options;
  const place = options.column === null ? -1 : diff.header.indexOf(options.column);
  const rows = place < 0 ? diff.sample : diff.sample.filter((row) => row.changed.includes(place));
  const grid = createGrid<Row>({
    label: text.t('panel.diff.rows'),
    text,
    columns: gridColumns(diff, text),
    layout: PLAIN_LAYOUT,
    layoutChanged: () => undefined,
    load: ({ from, to }) => Promise.resolve({ total: rows.length, from, rows: rows.slice(from, to) }),
    cell: (row, column) => cellOf(row, column, text),
    row: (row) => (row.state === 'changed' ? {} : { tone: row.state }),
    failed: () => undefined,
  });
  const partial = diff.total > diff.sample.length;
  return h(
    'div',
    { class: 'diff-content' },
    h('div', { class: 'row' }, h('span', { class: 'muted' }, keyText(diff, text)), keyChooser(diff, options)),
    schemaPart(diff, text),
    columnFilter(diff, options),
    partial &&
      h('p', { class: 'muted' }, text.t('panel.diff.partial', { shown: diff.sample.length, total: diff.total })),
    rows.length > 0 && h('div', { class: 'diff-rows' }, grid.element),
  );
}

/** Key columns first, then those that changed, then the rest: in a wide table the changes are in sight. */
function gridColumns(diff: TableDiff, text: Text): GridColumn[] {
  const changed = new Set(diff.columns.filter((column) => column.changed > 0).map(({ name }) => name));
  const rank = (name: string): number => (diff.key.includes(name) ? 0 : changed.has(name) ? 1 : 2);
  const order = diff.header.map((name, i) => ({ name, i })).sort((x, y) => rank(x.name) - rank(y.name) || x.i - y.i);
  return [
    { id: 'state', label: text.t('panel.diff.change'), width: 110, fixed: true },
    ...order.map(({ name, i }) => ({
      id: String(i),
      label: visible(name),
      ...(diff.key.includes(name) ? { title: text.t('panel.diff.keyColumn', { name }) } : {}),
      width: Math.max(90, Math.min(240, 40 + name.length * 8)),
    })),
  ];
}

function cellOf(row: Row, column: GridColumn, text: Text): CellView {
  if (column.id === 'state') return { text: text.t(`panel.diff.state.${row.state}`), icon: SIGN[row.state] };
  const i = Number(column.id);
  const value = (side: Row['a']): string => visible(side?.[i] ?? '');
  if (!row.changed.includes(i)) return { text: row.state === 'removed' ? value(row.a) : value(row.b) };
  const content = h('span', { class: 'diff-cell' }, h('del', {}, value(row.a)), ' → ', h('ins', {}, value(row.b)));
  return { text: `${value(row.a)} → ${value(row.b)}`, content, tone: 'changed' };
}

function keyText(diff: TableDiff, text: Text): string {
  if (diff.key.length === 0) return text.t('panel.diff.byPosition');
  return text.t('panel.diff.byKey', { key: diff.key.map(visible).join(', ') });
}

/** Rows are matched by a key; here another one is chosen. */
function keyChooser(diff: TableDiff, options: TableDiffOptions): HTMLElement {
  const { text } = options;
  const make = (panel: HTMLElement): void => {
    const toggle = (name: string, on: boolean): void => {
      const others = diff.key.filter((one) => one !== name);
      options.keyChanged(on ? [...others, name] : others);
    };
    const boxes = diff.header.map((name) =>
      h('div', {}, checkbox(visible(name), diff.key.includes(name), (on) => toggle(name, on)).element),
    );
    const automatic = plainButton({ class: 'text-button' }, () => options.keyChanged([]), text.t('panel.diff.keyAuto'));
    panel.append(...boxes, automatic);
  };
  return popover({ label: text.t('panel.diff.key'), icon: 'key', make }).element;
}

function schemaPart(diff: TableDiff, text: Text): Child {
  const { added, removed, changed } = diff.schema;
  const line = (code: string, names: readonly string[]): Child =>
    names.length > 0 &&
    h('p', {}, text.t(`panel.diff.schema.${code}`, { n: names.length, names: names.map(visible).join(', ') }));
  return [line('added', added), line('removed', removed), line('changed', changed)];
}

/** Changed cells by column; a press shows only the rows in which that column changed. */
function columnFilter(diff: TableDiff, options: TableDiffOptions): Child {
  const { text, column } = options;
  const changed = diff.columns.filter((one) => one.changed > 0);
  if (changed.length === 0) return undefined;
  const buttons = changed.map(({ name, changed: n }) => {
    const on = column === name;
    const label = text.t('panel.diff.onlyColumn', { name, n });
    const props = { class: `text-button${on ? ' is-on' : ''}`, 'aria-pressed': on, 'aria-label': label, title: label };
    return plainButton(props, () => options.columnChanged(on ? null : name), visible(name), badge(text.number(n)));
  });
  return h('div', { class: 'diff-columns', role: 'group', 'aria-label': text.t('panel.diff.changedColumns') }, buttons);
}
