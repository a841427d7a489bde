import { literal } from "../queryText";

/** One comparison inside `{ … }`, or what the builder has no controls for. */
export type TraceCondition =
  /** A value that is not quoted is a number, a duration, a word such as `error`, or a variable. */
  { kind: "condition"; field: string; op: string; value: string; quoted: boolean } | { kind: "text"; text: string };

/** One step behind the filter. */
export type TraceStage =
  /** Series over time: `rate()`, `quantile_over_time(duration, 0.95)`. */
  | { kind: "metrics"; fn: string; attribute: string; params: string[]; by: string[] }
  /** The largest or smallest series. */
  | { kind: "top"; fn: "topk" | "bottomk"; limit: string }
  /** Traces by a number computed of their spans: `count() > 2`, `avg(duration) > 1s`. */
  | { kind: "scalar"; fn: string; attribute: string; op: string; value: string }
  /** Attributes that answers have beside the usual ones. */
  | { kind: "select"; attributes: string[] }
  | { kind: "text"; text: string };

/** A TraceQL query as the builder edits it: one filter of spans, and steps behind it. */
export interface BuiltTraces {
  /** How the conditions belong together. */
  join: "&&" | "||";
  conditions: TraceCondition[];
  stages: TraceStage[];
}

/** Functions that make series. */
export const metricFunctions = ["rate", "count_over_time", "avg_over_time", "sum_over_time", "min_over_time", "max_over_time", "quantile_over_time", "histogram_over_time"] as const;

/** Functions over the spans of one trace. */
export const scalarFunctions = ["count", "avg", "sum", "min", "max"] as const;

/** Whether a function computes with an attribute. */
export function takesAttribute(fn: string): boolean {
  return fn !== "rate" && fn !== "count_over_time" && fn !== "count";
}

/** The query of what was built; `{}` for nothing. */
export function writeTraces({ join, conditions, stages }: BuiltTraces): string {
  const inside = conditions.map(writeCondition).filter((text) => text !== "");
  const filter = inside.length === 0 ? "{}" : `{ ${inside.join(` ${join} `)} }`;
  return [filter, ...stages.map(writeStage).filter((text) => text !== "")].join(" | ");
}

function writeCondition(one: TraceCondition): string {
  if (one.kind === "text") return one.text;
  if (one.field === "" || (one.value === "" && !one.quoted)) return "";
  return `${one.field} ${one.op} ${one.quoted ? literal(one.value) : one.value}`;
}

function writeStage(stage: TraceStage): string {
  switch (stage.kind) {
    case "metrics": {
      const attribute = takesAttribute(stage.fn) ? [stage.attribute || "duration"] : [];
      const params = stage.fn === "quantile_over_time" ? (stage.params.length > 0 ? stage.params : ["0.95"]) : [];
      return `${stage.fn}(${[...attribute, ...params].join(", ")})${stage.by.length === 0 ? "" : ` by (${stage.by.join(", ")})`}`;
    }
    case "top":
      return `${stage.fn}(${stage.limit || "10"})`;
    case "scalar":
      return `${stage.fn}(${takesAttribute(stage.fn) ? stage.attribute || "duration" : ""}) ${stage.op} ${stage.value || "0"}`;
    case "select":
      return stage.attributes.length === 0 ? "" : `select(${stage.attributes.join(", ")})`;
    case "text":
      return stage.text;
  }
}
