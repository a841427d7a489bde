import { choice, list, text, urlSchema } from "../../lib/urlState";

/** What a link to the list of services carries beside the time range. */
export interface ListState {
  /** Part of a name. */
  q: string;
  /** Key of the column the list is sorted by; "-key" for descending. */
  sort: string;
  /** Only services of this namespace, or of all: "". */
  ns: string;
}

export const listState = urlSchema<ListState>({ q: text(), sort: text("-rate"), ns: text() });

/** How far from a node the map goes. */
export const hopCounts = ["1", "2", "3", "all"] as const;

/** What a link to the map carries. */
export interface MapState {
  /** Part of a name: only such nodes and their neighbours are shown. */
  q: string;
  view: "map" | "table";
  /** Name of the node that the map is drawn around, or "". */
  focus: string;
  /** Calls between that node and the furthest shown. */
  hops: (typeof hopCounts)[number];
  /** Whether services of one namespace are one node; "auto" is where there are many. */
  group: "auto" | "namespace" | "none";
  /** Namespaces whose services are shown nevertheless. */
  open: readonly string[];
}

export const mapState = urlSchema<MapState>({
  q: text(),
  view: choice(["map", "table"], "map"),
  focus: text(),
  hops: choice(hopCounts, "2"),
  group: choice(["auto", "namespace", "none"], "auto"),
  open: list(),
});

/** The parts of what is told of a service, as its link names them. */
export const serviceTabs = ["summary", "operations", "errors", "logs", "traces", "dependencies", "infra", "alerts", "dashboards"] as const;

/** What a link to a service carries. */
export interface ServiceState {
  tab: (typeof serviceTabs)[number];
  /** Which of its lines are listed. */
  lines: "all" | "errors";
  /** What the lines listed contain. */
  find: string;
  /** Id of the line whose detail is open. */
  row: string;
  /** Which of its traces are listed. */
  traces: "all" | "failed" | "slow";
}

export const serviceState = urlSchema<ServiceState>({
  tab: choice(serviceTabs, "summary"),
  lines: choice(["all", "errors"], "all"),
  find: text(),
  row: text(),
  traces: choice(["all", "failed", "slow"], "all"),
});
