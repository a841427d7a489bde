import { isObj, num, obj, objs, bool, str, type Obj } from "./json";

export const gridColumns = 24;
/** A grid row and the gap below it, in pixels. */
export const gridUnit = 38;

const defaultRowHeight = 250;
const smallestPanel = 90;

/** A height of old dashboards, `250` or `"250px"`, in grid rows. */
export function gridHeight(height: unknown): number {
  const pixels = typeof height === "string" ? Number.parseInt(height, 10) : num(height);
  return Math.ceil(Math.max(pixels && Number.isFinite(pixels) ? pixels : defaultRowHeight, smallestPanel) / gridUnit);
}

/**
 * Puts the panels of `rows[]` (before schema 16) on the grid, line by line as they stood: `span` counts twelfths of the
 * width. Headings appear when any row folds, repeats or shows its title.
 */
export function rowsToPanels(raw: Obj): Obj {
  if (!Array.isArray(raw.rows)) return raw;
  const rows = objs(raw.rows).filter((row) => !num(row.repeatIteration));
  const headed = rows.some((row) => bool(row.collapse) || bool(row.showTitle) || str(row.repeat) !== "");
  const panels: Obj[] = objs(raw.panels);
  let y = 0;
  let nextId = Math.max(0, ...rows.flatMap((row) => objs(row.panels).map((panel) => num(panel.id) ?? 0)), ...panels.map((one) => num(one.id) ?? 0)) + 1;
  for (const row of rows) {
    const collapsed = bool(row.collapse);
    const height = gridHeight(row.height ?? defaultRowHeight);
    const heading = { id: nextId++, type: "row", title: str(row.title), collapsed, repeat: str(row.repeat), gridPos: { x: 0, y, w: gridColumns, h: 1 } };
    const placed = flow(objs(row.panels), headed ? y + 1 : y, height);
    if (headed) {
      panels.push({ ...heading, panels: collapsed ? placed.panels : [] });
      y += 1;
    }
    if (collapsed) continue;
    panels.push(...placed.panels);
    y = Math.max(placed.end, y + (placed.panels.length === 0 ? 0 : height));
  }
  const { rows: _, ...rest } = raw;
  return { ...rest, panels };
}

/** Panels in lines of 24 columns from `top` on. */
function flow(panels: readonly Obj[], top: number, rowHeight: number): { panels: Obj[]; end: number } {
  let x = 0;
  let y = top;
  let tallest = 0;
  const placed = panels.map((panel) => {
    const w = Math.min(gridColumns, Math.max(1, Math.round((num(panel.span) ?? 4) * 2)));
    const h = panel.height ? gridHeight(panel.height) : rowHeight;
    if (x + w > gridColumns) {
      x = 0;
      y += tallest;
      tallest = 0;
    }
    const { span: _span, height: _height, minSpan, ...rest } = panel;
    const next = { ...rest, gridPos: { x, y, w, h }, ...(num(minSpan) === undefined ? {} : { minSpan: Math.min(gridColumns, 2 * (num(minSpan) ?? 12)) }) };
    x += w;
    tallest = Math.max(tallest, h);
    return next;
  });
  return { panels: placed, end: y + tallest };
}

/** Whether a heading holds another one: some tools nest them, and the page has them after each other. */
export function isNested(panel: Obj): boolean {
  return objs(panel.panels).some((one) => one.type === "row");
}

function unnested(row: Obj): Obj[] {
  if (!isNested(row)) return [row];
  const inner = objs(row.panels).filter((one) => one.type === "row");
  // At the same place as what they were in, they come after it and before all else.
  const at = { ...obj(row.gridPos), x: 0, w: gridColumns, h: 1 };
  return [{ ...row, panels: objs(row.panels).filter((one) => one.type !== "row") }, ...inner.flatMap((one) => unnested({ ...one, collapsed: true, gridPos: at }))];
}

/** Gives panels without a place one below the others, and every panel an id of its own. */
export function placePanels(raw: Obj): Obj {
  const panels = objs(raw.panels).flatMap(unnested);
  const all = panels.flatMap((panel) => [panel, ...objs(panel.panels)]);
  const used = new Set<number>();
  let next = Math.max(0, ...all.map((panel) => num(panel.id) ?? 0)) + 1;
  const identify = (panel: Obj): Obj => {
    const id = num(panel.id);
    const own = id === undefined || id <= 0 || used.has(id) ? next++ : id;
    used.add(own);
    // What needs nothing stays the same object, and is not read anew after each step of an edit.
    if (id === own && !Array.isArray(panel.panels)) return panel;
    return { ...panel, id: own, ...(Array.isArray(panel.panels) ? { panels: objs(panel.panels).map(identify) } : {}) };
  };
  let bottom = Math.max(0, ...panels.filter((one) => isObj(one.gridPos)).map((one) => (num(obj(one.gridPos).y) ?? 0) + (num(obj(one.gridPos).h) ?? 0)));
  let x = 0;
  let tallest = 0;
  const place = (panel: Obj): Obj => {
    if (isObj(panel.gridPos)) return panel;
    const row = panel.type === "row";
    const w = row ? gridColumns : Math.min(gridColumns, Math.max(1, Math.round((num(panel.span) ?? 6) * 2)));
    const h = row ? 1 : gridHeight(panel.height ?? 300);
    if (x + w > gridColumns) {
      bottom += tallest;
      x = 0;
      tallest = 0;
    }
    const gridPos = { x, y: bottom, w, h };
    x += w;
    tallest = Math.max(tallest, h);
    return { ...panel, gridPos };
  };
  return { ...raw, panels: panels.map((panel) => place(identify(panel))) };
}

const factors = [1, 2, 3, 4, 6, 8, 12, 24];

/** `minSpan` (before schema 17) said how narrow a repeated panel may become; `maxPerRow` says how many share a line. */
export function minSpanToMaxPerRow(panel: Obj): Obj {
  const minSpan = num(panel.minSpan);
  if (minSpan === undefined) return panel;
  const { minSpan: _, ...rest } = panel;
  const most = gridColumns / Math.max(minSpan, 1);
  return { ...rest, maxPerRow: factors.findLast((one) => one <= most) ?? 1 };
}
