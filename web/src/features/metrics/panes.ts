import type { ChartKind } from "../../components/chart/TimeSeries";
import { list, urlSchema } from "../../lib/urlState";

/** One query and how its answer is shown. */
export interface Pane {
  query: string;
  view: "graph" | "table";
  kind: ChartKind;
  /** Unit id of lib/units; "auto" goes by the metric's name. */
  unit: string;
}

const kinds: readonly ChartKind[] = ["lines", "area", "stacked", "bars", "stackedBars"];

export const emptyPane: Pane = { query: "", view: "graph", kind: "lines", unit: "auto" };

/** The page's URL state: `q` once per pane, `look` beside it as `view.kind.unit`. */
export interface MetricsState {
  q: readonly string[];
  look: readonly string[];
}

export const metricsState = urlSchema<MetricsState>({ q: list([""]), look: list() });

/** The panes of a URL, at least one; a look that is unreadable falls back part by part. */
export function readPanes({ q, look }: MetricsState): Pane[] {
  const queries = q.length === 0 ? [""] : q;
  return queries.map((query, index) => {
    const [view, kind, ...unit] = (look[index] ?? "").split(".");
    return {
      query,
      view: view === "table" ? "table" : "graph",
      kind: kinds.find((one) => one === kind) ?? "lines",
      unit: unit.join(".") || "auto",
    };
  });
}

/** The URL state of `panes`; looks at their defaults are left out. */
export function writePanes(panes: readonly Pane[]): MetricsState {
  const look = panes.map(({ view, kind, unit }) => `${view}.${kind}.${unit}`);
  const plain = `${emptyPane.view}.${emptyPane.kind}.${emptyPane.unit}`;
  return { q: panes.map((pane) => pane.query), look: look.every((one) => one === plain) ? [] : look };
}
