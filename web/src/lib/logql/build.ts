import { literal } from "../queryText";

/** A condition on a label of the streams. */
export interface StreamMatcher {
  name: string;
  op: "=" | "!=" | "=~" | "!~";
  /** Unquoted. */
  value: string;
}

/** One step of the pipeline behind the selector. */
export type LogStage =
  /** Any of the texts; `|>` and `!>` take patterns. */
  | { kind: "line"; op: string; values: string[] }
  /** `json`, `logfmt`, `unpack`, or with a template `pattern` and `regexp`. */
  | { kind: "parser"; name: string; template: string }
  /** A value that is not quoted is a number, a duration or a size. */
  | { kind: "filter"; name: string; op: string; value: string; quoted: boolean }
  | { kind: "unwrap"; label: string; conversion: string }
  | { kind: "format"; template: string }
  | { kind: "labels"; how: "drop" | "keep"; labels: string[] }
  /** What the builder has no controls for, with the bar before it. */
  | { kind: "text"; text: string };

/** Something done to what is inside it. The first one makes numbers of lines. */
export type LogStep =
  /** `rate(… [5m])` and its like; `offset` as it is written, or "". */
  | { kind: "window"; fn: string; param: string; window: string; offset: string; grouping: "by" | "without" | ""; labels: string[] }
  | { kind: "aggregate"; op: string; param: string; grouping: "by" | "without" | ""; labels: string[] }
  /** With a number or any expression at the right. */
  | { kind: "binary"; op: string; right: string }
  /** What the builder has no controls for: text around what is inside. */
  | { kind: "text"; before: string; after: string };

/** A LogQL query as the builder edits it: a selector, its pipeline, and steps from the inside out. */
export interface BuiltLogs {
  matchers: StreamMatcher[];
  stages: LogStage[];
  steps: LogStep[];
}

/** Functions of a window that count lines or bytes. */
export const lineFunctions = ["count_over_time", "rate", "bytes_over_time", "bytes_rate", "absent_over_time"] as const;

/** Functions of a window over the values of an unwrapped label. */
export const valueFunctions = ["avg_over_time", "sum_over_time", "min_over_time", "max_over_time", "quantile_over_time", "stddev_over_time", "stdvar_over_time", "first_over_time", "last_over_time", "rate_counter"] as const;

/** Aggregations that the builder offers. */
export const logAggregations = ["sum", "avg", "min", "max", "count", "topk", "bottomk", "stddev", "stdvar", "sort", "sort_desc"] as const;

/** Whether a function or aggregation takes a number before the series. */
export function takesParameter(op: string): boolean {
  return op === "topk" || op === "bottomk" || op === "quantile_over_time";
}

/** The query of what was built. */
export function writeLogs({ matchers, stages, steps }: BuiltLogs): string {
  if (matchers.length === 0) return "";
  const selector = `{${matchers.map(({ name, op, value }) => `${name}${op}${literal(value)}`).join(", ")}}`;
  const lines = [selector, ...stages.map(writeStage).filter((text) => text !== "")].join(" ");
  return steps.reduce(wrap, lines);
}

function writeStage(stage: LogStage): string {
  switch (stage.kind) {
    case "line":
      return stage.values.length === 0 ? "" : `${stage.op} ${stage.values.map(literal).join(" or ")}`;
    case "parser":
      return `| ${stage.name}${stage.name === "pattern" || stage.name === "regexp" ? ` ${literal(stage.template)}` : ""}`;
    case "filter":
      return `| ${stage.name}${stage.quoted ? "" : " "}${stage.op}${stage.quoted ? "" : " "}${stage.quoted ? literal(stage.value) : stage.value || "0"}`;
    case "unwrap":
      return stage.label === "" ? "" : `| unwrap ${stage.conversion === "" ? stage.label : `${stage.conversion}(${stage.label})`}`;
    case "format":
      return `| line_format ${literal(stage.template)}`;
    case "labels":
      return stage.labels.length === 0 ? "" : `| ${stage.how} ${stage.labels.join(", ")}`;
    case "text":
      return stage.text;
  }
}

function wrap(inner: string, step: LogStep): string {
  switch (step.kind) {
    case "window": {
      const param = takesParameter(step.fn) ? `${step.param || "0.95"}, ` : "";
      return `${step.fn}(${param}${inner} [${step.window || "$__auto"}]${step.offset === "" ? "" : ` offset ${step.offset}`})${groupText(step, " ", "")}`;
    }
    case "aggregate":
      return `${step.op}${groupText(step, " ", " ")}(${takesParameter(step.op) ? `${step.param || "10"}, ` : ""}${inner})`;
    case "binary":
      return step.right.trim() === "" ? inner : `${inner} ${step.op} ${step.right}`;
    case "text":
      return `${step.before}${inner}${step.after}`;
  }
}

function groupText({ grouping, labels }: { grouping: string; labels: readonly string[] }, before: string, after: string): string {
  return labels.length > 0 || grouping === "without" ? `${before}${grouping || "by"} (${labels.join(", ")})${after}` : "";
}
