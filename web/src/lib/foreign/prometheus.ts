import { parseDuration } from "../duration";
import { address } from "./address";

/**
 * Prometheus' graph page: `/graph?g0.expr=…` of every `generatorURL`, and `/query?g0.expr=…` of Prometheus 3. Panels become
 * panes; the range is that of the first, since the page has one.
 */
export function fromPrometheus(params: URLSearchParams): string | undefined {
  const panels = panelNumbers(params);
  if (panels.length === 0) return undefined;
  const looks = panels.map((panel) => (isTable(params, panel) ? "table.lines.auto" : "graph.lines.auto"));
  return address("/explore/metrics", {
    ...range(params, panels[0] ?? 0),
    q: panels.map((panel) => params.get(`g${panel}.expr`) ?? ""),
    look: looks.some((look) => look.startsWith("table")) ? looks : undefined,
  });
}

function panelNumbers(params: URLSearchParams): number[] {
  const numbers = [...params.keys()].flatMap((key) => {
    const [, panel] = /^g(\d{1,3})\.expr$/.exec(key) ?? [];
    return panel === undefined ? [] : [Number(panel)];
  });
  return [...new Set(numbers)].toSorted((a, b) => a - b);
}

/** Prometheus writes the tab by number, Prometheus 3 by name. */
function isTable(params: URLSearchParams, panel: number): boolean {
  const tab = params.get(`g${panel}.tab`);
  if (tab === "table") return true;
  // Every generatorURL asks for tab 1, the table, where a graph says what led to the alert: only a link that somebody
  // made on the page itself, which has a time, means it.
  return tab === "1" && (params.has(`g${panel}.range_input`) || params.has(`g${panel}.moment_input`));
}

function range(params: URLSearchParams, panel: number): { from?: string; to?: string } {
  const span = params.get(`g${panel}.range_input`) ?? "";
  const nanos = parseDuration(span.replaceAll(" ", ""));
  const ms = nanos === undefined ? undefined : Math.round(nanos / 1e6);
  const at = utc(params.get(`g${panel}.end_input`) ?? params.get(`g${panel}.moment_input`));
  if (at !== undefined) return { from: String(at - (ms ?? 3_600_000)), to: String(at) };
  if (ms === undefined) return {};
  return { from: /^\d+[smhdw]$/.test(span) ? `now-${span}` : `now-${Math.round(ms / 1000)}s`, to: "now" };
}

/** Prometheus writes times without a zone and means UTC. */
function utc(text: string | null): number | undefined {
  if (!text) return undefined;
  const ms = Date.parse(`${text.trim().replace(" ", "T")}${/Z|[+-]\d{2}:?\d{2}$/.test(text) ? "" : "Z"}`);
  return Number.isNaN(ms) ? undefined : ms;
}
