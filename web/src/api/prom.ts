import * as z from "zod/mini";

import { pickStep, alignRange } from "../lib/step";
import type { TimeRange } from "../lib/time";
import { fetchJSON } from "./client";

const labels = z.record(z.string(), z.string());
/** Unix seconds, and the value as text: "NaN" and "+Inf" are values too. */
const sample = z.tuple([z.number(), z.string()]);
/** Samples in a row, of which the first is looked at: there may be hundreds of thousands, and all are made by the same hand. */
const samples = z.custom<readonly z.infer<typeof sample>[]>((list) => Array.isArray(list) && (list.length === 0 || sample.safeParse(list[0]).success));

/** Prometheus wraps every answer: data beside warnings. */
function envelope<T>(data: z.ZodMiniType<T, unknown>) {
  return z.object({
    status: z.literal("success"),
    data,
    warnings: z.optional(z.array(z.string())),
    infos: z.optional(z.array(z.string())),
  });
}

const histogram = z.object({ count: z.string(), sum: z.string() });
const matrixSeries = z.object({
  metric: labels,
  values: z.optional(samples),
  histograms: z.optional(z.array(z.tuple([z.number(), histogram]))),
});
const vectorSample = z.object({
  metric: labels,
  value: z.optional(sample),
  histogram: z.optional(z.tuple([z.number(), histogram])),
});

const rangeAnswer = envelope(z.object({ resultType: z.literal("matrix"), result: z.array(matrixSeries) }));
const instantAnswer = envelope(
  z.discriminatedUnion("resultType", [
    z.object({ resultType: z.literal("vector"), result: z.array(vectorSample) }),
    z.object({ resultType: z.literal("matrix"), result: z.array(matrixSeries) }),
    z.object({ resultType: z.literal("scalar"), result: sample }),
    z.object({ resultType: z.literal("string"), result: sample }),
  ]),
);

/** One series of a range query on its grid of steps. */
export interface MatrixSeries {
  labels: Record<string, string>;
  /** Unix seconds of every step; shared by all series of the answer. */
  times: number[];
  /** One per step; null where the series has no sample. A histogram counts as its observations' mean. */
  values: (number | null)[];
}

/** A range query's answer. */
export interface Matrix {
  series: MatrixSeries[];
  /** What the server wants said about the answer, e.g. that a limit cut it. */
  notices: string[];
  stepMs: number;
  /** From the request to its answer, in milliseconds. */
  tookMs?: number;
  /** What the server says it took; without it where it does not say. */
  spent?: Spent | undefined;
}

const spent = z.object({ cache: z.optional(z.string()), steps: z.number(), kept: z.number(), samples: z.number() });

/** What an answer took: the samples that were read for it, and how many of its steps were kept from earlier answers. */
export type Spent = z.infer<typeof spent>;

function readSpent(header: string | null): Spent | undefined {
  try {
    return spent.safeParse(JSON.parse(header ?? "")).data;
  } catch {
    return undefined;
  }
}

export interface RangeQuery {
  query: string;
  range: TimeRange;
  /** Points wanted at most, usually half the chart's width in pixels. */
  points: number;
  /** The step is not made finer than this. */
  minStepMs?: number;
  /** The step, instead of one that goes by the points. */
  stepMs?: number | undefined;
}

/** Evaluates `query` at the whole steps of a range. */
export async function queryRange({ query, range, points, minStepMs, stepMs = pickStep(range, points, minStepMs) }: RangeQuery, signal: AbortSignal): Promise<Matrix> {
  const grid = alignRange(range, stepMs);
  const begun = performance.now();
  let took: Spent | undefined;
  const answer = await fetchJSON("/api/v1/query_range", rangeAnswer, {
    post: true,
    signal,
    onHeaders: (headers) => (took = readSpent(headers.get("X-Oriel-Stats"))),
    params: { query, start: grid.from / 1000, end: grid.to / 1000, step: stepMs / 1000 },
  });
  const tookMs = performance.now() - begun;
  const times: number[] = [];
  for (let at = grid.from; at <= grid.to; at += stepMs) times.push(at / 1000);
  return {
    series: answer.data.result.map((one) => ({ labels: one.metric, times, values: onGrid(one, grid.from, stepMs, times.length) })),
    notices: [...(answer.warnings ?? []), ...(answer.infos ?? [])],
    stepMs,
    tookMs,
    spent: took,
  };
}

