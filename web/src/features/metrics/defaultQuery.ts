import type { MetricMeta } from "../../api/prom";

/** What a metric is, by its metadata or else by the endings of its name. */
export type MetricKind = "counter" | "gauge" | "histogram" | "summary" | "info";

/** Judges a metric. Parts of a classic histogram count as counters, as they are ones. */
export function kindOf(name: string, meta: MetricMeta | undefined): MetricKind {
  if (name.endsWith("_info") || meta?.type === "info") return "info";
  if (meta && meta.type !== "unknown") {
    if (meta.type === "counter" || meta.type === "histogram" || meta.type === "summary") return meta.type;
    return "gauge";
  }
  return /_(total|count|sum|bucket)$/.test(name) ? "counter" : "gauge";
}

/** A query that says something sensible about a metric straight away. */
export function defaultQuery(name: string, meta: MetricMeta | undefined): string {
  const selector = /^[a-zA-Z_:][\w:]*$/.test(name) ? name : `{${JSON.stringify(name)}}`;
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
