/**
 * The grid of every panel: a native table of which only the rows in sight exist, so that a million rows scroll like forty.
 * The host sorts and filters; here rows are drawn, the focus moves, columns change. One tab stop, arrows inside.
 */

import { elementScroll, observeElementOffset, observeElementRect, Virtualizer } from '@tanstack/virtual-core';
import { type Disposable } from '../../src/base/lifecycle';
import { type Text } from '../../src/base/text';
import { fill, h, oncePerFrame } from '../shared/dom';
import { clampCell, moveCell, type CellPlace, type GridSize } from './activeCell';
import { followDrag, reconcile, spacer } from './body';
import { drawCheckHead, drawHead, drawMissingRow, drawRow, type CellView, type RowView } from './cells';
import {
  columnWidth,
  visibleColumns,
  withSortClick,
  withWidth,
  type GridColumn,
  type GridLayout,
  type SortKey,
} from './columns';
import './grid.css';
import { RowWindow, type RowAnswer, type RowRequest } from './rowWindow';

/** Boxes before the rows. */
export interface GridChecks<R> {
  isChecked(row: R): boolean;
  label(row: R): string;
  /** `range` is true when Shift asked for all rows since the last box. */
  toggle(row: R, index: number, range: boolean): void;
  all(): 'none' | 'some' | 'all';
  toggleAll(): void;
  /** Name of the box in the head. */
  readonly allLabel?: string;
}

/** Rows asked for, in this order. */
export interface GridRequest extends RowRequest {
  readonly sort: readonly SortKey[];
}

/** What a grid is made of. */
export interface GridOptions<R> {
  readonly label: string;
  readonly text: Text;
  readonly columns: readonly GridColumn[];
  readonly layout: GridLayout;
  /** Called when the user sorts, resizes or hides; sorting has already begun to load. */
  readonly layoutChanged: (layout: GridLayout) => void;
  readonly load: (request: GridRequest, signal: AbortSignal) => Promise<RowAnswer<R>>;
  readonly cell: (row: R, column: GridColumn) => CellView;
  readonly row?: (row: R) => RowView;
  readonly checks?: GridChecks<R>;
  /** Enter or double click on a row. */
  readonly open?: (row: R, column: GridColumn) => void;
  /** After each answer: how many rows there are. */
  readonly loaded?: (total: number) => void;
  readonly failed: (error: unknown) => void;
}

/** A grid on the page. */
export interface Grid extends Disposable {
  /** The scrolling box; give it a height. */
  readonly element: HTMLElement;
  readonly layout: GridLayout;
  /** Asks anew for what is in sight; rows stay until the answer. */
  refresh(): void;
  /** Draws anew what is loaded, after ticks or texts changed. */
  redraw(): void;
  setColumns(columns: readonly GridColumn[]): void;
  setLayout(layout: GridLayout): void;
  /** Brings a row into sight and the focus to it. */
  reveal(index: number): void;
}

/** Height of a row in CSS pixels; `--row` of the style sheet says the same. */
export const ROW_HEIGHT = 24;

const CHECK_WIDTH = 32;

/** Makes a grid; it loads when it has a size on the page. */
export function createGrid<R>(options: GridOptions<R>): Grid {
  return new TableGrid(options);
}

class TableGrid<R> implements Grid {
  readonly element: HTMLElement;
  private readonly table: HTMLTableElement;
  private readonly head = h('thead', { role: 'rowgroup' });
  private readonly body = h('tbody', { role: 'rowgroup' });
  private readonly group = h('colgroup');
  private readonly window: RowWindow<R>;
  private readonly drawn = new Map<number, HTMLTableRowElement>();
  private readonly virtual: Virtualizer<HTMLElement, HTMLTableRowElement>;
  private readonly unmount: () => void;
  private readonly draw = oncePerFrame(() => this.drawNow());
  private columns: readonly GridColumn[];
  private active: CellPlace = { row: -1, column: 0 };
  private focusWanted = false;
  layout: GridLayout;

  constructor(private readonly options: GridOptions<R>) {
    this.columns = options.columns;
    this.layout = options.layout;
    this.table = h('table', { role: 'grid', 'aria-label': options.label }, this.group, this.head, this.body);
    this.element = h('div', { class: `grid${options.checks ? ' has-checks' : ''}`, tabindex: -1 }, this.table);
    this.window = new RowWindow((request, signal) => options.load({ ...request, sort: this.layout.sort }, signal), {
      changed: () => this.onLoaded(),
      failed: (error) => options.failed(error),
    });
    this.virtual = new Virtualizer<HTMLElement, HTMLTableRowElement>(this.virtualOptions(0));
    this.unmount = this.virtual._didMount();
    this.listen();
    this.drawHeadNow();
    this.virtual._willUpdate();
    this.window.ensure(0, 1);
  }

  refresh(): void {
    const range = this.range();
    this.window.refresh(range.from, range.to);
  }

  redraw(): void {
    for (const row of this.drawn.values()) row.dataset['stale'] = '';
    this.drawHeadNow();
    this.draw();
  }

