import * as z from "zod/mini";

import type { Attribute, Span } from "../lib/trace";
import type { TimeRange } from "../lib/time";
import { fetchJSON } from "./client";

const tag = z.object({ key: z.string(), value: z.unknown(), type: z.optional(z.string()) });
const span = z.object({
  traceID: z.string(),
  spanID: z.string(),
  operationName: z.string(),
  references: z.optional(z.nullable(z.array(z.object({ refType: z.string(), traceID: z.string(), spanID: z.string() })))),
  /** Microseconds. */
  startTime: z.number(),
  duration: z.number(),
  tags: z.optional(z.nullable(z.array(tag))),
  processID: z.string(),
});
const trace = z.object({
  traceID: z.string(),
  spans: z.array(span),
  processes: z.record(z.string(), z.object({ serviceName: z.string(), tags: z.optional(z.nullable(z.array(tag))) })),
});
const answer = z.object({ data: z.nullable(z.array(trace)) });

/** Spans of one trace, from the Jaeger API below `base`. */
export async function jaegerTrace(base: string, id: string, signal: AbortSignal): Promise<Span[]> {
  const { data } = await fetchJSON(`${base}/api/traces/${encodeURIComponent(id)}`, answer, { signal });
  return (data ?? []).flatMap(decodeTrace);
}

export interface JaegerSearch {
  service: string;
  operation: string;
  /** Pairs as logfmt, `http.status_code=500 error=true`. */
  tags: string;
  minDuration: string;
  maxDuration: string;
  limit: number;
}

/** Traces that a search finds, each as its spans. */
export async function jaegerSearch(base: string, search: JaegerSearch, range: TimeRange, signal: AbortSignal): Promise<Span[][]> {
  const tags = Object.fromEntries([...search.tags.matchAll(/([^\s=]+)=(?:"([^"]*)"|(\S*))/g)].map((pair) => [pair[1], pair[2] ?? pair[3] ?? ""]));
  const params = {
    service: search.service,
    operation: search.operation || undefined,
    tags: Object.keys(tags).length === 0 ? undefined : JSON.stringify(tags),
    minDuration: search.minDuration || undefined,
    maxDuration: search.maxDuration || undefined,
    limit: search.limit,
    start: Math.floor(range.from * 1000),
    end: Math.ceil(range.to * 1000),
  };
  const { data } = await fetchJSON(`${base}/api/traces`, answer, { params, signal });
  return (data ?? []).map(decodeTrace);
}

function decodeTrace({ spans, processes }: z.infer<typeof trace>): Span[] {
  return spans.map((one): Span => {
    const process = processes[one.processID];
    const attributes = (one.tags ?? []).map(attribute);
    const word = (key: string): string => attributes.find((each) => each.key === key)?.value ?? "";
    const kind = kinds.find((each) => each === word("span.kind"));
    return {
      traceId: one.traceID,
      spanId: one.spanID,
      parentId: (one.references ?? []).find((reference) => reference.refType === "CHILD_OF")?.spanID ?? "",
      name: one.operationName,
      service: process?.serviceName ?? "",
      kind: kind ?? "unspecified",
      start: BigInt(Math.round(one.startTime)) * 1000n,
      end: BigInt(Math.round(one.startTime + one.duration)) * 1000n,
      status: word("error") === "true" || word("otel.status_code") === "ERROR" ? "error" : "unset",
      statusMessage: word("otel.status_description"),
      attributes,
      resource: (process?.tags ?? []).map(attribute),
      scope: word("otel.scope.name"),
      events: [],
      links: [],
    };
  });
}

const kinds = ["internal", "server", "client", "producer", "consumer"] as const;

function attribute({ key, value }: z.infer<typeof tag>): Attribute {
  const type = typeof value === "number" ? "number" : typeof value === "boolean" ? "bool" : typeof value === "object" ? "json" : "string";
  return { key, value: typeof value === "object" ? JSON.stringify(value) : String(value), type };
}