function onGrid(series: z.infer<typeof matrixSeries>, fromMs: number, stepMs: number, length: number): (number | null)[] {
  const values = Array<number | null>(length).fill(null);
  const put = (seconds: number, value: number): void => {
    const slot = Math.round((seconds * 1000 - fromMs) / stepMs);
    if (slot >= 0 && slot < length) values[slot] = value;
  };
  for (const [seconds, text] of series.values ?? []) put(seconds, parseSample(text));
  for (const [seconds, { count, sum }] of series.histograms ?? []) put(seconds, parseSample(sum) / parseSample(count));
  return values;
}

/** A sample value: "+Inf", "-Inf" and "NaN" beside decimal numbers. */
export function parseSample(text: string): number {
  if (text === "+Inf" || text === "Inf") return Infinity;
  if (text === "-Inf") return -Infinity;
  return Number(text);
}

/** One row of an instant answer. */
export interface InstantRow {
  labels: Record<string, string>;
  value: number;
}

/** Evaluates `query` at one instant (Unix milliseconds). A scalar is one row without labels. */
export async function queryInstant(query: string, at: number, signal: AbortSignal): Promise<InstantRow[]> {
  const { data } = await fetchJSON("/api/v1/query", instantAnswer, { post: true, signal, params: { query, time: at / 1000 } });
  switch (data.resultType) {
    case "vector":
      return data.result.map((one) => ({
        labels: one.metric,
        value: one.value ? parseSample(one.value[1]) : one.histogram ? parseSample(one.histogram[1].sum) / parseSample(one.histogram[1].count) : NaN,
      }));
    case "matrix":
      return data.result.flatMap((one) => {
        const last = one.values?.at(-1);
        return last ? [{ labels: one.metric, value: parseSample(last[1]) }] : [];
      });
    default:
      return [{ labels: {}, value: parseSample(data.result[1]) }];
  }
}

const metadataAnswer = envelope(z.record(z.string(), z.array(z.object({ type: z.string(), help: z.string(), unit: z.string() }))));

/** What is known of a metric: `type` is counter, gauge, histogram, summary, info or unknown. */
export interface MetricMeta {
  type: string;
  help: string;
  unit: string;
}

/** Metadata of every metric that has some, by name. */
export async function metadata(signal: AbortSignal): Promise<Map<string, MetricMeta>> {
  const { data } = await fetchJSON("/api/v1/metadata", metadataAnswer, { signal });
  return new Map(Object.entries(data).flatMap(([name, [first]]) => (first ? [[name, first] as const] : [])));
}

const namesAnswer = envelope(z.nullable(z.array(z.string())));

/** Values of a label within `range`; of `__name__`, the metrics there are. */
export async function labelValues(label: string, range: TimeRange, signal: AbortSignal, match?: string): Promise<string[]> {
  const { data } = await fetchJSON(`/api/v1/label/${encodeURIComponent(label)}/values`, namesAnswer, {
    signal,
    params: { start: range.from / 1000, end: range.to / 1000, "match[]": match },
  });
  return data ?? [];
}

/** Label names of the series `match` selects within `range`. */
export async function labelNames(range: TimeRange, signal: AbortSignal, match?: string): Promise<string[]> {
  const { data } = await fetchJSON("/api/v1/labels", namesAnswer, {
    signal,
    params: { start: range.from / 1000, end: range.to / 1000, "match[]": match },
  });
  return data ?? [];
}

