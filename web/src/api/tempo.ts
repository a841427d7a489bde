import * as z from "zod/mini";

import type { TraceRow } from "../lib/traceRows";
import type { Span } from "../lib/trace";
import { ApiError, fetchJSON, fetchLines } from "./client";
import { decodeSpans, resourceSpans } from "./otlpTrace";

// Where the Tempo API of this server is; a dashboard may ask another.
const own = "/tempo";

/** A TraceQL query over a time range in Unix seconds. */
export interface TraceQuery {
  query: string;
  start: number;
  end: number;
}

const span = z.object({
  spanID: z.string(),
  startTimeUnixNano: z.optional(z.string()),
  durationNanos: z.optional(z.string()),
});

const spanSet = z.object({ spans: z.optional(z.array(span)), matched: z.optional(z.number()) });

const searchAnswer = z.object({
  metrics: z.optional(z.object({ totalJobs: z.optional(z.number()) })),
  traces: z.optional(
    z.array(
      z.object({
        traceID: z.string(),
        rootServiceName: z.optional(z.string()),
        rootTraceName: z.optional(z.string()),
        startTimeUnixNano: z.optional(z.string()),
        durationMs: z.optional(z.number()),
        spanSet: z.optional(spanSet),
        spanSets: z.optional(z.array(spanSet)),
        serviceStats: z.optional(
          z.record(z.string(), z.object({ spanCount: z.optional(z.number()), errorCount: z.optional(z.number()) })),
        ),
      }),
    ),
  ),
});

/** Finds traces, newest first. `limit` bounds their number; which ones of more is the server's choice. */
export async function searchTraces(query: TraceQuery, limit: number, signal?: AbortSignal, base = own): Promise<TraceRow[]> {
  const params = { q: query.query, start: query.start, end: query.end, limit, spss: 3 };
  const { traces } = await fetchJSON(`${base}/api/search`, searchAnswer, { params, signal });
  return readTraces(traces ?? []);
}

const searchLine = z.union([z.object({ error: z.string() }), searchAnswer]);

/** The same of this server, which tells of the traces found so far while it searches. */
export async function searchTracesLive(query: TraceQuery, limit: number, onFound: (soFar: TraceRow[]) => void, signal: AbortSignal): Promise<TraceRow[]> {
  const params = { q: query.query, start: query.start, end: query.end, limit, spss: 3, stream: "true" };
  let soFar: TraceRow[] = [];
  let all: TraceRow[] = [];
  await fetchLines("/tempo/api/search", searchLine, { params, signal }, (answer) => {
    if ("error" in answer) throw new ApiError(answer.error, 500);
    // The last line has all that belong to the answer, and says that it is complete.
    if (answer.metrics?.totalJobs === undefined) {
      soFar = readTraces(answer.traces ?? []).concat(soFar).toSorted(newestFirst).slice(0, limit);
      onFound(soFar);
    } else all = readTraces(answer.traces ?? []);
  });
  return all;
}

// What Tempo says of a trace whose first span has not come, or never will.
const noRoot = "<root span not yet received>";

type RawTrace = NonNullable<z.infer<typeof searchAnswer>["traces"]>[number];

function newestFirst(a: TraceRow, b: TraceRow): number {
  return a.start < b.start ? 1 : a.start > b.start ? -1 : 0;
}

function readTraces(traces: readonly RawTrace[]): TraceRow[] {
  return traces
    .map((trace): TraceRow => {
      const sets = trace.spanSets ?? (trace.spanSet ? [trace.spanSet] : []);
      const services = Object.entries(trace.serviceStats ?? {}).map(([name, counts]) => ({
        name,
        spans: counts.spanCount ?? 0,
        errors: counts.errorCount ?? 0,
      }));
      return {
        traceId: trace.traceID.padStart(32, "0"),
        rootService: trace.rootServiceName === noRoot ? "" : (trace.rootServiceName ?? ""),
        rootName: trace.rootTraceName ?? "",
        start: BigInt(trace.startTimeUnixNano ?? "0"),
        durationMs: trace.durationMs ?? 0,
        services,
        matched: sets.reduce((sum, set) => sum + (set.matched ?? set.spans?.length ?? 0), 0),
        firstMatch: sets[0]?.spans?.[0]?.spanID,
      };
    })
    .toSorted(newestFirst);
}

const traceAnswer = z.object({
  trace: z.optional(z.object({ resourceSpans: z.optional(resourceSpans), batches: z.optional(resourceSpans) })),
  status: z.optional(z.string()),
  message: z.optional(z.string()),
});

/** The spans of a trace; none when it is not known. */
export interface Trace {
  spans: Span[];
  /** Why some may be missing, in the server's words. */
  partial?: string;
}

