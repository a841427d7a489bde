import type { SourceType } from "./datasource";
import { num, obj, isObj, str } from "./json";
import type { VariableOption } from "./model";
import { queryText } from "./readVariables";

/** What a query variable asks of its data source. */
export type VariableRequest =
  | { ask: "labelNames"; match: string }
  | { ask: "labelValues"; label: string; match: string }
  /** Names of metrics that match the regular expression. */
  | { ask: "metrics"; pattern: string }
  /** The series of an instant query, written as text. */
  | { ask: "result"; expr: string }
  | { ask: "series"; match: string };

const labelValues = /^label_values\((?:([\s\S]+),\s*)?([^,()"{}]*)\)$/;
const labelNames = /^label_names\(([\s\S]*)\)$/;
const metrics = /^metrics\(([\s\S]+)\)$/;
const result = /^query_result\(([\s\S]+)\)$/;

/** Reads a variable's query for a kind of data source; `fill` replaces the variables in it. */
export function variableRequest(type: SourceType, query: unknown, fill: (text: string) => string): VariableRequest | { error: string } {
  if (type === "loki" || type === "tempo") {
    const form = formRequest(query, fill);
    if (form) return form;
  }
  const text = fill(queryText(query)).trim();
  const values = labelValues.exec(text);
  if (values) return { ask: "labelValues", label: (values[2] ?? "").trim(), match: (values[1] ?? "").trim() };
  const names = labelNames.exec(text);
  if (names) return { ask: "labelNames", match: (names[1] ?? "").trim() };
  if (text === "") return { error: "The variable has no query." };
  if (type === "loki") return { ask: "labelValues", label: text, match: "" };
  if (type === "tempo" || type === "jaeger") return { ask: "labelValues", label: text, match: "" };
  const named = metrics.exec(text);
  if (named) return { ask: "metrics", pattern: (named[1] ?? "").trim() };
  const asked = result.exec(text);
  if (asked) return { ask: "result", expr: (asked[1] ?? "").trim() };
  return { ask: "series", match: text };
}

/** The object that Loki's and Tempo's editors save: type 0 asks for names, 1 for values of a label. */
function formRequest(query: unknown, fill: (text: string) => string): VariableRequest | undefined {
  if (!isObj(query) || (query.label === undefined && query.type === undefined)) return undefined;
  const match = fill(str(query.stream) || str(query.query));
  if (num(query.type) === 0) return { ask: "labelNames", match };
  const label = fill(str(query.label));
  return label === "" && num(query.type) !== 1 ? undefined : { ask: "labelValues", label, match: match === label ? "" : match };
}

/**
 * A request as the dashboard keeps it: in the object that the source's own editor saves where there is one or it is that
 * of Loki and Tempo, else as text.
 */
export function writeVariableQuery(type: SourceType, before: unknown, request: VariableRequest): unknown {
  const kept = isObj(before) ? before : undefined;
  if ((type === "loki" || type === "tempo") && (request.ask === "labelNames" || request.ask === "labelValues")) {
    const { query: _, ...rest } = kept ?? { refId: "VariableQuery" };
    return { ...rest, type: request.ask === "labelNames" ? 0 : 1, label: request.ask === "labelValues" ? request.label : "", stream: request.match };
  }
  const text = requestText(request);
  return kept ? { ...kept, query: text } : text;
}

function requestText(request: VariableRequest): string {
  switch (request.ask) {
    case "labelNames":
      return `label_names(${request.match})`;
    case "labelValues":
      return request.match === "" ? `label_values(${request.label})` : `label_values(${request.match}, ${request.label})`;
    case "metrics":
      return `metrics(${request.pattern})`;
    case "result":
      return `query_result(${request.expr})`;
    case "series":
      return request.match;
  }
}

/** A series of an instant answer as `query_result` shows it: `up{job="a"} 1 1700000000000`. */
export function resultText(labels: Readonly<Record<string, string>>, value: string, seconds: number): string {
  const { __name__: name = "", ...rest } = labels;
  const pairs = Object.entries(rest).map(([key, one]) => `${key}="${one}"`);
  const series = pairs.length === 0 && name !== "" ? `${name}{}` : `${name}{${pairs.join(",")}}`;
  return Object.keys(labels).length === 0 ? `{} ${value} ${Math.round(seconds * 1000)}` : `${series} ${value} ${Math.round(seconds * 1000)}`;
}

export function plainOptions(values: readonly string[]): VariableOption[] {
  return values.map((value) => ({ text: value, value }));
}

/** Members of a query that decide its answer, for a cache key. */
export function queryKey(query: unknown): string {
  return typeof query === "string" ? query : JSON.stringify(obj(query));
}
