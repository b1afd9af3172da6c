/** Where the focus stands in a grid and where a key leads it: arrows, Home, End, pages, with Control to the corners. Pure. */

/** A cell; row −1 is the head. */
export interface CellPlace {
  readonly row: number;
  readonly column: number;
}

/** The size of a grid: rows below the head, columns, and how many rows fit on a page. */
export interface GridSize {
  readonly rows: number;
  readonly columns: number;
  readonly page: number;
}

type Move = (at: CellPlace, size: GridSize) => CellPlace;

const MOVES: Readonly<Record<string, Move>> = {
  ArrowUp: (at) => ({ ...at, row: at.row - 1 }),
  ArrowDown: (at) => ({ ...at, row: at.row + 1 }),
  ArrowLeft: (at) => ({ ...at, column: at.column - 1 }),
  ArrowRight: (at) => ({ ...at, column: at.column + 1 }),
  PageUp: (at, size) => ({ ...at, row: at.row < 0 ? at.row : Math.max(0, at.row - size.page) }),
  PageDown: (at, size) => ({ ...at, row: Math.max(0, at.row) + size.page }),
  Home: (at) => ({ ...at, column: 0 }),
  End: (at, size) => ({ ...at, column: size.columns - 1 }),
};

const CORNERS: Readonly<Record<string, Move>> = {
  Home: () => ({ row: 0, column: 0 }),
  End: (_, size) => ({ row: size.rows - 1, column: size.columns - 1 }),
};

/** The cell that `key` leads to, kept inside the grid; undefined for keys that do not move. */
export function moveCell(at: CellPlace, key: string, control: boolean, size: GridSize): CellPlace | undefined {
  const move = (control ? CORNERS : MOVES)[key];
  return move && clampCell(move(at, size), size);
}

/** The nearest cell inside the grid. */
export function clampCell(at: CellPlace, size: GridSize): CellPlace {
  return {
    row: Math.max(-1, Math.min(size.rows - 1, at.row)),
    column: Math.max(0, Math.min(size.columns - 1, at.column)),
  };
}
