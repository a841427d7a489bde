import * as z from "zod/mini";

import { change, fetchJSON } from "./client";

const base = "/oriel/api/v1/retention";

const kept = z.object({
  signal: z.string(),
  period: z.string(),
  configured: z.string(),
  key: z.string(),
  updated: z.optional(z.string()),
  updatedBy: z.optional(z.string()),
  except: z.array(z.object({ selector: z.string(), period: z.string() })),
});

/** How long a signal is kept, in Prometheus' durations; "0s" is for ever. `configured` is what oriel.yaml says under `key`. */
export type Kept = z.infer<typeof kept>;

const retention = z.object({ editable: z.boolean(), signals: z.array(kept) });

/** How long each signal is kept, and whether that can be changed over HTTP. */
export function retentionInForce(signal: AbortSignal): Promise<z.infer<typeof retention>> {
  return fetchJSON(base, retention, { signal });
}

const changed = z.object({
  signal: z.string(),
  period: z.string(),
  files: z.number(),
  rows: z.number(),
  bytes: z.number(),
  before: z.optional(z.string()),
});

/** What a change of a retention deletes: `files` with `rows` (or samples), all older than `before`. */
export type RetentionChange = z.infer<typeof changed>;

/** Keeps a signal for a period from now on, whatever oriel.yaml says; null leaves it to oriel.yaml again. `dry` counts alone. */
export function changeRetention(signal: string, period: string | null, dry: boolean): Promise<RetentionChange> {
  const params = { dry_run: dry ? "true" : undefined };
  return period === null ? change("DELETE", `${base}/${signal}`, undefined, changed, params) : change("PUT", `${base}/${signal}`, { json: { period } }, changed, params);
}
