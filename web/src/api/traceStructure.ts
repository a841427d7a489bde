import * as z from "zod/mini";

import type { TimeRange } from "../lib/time";
import { msToNano } from "../lib/timeFormat";
import { fetchJSON } from "./client";

/** Spans of one operation that were reached over the same operations, in many traces. Times are sums in nanoseconds. */
export interface StructurePath {
  /** Index of the path above; -1 at the top. */
  parent: number;
  service: string;
  name: string;
  /** Traces with such a span. */
  traces: number;
  spans: number;
  errors: number;
  total: number;
  /** In which no child was running. */
  self: number;
}

/** Traces laid over each other. */
export interface Structure {
  traces: number;
  /** More than those match. */
  more: boolean;
  /** Spans without a place in `paths`. */
  omitted: number;
  /** Parents before their children. */
  paths: StructurePath[];
}

const nanos = z.pipe(z.string(), z.transform(Number));

const answer = z.object({
  traces: z.number(),
  more: z.boolean(),
  omitted: z.number(),
  paths: z.array(
    z.object({ parent: z.number(), service: z.string(), name: z.string(), traces: z.number(), spans: z.number(), errors: z.number(), total: nanos, self: nanos }),
  ),
});

/** Lays up to 200 traces over each other that a query finds. */
export function traceStructure(query: string, range: TimeRange, signal?: AbortSignal): Promise<Structure> {
  const params = { query, start: msToNano(range.from), end: msToNano(range.to) };
  return fetchJSON("/oriel/api/v1/traces/structure", answer, { params, signal });
}
