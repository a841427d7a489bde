import * as z from "zod/mini";

import { fetchJSON } from "./client";

const silence = z.object({
  id: z.string(),
  status: z.object({ state: z.enum(["active", "pending", "expired"]) }),
  matchers: z.array(z.object({ name: z.string(), value: z.string(), isRegex: z.boolean(), isEqual: z.optional(z.boolean()) })),
  /** RFC 3339, as are the other times. */
  startsAt: z.string(),
  endsAt: z.string(),
  createdBy: z.string(),
  comment: z.string(),
});

/** A silence of Alertmanager's API v2. */
export type Silence = z.infer<typeof silence>;

/** All silences, also those that have expired. */
export async function silences(signal: AbortSignal): Promise<Silence[]> {
  return (await fetchJSON("/alertmanager/api/v2/silences", z.nullable(z.array(silence)), { signal })) ?? [];
}

/** A silence's matcher as Alertmanager writes it: `severity=~"warn.*"`. */
export function formatMatcher({ name, value, isRegex, isEqual = true }: Silence["matchers"][number]): string {
  const operator = isEqual ? (isRegex ? "=~" : "=") : isRegex ? "!~" : "!=";
  return `${name}${operator}${JSON.stringify(value)}`;
}
