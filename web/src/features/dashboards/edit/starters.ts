import type { Obj } from "../../../lib/dashboard/json";
import { panelTypes } from "../../../viz/registry";
import { newTarget } from "./QueryList";

/** A panel that is made already, to begin with. */
export interface Starter {
  title: string;
  about: string;
  /** What it is about: the heading that it stands under. */
  of: "Services" | "Hosts" | "Programs" | "Logs" | "Traces" | "Alerts and text";
  make: () => Obj;
}

const metrics = { type: "prometheus", uid: "prometheus" };
const logs = { type: "loki", uid: "loki" };
const traces = { type: "tempo", uid: "tempo" };

/** A panel of a type as it is when new, with what is given over it. */
export function newPanel(type: string, given: Obj = {}): Obj {
  const known = panelTypes.get(type);
  const asks = type !== "text" && type !== "dashlist" && type !== "alertlist" && type !== "annolist" && type !== "news";
  return {
    type,
    title: type === "text" ? "" : "New panel",
    gridPos: { x: 0, y: 0, w: 12, h: 8 },
    ...(asks ? { datasource: metrics, targets: [newTarget("A", metrics)] } : {}),
    options: structuredClone(known?.defaults.options ?? {}),
    fieldConfig: structuredClone(known?.defaults.fieldConfig ?? { defaults: {}, overrides: [] }),
    ...given,
  };
}

interface Asked {
  type?: string;
  title: string;
  unit?: string;
  custom?: Obj;
  options?: Obj;
  w?: number;
  h?: number;
}

function panel(source: Obj, targets: readonly Obj[], { type = "timeseries", title, unit, custom, options, w = 12, h = 8 }: Asked): Obj {
  const fresh = newPanel(type);
  const config = fresh.fieldConfig as { defaults: Obj; overrides: unknown[] };
  return {
    ...fresh,
    title,
    gridPos: { x: 0, y: 0, w, h },
    datasource: source,
    targets: targets.map((target, index) => ({ refId: "ABCD".charAt(index), datasource: source, editorMode: "builder", ...target })),
    options: { ...(fresh.options as Obj), ...options },
    fieldConfig: { ...config, defaults: { ...config.defaults, ...(unit ? { unit } : {}), ...(custom ? { custom: { ...(config.defaults.custom as Obj | undefined), ...custom } } : {}) } },
  };
}

const prom = (expr: string, legend = "__auto", more: Obj = {}): Obj => ({ expr, legendFormat: legend, range: true, ...more });
const stacked = { stacking: { mode: "normal", group: "A" }, fillOpacity: 40 };
const bars = { ...stacked, drawStyle: "bars", fillOpacity: 80, lineWidth: 0 };

function starter(of: Starter["of"], about: string, source: Obj, targets: readonly Obj[], asked: Asked): Starter {
  return { of, about, title: asked.title, make: () => structuredClone(panel(source, targets, asked)) };
}

