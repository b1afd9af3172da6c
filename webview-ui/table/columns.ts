/** Columns of the grid and what the user did to them: order of sorting, widths, hidden ones. Pure. */

/** One column. */
export interface GridColumn {
  readonly id: string;
  readonly label: string;
  /** Shown when the pointer rests on the head; the label unless told. */
  readonly title?: string;
  /** Word above the first of several columns that belong together. */
  readonly group?: string;
  /** First width in CSS pixels. */
  readonly width: number;
  readonly align?: 'start' | 'end';
  readonly sortable?: boolean;
  /** The direction of the first click; numbers that are better when high begin with the highest. */
  readonly firstDescending?: boolean;
  /** A column that cannot be hidden, such as the name. */
  readonly fixed?: boolean;
}

/** One key of a sort over several columns, the most important first. */
export interface SortKey {
  readonly column: string;
  readonly descending: boolean;
}

/** What the user did to the columns; a page keeps it in its state. */
export interface GridLayout {
  readonly sort: readonly SortKey[];
  readonly hidden: readonly string[];
  readonly widths: Readonly<Record<string, number>>;
}

/** A layout without any changes. */
export const PLAIN_LAYOUT: GridLayout = { sort: [], hidden: [], widths: {} };

/** Narrowest and widest column in CSS pixels. */
const WIDTH_LIMITS = { min: 40, max: 1200 };

/** The columns that are shown. */
export function visibleColumns(columns: readonly GridColumn[], layout: GridLayout): readonly GridColumn[] {
  return columns.filter((column) => column.fixed === true || !layout.hidden.includes(column.id));
}

/** Width of a column in CSS pixels. */
export function columnWidth(column: GridColumn, layout: GridLayout): number {
  return layout.widths[column.id] ?? column.width;
}

/** The layout with another width of one column. */
export function withWidth(layout: GridLayout, column: string, width: number): GridLayout {
  const limited = Math.round(Math.min(WIDTH_LIMITS.max, Math.max(WIDTH_LIMITS.min, width)));
  return { ...layout, widths: { ...layout.widths, [column]: limited } };
}

/** The layout with a column shown or hidden; a hidden column no longer sorts. */
export function withHidden(layout: GridLayout, column: string, hidden: boolean): GridLayout {
  const others = layout.hidden.filter((id) => id !== column);
  if (!hidden) return { ...layout, hidden: others };
  return { ...layout, hidden: [...others, column], sort: layout.sort.filter((key) => key.column !== column) };
}

/**
 * The layout after a click on the head of a column: first direction, other direction, not sorted. With `add` the other keys stay,
 * and a new key comes last: sorting by several columns.
 */
export function withSortClick(layout: GridLayout, column: GridColumn, add: boolean): GridLayout {
  const first = column.firstDescending ?? false;
  const present = layout.sort.find((key) => key.column === column.id);
  if (present !== undefined && present.descending !== first) {
    return { ...layout, sort: add ? layout.sort.filter((key) => key !== present) : [] };
  }
  const key: SortKey = { column: column.id, descending: present === undefined ? first : !first };
  if (!add) return { ...layout, sort: [key] };
  if (present === undefined) return { ...layout, sort: [...layout.sort, key] };
  return { ...layout, sort: layout.sort.map((one) => (one === present ? key : one)) };
}
