/** The table of runs: commits, runs and the workspace with their metrics and params; the ticks choose what is compared. */

import { visible, type Text } from '../../src/base/text';
import { type AnswerOf } from '../../src/protocol/contract';
import {
  type CompareColumn,
  type compareContract,
  type CompareRow,
  type CompareState,
} from '../../src/protocol/compare';
import { h } from '../shared/dom';
import { type CellView } from '../table/cells';
import { type GridColumn, type GridLayout } from '../table/columns';
import { createGrid, type Grid, type GridRequest } from '../table/grid';
import { badge } from '../ui/marks';

type Answer = AnswerOf<typeof compareContract, 'table'>;

/** What the table needs. */
export interface RunsTableOptions {
  readonly text: Text;
  readonly state: () => CompareState;
  readonly load: (request: GridRequest, signal: AbortSignal) => Promise<Answer>;
  readonly layoutChanged: (layout: GridLayout) => void;
  readonly toggle: (run: string) => void;
  readonly untickAll: () => void;
  readonly loaded: (total: number) => void;
  readonly failed: (error: unknown) => void;
}

/** The table on the page. */
export interface RunsTable {
  readonly grid: Grid;
  /** All columns that can be hidden, with their labels. */
  columns(): readonly GridColumn[];
}

const SOURCE_ICON: Readonly<Record<CompareRow['source'], string>> = {
  workspace: 'root-folder',
  commit: 'git-commit',
  run: 'run',
  experiment: 'beaker',
};

/** Makes the table. */
export function createRunsTable(options: RunsTableOptions): RunsTable {
  const { text, state } = options;
  const { first, last } = factColumns(text);
  let known: readonly CompareColumn[] = [];
  let columns: readonly GridColumn[] = [...first, ...last];
  const accept = (answer: Answer): void => {
    if (JSON.stringify(answer.columns) === JSON.stringify(known)) return;
    known = answer.columns;
    columns = [...first, ...valueColumns(known, text), ...last];
    grid.setColumns(columns);
  };
  const grid: Grid = createGrid<CompareRow>({
    label: text.t('panel.compare.runs'),
    text,
    columns,
    layout: { sort: state().sort, hidden: state().hidden, widths: state().widths },
    layoutChanged: options.layoutChanged,
    load: async (request, signal) => {
      const answer = await options.load(request, signal);
      accept(answer);
      return { total: answer.total, from: request.from, rows: answer.rows };
    },
    cell: (row, column) => cellOf(row, column, known, state().selected),
    row: (row) => ({ selected: state().selected.includes(row.id) }),
    checks: {
      isChecked: (row) => state().selected.includes(row.id),
      label: (row) => row.name,
      toggle: (row) => options.toggle(row.id),
      all: () => (state().selected.length === 0 ? 'none' : 'some'),
      toggleAll: options.untickAll,
      allLabel: text.t('panel.compare.untickAll'),
    },
    open: (row) => options.toggle(row.id),
    loaded: options.loaded,
    failed: options.failed,
  });
  return { grid, columns: () => columns.filter((column) => column.fixed !== true) };
}

/** The columns before and after metrics and params. */
function factColumns(text: Text): { readonly first: readonly GridColumn[]; readonly last: readonly GridColumn[] } {
  const column = (id: string, width: number, more: Partial<GridColumn> = {}): GridColumn => ({
    id,
    label: text.t(`panel.compare.column.${id}`),
    width,
    sortable: true,
    ...more,
  });
  return {
    first: [column('name', 240, { fixed: true }), column('date', 170, { firstDescending: true })],
    last: [
      column('state', 110, { group: text.t('panel.compare.group.details') }),
      column('message', 260),
      column('author', 140),
    ],
  };
}

function valueColumns(columns: readonly CompareColumn[], text: Text): GridColumn[] {
  let group = '';
  return columns.map((column): GridColumn => {
    const first = column.kind !== group;
    group = column.kind;
    return {
      id: column.id,
      label: visible(column.name),
      title: `${text.t(`panel.compare.kind.${column.kind}`)}: ${visible(column.name)}`,
      width: Math.max(90, Math.min(220, 30 + column.name.length * 8)),
      sortable: true,
      firstDescending: column.kind === 'metric',
      ...(column.numeric ? { align: 'end' as const } : {}),
      ...(first ? { group: text.t(`panel.compare.group.${column.kind}`) } : {}),
    };
  });
}

function cellOf(
  row: CompareRow,
  column: GridColumn,
  known: readonly CompareColumn[],
  selected: readonly string[],
): CellView {
  const place = known.findIndex(({ id }) => id === column.id);
  if (place >= 0) {
    const value = row.cells[place];
    return value === null || value === undefined ? { text: '–', tone: 'muted' } : { text: visible(value) };
  }
  if (column.id === 'name') return nameCell(row, selected.indexOf(row.id));
  const facts: Readonly<Record<string, string>> = {
    state: row.stateText,
    date: row.date,
    message: row.message,
    author: row.author,
  };
  return { text: visible(facts[column.id] ?? ''), tone: 'muted' };
}

/** The name with its letter in the comparison (A, B, C …) and what else the run is called. */
function nameCell(row: CompareRow, place: number): CellView {
  const letter = place < 0 ? undefined : badge(letterOf(place));
  const labels = row.labels.map((label) => h('span', { class: 'compare-label' }, visible(label)));
  return {
    text: [row.name, ...row.labels].map(visible).join(', '),
    icon: SOURCE_ICON[row.source],
    content: h('span', { class: 'compare-name' }, letter, h('span', {}, visible(row.name)), labels),
  };
}

/** A, B, C … and numbers after Z. */
export function letterOf(place: number): string {
  return place < 26 ? String.fromCharCode(65 + place) : String(place + 1);
}
