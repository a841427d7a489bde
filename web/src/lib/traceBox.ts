import { readConditions, writeConditions, type Condition } from "./traceqlEdit";

/** A box on a chart of durations: spans that began within `from`–`to` and took at least `low`, less than `high`. */
export interface TraceBox {
  /** Whose durations: of the spans themselves, or of the traces they belong to. */
  of: "span" | "trace";
  /** Unix milliseconds. */
  from: number;
  to: number;
  /** Nanoseconds; 0 and Infinity are open ends. */
  low: number;
  high: number;
}

/** A box as URLs carry it. */
export function writeBox(box: TraceBox | undefined): string {
  if (!box) return "";
  const high = Number.isFinite(box.high) ? String(Math.round(box.high)) : "";
  return `${box.of === "trace" ? "trace," : ""}${Math.floor(box.from)}-${Math.ceil(box.to)},${Math.round(box.low)}-${high}`;
}

/** Reads a box; undefined for what is none. */
export function readBox(text: string): TraceBox | undefined {
  const [, of, from, to, low, high] = /^(trace,)?(\d+)-(\d+),(\d+)-(\d*)$/.exec(text) ?? [];
  if (from === undefined || to === undefined || low === undefined) return undefined;
  const box: TraceBox = { of: of ? "trace" : "span", from: Number(from), to: Number(to), low: Number(low), high: high ? Number(high) : Infinity };
  return box.from < box.to && box.low < box.high ? box : undefined;
}

/** The durations of a box as conditions of a filter. */
export function boxConditions({ of, low, high }: TraceBox): Condition[] {
  const end = (op: Condition["op"], nanos: number): Condition => ({ field: of === "trace" ? "traceDuration" : "duration", op, value: `${Math.round(nanos)}ns`, quoted: false });
  return [...(low > 0 ? [end(">=", low)] : []), ...(Number.isFinite(high) ? [end("<", high)] : [])];
}

/** A query narrowed by more conditions; one beyond the builder gets another filter stage. */
export function narrowed(query: string, more: readonly Condition[]): string {
  if (more.length === 0) return query;
  const conditions = readConditions(query);
  return conditions ? writeConditions([...conditions, ...more]) : `${query.trim()} | ${writeConditions(more)}`;
}
