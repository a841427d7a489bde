import * as z from "zod/mini";

import { fetchJSON } from "./client";
import type { LogQuery } from "./loki";

const answer = z.object({
  data: z.nullable(z.array(z.object({ pattern: z.string(), level: z.optional(z.string()), samples: z.nullable(z.array(z.tuple([z.number(), z.number()]))) }))),
});

/** A shape of log lines, `<_>` for what varies. */
export interface LogPattern {
  pattern: string;
  /** As the server detected it; "" for none. */
  level: string;
  /** Unix seconds and lines, in order of time. */
  samples: [seconds: number, lines: number][];
}

/** The shapes that a query's newest lines have, the most frequent first. */
export async function logPatterns({ query, start, end }: LogQuery, stepSeconds: number, signal: AbortSignal): Promise<LogPattern[]> {
  const { data } = await fetchJSON("/loki/api/v1/patterns", answer, { params: { query, start, end, step: stepSeconds }, signal });
  return (data ?? []).map(({ pattern, level = "", samples }) => ({ pattern, level, samples: samples ?? [] }));
}

/** A shape of lines, counted over a range. */
export interface Pattern {
  pattern: string;
  level: string;
  count: number;
  /** Unix seconds of the first step that has one. */
  first: number;
}

/** The shapes of a query's newest lines with their number, the most frequent first. */
export async function listPatterns(query: LogQuery, signal: AbortSignal): Promise<Pattern[]> {
  const step = Math.max(1, Math.ceil(Number((BigInt(query.end) - BigInt(query.start)) / 1_000_000_000n) / 60));
  return (await logPatterns(query, step, signal)).map(({ pattern, level, samples }) => ({
    pattern,
    level,
    count: samples.reduce((sum, [, lines]) => sum + lines, 0),
    first: samples[0]?.[0] ?? 0,
  }));
}