  setColumns(columns: readonly GridColumn[]): void {
    this.columns = columns;
    this.redraw();
  }

  setLayout(layout: GridLayout): void {
    const sorted = layout.sort !== this.layout.sort;
    this.layout = layout;
    this.redraw();
    if (sorted) this.refresh();
    this.options.layoutChanged(layout);
  }

  reveal(index: number): void {
    this.moveTo({ row: index, column: this.active.column });
  }

  dispose(): void {
    this.window.dispose();
    this.unmount();
  }

  private virtualOptions(count: number) {
    return {
      count,
      getScrollElement: () => this.element,
      estimateSize: () => ROW_HEIGHT,
      overscan: 6,
      scrollToFn: elementScroll,
      observeElementRect,
      observeElementOffset,
      onChange: () => this.draw(),
    };
  }

  private shown(): readonly GridColumn[] {
    return visibleColumns(this.columns, this.layout);
  }

  private size(): GridSize {
    const page = Math.max(1, Math.floor((this.element.clientHeight - this.headHeight()) / ROW_HEIGHT) - 1);
    return { rows: this.window.total ?? 0, columns: this.shown().length + (this.options.checks ? 1 : 0), page };
  }

  private headHeight(): number {
    return this.head.offsetHeight;
  }

  private range(): { from: number; to: number } {
    const items = this.virtual.getVirtualItems();
    const first = items[0]?.index ?? 0;
    return { from: first, to: (items.at(-1)?.index ?? first) + 1 };
  }

  private onLoaded(): void {
    const total = this.window.total ?? 0;
    for (const row of this.drawn.values()) row.dataset['stale'] = '';
    this.virtual.setOptions(this.virtualOptions(total));
    this.virtual._willUpdate();
    this.table.setAttribute('aria-rowcount', String(total + 1));
    this.options.loaded?.(total);
    this.drawHeadNow();
    this.draw();
  }

  private drawHeadNow(): void {
    const columns = this.shown();
    const focused = this.head.contains(document.activeElement);
    const { checks, text } = this.options;
    const heads = columns.map((column) => drawHead(column, this.layout, text));
    heads[0]?.classList.add('is-first');
    const box = checks && drawCheckHead(checks.all(), checks.allLabel ?? text.t('webview.grid.checkAll'));
    fill(this.head, h('tr', { role: 'row', 'aria-rowindex': 1 }, box, heads));
    this.element.classList.toggle(
      'has-groups',
      columns.some((column) => column.group !== undefined),
    );
    this.table.setAttribute('aria-colcount', String(this.size().columns));
    this.drawWidths();
    this.markActive(focused);
  }

  private drawWidths(): void {
    const widths = this.shown().map((column) => columnWidth(column, this.layout));
    if (this.options.checks) widths.unshift(CHECK_WIDTH);
    const cols = widths.map((width) => {
      const col = h('col');
      col.style.width = `${width}px`;
      return col;
    });
    fill(this.group, cols);
    this.table.style.width = `${widths.reduce((sum, width) => sum + width, 0)}px`;
  }

  private drawNow(): void {
    const items = this.virtual.getVirtualItems();
    const range = this.range();
    if (items.length > 0) this.window.ensure(range.from, range.to);
    const wanted = new Set(items.map((item) => item.index));
    const focused = this.body.contains(document.activeElement);
    const rows = items.map((item) => this.rowElement(item.index));
    for (const index of [...this.drawn.keys()]) if (!wanted.has(index)) this.drawn.delete(index);
    const above = (items[0]?.index ?? 0) * ROW_HEIGHT;
    const below = Math.max(0, (this.size().rows - range.to) * ROW_HEIGHT);
    const next = [spacer(above), ...rows, spacer(below)];
    reconcile(this.body, next);
    if (focused && !this.body.contains(document.activeElement)) this.element.focus({ preventScroll: true });
    this.markActive(this.focusWanted || (focused && document.activeElement === this.element));
  }

  private rowElement(index: number): HTMLTableRowElement {
    const present = this.drawn.get(index);
    if (present && present.dataset['stale'] === undefined) return present;
    const row = this.window.row(index);
    const columns = this.shown();
    const { checks, cell, text } = this.options;
    const element =
      row === undefined
        ? drawMissingRow(index, this.size().columns, text.t('webview.loading'))
        : drawRow({
            index,
            cells: columns.map((column) => ({ column, view: cell(row, column) })),
            row: this.options.row?.(row) ?? {},
            ...(checks ? { check: { checked: checks.isChecked(row), label: checks.label(row) } } : {}),
          });
    element.dataset['index'] = String(index);
    if (row === undefined) element.dataset['stale'] = '';
    this.drawn.set(index, element);
    return element;
  }

  /** Gives the one tab stop to the active cell, and the focus when it is wanted there. */
  private markActive(focus: boolean): void {
    this.active = clampCell(this.active, this.size());
    for (const cell of this.table.querySelectorAll('[tabindex="0"]')) cell.setAttribute('tabindex', '-1');
    const exact = this.cellAt(this.active);
    const cell = exact ?? this.cellAt({ row: -1, column: this.active.column });
    cell?.setAttribute('tabindex', '0');
    if (!focus || !exact) return;
    this.focusWanted = false;
    exact.focus({ preventScroll: true });
  }

