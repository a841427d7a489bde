import { arrange, rise, type Item } from "./arrange";
import { isObj, num, obj, objs, str, type Obj } from "./json";
import { migratePanel } from "./migratePanel";
import { isNested, placePanels, rowsToPanels } from "./migrateRows";
import type { GridPos } from "./model";
import { panelPath } from "./rawPanel";
import { elementsOf, readPos, withLibrary } from "./read";

/**
 * Changes to a dashboard's JSON. Each takes the JSON and gives back another; what a change is not about stays the same
 * object, in the form it has.
 */

/** The JSON with its panels on the grid: dashboards with `rows[]` have to be laid out before a panel can move. */
export function onGrid(raw: Obj): Obj {
  const all = objs(raw.panels).flatMap((panel) => [panel, ...objs(panel.panels)]);
  const ids = all.map((panel) => num(panel.id));
  const complete = !Array.isArray(raw.rows) && !objs(raw.panels).some(isNested) && all.every((panel) => isObj(panel.gridPos)) && ids.every((id) => id !== undefined && id > 0) && new Set(ids).size === ids.length;
  return complete ? raw : placePanels(rowsToPanels(raw));
}

/** One section: the row panel, and the panels under it. */
interface Part {
  row: Obj | null;
  panels: Obj[];
}

function partsOf(raw: Obj): Part[] {
  const sorted = objs(raw.panels).toSorted((a, b) => readPos(a.gridPos).y - readPos(b.gridPos).y || readPos(a.gridPos).x - readPos(b.gridPos).x);
  const parts: Part[] = [{ row: null, panels: [] }];
  for (const panel of sorted) {
    if (panel.type === "row") parts.push({ row: panel, panels: panel.collapsed === true ? objs(panel.panels) : [] });
    else parts.at(-1)?.panels.push(panel);
  }
  return parts;
}

/** The JSON with its sections below each other; a panel that keeps its place stays the same object. */
function join(raw: Obj, parts: readonly Part[]): Obj {
  let y = 0;
  const panels: Obj[] = [];
  for (const { row, panels: own } of parts) {
    if (row) y += 1;
    const items = rise(own.map((panel) => ({ id: num(panel.id) ?? 0, pos: relative(panel, own) })));
    const placed = own.map((panel) => {
      const item = items.find((one) => one.id === num(panel.id));
      return item ? withPos(panel, { ...item.pos, y: item.pos.y + y }) : panel;
    });
    const height = Math.max(0, ...items.map(({ pos }) => pos.y + pos.h));
    if (!row) {
      panels.push(...placed);
      y += height;
      continue;
    }
    const at = withPos(row, { x: 0, y: y - 1, w: 24, h: 1 });
    if (row.collapsed === true) {
      panels.push(same(placed, objs(row.panels)) ? at : { ...at, panels: placed });
    } else {
      panels.push(at, ...placed);
      y += height;
    }
  }
  return { ...raw, panels };
}

function relative(panel: Obj, all: readonly Obj[]): GridPos {
  const top = Math.min(...all.map((one) => readPos(one.gridPos).y));
  const pos = readPos(panel.gridPos);
  return { ...pos, y: pos.y - top };
}

function withPos(panel: Obj, pos: GridPos): Obj {
  const before = obj(panel.gridPos);
  if (before.x === pos.x && before.y === pos.y && before.w === pos.w && before.h === pos.h) return panel;
  return { ...panel, gridPos: { ...before, ...pos } };
}

function same(a: readonly Obj[], b: readonly Obj[]): boolean {
  return a.length === b.length && a.every((one, index) => one === b[index]);
}

/** Moves or resizes a panel; `pos` counts rows from the top of its section. */
export function placePanel(raw: Obj, id: number, pos: GridPos): Obj {
  const grid = onGrid(raw);
  const parts = partsOf(grid).map((part) => {
    if (!part.panels.some((panel) => num(panel.id) === id)) return part;
    const top = Math.min(...part.panels.map((panel) => readPos(panel.gridPos).y));
    const items: Item[] = part.panels.map((panel) => ({ id: num(panel.id) ?? 0, pos: { ...readPos(panel.gridPos), y: readPos(panel.gridPos).y - top } }));
    const arranged = new Map(arrange(items, id, pos).map((item) => [item.id, item.pos]));
    const panels = part.panels.map((panel) => withPos(panel, arranged.get(num(panel.id) ?? 0) ?? readPos(panel.gridPos)));
    return { ...part, panels: panels.toSorted((a, b) => readPos(a.gridPos).y - readPos(b.gridPos).y || readPos(a.gridPos).x - readPos(b.gridPos).x) };
  });
  return join(grid, parts);
}

