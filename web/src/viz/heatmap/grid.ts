import type { Cell, Field, Frame } from "../../lib/dashboard/frame";
import { fieldName } from "../../lib/dashboard/fieldname";
import { num, obj, str, type Obj } from "../../lib/dashboard/json";
import { bucketsOf } from "../../lib/dashboard/transformCalculate";

/** A row of a heatmap: a bucket with bounds, or a series with a name. */
export interface HeatRow {
  name: string;
  /** Bounds of the values in it; undefined where the rows are names. */
  low?: number;
  high?: number;
}

/** Counts by time and row. */
export interface HeatGrid {
  /** Milliseconds since 1970, ascending. */
  times: number[];
  /** Milliseconds that a column is wide, ending at its time. */
  step: number;
  /** Lowest first. */
  rows: HeatRow[];
  /** For each row its values by time. */
  values: (number | null)[][];
  unit: string | undefined;
}

/** The grid of a heatmap panel: buckets as the data has them, or counted here where the panel says "calculate". */
export function readHeatmap(frames: readonly Frame[], options: Obj): HeatGrid | undefined {
  const usable = frames.filter((frame) => frame.meta?.type !== "exemplars" && frame.fields.some((field) => field.type === "time"));
  if (options.calculate === true) return calculated(usable, obj(options.calculation));
  const columns = usable.flatMap((frame) =>
    frame.fields.flatMap((field) => {
      const time = frame.fields.find((one) => one.type === "time");
      return field.type === "number" && time ? [{ field, time, name: fieldName(field, frame, usable) }] : [];
    }),
  );
  if (columns.length === 0) return undefined;
  const bounds = columns.map(({ name, field }) => boundOf(field.labels?.le ?? name));
  const bounded = bounds.every((bound) => !Number.isNaN(bound));
  const order = columns.map((_, index) => index);
  if (bounded) order.sort((a, b) => (bounds[a] ?? 0) - (bounds[b] ?? 0));
  const times = [...new Set(columns.flatMap(({ time }) => time.values.map(Number)))].toSorted((a, b) => a - b);
  // Buckets are named by their upper bound, unless the panel says that it is the lower one.
  const lower = str(obj(options.rowsFrame).layout) === "ge";
  const rows = order.map((index, at): HeatRow => {
    const name = columns[index]?.name ?? "";
    if (!bounded) return { name };
    const bound = bounds[index] ?? 0;
    return lower ? { name, low: bound, high: bounds[order[at + 1] ?? -1] ?? Infinity } : { name, low: at === 0 ? -Infinity : (bounds[order[at - 1] ?? -1] ?? -Infinity), high: bound };
  });
  const values = order.map((index) => byTime(columns[index]?.time.values ?? [], columns[index]?.field.values ?? [], times));
  return { times, step: stepOf(times), rows, values, unit: columns[0]?.field.config.unit };
}

function boundOf(name: string): number {
  const text = name.trim();
  if (/^\+?inf(inity)?$/i.test(text)) return Infinity;
  return text === "" ? NaN : Number(text);
}

function byTime(times: readonly Cell[], values: readonly Cell[], slots: readonly number[]): (number | null)[] {
  const at = new Map(times.map((time, row) => [Number(time), values[row]]));
  return slots.map((slot) => {
    const value = at.get(slot);
    return typeof value === "number" && Number.isFinite(value) ? value : null;
  });
}

/** The smallest distance between neighbours. */
function stepOf(times: readonly number[]): number {
  let step = Infinity;
  for (let i = 1; i < times.length; i++) step = Math.min(step, (times[i] ?? 0) - (times[i - 1] ?? 0));
  return Number.isFinite(step) && step > 0 ? step : 60_000;
}

const durations: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Counts how many values of all series fall into each stretch of time and values. */
function calculated(frames: readonly Frame[], calculation: Obj): HeatGrid | undefined {
  const series = frames.flatMap((frame) => {
    const time = frame.fields.find((one) => one.type === "time");
    return time ? frame.fields.flatMap((field) => (field.type === "number" ? [{ time, field }] : [])) : [];
  });
  const times = series.flatMap(({ time }) => time.values.map(Number));
  const [first, last] = [times.reduce((a, b) => Math.min(a, b), Infinity), times.reduce((a, b) => Math.max(a, b), -Infinity)];
  if (!(last > first)) return undefined;
  const width = bucketWidth(obj(calculation.xBuckets), last - first);
  const scale = obj(obj(calculation.yBuckets).scale);
  const base = scale.type === "log" ? (num(scale.log) ?? 2) : undefined;
  const grid = base === undefined ? linearRows(series.map(({ field }) => field), obj(calculation.yBuckets)) : logRows(series.map(({ field }) => field), base);
  if (!grid) return undefined;
  const from = Math.floor(first / width) * width;
  const columns = Math.floor((last - from) / width) + 1;
  const values = grid.rows.map(() => Array<number | null>(columns).fill(null));
  for (const { time, field } of series) {
    field.values.forEach((value, row) => {
      if (typeof value !== "number" || !Number.isFinite(value)) return;
      const counts = values[grid.rowOf(value)];
      const column = Math.floor((Number(time.values[row]) - from) / width);
      if (counts && column >= 0 && column < columns) counts[column] = (counts[column] ?? 0) + 1;
    });
  }
  return { times: Array.from({ length: columns }, (_, column) => from + (column + 1) * width), step: width, rows: grid.rows, values, unit: series[0]?.field.config.unit };
}

function bucketWidth(buckets: Obj, whole: number): number {
  const [, count = "", unit = ""] = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(str(buckets.value)) ?? [];
  if (str(buckets.mode) !== "count" && unit !== "") return Number(count) * (durations[unit] ?? 1000);
  return Math.max(Math.ceil(whole / Math.min(num(buckets.value) ?? 40, 400)), 1);
}

interface Rows {
  rows: HeatRow[];
  rowOf(value: number): number;
}

function linearRows(fields: readonly Field[], buckets: Obj): Rows | undefined {
  const size = str(buckets.mode) === "count" ? undefined : num(buckets.value);
  const made = bucketsOf(fields.map((field) => field.values), size, 0, str(buckets.mode) === "count" ? (num(buckets.value) ?? 20) : 20);
  if (!made) return undefined;
  const rows = Array.from({ length: made.count }, (_, index): HeatRow => ({ name: "", low: made.first + index * made.size, high: made.first + (index + 1) * made.size }));
  return { rows, rowOf: (value) => Math.min(Math.floor((value - made.first) / made.size + 1e-9), made.count - 1) };
}

function logRows(fields: readonly Field[], base: number): Rows | undefined {
  const powers = fields.flatMap((field) => field.values.flatMap((value) => (typeof value === "number" && value > 0 && Number.isFinite(value) ? [Math.floor(Math.log(value) / Math.log(base))] : [])));
  if (powers.length === 0) return undefined;
  const [low, high] = [powers.reduce((a, b) => Math.min(a, b)), powers.reduce((a, b) => Math.max(a, b))];
  const rows = Array.from({ length: Math.min(high - low + 1, 400) }, (_, index): HeatRow => ({ name: "", low: base ** (low + index), high: base ** (low + index + 1) }));
  return { rows, rowOf: (value) => (value > 0 ? Math.floor(Math.log(value) / Math.log(base)) - low : -1) };
}
