/** How equal tiles share a panel; sizes in pixels. */
export interface TileGrid {
  columns: number;
  rows: number;
  width: number;
  height: number;
}

export type Orientation = "auto" | "horizontal" | "vertical";

/** Space between tiles, pixels. */
export const tileGap = 6;

export function orientationOf(raw: unknown): Orientation {
  return raw === "horizontal" || raw === "vertical" ? raw : "auto";
}

/**
 * The grid for `count` tiles: below each other ("horizontal", as Grafana calls it), side by side ("vertical"), or as makes
 * the tiles largest; `aspect` is the ratio of width to height that suits one best.
 */
export function tileGrid(count: number, width: number, height: number, orientation: Orientation, aspect: number): TileGrid {
  const grid = (columns: number): TileGrid => {
    const rows = Math.ceil(count / columns);
    return { columns, rows, width: (width - tileGap * (columns - 1)) / columns, height: (height - tileGap * (rows - 1)) / rows };
  };
  if (orientation === "horizontal") return grid(1);
  if (orientation === "vertical") return grid(Math.max(count, 1));
  let best = grid(1);
  for (let columns = 2; columns <= count; columns++) {
    const other = grid(columns);
    if (Math.min(other.width, other.height * aspect) > Math.min(best.width, best.height * aspect)) best = other;
  }
  return best;
}

// Widths of Inter's characters in parts of its size, about.
const narrow = /[\s.,:;'|!ilj()\u202f]/;

/** Width of `text` in parts of its font's size; good enough to choose a size by. */
export function textEm(text: string): number {
  let em = 0;
  for (const char of text) em += narrow.test(char) ? 0.3 : /[mwMW@%]/.test(char) ? 0.9 : /[A-Z]/.test(char) ? 0.68 : /\d/.test(char) ? 0.66 : 0.62;
  return em;
}

/** The largest size, in pixels, at which `text` fits into `width` and is no higher than `most`. */
export function fitText(text: string, width: number, most: number, least = 10): number {
  return Math.max(least, Math.min(most, width / Math.max(textEm(text), 0.5)));
}