  private cellAt(at: CellPlace): HTMLElement | undefined {
    const row = at.row < 0 ? this.head.rows[0] : this.drawn.get(at.row);
    return row?.cells[Math.min(at.column, row.cells.length - 1)];
  }

  private moveTo(at: CellPlace): void {
    this.active = clampCell(at, this.size());
    this.focusWanted = true;
    const { row } = this.active;
    const top = row * ROW_HEIGHT;
    const space = this.element.clientHeight - this.headHeight();
    if (row >= 0 && top < this.element.scrollTop) this.element.scrollTop = top;
    else if (row >= 0 && top + ROW_HEIGHT > this.element.scrollTop + space) {
      this.element.scrollTop = top + ROW_HEIGHT - space;
    }
    this.markActive(true);
    this.cellAt(this.active)?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
    this.draw();
  }

  private listen(): void {
    this.element.addEventListener('keydown', (event) => this.onKey(event));
    this.element.addEventListener('focusin', (event) => this.onFocus(event.target));
    this.element.addEventListener('click', (event) => this.onClick(event));
    this.element.addEventListener('dblclick', (event) => this.openAt(this.placeOf(event.target)));
    this.element.addEventListener('pointerdown', (event) => this.onPointerDown(event));
  }

  private onKey(event: KeyboardEvent): void {
    const column = this.columnAt(this.active.column);
    if (event.altKey && this.active.row < 0 && column) {
      const step = { ArrowLeft: -16, ArrowRight: 16 }[event.key];
      if (step === undefined) return;
      event.preventDefault();
      this.resize(column, columnWidth(column, this.layout) + step);
      return;
    }
    const next = moveCell(this.active, event.key, event.ctrlKey || event.metaKey, this.size());
    if (next) {
      event.preventDefault();
      this.moveTo(next);
    } else if (event.key === 'Enter' || event.key === ' ') {
      event.preventDefault();
      this.act(this.active, event.key === ' ', event.shiftKey);
    }
  }

  private act(at: CellPlace, space: boolean, shift: boolean): void {
    const column = this.columnAt(at.column);
    if (at.row < 0 && column) this.sortBy(column, shift);
    else if (at.row < 0) this.options.checks?.toggleAll();
    else if (space || !column) this.toggle(at.row, shift);
    else this.openAt(at);
  }

  /** Tab, a click or a screen reader may put the focus on any cell: keys go on from there. */
  private onFocus(target: EventTarget | null): void {
    const at = this.placeOf(target);
    const row = at && at.row >= 0 ? this.window.row(at.row) : undefined;
    // The one cell of a row that is not loaded says nothing about the column.
    if (at && (at.row < 0 || row !== undefined)) this.active = at;
  }

  private onClick(event: MouseEvent): void {
    const at = this.placeOf(event.target);
    const target = event.target as HTMLElement;
    if (!at || target.closest('.grid-resize, a, strata-link, strata-button')) return;
    this.moveTo(at);
    const column = this.columnAt(at.column);
    if (!column || at.row < 0) this.act(at, true, event.shiftKey);
  }

  private onPointerDown(event: PointerEvent): void {
    const handle = (event.target as HTMLElement).closest('.grid-resize');
    const column = handle && this.columnAt(this.placeOf(handle)?.column ?? -1);
    if (!column) return;
    event.preventDefault();
    const width = columnWidth(column, this.layout);
    followDrag(
      event,
      (way) => {
        this.layout = withWidth(this.layout, column.id, width + way);
        this.drawWidths();
      },
      () => this.options.layoutChanged(this.layout),
    );
  }

  private resize(column: GridColumn, width: number): void {
    this.layout = withWidth(this.layout, column.id, width);
    this.drawWidths();
    this.options.layoutChanged(this.layout);
  }

  private sortBy(column: GridColumn, add: boolean): void {
    if (column.sortable === true) this.setLayout(withSortClick(this.layout, column, add));
  }

  private toggle(index: number, range: boolean): void {
    const row = this.window.row(index);
    if (row === undefined || !this.options.checks) return;
    this.options.checks.toggle(row, index, range);
    this.redraw();
  }

  private openAt(at: CellPlace | undefined): void {
    const row = at && at.row >= 0 ? this.window.row(at.row) : undefined;
    const column = at && this.columnAt(at.column);
    if (row !== undefined && column) this.options.open?.(row, column);
  }

  private columnAt(index: number): GridColumn | undefined {
    return this.shown()[this.options.checks ? index - 1 : index];
  }

  private placeOf(target: EventTarget | null): CellPlace | undefined {
    const cell = (target as HTMLElement | null)?.closest<HTMLTableCellElement>('th, td');
    const row = cell?.closest('tr');
    if (!cell || !row) return undefined;
    if (row.parentElement === this.head) return { row: -1, column: cell.cellIndex };
    const index = row.dataset['index'];
    return index === undefined ? undefined : { row: Number(index), column: cell.cellIndex };
  }
}