/** The library of starter panels. */
export const starters: readonly Starter[] = [
  starter("Services", "Calls per second of each service, counted from spans", metrics, [prom("sum by (service) (rate(traces_spanmetrics_calls_total[$__rate_interval]))", "{{service}}")], { title: "Calls per second", unit: "reqps" }),
  starter("Services", "Share of calls that failed", metrics, [prom('sum by (service) (rate(traces_spanmetrics_calls_total{status_code="STATUS_CODE_ERROR"}[$__rate_interval])) / sum by (service) (rate(traces_spanmetrics_calls_total[$__rate_interval]))', "{{service}}")], { title: "Failed calls", unit: "percentunit" }),
  starter("Services", "Requests of an HTTP server by status", metrics, [prom("sum by (code) (rate(http_requests_total[$__rate_interval]))", "{{code}}")], { title: "HTTP requests by status", unit: "reqps", custom: stacked }),
  starter("Services", "Median, 95th and 99th percentile from a histogram", metrics, ["0.5", "0.95", "0.99"].map((q) => prom(`histogram_quantile(${q}, sum by (le) (rate(http_request_duration_seconds_bucket[$__rate_interval])))`, `p${Number(q) * 100}`)), { title: "HTTP latency", unit: "s" }),
  starter("Services", "Which targets of scraping are up", metrics, [prom("sum by (job) (up)", "{{job}}", { instant: true, range: false })], { type: "stat", title: "Targets up", w: 12, h: 4 }),
  starter("Hosts", "Processor time in use, by host", metrics, [prom('100 * (1 - avg by (instance) (rate(node_cpu_seconds_total{mode="idle"}[$__rate_interval])))', "{{instance}}")], { title: "CPU busy", unit: "percent" }),
  starter("Hosts", "Memory in use, by host", metrics, [prom("1 - node_memory_MemAvailable_bytes / node_memory_MemTotal_bytes", "{{instance}}")], { title: "Memory used", unit: "percentunit" }),
  starter("Hosts", "How full file systems are", metrics, [prom('1 - node_filesystem_avail_bytes{fstype!~"tmpfs|overlay"} / node_filesystem_size_bytes{fstype!~"tmpfs|overlay"}', "{{instance}} {{mountpoint}}", { instant: true, range: false })], { type: "bargauge", title: "Disk used", unit: "percentunit", options: { orientation: "horizontal" } }),
  starter("Hosts", "Bytes received by each device", metrics, [prom('rate(node_network_receive_bytes_total{device!="lo"}[$__rate_interval])', "{{instance}} {{device}}")], { title: "Network received", unit: "Bps" }),
  starter("Programs", "Processors in use by each program", metrics, [prom("rate(process_cpu_seconds_total[$__rate_interval])", "{{job}} {{instance}}")], { title: "CPU of programs", unit: "short" }),
  starter("Programs", "Resident memory of each program", metrics, [prom("process_resident_memory_bytes", "{{job}} {{instance}}")], { title: "Memory of programs", unit: "bytes" }),
  starter("Programs", "Goroutines of programs in Go", metrics, [prom("go_goroutines", "{{job}} {{instance}}")], { title: "Goroutines", unit: "short" }),
  starter("Logs", "Lines by level, as bars", logs, [{ expr: 'sum by (detected_level) (count_over_time({service_name=~".+"} [$__auto]))', legendFormat: "{{detected_level}}", queryType: "range" }], { title: "Log volume", custom: bars }),
  starter("Logs", "The newest lines", logs, [{ expr: '{service_name=~".+"}', queryType: "range" }], { type: "logs", title: "Log lines", w: 24 }),
  starter("Logs", "The newest lines of errors", logs, [{ expr: '{service_name=~".+"} | detected_level="error"', queryType: "range" }], { type: "logs", title: "Error lines", w: 24 }),
  starter("Logs", "Bytes of lines per second, by service", logs, [{ expr: 'sum by (service_name) (bytes_rate({service_name=~".+"} [$__auto]))', legendFormat: "{{service_name}}", queryType: "range" }], { title: "Log bytes by service", unit: "Bps", custom: stacked }),
  starter("Traces", "Spans that servers began, per second", traces, [{ query: "{ kind = server } | rate() by (resource.service.name)", queryType: "traceql" }], { title: "Requests by service", unit: "reqps" }),
  starter("Traces", "Spans that failed, per second", traces, [{ query: "{ status = error } | rate() by (resource.service.name)", queryType: "traceql" }], { title: "Errors by service", unit: "reqps" }),
  starter("Traces", "95th percentile of the duration, by service", traces, [{ query: "{ kind = server } | quantile_over_time(duration, 0.95) by (resource.service.name)", queryType: "traceql" }], { title: "Duration by service", unit: "s" }),
  starter("Traces", "Traces that took long", traces, [{ query: "{ duration > 500ms }", queryType: "traceql" }], { type: "table", title: "Slow traces" }),
  starter("Traces", "Traces with an error", traces, [{ query: "{ status = error }", queryType: "traceql" }], { type: "table", title: "Failed traces" }),
  { of: "Alerts and text", title: "Alerts that fire", about: "The alerts of all rules, by state", make: () => newPanel("alertlist", { title: "Alerts" }) },
  { of: "Alerts and text", title: "Dashboards", about: "Links to other dashboards", make: () => newPanel("dashlist", { title: "Dashboards" }) },
  { of: "Alerts and text", title: "Text", about: "A note in Markdown", make: () => newPanel("text", { title: "Notes", options: { mode: "markdown", content: "## Notes\n\nWhat to look at first." }, gridPos: { x: 0, y: 0, w: 8, h: 5 } }) },
];

/** The starter panels whose title or description has all the words. */
export function startersFor(find: string): Starter[] {
  return starters.filter((one) => hasWords(`${one.title} ${one.about} ${one.of}`, find));
}

/** Whether a text has all words of another, in any case. */
export function hasWords(text: string, words: string): boolean {
  const within = text.toLowerCase();
  return words.toLowerCase().split(/\s+/).every((word) => within.includes(word));
}
