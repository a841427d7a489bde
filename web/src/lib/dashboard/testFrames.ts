import type { Cell, Field, FieldConfig, Frame } from "./frame";

/** Frames for tests: a series with times a minute apart. */
export function series(refId: string, name: string, values: Cell[], extra: { labels?: Record<string, string>; config?: FieldConfig } = {}): Frame {
  const times = values.map((_, row) => 1_700_000_000_000 + row * 60_000);
  return {
    refId,
    name,
    meta: { type: "timeseries" },
    fields: [
      { name: "Time", type: "time", values: times, config: {} },
      { name: "Value", type: "number", values, config: extra.config ?? {}, ...(extra.labels && { labels: extra.labels }) },
    ],
  };
}

/** A table by its columns; numbers, texts and times are told apart by their values and the name "Time". */
export function table(refId: string, columns: Record<string, Cell[]>, config: Record<string, FieldConfig> = {}): Frame {
  return {
    refId,
    name: "",
    meta: { type: "table" },
    fields: Object.entries(columns).map(([name, values]): Field => {
      const first = values.find((value) => value !== null);
      const type = name.startsWith("Time") ? "time" : typeof first === "number" ? "number" : typeof first === "boolean" ? "bool" : "string";
      return { name, type, values, config: config[name] ?? {} };
    }),
  };
}
