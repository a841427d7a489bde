import type { MetricMeta } from "../../api/prom";
import { labelText, writeSelector, type PromMatcher } from "../../lib/promql/tree";

/** What a metric is, by its metadata or else by the endings of its name. */
export type MetricKind = "counter" | "gauge" | "histogram" | "summary" | "info";

/** Judges a metric. Parts of a classic histogram count as counters, as they are ones. */
export function kindOf(name: string, meta: MetricMeta | undefined): MetricKind {
  if (name.endsWith("_info") || meta?.type === "info" || meta?.type === "stateset") return "info";
  if (meta && meta.type !== "unknown") {
    if (meta.type === "counter" || meta.type === "histogram" || meta.type === "summary") return meta.type;
    return "gauge";
  }
  return /_(total|count|sum|bucket)$/.test(name) ? "counter" : "gauge";
}

/** A query that says something sensible about a metric straight away. */
export function defaultQuery(name: string, meta: MetricMeta | undefined): string {
  const selector = writeSelector(name, []);
  if (name.endsWith("_bucket")) return `histogram_quantile(0.95, sum by (le) (rate(${selector}[$__rate_interval])))`;
  switch (kindOf(name, meta)) {
    case "counter":
      return `sum(rate(${selector}[$__rate_interval]))`;
    case "histogram":
      return `histogram_quantile(0.95, sum(rate(${selector}[$__rate_interval])))`;
    default:
      return selector;
  }
}

/** Metadata of `name`: its own, or that of the histogram or summary it is a part of. */
export function metaOf(name: string, all: ReadonlyMap<string, MetricMeta>): MetricMeta | undefined {
  const own = all.get(name);
  if (own) return own;
  const family = all.get(name.replace(/_(bucket|count|sum)$/, ""));
  return family && { ...family, type: "counter" };
}

/** A metric as it is looked at: a classic histogram or summary is one, whatever its parts are called. */
export interface Family {
  name: string;
  kind: MetricKind;
  /** A histogram in series per bucket, `le` among their labels. */
  classic: boolean;
  meta: MetricMeta | undefined;
}

/** The metrics behind some names of series: parts of a histogram or summary become one. */
export function familiesOf(names: readonly string[], metas: ReadonlyMap<string, MetricMeta>): Family[] {
  const present = new Set(names);
  const families = new Map<string, Family>();
  for (const name of names) {
    const base = name.replace(/_(bucket|count|sum)$/, "");
    const type = metas.get(base)?.type;
    const classic = present.has(`${base}_bucket`) && base !== name;
    const summary = base !== name && (type === "summary" || type === "histogram");
    if (classic || summary) families.set(base, { name: base, kind: classic || type === "histogram" ? "histogram" : "summary", classic, meta: metas.get(base) });
    else if (!families.has(name)) families.set(name, { name, kind: kindOf(name, metas.get(name)), classic: false, meta: metas.get(name) });
  }
  return [...families.values()];
}

/** A chart of the browser: its query, and what its series are called. */
export interface BrowseQuery {
  query: string;
  /** The label whose values name the series; "" where there is but one. */
  by: string;
  /** For the name of a series that of the one down to which the room is filled. */
  above?: Readonly<Record<string, string>>;
}

/**
 * The query that shows a metric at a glance, or broken down by a label: counters by their rate, gauges by their mean
 * between smallest and largest, histograms by their quantiles.
 */
export function browseQuery({ name, kind, classic }: Family, matchers: readonly PromMatcher[], by = ""): BrowseQuery {
  const grouped = by === "" ? "" : ` by (${labelText(by)})`;
  const selector = (part: string): string => writeSelector(part, matchers);
  const label = by;
  switch (kind) {
    case "counter":
      return { query: `sum${grouped}${grouped && " "}(rate(${selector(name)}[$__rate_interval]))`, by: label };
    case "histogram": {
      const rate = `rate(${selector(classic ? `${name}_bucket` : name)}[$__rate_interval])`;
      const keys = [...(classic ? ["le"] : []), ...(by === "" ? [] : [labelText(by)])].join(", ");
      const quantile = (share: number): string => `histogram_quantile(${share}, sum${keys === "" ? "" : ` by (${keys}) `}(${rate}))`;
      return by === "" ? { query: named({ p50: quantile(0.5), p95: quantile(0.95), p99: quantile(0.99) }), by: "stat" } : { query: quantile(0.95), by: label };
    }
    case "summary": {
      const mean = `sum${grouped} (rate(${selector(`${name}_sum`)}[$__rate_interval])) / sum${grouped} (rate(${selector(`${name}_count`)}[$__rate_interval]))`;
      return { query: mean, by: label };
    }
    default: {
      if (by !== "") return { query: `avg${grouped} (${selector(name)})`, by: label };
      return { query: named({ min: `min(${selector(name)})`, mean: `avg(${selector(name)})`, max: `max(${selector(name)})` }), by: "stat", above: { max: "min" } };
    }
  }
}

/** Several queries as one, told apart by the label `stat`. */
function named(parts: Record<string, string>): string {
  return Object.entries(parts)
    .map(([name, query]) => `label_replace(${query}, "stat", "${name}", "", "")`)
    .join(" or ");
}

/** The selector that finds the series of a metric, for questions about its labels. */
export function familySelector({ name, kind, classic }: Family, matchers: readonly PromMatcher[]): string {
  return writeSelector(classic || kind === "summary" ? `${name}_count` : name, matchers);
}
