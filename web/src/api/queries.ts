import * as z from "zod/mini";

import { change, fetchJSON } from "./client";

const base = "/oriel/api/v1/queries";

const running = {
  id: z.string(),
  language: z.enum(["promql", "logql", "traceql"]),
  query: z.string(),
  path: z.string(),
  start: z.optional(z.string()),
  end: z.optional(z.string()),
  step: z.optional(z.string()),
  user: z.optional(z.string()),
  client: z.string(),
  /** RFC 3339. */
  began: z.string(),
  seconds: z.number(),
};
const runningQuery = z.object(running);
const endedQuery = z.object({ ...running, status: z.number(), bytes: z.number(), cancelled: z.boolean(), left: z.boolean() });

/** A query that runs now. */
export type RunningQuery = z.infer<typeof runningQuery>;
/** A query that took long or failed; `bytes` are those of its answer, `left` that its client did not wait. */
export type EndedQuery = z.infer<typeof endedQuery>;

/** The queries that run now, the longest first. */
export async function runningQueries(signal: AbortSignal): Promise<RunningQuery[]> {
  return (await fetchJSON(`${base}/active`, z.object({ queries: z.array(runningQuery) }), { signal })).queries;
}

/** Ends a query that runs. */
export async function cancelQuery(id: string): Promise<void> {
  await change("DELETE", `${base}/active/${encodeURIComponent(id)}`, undefined, z.unknown());
}

/** Queries that were slow or failed, newest first, and from how many seconds on one is slow. */
export function slowQueries(signal: AbortSignal): Promise<{ queries: EndedQuery[]; slowSeconds: number; kept: number }> {
  return fetchJSON(`${base}/slow`, z.object({ queries: z.array(endedQuery), slowSeconds: z.number(), kept: z.number() }), { signal });
}
