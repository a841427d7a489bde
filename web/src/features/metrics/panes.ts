import { chartKinds } from "../../components/chart/KindSelect";
import type { ChartKind } from "../../components/chart/TimeSeries";
import { parseStep } from "../../lib/step";
import { choice, list, text, urlSchema } from "../../lib/urlState";

/** A query of a pane. Its name on the page, A, B, …, is its place among all. */
export interface PaneQuery {
  text: string;
  /** What series are called, as `{{service}}`; "" for what tells them apart. */
  legend: string;
  /** Asked, since others may compute with it, but not shown. */
  hidden: boolean;
}

/** Queries with one chart, and how their answers are shown. */
export interface Pane {
  queries: readonly PaneQuery[];
  view: "graph" | "table" | "heatmap";
  kind: ChartKind;
  /** Unit id of lib/units; "auto" goes by the metric's name. */
  unit: string;
  exemplars: boolean;
  log: boolean;
  /** How far apart the points are, as `15s`; "" for what suits the range. */
  step: string;
}

/** Queries in one pane at most: beyond that a chart says nothing. */
export const maxQueries = 8;

const views = ["graph", "table", "heatmap"] as const;

export const emptyQuery: PaneQuery = { text: "", legend: "", hidden: false };
export const emptyPane: Pane = { queries: [emptyQuery], view: "graph", kind: "lines", unit: "auto", exemplars: true, log: false, step: "" };

/** What the values of a label are ranked by. */
export type BreakdownOrder = "different" | "largest" | "name";

/**
 * The page's URL state. In query mode: `q` once per query, `pane` beside it with the number of its pane (its own without
 * it), `look` once per pane as `view.kind.unit`, `opt` once per pane with a letter for each switch, `step` once per pane.
 * In browse mode: the metric `m`, the filters `f`, the label `by`, the order `sort` of its values, how they are drawn,
 * `form`, and what names contain, `find`.
 */
export interface MetricsState {
  mode: string;
  q: readonly string[];
  pane: readonly string[];
  look: readonly string[];
  opt: readonly string[];
  legend: readonly string[];
  step: readonly string[];
  /** Names of the queries that are not shown. */
  off: string;
  m: string;
  f: string;
  by: string;
  sort: BreakdownOrder;
  form: ChartKind;
  find: string;
  /** Id of the trace that is open beside the charts. */
  trace: string;
}

export const metricsState = urlSchema<MetricsState>({
  mode: text(),
  q: list([""]),
  pane: list(),
  look: list(),
  opt: list(),
  legend: list(),
  step: list(),
  off: text(),
  m: text(),
  f: text(),
  by: text(),
  sort: choice(["different", "largest", "name"], "different"),
  form: choice(chartKinds, "lines"),
  find: text(),
  trace: text(),
});

/** Whether the page browses: it does unless a link brings queries along. */
export function isBrowsing({ mode, q }: MetricsState): boolean {
  return mode === "browse" || (mode !== "query" && q.every((one) => one === ""));
}

/** A, B, … Z, A, …: more than 26 queries have no name of their own. */
export function queryName(index: number): string {
  return String.fromCharCode(65 + (index % 26));
}

/** The panes of a URL, at least one; a look that is unreadable falls back part by part. */
export function readPanes({ q, pane, look, opt, legend, step, off }: MetricsState): Pane[] {
  const texts = q.length === 0 ? [""] : q;
  const groups = new Map<string, PaneQuery[]>();
  texts.forEach((one, index) => {
    const key = pane.length === texts.length ? (pane[index] ?? "") : String(index);
    const query: PaneQuery = { text: one, legend: legend[index] ?? "", hidden: off.includes(queryName(index)) };
    const group = groups.get(key);
    if (!group) groups.set(key, [query]);
    else if (group.length < maxQueries) group.push(query);
  });
  return [...groups.values()].map((queries, index) => {
    const [view, kind, ...unit] = (look[index] ?? "").split(".");
    const switches = opt[index] ?? "";
    return {
      queries,
      view: views.find((one) => one === view) ?? "graph",
      kind: chartKinds.find((one) => one === kind) ?? "lines",
      unit: unit.join(".") || "auto",
      exemplars: !switches.includes("x"),
      log: switches.includes("l"),
      step: parseStep(step[index] ?? "") === undefined ? "" : (step[index] ?? ""),
    };
  });
}

/** The URL state of `panes`; what is at its default is left out. */
export function writePanes(panes: readonly Pane[]): Pick<MetricsState, "q" | "pane" | "look" | "opt" | "legend" | "step" | "off"> {
  const queries = panes.flatMap((pane, index) => pane.queries.map((query) => ({ query, index })));
  const look = panes.map(({ view, kind, unit }) => `${view}.${kind}.${unit}`);
  const opt = panes.map(({ exemplars, log }) => (exemplars ? "" : "x") + (log ? "l" : ""));
  const plain = `${emptyPane.view}.${emptyPane.kind}.${emptyPane.unit}`;
  return {
    q: queries.map(({ query }) => query.text),
    pane: queries.length === panes.length ? [] : queries.map(({ index }) => String(index)),
    look: look.every((one) => one === plain) ? [] : look,
    opt: opt.every((one) => one === "") ? [] : opt,
    legend: queries.every(({ query }) => query.legend === "") ? [] : queries.map(({ query }) => query.legend),
    step: panes.every(({ step }) => step === "") ? [] : panes.map(({ step }) => step),
    off: queries.flatMap(({ query }, index) => (query.hidden ? [queryName(index)] : [])).join(""),
  };
}

/** The names an expression over other queries computes with; undefined for a query of its own. */
export function referencesIn(query: string): string[] | undefined {
  const names = Array.from(query.matchAll(/\$\{?([A-Z])\b\}?/g), ([, name]) => name ?? "");
  return names.length === 0 ? undefined : [...new Set(names)];
}
