import * as z from "zod/mini";

import { fetchJSON } from "./client";

const labels = z.record(z.string(), z.string());

const alert = z.object({
  name: z.string(),
  fingerprint: z.string(),
  labels: z.nullable(labels),
  signal: z.optional(z.string()),
  expression: z.optional(z.string()),
  measured: z.optional(z.string()),
  value: z.optional(z.nullable(z.number())),
  valueText: z.optional(z.string()),
  threshold: z.optional(z.nullable(z.object({ op: z.string(), value: z.number(), text: z.string() }))),
  for: z.optional(z.string()),
  where: z.optional(z.string()),
  startsAt: z.string(),
  endsAt: z.optional(z.string()),
});

const line = z.object({
  time: z.string(),
  level: z.optional(z.string()),
  service: z.optional(z.string()),
  line: z.string(),
  count: z.number(),
  labels: z.nullable(labels),
  traceId: z.optional(z.string()),
});

const trace = z.object({
  traceId: z.string(),
  service: z.string(),
  name: z.string(),
  start: z.string(),
  durationSeconds: z.number(),
  spans: z.number(),
  failed: z.optional(z.object({ spanId: z.string(), service: z.string(), name: z.string(), message: z.optional(z.string()), errors: z.number() })),
  criticalPath: z.nullable(z.array(z.object({ service: z.string(), name: z.string(), selfSeconds: z.number(), part: z.number() }))),
});

const evidence = z.object({
  summary: z.string(),
  alerts: z.array(alert),
  logs: z.optional(z.object({ query: z.string(), lines: z.array(line) })),
  traces: z.optional(z.object({ query: z.string(), items: z.array(trace) })),
  deploys: z.optional(z.array(z.object({ time: z.string(), service: z.string(), version: z.string(), previous: z.string() }))),
  errors: z.optional(z.array(z.object({ part: z.string(), error: z.string() }))),
});

/** What goes with an alert: what it measures, log lines, traces, new versions; `errors` says what is missing. */
export type Evidence = z.infer<typeof evidence>;
/** A trace that failed or was slow, with who had the time. */
export type EvidenceTrace = z.infer<typeof trace>;
/** The newest of log lines that are alike, and how many they are. */
export type EvidenceLine = z.infer<typeof line>;

/** What evidence is made of; each is looked for by itself. */
export type EvidencePart = "rule" | "logs" | "traces" | "deploys";

/** The evidence of an alert now or, if it is over, of its end: all of it, or one part. */
export function evidenceOf(fingerprint: string, part: EvidencePart | undefined, signal: AbortSignal): Promise<Evidence> {
  return fetchJSON(`/oriel/api/v1/alerts/${encodeURIComponent(fingerprint)}/evidence${part ? `?part=${part}` : ""}`, evidence, { signal });
}
