import * as z from "zod/mini";

import type { AnsweredSeries } from "../lib/dashboard/promFrames";
import type { TimeRange } from "../lib/time";
import { fetchJSON } from "./client";
import { parseSample } from "./prom";

// The rows of an answer are many and read by hand: a schema would look at each number twice.
const envelope = z.object({
  data: z.object({ resultType: z.string(), result: z.array(z.unknown()) }),
  warnings: z.optional(z.nullable(z.array(z.string()))),
  infos: z.optional(z.nullable(z.array(z.string()))),
});

/** A Prometheus answer as series; an instant answer has one point each. */
export interface PromAnswer {
  series: AnsweredSeries[];
  /** Warnings: the answer may not be what was asked for. */
  notices: string[];
  /** What could be better about the query; the answer is right all the same. */
  hints: string[];
}

/** Evaluates a query on the steps of a range, at the Prometheus API below `base`. */
export async function promRange(base: string, query: string, grid: TimeRange, stepMs: number, signal: AbortSignal): Promise<PromAnswer> {
  const answer = await fetchJSON(`${base}/api/v1/query_range`, envelope, {
    post: true,
    signal,
    params: { query, start: grid.from / 1000, end: grid.to / 1000, step: stepMs / 1000 },
  });
  return promAnswer(answer);
}

/** Evaluates a query at one instant, in Unix milliseconds. */
export async function promInstant(base: string, query: string, at: number, signal: AbortSignal): Promise<PromAnswer> {
  const answer = await fetchJSON(`${base}/api/v1/query`, envelope, { post: true, signal, params: { query, time: at / 1000 } });
  return promAnswer(answer);
}

function promAnswer({ data, warnings, infos }: z.infer<typeof envelope>): PromAnswer {
  return { series: decode(data), notices: warnings ?? [], hints: infos ?? [] };
}

interface RawSeries {
  metric?: Record<string, string>;
  stream?: Record<string, string>;
  values?: [number, string][];
  value?: [number, string];
  histograms?: [number, RawHistogram][];
  histogram?: [number, RawHistogram];
}

interface RawHistogram {
  count: string;
  sum: string;
  buckets?: [number, string, string, string][];
}

/** Series of a matrix or vector; a native histogram becomes one series per bucket, by its upper bound. */
export function decode({ resultType, result }: { resultType: string; result: unknown[] }): AnsweredSeries[] {
  if (resultType === "scalar" || resultType === "string") {
    const [seconds, text] = result as [number, string];
    return [{ labels: {}, times: [seconds * 1000], values: [parseSample(text)] }];
  }
  return result.flatMap((one) => {
    const row = one as RawSeries;
    const labels = row.metric ?? {};
    const samples = row.values ?? (row.value ? [row.value] : []);
    const histograms = row.histograms ?? (row.histogram ? [row.histogram] : []);
    const plain: AnsweredSeries[] =
      samples.length === 0 && histograms.length > 0 ? [] : [{ labels, times: samples.map((sample) => sample[0] * 1000), values: samples.map((sample) => parseSample(sample[1])) }];
    return [...plain, ...bucketSeries(labels, histograms)];
  });
}

function bucketSeries(labels: Record<string, string>, histograms: readonly [number, RawHistogram][]): AnsweredSeries[] {
  if (histograms.length === 0) return [];
  const uppers = new Set<number>();
  for (const [, histogram] of histograms) for (const bucket of histogram.buckets ?? []) uppers.add(Number(bucket[2]));
  const sorted = [...uppers].toSorted((a, b) => a - b);
  const times = histograms.map(([seconds]) => seconds * 1000);
  return sorted.map((bound) => ({
    labels: { ...labels, le: String(bound) },
    times,
    // As classic buckets have it: the count of all at or below the bound.
    values: histograms.map(([, histogram]) => (histogram.buckets ?? []).reduce((sum, bucket) => (Number(bucket[2]) <= bound ? sum + Number(bucket[3]) : sum), 0)),
  }));
}

const exemplarAnswer = z.object({
  data: z.nullable(
    z.array(
      z.object({
        seriesLabels: z.record(z.string(), z.string()),
        exemplars: z.array(z.object({ labels: z.record(z.string(), z.string()), value: z.union([z.string(), z.number()]), timestamp: z.number() })),
      }),
    ),
  ),
});

/** One exemplar: a single observation, with the trace that it belongs to among its labels. */
export interface Exemplar {
  /** Unix milliseconds. */
  time: number;
  value: number;
  labels: Record<string, string>;
}

/** Exemplars of the series in a query. */
export async function promExemplars(base: string, query: string, range: TimeRange, signal: AbortSignal): Promise<Exemplar[]> {
  const { data } = await fetchJSON(`${base}/api/v1/query_exemplars`, exemplarAnswer, { post: true, signal, params: { query, start: range.from / 1000, end: range.to / 1000 } });
  return (data ?? []).flatMap((series) =>
    series.exemplars.map((one) => ({ time: one.timestamp * 1000, value: Number(one.value), labels: { ...series.seriesLabels, ...one.labels } })),
  );
}

const names = z.object({ data: z.nullable(z.array(z.string())) });
const seriesAnswer = z.object({ data: z.nullable(z.array(z.record(z.string(), z.string()))) });

/** Names of labels below `base`; `match` narrows them to the series of a selector. */
export async function promLabelNames(base: string, match: string, range: TimeRange, signal: AbortSignal): Promise<string[]> {
  return (await fetchJSON(`${base}/api/v1/labels`, names, { signal, params: bounds(range, match) })).data ?? [];
}

/** Values of a label. */
export async function promLabelValues(base: string, label: string, match: string, range: TimeRange, signal: AbortSignal): Promise<string[]> {
  return (await fetchJSON(`${base}/api/v1/label/${encodeURIComponent(label)}/values`, names, { signal, params: bounds(range, match) })).data ?? [];
}

/** Label sets of the series of a selector. */
export async function promSeries(base: string, match: string, range: TimeRange, signal: AbortSignal): Promise<Record<string, string>[]> {
  return (await fetchJSON(`${base}/api/v1/series`, seriesAnswer, { signal, params: bounds(range, match) })).data ?? [];
}

function bounds(range: TimeRange, match: string) {
  // To the minute, so that the same list is asked for once.
  return { start: Math.floor(range.from / 60_000) * 60, end: Math.ceil(range.to / 60_000) * 60, "match[]": match === "" ? undefined : match };
}
