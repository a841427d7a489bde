import * as z from "zod/mini";

import type { Nanos } from "../lib/nanos";
import { fetchJSON } from "./client";

const detected = z.object({ detectedLabels: z.nullable(z.array(z.object({ label: z.string(), cardinality: z.number() }))) });
const volume = z.object({ data: z.object({ result: z.array(z.object({ metric: z.record(z.string(), z.string()), value: z.tuple([z.number(), z.string()]) })) }) });

const stats = z.object({ streams: z.number(), entries: z.number(), bytes: z.number() });

/** Streams, their lines and the bytes of these. */
export type StreamTotals = z.infer<typeof stats>;

/** How much of everything there is in a range. */
export function streamTotals(range: { start: Nanos; end: Nanos }, signal: AbortSignal): Promise<StreamTotals> {
  return fetchJSON("/loki/api/v1/index/stats", stats, { signal, params: { ...range, query: "{}" } });
}

/** A label of streams: how many values it has, and the bytes of lines in streams that have it. */
export interface StreamLabel {
  label: string;
  values: number;
  bytes: number;
}

/** The labels of the streams with lines in a range, those with most values first. */
export async function streamLabels(range: { start: Nanos; end: Nanos }, signal: AbortSignal): Promise<StreamLabel[]> {
  const [{ detectedLabels }, { data }] = await Promise.all([
    fetchJSON("/loki/api/v1/detected_labels", detected, { signal, params: { ...range } }),
    fetchJSON("/loki/api/v1/index/volume", volume, { signal, params: { ...range, query: "{}", aggregateBy: "labels", limit: 1000 } }),
  ]);
  const bytes = new Map(data.result.flatMap(({ metric, value: [, text] }) => Object.keys(metric).map((label) => [label, Number(text)] as const)));
  return (detectedLabels ?? []).map(({ label, cardinality }) => ({ label, values: cardinality, bytes: bytes.get(label) ?? 0 })).toSorted((a, b) => b.values - a.values || a.label.localeCompare(b.label));
}
