import { fieldName } from "./fieldname";
import type { Cell, Field, Frame } from "./frame";
import { obj, str, strs, type Obj } from "./json";
import { merge } from "./transformJoin";
import { reduceValues } from "./reduce";
import { compareCells } from "./transformRows";

function timeOf(frame: Frame): Field | undefined {
  return frame.fields.find((field) => field.type === "time");
}

/**
 * A table for each query with a row for each series: its labels, and its course as a small frame in the column
 * `Trend #A`, beside one value of it where a calculation is asked for.
 */
export function timeSeriesTable(frames: readonly Frame[], options: Obj): Frame[] {
  const byQuery = new Map<string, Frame[]>();
  const others: Frame[] = [];
  for (const frame of frames) {
    const series = timeOf(frame) && frame.fields.some((field) => field.type === "number");
    if (series) byQuery.set(frame.refId, [...(byQuery.get(frame.refId) ?? []), frame]);
    else others.push(frame);
  }
  const tables = [...byQuery].map(([refId, group]): Frame => {
    const { stat } = obj(obj(options)[refId]);
    const rows = group.flatMap((frame) =>
      frame.fields.filter((field) => field.type === "number").map((field) => ({ time: timeOf(frame), field, labels: field.labels ?? {}, name: frame.name })),
    );
    const names = [...new Set(rows.flatMap((row) => Object.keys(row.labels)))];
    const trends = rows.map(({ time, field, name }): Frame => ({ refId, name, fields: time ? [time, field] : [field], meta: { type: "timeseries" } }));
    const { displayName: _, displayNameFromDS: __, ...config } = rows[0]?.field.config ?? {};
    const calc = str(stat, "lastNotNull");
    return {
      refId,
      name: "",
      meta: { type: "table" },
      fields: [
        ...names.map((name): Field => ({ name, type: "string", values: rows.map((row) => row.labels[name] ?? null), config: {} })),
        { name: `Trend #${refId}`, type: "trace", values: trends, config: { ...config, custom: { ...config.custom, trendCalc: calc } } },
      ],
    };
  });
  return [...tables, ...others];
}

/** A trend's frame in a table's cell; undefined for other cells. */
export function trendOf(cell: Cell): Frame | undefined {
  return typeof cell === "object" && cell !== null && "fields" in cell && Array.isArray(cell.fields) ? (cell as Frame) : undefined;
}

/** Makes fields of the series' labels, or rows of them. */
export function labelsToFields(frames: readonly Frame[], options: Obj): Frame[] {
  const keep = strs(options.keepLabels);
  const kept = (name: string): boolean => keep.length === 0 || keep.includes(name);
  if (options.mode === "rows") {
    return frames.flatMap((frame) =>
      frame.fields.flatMap((field): Frame[] => {
        const labels = Object.entries(field.labels ?? {}).filter(([name]) => kept(name));
        if (labels.length === 0) return [];
        return [
          {
            refId: frame.refId,
            name: fieldName(field, frame, frames),
            meta: { type: "table" },
            fields: [
              { name: "label", type: "string", values: labels.map(([name]) => name), config: {} },
              { name: "value", type: "string", values: labels.map(([, value]) => value), config: {} },
            ],
          },
        ];
      }),
    );
  }
  const valueLabel = str(options.valueLabel);
  const tables = frames.map((frame): Frame => {
    const rows = frame.fields[0]?.values.length ?? 0;
    const labels = new Map<string, string>();
    const fields = frame.fields.map((field) => {
      if (!field.labels) return field;
      for (const [name, value] of Object.entries(field.labels)) if (kept(name) && name !== valueLabel) labels.set(name, value);
      const { displayNameFromDS: _, ...config } = field.config;
      const { labels: __, ...plain } = field;
      return { ...plain, name: field.labels[valueLabel] ?? field.name, config };
    });
    const columns = [...labels].map(([name, value]): Field => ({ name, type: "string", values: Array<Cell>(rows).fill(value), config: {} }));
    const times = fields.filter((field) => field.type === "time");
    return { refId: frame.refId, name: "", meta: { type: "table" }, fields: [...times, ...columns, ...fields.filter((field) => field.type !== "time")] };
  });
  return merge(tables);
}

/** Brings tables with a time column into series: one frame for each ("multi"), or one wide frame, or one long one. */
export function prepareTimeSeries(frames: readonly Frame[], options: Obj): Frame[] {
  const format = str(options.format, "wide");
  const series = frames.flatMap(toSeries);
  if (format === "multi" || format === "many") return series;
  const times = [...new Set(series.flatMap((frame) => timeOf(frame)?.values ?? []))].toSorted(compareCells);
  const [first] = series;
  if (!first) return [];
  if (format === "long") return merge(labelsToFields(series, {}));
  const columns = series.flatMap((frame) => {
    const slots = new Map(timeOf(frame)?.values.map((time, row) => [time, row]));
    return frame.fields
      .filter((field) => field.type === "number")
      .map((field) => ({ ...field, config: { ...field.config, displayName: fieldName(field, frame, series) }, values: times.map((time) => field.values[slots.get(time) ?? -1] ?? null) }));
  });
  return [{ refId: first.refId, name: "", meta: { type: "timeseries" }, fields: [{ name: "Time", type: "time", values: times, config: {} }, ...columns] }];
}

/** The series of a frame; where texts stand beside the numbers, one for each set of them. */
function toSeries(frame: Frame): Frame[] {
  const time = timeOf(frame);
  const numbers = frame.fields.filter((field) => field.type === "number");
  if (!time || numbers.length === 0) return [];
  const texts = frame.fields.filter((field) => field.type === "string");
  if (texts.length === 0) return numbers.map((field) => ({ ...frame, meta: { ...frame.meta, type: "timeseries" as const }, fields: [time, field] }));
  const groups = new Map<string, number[]>();
  time.values.forEach((_, row) => {
    const key = JSON.stringify(texts.map((field) => field.values[row]));
    const group = groups.get(key);
    if (group) group.push(row);
    else groups.set(key, [row]);
  });
  return [...groups.values()].flatMap((rows) => {
    const labels = Object.fromEntries(texts.map((field) => [field.name, String(field.values[rows[0] ?? 0] ?? "")]));
    const at = (field: Field): Field => ({ ...field, values: rows.map((row) => field.values[row] ?? null) });
    return numbers.map((field) => ({ ...frame, name: "", meta: { type: "timeseries" as const }, fields: [at(time), { ...at(field), labels: { ...field.labels, ...labels } }] }));
  });
}

/** A value of a trend's numbers by the calculation its column asks for. */
export function trendValue(trend: Frame, calc: string): Cell {
  const field = trend.fields.find((one) => one.type === "number");
  return field ? reduceValues(field.values, calc) : null;
}

