import { jsonText } from "./displayJson";
import { fieldName, fieldNames } from "./fieldname";
import type { Cell, Field, Frame } from "./frame";
import { str, strs, type Obj } from "./json";

/** A cell as a key to compare by. */
export function cellKey(value: Cell): unknown {
  return typeof value === "object" && value !== null ? jsonText(value) : value;
}

function table(refId: string, fields: Field[]): Frame {
  return { refId, name: "", fields, meta: { type: "table" } };
}

function lengthOf(frame: Frame): number {
  return Math.max(0, ...frame.fields.map((field) => field.values.length));
}

/**
 * Puts all frames into one table: columns of one name become one, and rows that agree in every column they share become
 * one.
 */
export function merge(frames: readonly Frame[]): Frame[] {
  const filled = frames.filter((frame) => frame.fields.length > 0);
  if (filled.length < 2) return [...frames];
  const names = fieldNames(filled);
  const nameOf = (field: Field): string => columnName(field, names);
  const columns = new Map<string, Field>();
  for (const field of filled.flatMap((frame) => frame.fields)) {
    const name = nameOf(field);
    if (!columns.has(name)) columns.set(name, { ...field, name: field.config.displayName ? field.name : name, values: [] });
  }
  const shared = [...columns.keys()].filter((name) => filled.every((frame) => frame.fields.some((field) => nameOf(field) === name)));
  const rows: Map<string, Cell>[] = [];
  const byShared = new Map<string, Map<string, Cell>[]>();
  for (const frame of filled) {
    for (let i = 0; i < lengthOf(frame); i++) {
      const cells = new Map(frame.fields.map((field) => [nameOf(field), field.values[i] ?? null] as const));
      const key = JSON.stringify(shared.map((name) => cellKey(cells.get(name) ?? null)));
      const alike = byShared.get(key) ?? [];
      // A row takes this one in where it has no other opinion.
      const row = shared.length === 0 ? undefined : alike.find((one) => [...cells].every(([name, value]) => !one.has(name) || Object.is(one.get(name), value)));
      if (row) {
        for (const [name, value] of cells) row.set(name, value);
        continue;
      }
      rows.push(cells);
      byShared.set(key, [...alike, cells]);
    }
  }
  return [table(filled[0]?.refId ?? "", [...columns].map(([name, field]) => ({ ...field, values: rows.map((row) => row.get(name) ?? null) })))];
}

function columnName(field: Field, names: ReadonlyMap<Field, string>): string {
  // Times of several series are one column, whatever they are numbered as.
  return field.type === "time" ? field.config.displayName || field.name : (names.get(field) ?? field.name);
}

/** Puts all frames side by side, a row for each value of one field: of all frames ("outer"), or of every one ("inner"). */
export function joinByField(frames: readonly Frame[], options: Obj): Frame[] {
  const by = str(options.byField);
  const keyed = frames.flatMap((frame) => {
    const key = by === "" ? frame.fields.find((field) => field.type === "time") : frame.fields.find((field) => fieldName(field, frame, frames) === by || field.name === by);
    return key ? [{ frame, key }] : [];
  });
  const [first] = keyed;
  if (!first) return [...frames];
  if (keyed.length === 1) return [{ ...first.frame, fields: [first.key, ...first.frame.fields.filter((field) => field !== first.key)] }];
  const mode = str(options.mode, "outer");
  const places = keyed.map(({ key }) => rowsByKey(key.values));
  const wanted = new Map<unknown, Cell>();
  for (const { key } of keyed) for (const value of key.values) if (value !== null) wanted.set(cellKey(value), value);
  let keys = [...wanted.keys()];
  if (mode === "inner") keys = keys.filter((key) => places.every((place) => place.has(key)));
  if (first.key.type === "time" || first.key.type === "number") keys.sort((a, b) => Number(a) - Number(b));
  // A key with several rows in one frame has as many rows in the table, where all of them are wanted.
  const rows = keys.flatMap((key) => combine(key, places, mode === "outerTabular" || mode === "inner"));
  const joined = keyed.flatMap(({ frame, key }, index) =>
    frame.fields
      .filter((field) => field !== key)
      .map((field) => ({
        ...field,
        ...(frame.name !== "" && !field.config.displayName && frame.meta?.type !== "table" && { config: { ...field.config, displayName: fieldName(field, frame, frames) } }),
        values: rows.map(({ at }) => field.values[at[index] ?? -1] ?? null),
      })),
  );
  const key: Field = { ...first.key, values: rows.map((row) => wanted.get(row.key) ?? null) };
  const wide = key.type === "time" && joined.every((field) => field.type === "number");
  return [{ refId: first.frame.refId, name: "", fields: [key, ...joined], meta: { type: wide ? "timeseries" : "table" } }];
}

