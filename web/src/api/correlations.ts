import * as z from "zod/mini";

import type { Rule } from "../lib/correlate/rules";
import { change, fetchJSON } from "./client";

const path = "/oriel/api/v1/correlations";

const side = z.union([z.number(), z.literal("step")]);
const rule = z.object({
  id: z.string(),
  from: z.array(z.enum(["series", "line", "span", "alert", "exemplar", "service"])),
  to: z.enum(["logs", "traces", "metrics", "browse", "trace", "service"]),
  title: z.string(),
  queries: z.array(z.string()),
  around: z.union([z.literal("page"), z.object({ before: z.number(), after: z.literal("now") }), z.object({ before: side, after: side })]),
  when: z.optional(z.enum(["error", "latency"])),
});
const answer = z.object({ version: z.number(), rules: z.array(rule), off: z.array(z.string()) });

/** The ways from one signal to another that people added, and those of the page's own that they switched off. */
export interface Correlations {
  /** Goes up with each change; 0 while there was none. */
  version: number;
  rules: readonly Rule[];
  off: readonly string[];
}

export async function correlations(signal: AbortSignal): Promise<Correlations> {
  const { version, rules, off } = await fetchJSON(path, answer, { signal });
  return { version, off, rules: rules.map(({ when, ...rest }) => (when ? { ...rest, when } : rest)) };
}

/** Replaces those of `version`. An ApiError of status 409 says that somebody else was faster. */
export async function saveCorrelations(made: Correlations): Promise<void> {
  await change("PUT", path, { json: made }, z.unknown());
}
