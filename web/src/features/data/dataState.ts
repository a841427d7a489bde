import { choice, text, urlSchema } from "../../lib/urlState";

/** The tabs, in their order. */
export const tabs = ["ingest", "cardinality", "storage", "targets", "queries", "status"] as const;
/** What cardinality is of. */
export const signals = ["metrics", "logs", "spans"] as const;

export type Tab = (typeof tabs)[number];
export type Signal = (typeof signals)[number];

/** The page's URL state. `of`, `metric` and `attribute` are of the tab Cardinality. */
export const dataState = urlSchema<{ tab: Tab; of: Signal; metric: string; attribute: string }>({
  tab: choice(tabs, "ingest"),
  of: choice(signals, "metrics"),
  metric: text(),
  attribute: text(),
});

/** What another tab begins with. */
export const blank = { of: "metrics", metric: "", attribute: "" } as const;
