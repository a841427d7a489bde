import * as z from "zod/mini";

import { fetchJSON } from "./client";

const accepted = z.object({ protocol: z.string(), signal: z.string(), rows: z.number(), last: z.string() });
const rejection = z.object({ protocol: z.string(), signal: z.string(), reason: z.string(), rows: z.number(), example: z.string(), last: z.string() });
const sender = z.object({ protocol: z.string(), signal: z.string(), tenant: z.string(), service: z.string(), rows: z.number(), last: z.string() });
const answer = z.object({
  empty: z.boolean(),
  ingest: z.optional(z.object({ accepted: z.nullable(z.array(accepted)), rejections: z.nullable(z.array(rejection)), senders: z.optional(z.array(sender)) })),
});

/** What came in since the server started. */
export interface Received {
  /** Nothing was ever received but Oriel's own telemetry. */
  empty: boolean;
  accepted: z.infer<typeof accepted>[];
  rejections: z.infer<typeof rejection>[];
  /** Services, and jobs of metrics, that sent last, the last first. */
  senders: z.infer<typeof sender>[];
}

export async function received(signal: AbortSignal): Promise<Received> {
  const { empty, ingest } = await fetchJSON("/oriel/api/v1/onboarding/check", answer, { signal });
  return { empty, accepted: ingest?.accepted ?? [], rejections: ingest?.rejections ?? [], senders: ingest?.senders ?? [] };
}