/** Reads one trace by its id in hex. */
export async function fetchTrace(traceId: string, signal?: AbortSignal, base = own): Promise<Trace> {
  const path = `${base}/api/v2/traces/${encodeURIComponent(traceId)}`;
  const { trace, status, message } = await fetchJSON(path, traceAnswer, { signal });
  const spans = decodeSpans(trace?.resourceSpans ?? trace?.batches ?? []);
  return status === "PARTIAL" ? { spans, partial: message || "The server could not return the whole trace." } : { spans };
}

const tagNamesAnswer = z.object({
  scopes: z.optional(z.array(z.object({ name: z.string(), tags: z.optional(z.array(z.string())) }))),
});

/** Names of attributes with their scope, `resource.service.name`, and of intrinsics, `duration`. */
export async function tagNames(range: Omit<TraceQuery, "query">, signal?: AbortSignal, base = own): Promise<string[]> {
  const { scopes } = await fetchJSON(`${base}/api/v2/search/tags`, tagNamesAnswer, { params: { ...range }, signal });
  return (scopes ?? []).flatMap(({ name, tags }) => (tags ?? []).map((tag) => (name === "intrinsic" ? tag : `${name}.${tag}`)));
}

const tagValuesAnswer = z.object({ tagValues: z.optional(z.array(z.object({ type: z.string(), value: z.string() }))) });

/** Values of an attribute (`resource.service.name`) or intrinsic (`name`), sorted; `query` narrows the spans looked at. */
export async function tagValues(tag: string, query: TraceQuery, signal?: AbortSignal, base = own): Promise<string[]> {
  const values = await typedTagValues(tag, query, signal, base);
  return values.map(({ value }) => value).toSorted();
}

/** A value of an attribute; only a `string` is quoted in a query. */
export interface TagValue {
  type: string;
  value: string;
}

/** The same with their types, in the server's order. */
export async function typedTagValues(tag: string, query: TraceQuery, signal?: AbortSignal, base = own): Promise<TagValue[]> {
  const path = `${base}/api/v2/search/tag/${encodeURIComponent(tag)}/values`;
  const params = { q: query.query, start: query.start, end: query.end };
  const answer = await fetchJSON(path, tagValuesAnswer, { params, signal });
  return answer.tagValues ?? [];
}

/** One series of a TraceQL metrics query; points are Unix seconds and values in order of time. */
export interface TraceSeries {
  labels: Record<string, string>;
  /** Names of the labels whose values are no strings; absent for none. */
  bare?: string[];
  points: [seconds: number, value: number][];
}

const labelValue = z.object({
  stringValue: z.optional(z.string()),
  intValue: z.optional(z.union([z.string(), z.number()])),
  doubleValue: z.optional(z.union([z.string(), z.number()])),
  boolValue: z.optional(z.boolean()),
});

const metricsAnswer = z.object({
  series: z.optional(
    z.array(
      z.object({
        labels: z.optional(z.array(z.object({ key: z.string(), value: labelValue }))),
        value: z.optional(z.union([z.number(), z.string()])),
        samples: z.optional(
          z.array(z.object({ timestampMs: z.union([z.string(), z.number()]), value: z.optional(z.union([z.number(), z.string()])) })),
        ),
      }),
    ),
  ),
});

/** Runs a TraceQL metrics query with a step in seconds. */
export async function traceMetrics(query: TraceQuery, stepSeconds: number, signal?: AbortSignal, base = own): Promise<TraceSeries[]> {
  const params = { q: query.query, start: query.start, end: query.end, step: `${stepSeconds}s` };
  const { series } = await fetchJSON(`${base}/api/metrics/query_range`, metricsAnswer, { params, signal });
  return (series ?? []).map(({ labels, samples }) => ({
    ...readLabels(labels ?? []),
    // proto3 JSON leaves out a zero.
    points: (samples ?? []).map((s): [number, number] => [Number(s.timestampMs) / 1000, Number(s.value ?? 0)]),
  }));
}

/** Runs a TraceQL metrics query over its range as one: each series has one point, at the end. */
export async function traceTotals(query: TraceQuery, signal?: AbortSignal): Promise<TraceSeries[]> {
  const params = { q: query.query, start: query.start, end: query.end };
  const { series } = await fetchJSON(`${own}/api/metrics/query`, metricsAnswer, { params, signal });
  return (series ?? []).map(({ labels, value }) => ({ ...readLabels(labels ?? []), points: [[query.end, Number(value ?? 0)]] }));
}

function readLabels(labels: readonly { key: string; value: z.infer<typeof labelValue> }[]): Omit<TraceSeries, "points"> {
  const bare = labels.filter(({ value }) => value.stringValue === undefined).map(({ key }) => key);
  return {
    labels: Object.fromEntries(
      labels.map(({ key, value }) => [key, String(value.stringValue ?? value.intValue ?? value.doubleValue ?? value.boolValue ?? "")]),
    ),
    ...(bare.length > 0 ? { bare } : {}),
  };
}
