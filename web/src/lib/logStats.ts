import type { FieldSummary } from "./logFields";
import { quote, readQuery } from "./logqlEdit";

/** What is computed of lines: of their number, or of numbers in a field. */
export const logFunctions = ["count", "rate", "bytes", "avg", "p95", "max", "sum"] as const;
export type LogFunction = (typeof logFunctions)[number];

/** A computation over the lines of a query. */
export interface LogStat {
  fn: LogFunction;
  /** The field that the numbers are in; "" where lines are counted. */
  field: string;
  /** The field that lines are grouped by; "" for all as one. */
  by: string;
}

/** Whether a function needs a field with numbers. */
export function needsNumbers(fn: LogFunction): boolean {
  return fn === "avg" || fn === "p95" || fn === "max" || fn === "sum";
}

/** Reads `function.field.by`, as URLs have it; names of fields have no dots in LogQL. */
export function readStat(text: string): LogStat {
  const [fn = "", field = "", by = "detected_level"] = text.split(".");
  return { fn: logFunctions.find((one) => one === fn) ?? "count", field, by };
}

export function writeStat({ fn, field, by }: LogStat): string {
  return `${fn}.${field}.${by}`;
}

/** LogQL for a computation over steps of `window`; a field that is only in the text brings its parser along. Undefined while a field is missing. */
export function statQuery(query: string, { fn, field, by }: LogStat, fields: readonly FieldSummary[], window: string): string | undefined {
  const shape = readQuery(query);
  if (shape.kind !== "log" || (needsNumbers(fn) && field === "")) return undefined;
  const wanted = [by, ...(needsNumbers(fn) ? [field] : [])];
  const parsers = new Set(fields.flatMap((one) => (wanted.includes(one.name) && one.parser && !shape.parsers.includes(one.parser) ? [one.parser] : [])));
  const lines = `${query.trim()}${[...parsers].map((parser) => ` | ${parser}`).join("")}`;
  const grouped = by === "" ? "" : ` by (${by})`;
  switch (fn) {
    case "count":
      return `sum${grouped} (count_over_time(${lines} [${window}]))`;
    case "rate":
      return `sum${grouped} (rate(${lines} [${window}]))`;
    case "bytes":
      return `sum${grouped} (bytes_over_time(${lines} [${window}]))`;
    case "avg":
      return `avg_over_time(${unwrapped(lines, field)} [${window}])${grouped || " by ()"}`;
    case "p95":
      return `quantile_over_time(0.95, ${unwrapped(lines, field)} [${window}])${grouped || " by ()"}`;
    case "max":
      return `max_over_time(${unwrapped(lines, field)} [${window}])${grouped || " by ()"}`;
    case "sum":
      return `sum${grouped} (sum_over_time(${unwrapped(lines, field)} [${window}]))`;
  }
}

/** A line whose field is no number is left out, instead of failing the query. */
function unwrapped(lines: string, field: string): string {
  return `${lines} | unwrap ${field} | __error__=${quote("")}`;
}
