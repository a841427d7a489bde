import * as z from "zod/mini";

import { change, fetchJSON } from "./client";

const ratio = z.object({ bad: z.string(), total: z.string() });

const slo = z.looseObject({
  name: z.string(),
  service: z.optional(z.string()),
  description: z.optional(z.string()),
  /** Percent. */
  objective: z.number(),
  window: z.optional(z.string()),
  indicator: z.looseObject({
    span_metrics: z.optional(z.object({ service: z.string(), operation: z.optional(z.string()), latency: z.optional(z.string()) })),
    promql: z.optional(ratio),
    logql: z.optional(ratio),
  }),
  good: z.nullable(z.number()),
  errors: z.nullable(z.record(z.string(), z.number())),
  budgetRemaining: z.nullable(z.number()),
  burnRate: z.nullable(z.number()),
  exhaustion: z.object({ state: z.string(), at: z.optional(z.string()) }),
  editable: z.boolean(),
  file: z.string(),
});

/** An objective and how it does; shares are 0 to 1, null where nothing is recorded yet. */
export type Slo = z.infer<typeof slo>;

/** All objectives. */
export async function slos(signal: AbortSignal): Promise<Slo[]> {
  return (await fetchJSON("/oriel/api/v1/slos", z.object({ slos: z.nullable(z.array(slo)) }), { signal })).slos ?? [];
}

/** An objective over the calls that a service answers. */
export interface NewSlo {
  description?: string;
  objective: number;
  window: string;
  indicator: { span_metrics: { service: string; operation?: string; latency?: string } };
}

/** Adds or replaces an objective. */
export async function saveSlo(name: string, made: NewSlo): Promise<void> {
  await change("PUT", `/oriel/api/v1/slos/${encodeURIComponent(name)}`, { json: made }, z.unknown());
}

/** Removes an objective that was made here. */
export async function deleteSlo(name: string): Promise<void> {
  await change("DELETE", `/oriel/api/v1/slos/${encodeURIComponent(name)}`, undefined, z.unknown());
}
