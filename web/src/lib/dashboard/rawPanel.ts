import { num, objs, type Obj } from "./json";

/** Where a panel stands in a dashboard's JSON, as keys to follow. */
export type PanelPath = readonly (string | number)[];

/** The path of the panel with that id: in `panels`, in a folded row, or in the `rows` of old dashboards. */
export function panelPath(raw: Obj, id: number): PanelPath | undefined {
  const panels = objs(raw.panels);
  for (const [index, panel] of panels.entries()) {
    if (num(panel.id) === id) return ["panels", index];
    const inner = objs(panel.panels).findIndex((one) => num(one.id) === id);
    if (inner !== -1) return ["panels", index, "panels", inner];
  }
  for (const [index, row] of objs(raw.rows).entries()) {
    const inner = objs(row.panels).findIndex((one) => num(one.id) === id);
    if (inner !== -1) return ["rows", index, "panels", inner];
  }
  return undefined;
}

/** The panel's JSON as it is stored. */
export function rawPanelOf(raw: Obj, id: number): Obj | undefined {
  const path = panelPath(raw, id);
  if (!path) return undefined;
  let at: unknown = raw;
  for (const key of path) at = (at as Record<string | number, unknown>)[key];
  return at as Obj;
}
