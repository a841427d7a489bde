import * as z from "zod/mini";

import { fetchJSON } from "./client";

const metric = z.object({
  metric: z.string(),
  series: z.number(),
  disk_bytes: z.number(),
  head_bytes: z.number(),
  created_hour: z.number(),
  created_day: z.number(),
  growth: z.number(),
  first_seen: z.nullable(z.string()),
  last_selected: z.nullable(z.string()),
});

const metricList = z.object({
  metrics: z.number(),
  series: z.number(),
  list: z.nullable(z.array(metric)),
  counted_since: z.string(),
  compared_with: z.nullable(z.string()),
  noted_since: z.string(),
});

const label = z.object({
  label: z.string(),
  values: z.number(),
  series: z.number(),
  series_without: z.optional(z.number()),
  top: z.optional(z.array(z.object({ value: z.string(), series: z.number() }))),
});

const labelList = z.object({
  series: z.number(),
  labels: z.number(),
  pairs: z.number(),
  list: z.nullable(z.array(label)),
  top: z.nullable(z.array(z.object({ label: z.string(), value: z.string(), series: z.number() }))),
});

/** What a metric costs: `growth` are series more than about a day ago, `created_…` those that began within. */
export type MetricCost = z.infer<typeof metric>;
/** A label of some series; `series_without` is how many there would be without it. */
export type LabelCost = z.infer<typeof label>;

/** Metrics in an order, and what is known of all of them. */
export interface MetricCosts {
  metrics: number;
  series: number;
  list: MetricCost[];
  countedSince: string;
  /** RFC 3339; null before the first count. */
  comparedWith: string | null;
}

/** Labels of some series, those with most values first, and their most frequent pairs. */
export interface LabelCosts {
  series: number;
  labels: number;
  pairs: number;
  list: LabelCost[];
  top: { label: string; value: string; series: number }[];
}

/** Orders of metrics. */
export type MetricOrder = "series" | "bytes" | "growth" | "created_hour" | "created_day";

const base = "/oriel/api/v1/cardinality";

/** The metrics that there is most of. */
export async function metricCosts(sort: MetricOrder, limit: number, signal: AbortSignal): Promise<MetricCosts> {
  const got = await fetchJSON(`${base}/metrics`, metricList, { signal, params: { sort, limit } });
  return { metrics: got.metrics, series: got.series, list: got.list ?? [], countedSince: got.counted_since, comparedWith: got.compared_with };
}

/** The labels of all series or of a metric's. */
export async function labelCosts(metricName: string | undefined, limit: number, signal: AbortSignal): Promise<LabelCosts> {
  const got = await fetchJSON(`${base}/labels`, labelList, { signal, params: { metric: metricName, limit } });
  return { series: got.series, labels: got.labels, pairs: got.pairs, list: got.list ?? [], top: got.top ?? [] };
}

const unusedAnswer = z.object({ metrics: z.number(), series: z.number(), of: z.number(), list: z.nullable(z.array(metric)), noted_since: z.string(), complete: z.boolean() });

/** Metrics that nothing has ever selected since `notedSince`. */
export async function unusedMetrics(limit: number, signal: AbortSignal): Promise<{ metrics: number; series: number; of: number; list: MetricCost[]; notedSince: string }> {
  const got = await fetchJSON(`${base}/unused`, unusedAnswer, { signal, params: { limit, never: "true" } });
  return { metrics: got.metrics, series: got.series, of: got.of, list: got.list ?? [], notedSince: got.noted_since };
}

/** How many series there may be; 0 is no limit. */
export async function seriesLimits(signal: AbortSignal): Promise<{ max_series: number; max_series_per_metric: number }> {
  const answer = z.object({ limits: z.looseObject({ max_series: z.number(), max_series_per_metric: z.number() }) });
  return (await fetchJSON(base, answer, { signal, params: { limit: 1 } })).limits;
}
