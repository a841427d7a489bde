import type { Cell, Field, FieldType, Frame } from "./frame";
import { isObj, objs, str, type Obj } from "./json";
import type { GridPos } from "./model";
import type { TimeRange } from "../time";

const typeNames: Record<FieldType, string> = { time: "time", number: "number", string: "string", bool: "boolean", trace: "trace", json: "other" };

/** Frames in the form that dashboards keep them: the inverse of snapshotFrames. */
export function storedFrames(frames: readonly Frame[]): Obj[] {
  return frames.map((frame) => ({
    schema: {
      refId: frame.refId,
      name: frame.name,
      fields: frame.fields.map((field) => ({ name: field.name, type: typeNames[field.type], ...(field.labels ? { labels: field.labels } : {}), ...configOf(field) })),
      ...(frame.meta?.type ? { meta: { type: frame.meta.type } } : {}),
    },
    data: { values: frame.fields.map((field) => field.values.map(storable)) },
  }));
}

/** What the source of the data has said of a field. */
function configOf({ config: { displayNameFromDS, unit } }: Field): Obj {
  const config = { ...(displayNameFromDS === undefined ? {} : { displayNameFromDS }), ...(unit === undefined ? {} : { unit }) };
  return Object.keys(config).length === 0 ? {} : { config };
}

/** JSON has no infinite numbers. */
function storable(cell: Cell): Cell {
  return typeof cell === "number" && !Number.isFinite(cell) ? null : cell;
}

/** A panel as a snapshot has it. */
export interface TakenPanel {
  raw: Obj;
  id: number;
  /** Its title with variables filled in. */
  title: string;
  pos: GridPos;
  frames: readonly Frame[];
}

/** A heading and the panels below it. */
export interface TakenSection {
  title: string | null;
  panels: readonly TakenPanel[];
}

const grafana = { type: "grafana", uid: "-- Grafana --" };

/** A dashboard's JSON that shows its panels as they are now and asks nothing: with their data, at a fixed time, without variables to choose. */
export function snapshotOf(raw: Obj, sections: readonly TakenSection[], range: TimeRange, values: ReadonlyMap<string, readonly string[]>): Obj {
  const panels: Obj[] = [];
  let y = 0;
  for (const { title, panels: taken } of sections) {
    if (title !== null) {
      panels.push({ type: "row", title, collapsed: false, panels: [], gridPos: { x: 0, y, w: 24, h: 1 } });
      y += 1;
    }
    for (const panel of taken) panels.push(fixedPanel(panel, y));
    y += Math.max(0, ...taken.map(({ pos }) => pos.y + pos.h));
  }
  const { uid: _uid, id: _id, rows: _rows, ...rest } = raw;
  return {
    ...rest,
    panels: panels.map((panel, index) => ({ ...panel, id: index + 1 })),
    time: { from: new Date(range.from).toISOString(), to: new Date(range.to).toISOString() },
    refresh: "",
    annotations: { list: [] },
    templating: { list: objs(isObj(raw.templating) ? raw.templating.list : undefined).map((variable) => fixedVariable(variable, values.get(str(variable.name)) ?? [])) },
  };
}

function fixedPanel({ raw, title, pos, frames }: TakenPanel, y: number): Obj {
  const { repeat: _repeat, transformations, targets, datasource, timeFrom: _from, timeShift: _shift, ...rest } = raw;
  const asks = targets !== undefined || frames.length > 0;
  return {
    ...rest,
    title,
    gridPos: { ...pos, y: pos.y + y },
    ...(transformations === undefined ? {} : { transformations }),
    ...(asks ? { datasource: grafana, targets: [{ refId: "A", datasource: grafana, queryType: "snapshot", snapshot: storedFrames(frames) }] } : datasource === undefined ? {} : { datasource }),
  };
}

/** The variable as a list of what is chosen, so that texts that name it still read well. */
function fixedVariable(variable: Obj, values: readonly string[]): Obj {
  const [first = ""] = values;
  return { name: variable.name, label: variable.label, type: "custom", hide: 2, multi: values.length > 1, query: values.map((value) => value.replaceAll(",", "\\,")).join(","), current: values.length > 1 ? { text: [...values], value: [...values] } : { text: first, value: first } };
}
