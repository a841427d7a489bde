import * as z from "zod/mini";

import { change, fetchJSON } from "./client";

const base = "/alertmanager/api/v2";
const labels = z.record(z.string(), z.string());
const matcher = z.object({ name: z.string(), value: z.string(), isRegex: z.boolean(), isEqual: z.optional(z.boolean()) });

const silence = z.object({
  id: z.string(),
  status: z.object({ state: z.enum(["active", "pending", "expired"]) }),
  matchers: z.array(matcher),
  /** RFC 3339, as are the other times. */
  startsAt: z.string(),
  endsAt: z.string(),
  createdBy: z.string(),
  comment: z.string(),
});

/** One condition of a silence. */
export type Matcher = z.infer<typeof matcher>;
/** A silence of Alertmanager's API v2. */
export type Silence = z.infer<typeof silence>;

/** All silences, also those that have expired. */
export async function silences(signal: AbortSignal): Promise<Silence[]> {
  return (await fetchJSON(`${base}/silences`, z.nullable(z.array(silence)), { signal })) ?? [];
}

/** A silence to make; with `id`, the one to change. Times are RFC 3339. */
export type NewSilence = Pick<Silence, "matchers" | "startsAt" | "endsAt" | "createdBy" | "comment"> & { id?: string };

/** Makes or changes a silence, and returns its id, which a change may renew. */
export async function saveSilence(made: NewSilence): Promise<string> {
  return (await change("POST", `${base}/silences`, { json: made }, z.object({ silenceID: z.string() }))).silenceID;
}

/** Ends a silence now. */
export async function expireSilence(id: string): Promise<void> {
  await change("DELETE", `${base}/silence/${encodeURIComponent(id)}`, undefined, z.unknown());
}

const notified = z.object({
  fingerprint: z.string(),
  labels,
  annotations: labels,
  startsAt: z.string(),
  endsAt: z.string(),
  generatorURL: z.optional(z.string()),
  receivers: z.array(z.object({ name: z.string() })),
  status: z.object({
    state: z.enum(["active", "suppressed", "unprocessed"]),
    silencedBy: z.array(z.string()),
    inhibitedBy: z.array(z.string()),
    mutedBy: z.optional(z.nullable(z.array(z.string()))),
  }),
  acknowledgement: z.optional(z.object({ owner: z.string(), comment: z.string(), stopRepeats: z.boolean(), at: z.string() })),
});

/** An alert that people are notified of, with what keeps it quiet and who has seen to it. */
export type NotifiedAlert = z.infer<typeof notified>;

/** The alerts that fire, silenced or not. */
export async function notifiedAlerts(signal: AbortSignal): Promise<NotifiedAlert[]> {
  return (await fetchJSON(`${base}/alerts`, z.nullable(z.array(notified)), { signal })) ?? [];
}
