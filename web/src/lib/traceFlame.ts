import type { TracePath } from "./tracePaths";

/** A path as it lies in a flame graph; shares are of the whole width, 0 to 1. */
export interface FlameBox {
  path: TracePath;
  left: number;
  width: number;
  /** Row from the top. */
  row: number;
}

/** What of a flame graph is drawn. */
export interface Flame {
  boxes: FlameBox[];
  rows: number;
  /** Paths that are too narrow or too deep to be drawn. */
  hidden: number;
}

/**
 * Lays paths out below each other, each as wide as its share of the time of all `tops`. Children that ran at the same
 * time took more of it together than their parent did: they share its width by their times. Boxes narrower than
 * `narrowest` and rows from `mostRows` on are left out, with all that is below them.
 */
export function layoutFlame(tops: readonly TracePath[], narrowest: number, mostRows: number): Flame {
  const flame: Flame = { boxes: [], rows: 0, hidden: 0 };
  const stack: FlameBox[] = [];
  const put = (paths: readonly TracePath[], left: number, width: number, whole: number, row: number): void => {
    const sum = paths.reduce((all, path) => all + path.total, 0);
    const perTime = width / Math.max(whole, sum, 1);
    let at = left;
    for (const path of paths) {
      const wide = path.total * perTime;
      if (wide < narrowest || row >= mostRows) flame.hidden++;
      else stack.push({ path, left: at, width: wide, row });
      at += wide;
    }
  };
  put(tops, 0, 1, 0, 0);
  for (let box = stack.pop(); box; box = stack.pop()) {
    flame.boxes.push(box);
    flame.rows = Math.max(flame.rows, box.row + 1);
    put(box.path.children, box.left, box.width, box.path.total, box.row + 1);
  }
  return flame;
}

/** The paths from the top down to `path`, itself the last. */
export function waysTo(path: TracePath | undefined): TracePath[] {
  const way: TracePath[] = [];
  for (let one = path; one; one = one.parent) way.unshift(one);
  return way;
}
