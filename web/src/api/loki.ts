import * as z from "zod/mini";

import { lineId, mergeLines, type LogLine } from "../lib/logLines";
import type { Nanos } from "../lib/nanos";
import { tenantParams } from "../lib/tenant";
import { fetchJSON, url } from "./client";

/** A query over a time range. `start` is in the range, `end` is not. */
export interface LogQuery {
  query: string;
  start: Nanos;
  end: Nanos;
}

/** One series of a metric query; points are Unix seconds and values in order of time. */
export interface LogSeries {
  labels: Record<string, string>;
  points: [seconds: number, value: number][];
}

/** What a query answers with: lines for a log query, series for a metric query. */
export type LogAnswer =
  | { kind: "lines"; lines: LogLine[]; stats: LogStats }
  | { kind: "series"; series: LogSeries[]; stats: LogStats };

/** The server's account of a query. Zero where it keeps none. */
export interface LogStats {
  bytes: number;
  lines: number;
  seconds: number;
  /** Parts of the store that were looked into. */
  parts: number;
}

const strings = z.record(z.string(), z.string());

const entry = z.tuple([
  z.string(),
  z.string(),
  z.optional(z.object({ structuredMetadata: z.optional(strings), parsed: z.optional(strings) })),
]);

const stream = z.object({ stream: strings, values: z.array(entry) });

const sample = z.tuple([z.number(), z.string()]);

const stats = z.optional(
  z.object({
    summary: z.optional(
      z.object({
        totalBytesProcessed: z.optional(z.number()),
        totalLinesProcessed: z.optional(z.number()),
        execTime: z.optional(z.number()),
      }),
    ),
    querier: z.optional(z.object({ store: z.optional(z.object({ totalChunksRef: z.optional(z.number()) })) })),
  }),
);

const answer = z.object({
  data: z.discriminatedUnion("resultType", [
    z.object({ resultType: z.literal("streams"), result: z.array(stream), stats }),
    z.object({ resultType: z.literal("matrix"), result: z.array(z.object({ metric: strings, values: z.array(sample) })), stats }),
    z.object({ resultType: z.literal("vector"), result: z.array(z.object({ metric: strings, value: sample })), stats }),
    z.object({ resultType: z.literal("scalar"), result: sample, stats }),
  ]),
});

type Streams = z.infer<typeof stream>[];

// Keeps stream labels, structured metadata and parsed labels apart; without it they arrive as one set.
const categorised = { "X-Loki-Response-Encoding-Flags": "categorize-labels" };

/** Options of a range query: how many lines at most and from which end, or the step of a metric query in seconds. */
export interface QueryOptions {
  limit?: number;
  direction?: "backward" | "forward";
  stepSeconds?: number;
}

/** Runs a log or metric query. Lines come newest first in either direction. */
export async function queryLogs(query: LogQuery, options: QueryOptions, signal?: AbortSignal): Promise<LogAnswer> {
  const params = {
    query: query.query,
    start: query.start,
    end: query.end,
    limit: options.limit,
    direction: options.direction,
    step: options.stepSeconds,
  };
  const { data } = await fetchJSON("/loki/api/v1/query_range", answer, { params, signal, headers: categorised });
  const summary = data.stats?.summary;
  const cost: LogStats = {
    bytes: summary?.totalBytesProcessed ?? 0,
    lines: summary?.totalLinesProcessed ?? 0,
    seconds: summary?.execTime ?? 0,
    parts: data.stats?.querier?.store?.totalChunksRef ?? 0,
  };
  switch (data.resultType) {
    case "streams":
      return { kind: "lines", lines: decodeStreams(data.result), stats: cost };
    case "matrix":
      return { kind: "series", stats: cost, series: data.result.map((s) => ({ labels: s.metric, points: s.values.map(point) })) };
    case "vector":
      return { kind: "series", stats: cost, series: data.result.map((s) => ({ labels: s.metric, points: [point(s.value)] })) };
    case "scalar":
      return { kind: "series", stats: cost, series: [{ labels: {}, points: [point(data.result)] }] };
  }
}