/** Replaces a panel's JSON. */
export function updatePanel(raw: Obj, id: number, change: (panel: Obj) => Obj): Obj {
  const path = panelPath(raw, id);
  if (!path) {
    // Panels without ids of their own get them on the grid.
    const grid = onGrid(raw);
    return grid === raw ? raw : updatePanel(grid, id, change);
  }
  return changeAt(raw, path, (panel) => change(obj(panel))) as Obj;
}

/** The panel on its own: with what the library has of it, and no longer following the library. */
export function unlinkPanel(raw: Obj, id: number, library: Obj = elementsOf(raw)): Obj {
  return updatePanel(raw, id, (panel) => withLibrary(panel, library));
}

/** The panel as one of the library: only its place, and how it repeats, are the dashboard's. */
export function linkPanel(raw: Obj, id: number, library: { uid: string; name: string }): Obj {
  return updatePanel(raw, id, ({ gridPos, repeat, repeatDirection, maxPerRow }) =>
    Object.fromEntries(Object.entries({ id, gridPos, repeat, repeatDirection, maxPerRow, libraryPanel: { uid: library.uid, name: library.name } }).filter(([, value]) => value !== undefined)),
  );
}

/** Sets one member of a panel of today's form; undefined takes it away. One of an old form is migrated first, one of the library unlinked. */
export function setInPanel(raw: Obj, id: number, path: readonly (string | number)[], value: unknown, library?: Obj): Obj {
  return updatePanel(unlinkPanel(raw, id, library), id, (panel) => setIn(modernPanel(panel), path, value) as Obj);
}

const oldTypes = new Set(["graph", "singlestat", "grafana-singlestat-panel", "table-old", "grafana-piechart-panel", "text2"]);

/** The panel in today's form; one that is in it already is the same object. */
export function modernPanel(panel: Obj): Obj {
  const old = oldTypes.has(str(panel.type)) || Array.isArray(panel.styles) || isObj(obj(panel.options).fieldOptions) || panel.dataFormat !== undefined || isObj(panel["options-gauge"]) || (panel.type === "text" && panel.content !== undefined);
  return old ? migratePanel(panel) : panel;
}

/** `value` with the member at `path` set; undefined takes it away. */
export function setIn(value: unknown, path: readonly (string | number)[], next: unknown): unknown {
  return changeAt(value, path, () => next);
}

export function getIn(value: unknown, path: readonly (string | number)[]): unknown {
  let at: unknown = value;
  for (const key of path) {
    if (typeof at !== "object" || at === null) return undefined;
    at = (at as Record<string | number, unknown>)[key];
  }
  return at;
}

function changeAt(value: unknown, path: readonly (string | number)[], change: (value: unknown) => unknown): unknown {
  const [key, ...rest] = path;
  if (key === undefined) return change(value);
  if (typeof key === "number") {
    const list = Array.isArray(value) ? [...(value as unknown[])] : [];
    const next = changeAt(list[key], rest, change);
    if (next === undefined) list.splice(key, 1);
    else list[key] = next;
    return list;
  }
  const before = obj(value);
  const next = changeAt(before[key], rest, change);
  if (next !== undefined) return { ...before, [key]: next };
  const { [key]: _, ...others } = before;
  return others;
}

function nextId(raw: Obj): number {
  const all = objs(raw.panels).flatMap((panel) => [panel, ...objs(panel.panels)]);
  return Math.max(0, ...all.map((panel) => num(panel.id) ?? 0)) + 1;
}

/** Adds a panel at the top of the dashboard, and tells its id. */
export function addPanel(raw: Obj, panel: Obj): { raw: Obj; id: number } {
  const grid = onGrid(raw);
  const id = nextId(grid);
  const size = readPos(panel.gridPos ?? { w: 12, h: 8 });
  const [first, ...rest] = partsOf(grid);
  const down = (first?.panels ?? []).map((one) => withPos(one, { ...readPos(one.gridPos), y: readPos(one.gridPos).y + size.h }));
  const added = { ...panel, id, gridPos: { x: 0, y: 0, w: size.w, h: size.h } };
  return { id, raw: join(grid, [{ row: null, panels: [added, ...down] }, ...rest]) };
}

/** Adds a heading at the end. */
export function addRow(raw: Obj, title: string): Obj {
  const grid = onGrid(raw);
  return join(grid, [...partsOf(grid), { row: { id: nextId(grid), type: "row", title, collapsed: false, panels: [] }, panels: [] }]);
}

