import { choice, flag, text, urlSchema } from "../../lib/urlState";

/** What a link to the Traces page carries beside the time range. */
export interface TracesState {
  /** TraceQL. */
  q: string;
  /** How many traces a search may find. */
  limit: (typeof LIMITS)[number];
  /** Which of rate, errors and duration the main chart and the tabs are about. */
  red: (typeof MEASURES)[number];
  /** How durations are drawn. */
  chart: "heatmap" | "scatter";
  tab: (typeof TABS)[number];
  /** The attribute that spans are broken down by; empty for the one that says most. */
  by: string;
  /** A box on the chart, as lib/traceBox writes it; empty for none. */
  sel: string;
  /** Which spans are compared with the rest; empty for those that the page is about. */
  of: "" | "box" | "failed" | "slow";
  /** Whether the calls of an operation are compared among themselves. */
  apart: boolean;
}

/** Single traces that the chart draws at most. */
export const MOST_DOTS = 2000;

export const LIMITS = ["20", "100", "500", "2000"] as const;
export const MEASURES = ["rate", "errors", "duration"] as const;
export const TABS = ["traces", "breakdown", "compare", "structure"] as const;

export const tracesState = urlSchema<TracesState>({
  q: text("{}"),
  limit: choice(LIMITS, "100"),
  red: choice(MEASURES, "duration"),
  chart: choice(["heatmap", "scatter"], "heatmap"),
  tab: choice(TABS, "traces"),
  by: text(),
  sel: text(),
  of: choice(["", "box", "failed", "slow"], ""),
  apart: flag(true),
});

/** What a link to one trace carries. */
export interface TraceState {
  /** Id of the span whose detail is open. */
  span: string;
  /** What of that detail is shown. */
  detail: (typeof DETAILS)[number];
  find: string;
  /** Whether the critical path is drawn. */
  path: boolean;
  view: (typeof VIEWS)[number];
  /** What is folded, as lib/traceFolding writes it; empty for nothing. */
  fold: string;
  /** The stretch of time shown, as lib/traceStretch writes it; empty for all. */
  zoom: string;
  /** Key of a span whose path the flame graph is zoomed to. */
  top: string;
  /** Id of another trace that this one is compared with. */
  vs: string;
  /** A linked trace that is looked at beside this one: its id, and after a colon that of a span. */
  peek: string;
}

export const VIEWS = ["waterfall", "flame", "table", "map"] as const;
export const DETAILS = ["attributes", "events", "links", "logs", "metrics", "resource"] as const;

export const traceState = urlSchema<TraceState>({
  span: text(),
  detail: choice(DETAILS, "attributes"),
  find: text(),
  path: flag(true),
  view: choice(VIEWS, "waterfall"),
  fold: text(),
  zoom: text(),
  top: text(),
  vs: text(),
  peek: text(),
});
