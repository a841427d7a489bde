import * as z from "zod/mini";

import { fetchJSON } from "./client";

const refusal = z.object({ reason: z.string(), rows: z.number(), example: z.string(), last: z.string() });

const flow = z.object({
  signal: z.string(),
  protocol: z.string(),
  tenant: z.string(),
  service: z.string(),
  left: z.number(),
  rows: z.number(),
  bytes: z.number(),
  rowsPerSecond: z.number(),
  bytesPerSecond: z.number(),
  recent: z.array(z.number()),
  followed: z.number(),
  late: z.number(),
  newest: z.nullable(z.string()),
  refused: z.array(refusal),
});

const limit = z.object({ key: z.string(), of: z.enum(["server", "tenant", "token", "metric"]), name: z.string(), unit: z.string(), limit: z.number(), used: z.nullable(z.number()) });

const ingest = z.object({
  since: z.string(),
  now: z.string(),
  stepSeconds: z.number(),
  tenants: z.boolean(),
  flows: z.array(flow),
  leftOff: z.number(),
  limits: z.array(limit),
});

/** What the rows of an answer are of, besides their signal. */
export type Grouping = "endpoint" | "service" | "tenant";
/** What came of one group of sources since the server started; rates are of the last five minutes. */
export type Flow = z.infer<typeof flow>;
/** How near a limit is; no limit is 0, a use that is not known null. */
export type LimitUse = z.infer<typeof limit>;
export type Ingest = z.infer<typeof ingest>;

/** Asks what comes in and what is refused, as far as whoever asks may know. */
export function ingestFlows(by: Grouping, signal: AbortSignal): Promise<Ingest> {
  return fetchJSON("/oriel/api/v1/ingest", ingest, { signal, params: { by } });
}
