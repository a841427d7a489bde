import { gridColumns } from "../../../lib/dashboard/migrateRows";

/** Pixels of a grid row, and between panels. */
export const rowHeight = 30;
export const gap = 8;
/** Narrower than this, panels stand below each other. */
export const narrow = 700;

/** Pixels of `columns` columns in a grid of `width` pixels. */
export function panelWidth(width: number, columns: number): number {
  if (width === 0) return 0;
  if (width < narrow) return Math.floor(width);
  const column = (width - (gridColumns - 1) * gap) / gridColumns;
  return Math.floor(column * columns + (columns - 1) * gap);
}

export function panelHeight(rows: number): number {
  return rows * rowHeight + (rows - 1) * gap;
}

/** Columns and rows that a movement of pixels crosses. */
export function crossed(width: number, dx: number, dy: number): { columns: number; rows: number } {
  const column = (width + gap) / gridColumns;
  return { columns: Math.round(dx / column), rows: Math.round(dy / (rowHeight + gap)) };
}