interface JoinedRow {
  key: unknown;
  /** Row in each frame; undefined where it has none. */
  at: (number | undefined)[];
}

function rowsByKey(values: readonly Cell[]): Map<unknown, number[]> {
  const rows = new Map<unknown, number[]>();
  values.forEach((value, row) => {
    const key = cellKey(value);
    const known = rows.get(key);
    if (known) known.push(row);
    else rows.set(key, [row]);
  });
  return rows;
}

// Frames with many rows of the same key would multiply without end.
const rowsOfKey = 1000;

function combine(key: unknown, places: readonly Map<unknown, number[]>[], all: boolean): JoinedRow[] {
  let rows: (number | undefined)[][] = [[]];
  for (const place of places) {
    const found: (number | undefined)[] = place.get(key) ?? [undefined];
    rows = rows.flatMap((row) => (all ? found : found.slice(-1)).map((at) => [...row, at])).slice(0, rowsOfKey);
  }
  return rows.map((at) => ({ key, at }));
}

/** Puts the values of all series below each other, newest first, with the series' name beside them. */
export function seriesToRows(frames: readonly Frame[]): Frame[] {
  const rows: { time: Cell; metric: string; value: Cell }[] = [];
  let config: Field["config"] = {};
  for (const frame of frames) {
    const time = frame.fields.find((field) => field.type === "time");
    for (const field of frame.fields) {
      if (!time || field.type !== "number") continue;
      const metric = fieldName(field, frame, frames);
      config = field.config;
      field.values.forEach((value, row) => rows.push({ time: time.values[row] ?? null, metric, value }));
    }
  }
  if (rows.length === 0) return [...frames];
  rows.sort((a, b) => Number(b.time) - Number(a.time));
  const { displayName: _, displayNameFromDS: __, ...plain } = config;
  return [
    table(frames[0]?.refId ?? "", [
      { name: "Time", type: "time", values: rows.map((row) => row.time), config: {} },
      { name: "Metric", type: "string", values: rows.map((row) => row.metric), config: {} },
      { name: "Value", type: "number", values: rows.map((row) => row.value), config: plain },
    ]),
  ];
}

/** Puts the fields of all frames into one, side by side as they are. */
export function concatenate(frames: readonly Frame[], options: Obj): Frame[] {
  const rows = Math.max(0, ...frames.map(lengthOf));
  const label = str(options.frameNameMode);
  const fields = frames.flatMap((frame) =>
    frame.fields.map((field) => ({
      ...field,
      ...(label === "label" && frame.name !== "" && { labels: { ...field.labels, [str(options.frameNameLabel) || "frame"]: frame.name } }),
      ...(label === "" && frame.name !== "" && field.type !== "time" && !field.config.displayName && { config: { ...field.config, displayName: fieldName(field, frame, frames) } }),
      values: Array.from({ length: rows }, (_, row) => field.values[row] ?? null),
    })),
  );
  return fields.length === 0 ? [] : [{ refId: frames[0]?.refId ?? "", name: "", fields, meta: { type: "table" } }];
}

/** A row for each set of labels, a column for each value of the label `value`: series that differ in it stand side by side. */
export function joinByLabels(frames: readonly Frame[], options: Obj): Frame[] {
  const by = str(options.value);
  const chosen = strs(options.join);
  const columns = new Map<string, Map<string, Cell>>();
  const rows = new Map<string, Record<string, string>>();
  const configs = new Map<string, Field["config"]>();
  for (const field of frames.flatMap((frame) => frame.fields)) {
    const column = field.labels?.[by];
    if (field.type !== "number" || column === undefined) continue;
    const { [by]: _, ...others } = field.labels ?? {};
    const kept = Object.fromEntries(Object.entries(others).filter(([name]) => chosen.length === 0 || chosen.includes(name)));
    const key = JSON.stringify(Object.entries(kept).toSorted());
    rows.set(key, kept);
    const values = columns.get(column) ?? new Map<string, Cell>();
    values.set(key, field.values.findLast((value) => value !== null) ?? null);
    columns.set(column, values);
    const { displayName: __, displayNameFromDS: ___, ...config } = field.config;
    configs.set(column, config);
  }
  if (columns.size === 0) return [...frames];
  const labels = [...new Set([...rows.values()].flatMap((row) => Object.keys(row)))];
  return [
    table(frames[0]?.refId ?? "", [
      ...labels.map((name): Field => ({ name, type: "string", values: [...rows.values()].map((row) => row[name] ?? null), config: {} })),
      ...[...columns].map(([name, values]): Field => ({ name, type: "number", values: [...rows.keys()].map((key) => values.get(key) ?? null), config: configs.get(name) ?? {} })),
    ]),
  ];
}
