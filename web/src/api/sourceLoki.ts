import * as z from "zod/mini";

import type { AnsweredSeries } from "../lib/dashboard/promFrames";
import type { TimeRange } from "../lib/time";
import { fetchJSON } from "./client";
import { decode } from "./sourceProm";

const envelope = z.object({ data: z.object({ resultType: z.string(), result: z.array(z.unknown()) }) });

/** A line with all its labels: those of its stream, its metadata and what was parsed from it. */
export interface AnsweredLine {
  /** Unix nanoseconds. */
  ts: string;
  line: string;
  labels: Record<string, string>;
}

export type LokiAnswer = { kind: "lines"; lines: AnsweredLine[] } | { kind: "series"; series: AnsweredSeries[] };

export interface LokiRequest {
  query: string;
  range: TimeRange;
  instant: boolean;
  stepMs: number;
  limit: number;
  forward: boolean;
}

/** Runs a LogQL query at the Loki API below `base`. */
export async function lokiQuery(base: string, request: LokiRequest, signal: AbortSignal): Promise<LokiAnswer> {
  const direction = request.forward ? "forward" : "backward";
  const nanos = (ms: number): string => `${Math.floor(ms)}000000`;
  const { data } = request.instant
    ? await fetchJSON(`${base}/loki/api/v1/query`, envelope, { signal, params: { query: request.query, time: nanos(request.range.to), limit: request.limit, direction } })
    : await fetchJSON(`${base}/loki/api/v1/query_range`, envelope, {
        signal,
        params: { query: request.query, start: nanos(request.range.from), end: nanos(request.range.to), step: request.stepMs / 1000, limit: request.limit, direction },
      });
  if (data.resultType !== "streams") return { kind: "series", series: decode(data) };
  const lines = data.result.flatMap((one) => {
    const { stream, values } = one as { stream: Record<string, string>; values: [string, string][] };
    return values.map(([ts, line]): AnsweredLine => ({ ts, line, labels: stream }));
  });
  const newestFirst = (a: AnsweredLine, b: AnsweredLine): number => (a.ts.length - b.ts.length || (a.ts < b.ts ? -1 : a.ts > b.ts ? 1 : 0)) * (request.forward ? 1 : -1);
  return { kind: "lines", lines: lines.toSorted(newestFirst).slice(0, request.limit) };
}

const names = z.object({ data: z.optional(z.nullable(z.array(z.string()))) });

/** Names of stream labels. */
export async function lokiLabelNames(base: string, range: TimeRange, signal: AbortSignal): Promise<string[]> {
  return (await fetchJSON(`${base}/loki/api/v1/labels`, names, { signal, params: bounds(range) })).data ?? [];
}

/** Values of a stream label; `match` is a stream selector. */
export async function lokiLabelValues(base: string, label: string, match: string, range: TimeRange, signal: AbortSignal): Promise<string[]> {
  const params = { ...bounds(range), query: match === "" ? undefined : match };
  return (await fetchJSON(`${base}/loki/api/v1/label/${encodeURIComponent(label)}/values`, names, { signal, params })).data ?? [];
}

function bounds(range: TimeRange) {
  return { start: `${Math.floor(range.from / 60_000) * 60}000000000`, end: `${Math.ceil(range.to / 60_000) * 60}000000000` };
}
