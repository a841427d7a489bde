import type { Frame } from "./frame";

/** A log line with its labels. */
export interface Line {
  /** Unix nanoseconds. */
  ts: string;
  line: string;
  labels: Record<string, string>;
}

/** One frame of lines, its columns named as Loki's data source of Grafana names them: transformations refer to them. */
export function logFrame(lines: readonly Line[], refId: string, query: string): Frame {
  return {
    refId,
    name: "",
    fields: [
      { name: "labels", type: "json", values: lines.map((one) => one.labels), config: {} },
      { name: "Time", type: "time", values: lines.map((one) => Number(one.ts.slice(0, -6))), config: {} },
      { name: "Line", type: "string", values: lines.map((one) => one.line), config: {} },
      { name: "tsNs", type: "string", values: lines.map((one) => one.ts), config: {} },
      { name: "id", type: "string", values: lines.map((one, index) => `${one.ts}_${index}`), config: {} },
    ],
    meta: { type: "logs", executedQuery: query },
  };
}