/** A copy of a panel, beside it where there is room, else below. */
export function duplicatePanel(raw: Obj, id: number): { raw: Obj; id: number } {
  const grid = onGrid(raw);
  const copy = nextId(grid);
  const parts = partsOf(grid).map((part) => {
    const source = part.panels.find((panel) => num(panel.id) === id);
    if (!source) return part;
    const pos = readPos(source.gridPos);
    const beside = pos.x + 2 * pos.w <= 24;
    const { repeat: _, ...rest } = source;
    const added = { ...structuredClone(rest), id: copy, gridPos: { ...pos, ...(beside ? { x: pos.x + pos.w } : { y: pos.y + pos.h }) } };
    const top = Math.min(...part.panels.map((panel) => readPos(panel.gridPos).y));
    const items = [...part.panels, added].map((panel): Item => ({ id: num(panel.id) ?? 0, pos: { ...readPos(panel.gridPos), y: readPos(panel.gridPos).y - top } }));
    const arranged = new Map(arrange(items, copy, { ...readPos(added.gridPos), y: readPos(added.gridPos).y - top }).map((item) => [item.id, item.pos]));
    return { ...part, panels: [...part.panels, added].map((panel) => withPos(panel, arranged.get(num(panel.id) ?? 0) ?? readPos(panel.gridPos))) };
  });
  return { raw: join(grid, parts), id: copy };
}

export function removePanel(raw: Obj, id: number): Obj {
  const grid = onGrid(raw);
  return join(grid, partsOf(grid).map((part) => ({ ...part, panels: part.panels.filter((panel) => num(panel.id) !== id) })));
}

/** Takes a heading away; its panels go with it or move to the section above. */
export function removeRow(raw: Obj, id: number, withPanels: boolean): Obj {
  const grid = onGrid(raw);
  const parts: Part[] = [];
  for (const part of partsOf(grid)) {
    const before = parts.at(-1);
    if (num(part.row?.id) !== id || !before) {
      parts.push(part);
      continue;
    }
    if (withPanels) continue;
    const bottom = Math.max(0, ...before.panels.map((panel) => readPos(panel.gridPos).y + readPos(panel.gridPos).h));
    const top = Math.min(...part.panels.map((panel) => readPos(panel.gridPos).y));
    before.panels.push(...part.panels.map((panel) => withPos(panel, { ...readPos(panel.gridPos), y: readPos(panel.gridPos).y - top + bottom })));
  }
  return join(grid, parts);
}

/** Moves a heading with its panels to where another one stands: before it from below, after it from above. */
export function placeRow(raw: Obj, id: number, over: number): Obj {
  const grid = onGrid(raw);
  const parts = partsOf(grid);
  const from = parts.findIndex((part) => num(part.row?.id) === id);
  const to = parts.findIndex((part) => num(part.row?.id) === over);
  const [moved] = parts.slice(from, from + 1);
  return !moved || from < 1 || to < 1 || from === to ? raw : join(grid, parts.toSpliced(from, 1).toSpliced(to, 0, moved));
}

/** Moves a panel to another section, named by its heading (null: the one without), at a place there or below all. */
export function movePanel(raw: Obj, id: number, row: number | null, pos?: GridPos): Obj {
  const grid = onGrid(raw);
  const parts = partsOf(grid);
  const from = parts.find((part) => part.panels.some((panel) => num(panel.id) === id));
  const to = parts.find((part) => (row === null ? part.row === null : num(part.row?.id) === row));
  const panel = from?.panels.find((one) => num(one.id) === id);
  if (!from || !to || !panel || from === to) return raw;
  from.panels = from.panels.filter((one) => one !== panel);
  const top = to.panels.length === 0 ? 0 : Math.min(...to.panels.map((one) => readPos(one.gridPos).y));
  const items = to.panels.map((one): Item => ({ id: num(one.id) ?? 0, pos: { ...readPos(one.gridPos), y: readPos(one.gridPos).y - top } }));
  const bottom = Math.max(0, ...items.map((item) => item.pos.y + item.pos.h));
  const wanted = { ...readPos(panel.gridPos), ...(pos ?? { y: bottom }) };
  const arranged = new Map(arrange([...items, { id, pos: wanted }], id, wanted).map((item) => [item.id, item.pos]));
  to.panels = [...to.panels, panel].map((one) => withPos(one, arranged.get(num(one.id) ?? 0) ?? readPos(one.gridPos))).toSorted((a, b) => readPos(a.gridPos).y - readPos(b.gridPos).y || readPos(a.gridPos).x - readPos(b.gridPos).x);
  return join(grid, parts);
}

/** Changes a heading: its title, what it is repeated for, whether it is folded. */
export function changeRow(raw: Obj, id: number, change: { title?: string; repeat?: string; collapsed?: boolean }): Obj {
  const grid = onGrid(raw);
  return join(
    grid,
    partsOf(grid).map((part) => {
      if (!part.row || num(part.row.id) !== id) return part;
      const next: Obj = { ...part.row, ...change };
      if (change.repeat === "") delete next.repeat;
      if (change.collapsed === true) next.panels = part.panels;
      if (change.collapsed === false) next.panels = [];
      return { ...part, row: next };
    }),
  );
}