const target = z.object({
  discoveredLabels: labels,
  labels,
  scrapePool: z.string(),
  scrapeUrl: z.string(),
  lastError: z.string(),
  /** RFC 3339. */
  lastScrape: z.string(),
  /** Seconds. */
  lastScrapeDuration: z.number(),
  health: z.string(),
  scrapeInterval: z.string(),
});
const targetsAnswer = envelope(
  z.object({
    activeTargets: z.nullable(z.array(target)),
    droppedTargets: z.nullable(z.array(z.object({ discoveredLabels: labels, scrapePool: z.string() }))),
    droppedTargetCounts: z.nullable(z.record(z.string(), z.number())),
  }),
);

/** A target that is scraped, with the labels it was found with. */
export type Target = z.infer<typeof target>;

/** What is scraped, and what relabelling dropped; `droppedCounts` also of those that are not listed. */
export interface Targets {
  active: Target[];
  dropped: { discoveredLabels: Record<string, string>; scrapePool: string }[];
  droppedCounts: Record<string, number>;
}

/** All targets of all pools. */
export async function targets(signal: AbortSignal): Promise<Targets> {
  const { data } = await fetchJSON("/api/v1/targets", targetsAnswer, { signal });
  return { active: data.activeTargets ?? [], dropped: data.droppedTargets ?? [], droppedCounts: data.droppedTargetCounts ?? {} };
}

const relabelAnswer = envelope(
  z.object({ steps: z.nullable(z.array(z.object({ rule: z.looseObject({ action: z.optional(z.string()) }), output: z.nullable(labels), keep: z.boolean() }))) }),
);

/** What each relabelling rule of a pool makes of some labels. */
export async function relabelSteps(pool: string, found: Record<string, string>, signal: AbortSignal): Promise<{ rule: Record<string, unknown>; output: Record<string, string>; keep: boolean }[]> {
  const { data } = await fetchJSON("/api/v1/targets/relabel_steps", relabelAnswer, { signal, params: { scrapePool: pool, labels: JSON.stringify(found) } });
  return (data.steps ?? []).map((step) => ({ rule: step.rule, output: step.output ?? {}, keep: step.keep }));
}

const blocksAnswer = envelope(
  z.object({
    blocks: z.nullable(
      z.array(
        z.object({
          ulid: z.string(),
          minTime: z.number(),
          maxTime: z.number(),
          stats: z.optional(z.object({ numSamples: z.optional(z.number()), numSeries: z.optional(z.number()), numChunks: z.optional(z.number()) })),
          compaction: z.optional(z.object({ level: z.number() })),
        }),
      ),
    ),
  }),
);

/** A block of samples on disk; times are Unix milliseconds. */
export interface Block {
  id: string;
  from: number;
  to: number;
  samples: number;
  series: number;
  level: number;
}

/** The blocks of the metric store, oldest first. */
export async function blocks(signal: AbortSignal): Promise<Block[]> {
  const { data } = await fetchJSON("/api/v1/status/tsdb/blocks", blocksAnswer, { signal });
  return (data.blocks ?? [])
    .map((one) => ({ id: one.ulid, from: one.minTime, to: one.maxTime, samples: one.stats?.numSamples ?? 0, series: one.stats?.numSeries ?? 0, level: one.compaction?.level ?? 0 }))
    .toSorted((a, b) => a.from - b.from);
}

const anything = z.record(z.string(), z.unknown());

/** A page of facts about the server: of the process, or its command line. */
export async function serverFacts(of: "runtimeinfo" | "flags", signal: AbortSignal): Promise<Record<string, unknown>> {
  return (await fetchJSON(`/api/v1/status/${of}`, envelope(anything), { signal })).data;
}

/** The configuration in force, YAML, without secrets. */
export async function configText(signal: AbortSignal): Promise<string> {
  return (await fetchJSON("/api/v1/status/config", envelope(z.object({ yaml: z.string() })), { signal })).data.yaml;
}
