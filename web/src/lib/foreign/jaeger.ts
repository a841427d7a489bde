import { address, isObject, parseJson, quoted, textOf } from "./address";

/** Jaeger's search page: `/search?service=…&operation=…&tags={…}&minDuration=…&lookback=…`. */
export function fromJaegerSearch(params: URLSearchParams): string | undefined {
  const asked = params.getAll("traceID").map((id) => id.toLowerCase());
  if (asked[0] !== undefined && traceId.test(asked[0])) return address(`/trace/${asked[0]}`);
  const service = params.get("service");
  if (service === null) return undefined;
  const operation = params.get("operation");
  const conditions = [
    `resource.service.name = ${quoted(service)}`,
    ...(operation && operation !== "all" ? [`name = ${quoted(operation)}`] : []),
    ...tagsOf(params).map(([key, value]) => condition(key, value)),
    ...duration("duration >=", params.get("minDuration")),
    ...duration("duration <=", params.get("maxDuration")),
  ];
  return address("/explore/traces", { q: `{ ${conditions.join(" && ")} }`, ...range(params) });
}

const traceId = /^[0-9a-f]{1,32}$/;

/** Jaeger's page of one trace, `/trace/ID?uiFind=…`, and of two, `/trace/ID...ID`; undefined where it is as Oriel writes it. */
export function fromJaegerTrace(id: string, params: URLSearchParams): string | undefined {
  const [first = "", second] = id.toLowerCase().split("...");
  if (!traceId.test(first) || (second !== undefined && !traceId.test(second))) return undefined;
  const find = params.get("uiFind") ?? undefined;
  if (second === undefined && find === undefined && first === id) return undefined;
  return address(`/trace/${first}`, { vs: second, find, span: params.get("span") ?? undefined });
}

/** Tags come as JSON in `tags`, and from old versions as `tag=key:value`. */
function tagsOf(params: URLSearchParams): [key: string, value: string][] {
  const json = parseJson(params.get("tags"));
  const pairs: [string, string][] = isObject(json) ? Object.entries(json).map(([key, value]) => [key, typeof value === "boolean" ? String(value) : textOf(value)]) : [];
  for (const tag of params.getAll("tag")) {
    const colon = tag.indexOf(":");
    if (colon > 0) pairs.push([tag.slice(0, colon), tag.slice(colon + 1)]);
  }
  return pairs;
}

/** Jaeger compares tags as text, TraceQL by type: what reads as a number or a truth is asked for as both. */
function condition(key: string, value: string): string {
  if (key === "error") return value === "false" ? "status != error" : "status = error";
  if (key === "span.kind" && /^(client|server|producer|consumer|internal)$/.test(value)) return `kind = ${value}`;
  const field = /^[\w.-]+$/.test(key) ? `.${key}` : `.${quoted(key)}`;
  const text = `${field} = ${quoted(value)}`;
  return /^(-?\d{1,15}(\.\d+)?|true|false)$/.test(value) ? `(${text} || ${field} = ${value})` : text;
}

function duration(comparison: string, value: string | null): string[] {
  const text = value?.trim().replace("μ", "µ").replace("µs", "us") ?? "";
  return /^\d+(\.\d+)?(us|ms|s|m|h)$/.test(text) ? [`${comparison} ${text}`] : [];
}

/** `start` and `end` are microseconds; a lookback is kept as one that moves. */
function range(params: URLSearchParams): { from?: string; to?: string } {
  const lookback = params.get("lookback");
  if (lookback && /^\d+[smhdw]$/.test(lookback)) return { from: `now-${lookback}`, to: "now" };
  const [start, end] = [params.get("start"), params.get("end")];
  if (!start || !end || !/^\d{13,17}$/.test(start) || !/^\d{13,17}$/.test(end)) return {};
  return { from: String(Math.floor(Number(start) / 1000)), to: String(Math.ceil(Number(end) / 1000)) };
}
