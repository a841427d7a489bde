import { gridColumns } from "./migrateRows";
import type { GridPos } from "./model";

/** A panel on the grid of its section. */
export interface Item {
  id: number;
  pos: GridPos;
}

/** Items with one of them at a new place: those in its way move down, and all rise until they meet another. */
export function arrange(items: readonly Item[], id: number, wanted: GridPos): Item[] {
  const pos = within(wanted);
  const moved = { id, pos };
  // The moved one is placed as if it stood a little higher than those it meets, so that they give way.
  const others = items.filter((item) => item.id !== id).toSorted(byPlace);
  const placed: Item[] = [moved];
  for (const other of others) placed.push({ id: other.id, pos: firstFree(other.pos, placed) });
  return rise(placed);
}

/** Items without gaps above them. */
export function rise(items: readonly Item[]): Item[] {
  const placed: Item[] = [];
  for (const item of items.toSorted(byPlace)) {
    let { y } = item.pos;
    while (y > 0 && !placed.some((one) => overlap(one.pos, { ...item.pos, y: y - 1 }))) y--;
    placed.push({ id: item.id, pos: firstFree({ ...item.pos, y }, placed) });
  }
  return placed;
}

function firstFree(pos: GridPos, placed: readonly Item[]): GridPos {
  let { y } = pos;
  for (;;) {
    const at = { ...pos, y };
    const hit = placed.find((one) => overlap(one.pos, at));
    if (!hit) return at;
    y = hit.pos.y + hit.pos.h;
  }
}

function overlap(a: GridPos, b: GridPos): boolean {
  return a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h;
}

function byPlace(a: Item, b: Item): number {
  return a.pos.y - b.pos.y || a.pos.x - b.pos.x;
}

/** A place that lies on the grid: at least one column wide and two rows high. */
export function within({ x, y, w, h }: GridPos): GridPos {
  const width = Math.max(1, Math.min(gridColumns, w));
  return { w: width, h: Math.max(2, h), x: Math.max(0, Math.min(gridColumns - width, x)), y: Math.max(0, y) };
}