/** The lines of some result streams as one list, newest first. */
export function decodeStreams(streams: Streams): LogLine[] {
  const lines: LogLine[] = [];
  for (const { stream: labels, values } of streams) {
    for (const [ts, line, extra] of values) {
      const metadata = extra?.structuredMetadata ?? {};
      lines.push({ id: lineId(ts, line, labels, metadata), ts, line, labels, metadata, parsed: extra?.parsed ?? {} });
    }
  }
  return mergeLines(lines);
}

function point([seconds, value]: [number, string]): [number, number] {
  if (value === "+Inf") return [seconds, Infinity];
  if (value === "-Inf") return [seconds, -Infinity];
  return [seconds, Number(value)];
}

const names = z.object({ data: z.optional(z.array(z.string())) });

/** Names of the stream labels in use. */
export async function labelNames(range: Omit<LogQuery, "query">, signal?: AbortSignal): Promise<string[]> {
  const { data } = await fetchJSON("/loki/api/v1/labels", names, { params: { ...range }, signal });
  return data ?? [];
}

/** Values of one stream label, of the streams that `query` selects if it is given. */
export async function labelValues(name: string, range: Omit<LogQuery, "query">, signal?: AbortSignal, query?: string): Promise<string[]> {
  const path = `/loki/api/v1/label/${encodeURIComponent(name)}/values`;
  const { data } = await fetchJSON(path, names, { params: { ...range, query }, signal });
  return data ?? [];
}

const tailFrame = z.object({
  streams: z.optional(z.array(stream)),
  dropped_entries: z.optional(z.nullable(z.array(z.unknown()))),
});

/** What a live tail tells its listener. */
export interface TailListener {
  onOpen(): void;
  onLines(lines: LogLine[]): void;
  /** The server could not keep up and left out this many lines. */
  onDropped(count: number): void;
  /** The connection is over, or never came about. */
  onEnd(): void;
}

/** Follows a log query over a WebSocket, from `start` on. Returns what stops it; after that the listener hears nothing. */
export function tailLogs(query: string, start: Nanos, listener: TailListener): () => void {
  const target = new URL(url("/loki/api/v1/tail", { query, start, limit: 1000, ...tenantParams() }), document.baseURI);
  target.protocol = target.protocol === "https:" ? "wss:" : "ws:";
  let over = false;
  const socket = new WebSocket(target);
  const end = () => {
    if (over) return;
    over = true;
    listener.onEnd();
  };
  socket.addEventListener("open", () => {
    if (!over) listener.onOpen();
  });
  socket.addEventListener("message", (event: MessageEvent<unknown>) => {
    if (over || typeof event.data !== "string") return;
    const frame = decodeTailFrame(event.data);
    if (!frame) return;
    if (frame.lines.length > 0) listener.onLines(frame.lines);
    if (frame.dropped > 0) listener.onDropped(frame.dropped);
  });
  socket.addEventListener("error", end);
  socket.addEventListener("close", end);
  return () => {
    over = true;
    socket.close();
  };
}

/**
 * Puts aside what is no stream label. A browser cannot send the header that keeps them apart on a WebSocket, so a tail's
 * lines come with metadata and parsed labels among the labels; a filter on either is written the same.
 */
export function separateLabels(line: LogLine, streamLabels: ReadonlySet<string>): LogLine {
  const labels: Record<string, string> = {};
  const metadata: Record<string, string> = { ...line.metadata };
  for (const [name, value] of Object.entries(line.labels)) {
    if (streamLabels.has(name)) labels[name] = value;
    else metadata[name] = value;
  }
  return { ...line, id: lineId(line.ts, line.line, labels, metadata), labels, metadata };
}

/** Decodes a frame of a tail; undefined when it is none. */
export function decodeTailFrame(text: string): { lines: LogLine[]; dropped: number } | undefined {
  let raw: unknown;
  try {
    raw = JSON.parse(text);
  } catch {
    return undefined;
  }
  const parsed = tailFrame.safeParse(raw);
  if (!parsed.success) return undefined;
  return { lines: decodeStreams(parsed.data.streams ?? []), dropped: parsed.data.dropped_entries?.length ?? 0 };
}
