import { address, isObject, parseJson, quoted, textOf } from "./address";

type Signal = "metrics" | "logs" | "traces";

/** A query of Grafana's Explore, by what it asks. */
interface Asked {
  signal: Signal;
  query: string;
  table: boolean;
}

interface Pane {
  queries: Asked[];
  from: string | undefined;
  to: string | undefined;
}

/**
 * Grafana's Explore: `/explore?panes={…}` and, of versions before 10, `/explore?left=…`. The page of the first query's
 * signal opens, with every query of that signal where the page shows several.
 */
export function fromExplore(params: URLSearchParams): string | undefined {
  const panes = [...panesOf(parseJson(params.get("panes"))), ...leftOf(parseJson(params.get("left"))), ...leftOf(parseJson(params.get("right")))];
  const pane = panes.find(({ queries }) => queries.length > 0) ?? panes[0];
  if (!pane) return undefined;
  const range = { from: pane.from, to: pane.to };
  const first = pane.queries[0];
  if (!first) return address("/explore/metrics", range);
  switch (first.signal) {
    case "logs":
      return address("/explore/logs", { ...range, q: first.query });
    case "traces":
      // A query that is an id asks for that trace.
      return traceId.test(first.query) ? address(`/trace/${first.query.toLowerCase()}`, range) : address("/explore/traces", { ...range, q: first.query });
    case "metrics": {
      const all = panes.flatMap(({ queries }) => queries).filter(({ signal }) => signal === "metrics");
      const looks = all.map(({ table }) => (table ? "table.lines.auto" : "graph.lines.auto"));
      return address("/explore/metrics", { ...range, q: all.map(({ query }) => query), look: all.some(({ table }) => table) ? looks : undefined });
    }
  }
}

const traceId = /^[0-9a-fA-F]{16}(?:[0-9a-fA-F]{16})?$/;

function panesOf(panes: unknown): Pane[] {
  return isObject(panes) ? Object.values(panes).flatMap(paneOf) : [];
}

/** `left` is an object like a pane, or a list: from, to, the data source's name, and queries. */
function leftOf(left: unknown): Pane[] {
  if (!Array.isArray(left)) return paneOf(left);
  const [from, to, source, ...queries] = left as unknown[];
  return paneOf({ datasource: source, queries: queries.filter(isObject), range: { from, to } });
}

function paneOf(pane: unknown): Pane[] {
  if (!isObject(pane)) return [];
  const range = isObject(pane.range) ? pane.range : {};
  const queries = Array.isArray(pane.queries) ? (pane.queries as unknown[]).filter(isObject) : [];
  return [
    {
      queries: queries.filter(({ hide }) => hide !== true).flatMap((query) => queryOf(query, sourceName(query.datasource) || sourceName(pane.datasource))),
      from: textOf(range.from) || undefined,
      to: textOf(range.to) || undefined,
    },
  ];
}

/** What tells of a data source's type: the type itself, else its name or uid. */
function sourceName(source: unknown): string {
  if (isObject(source)) return textOf(source.type) || textOf(source.uid);
  return textOf(source);
}

function queryOf(query: Record<string, unknown>, source: string): Asked[] {
  const expr = textOf(query.expr);
  const signal = signalOf(query, source);
  const table = query.instant === true && query.range !== true;
  if (signal !== "traces") return expr === "" ? [] : [{ signal, query: expr, table }];
  const text = textOf(query.query).trim();
  if (query.queryType === "traceqlSearch" || query.queryType === "nativeSearch" || query.queryType === "search") return [{ signal, query: searchOf(query), table }];
  return text === "" ? [] : [{ signal, query: text, table }];
}

function signalOf(query: Record<string, unknown>, source: string): Signal {
  const name = source.toLowerCase();
  if (/loki|logs/.test(name)) return "logs";
  if (/tempo|jaeger|zipkin|trace/.test(name)) return "traces";
  if (/prometheus|mimir|cortex|thanos|victoria/.test(name)) return "metrics";
  // A data source known by a uid alone tells nothing; its query does.
  if (typeof query.expr !== "string") return "traces";
  return /^\s*(\{[^}]*\}\s*(\||$)|.*\{[^}]*\}\s*\|[=~>a-z])/s.test(query.expr) && /\{/.test(query.expr) && /\|/.test(query.expr) ? "logs" : "metrics";
}

/** The search forms of Grafana for Tempo (`filters`) and Jaeger (`service`, `operation`) as TraceQL. */
function searchOf(query: Record<string, unknown>): string {
  const filters = Array.isArray(query.filters) ? (query.filters as unknown[]).filter(isObject) : [];
  const conditions = filters.flatMap((filter) => {
    const tag = textOf(filter.tag);
    const values = (Array.isArray(filter.value) ? (filter.value as unknown[]) : [filter.value]).map(textOf).filter((value) => value !== "");
    if (tag === "" || values.length === 0) return [];
    const scope = textOf(filter.scope);
    const field = scope === "resource" || scope === "span" ? `${scope}.${tag}` : scope === "intrinsic" || intrinsics.has(tag) ? tag : `.${tag}`;
    return [conditionOf(field, textOf(filter.operator) || "=", values, textOf(filter.valueType))];
  });
  const service = textOf(query.service) || textOf(query.serviceName);
  const operation = textOf(query.operation) || textOf(query.spanName);
  if (service !== "") conditions.push(`resource.service.name = ${quoted(service)}`);
  if (operation !== "" && operation !== "All") conditions.push(`name = ${quoted(operation)}`);
  for (const [field, operator] of [["minDuration", ">="], ["maxDuration", "<="]] as const) {
    const value = textOf(query[field]);
    if (/^\d+(\.\d+)?(us|µs|ms|s|m|h)$/.test(value)) conditions.push(`duration ${operator} ${value}`);
  }
  return conditions.length === 0 ? "{}" : `{ ${conditions.join(" && ")} }`;
}

const intrinsics = new Set(["name", "status", "duration", "kind", "rootName", "rootServiceName", "statusMessage", "traceDuration"]);
const bare = new Set(["duration", "traceDuration", "status", "kind"]);

function conditionOf(field: string, operator: string, values: readonly string[], valueType: string): string {
  const write = (value: string): string => (valueType !== "string" && (bare.has(field) || ["int", "float", "bool", "duration", "keyword"].includes(valueType)) ? value : quoted(value));
  const one = (value: string): string => `${field} ${operator} ${write(value)}`;
  if (values.length === 1) return one(values[0] ?? "");
  return operator === "=~" || operator === "!~" ? `${field} ${operator} ${quoted(values.join("|"))}` : `(${values.map(one).join(operator === "!=" ? " && " : " || ")})`;
}

/** A dashboard's one panel, `/d-solo/UID/SLUG?panelId=2`, as the dashboard shows a panel alone. */
export function fromSolo(path: string, params: URLSearchParams): string | undefined {
  const [, rest] = /^\/d-solo\/([^/]+(?:\/[^/]*)?)$/.exec(path) ?? [];
  if (rest === undefined) return undefined;
  const kept = Object.fromEntries([...new Set(params.keys())].filter((key) => key !== "panelId").map((key) => [key, params.getAll(key)]));
  return address(`/d/${rest}`, { ...kept, viewPanel: params.get("panelId") ?? undefined, kiosk: "1" });
}
