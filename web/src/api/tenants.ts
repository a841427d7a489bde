import * as z from "zod/mini";

import { change, fetchJSON } from "./client";

const base = "/oriel/api/v1/tenants";

/** The tenants that have data or have made something, besides the default one. */
export async function listTenants(signal: AbortSignal): Promise<string[]> {
  return (await fetchJSON(base, z.object({ tenants: z.array(z.string()) }), { signal })).tenants;
}

/** The tenants that whoever asks may ask about, "" being the default one; none where there are no tenants. */
export async function visibleTenants(signal: AbortSignal): Promise<string[]> {
  return (await fetchJSON(`${base}/visible`, z.object({ tenants: z.array(z.string()) }), { signal, quiet: true })).tenants;
}

const deletion = z.object({
  tenant: z.string(),
  lines: z.number(),
  spans: z.number(),
  archivedSpans: z.optional(z.number()),
  series: z.number(),
  tokens: z.number(),
  dashboards: z.optional(z.number()),
  ruleGroups: z.optional(z.number()),
  rest: z.optional(z.number()),
});

/** What a tenant has, or had. */
export type TenantData = z.infer<typeof deletion>;

/** Counts what a tenant has. This reads all of it, and takes its time where there is much. */
export function countTenant(name: string): Promise<TenantData> {
  return change("DELETE", `${base}/${encodeURIComponent(name)}`, undefined, deletion, { dry_run: "true" });
}

/** Deletes all that a tenant has. */
export function deleteTenant(name: string): Promise<TenantData> {
  return change("DELETE", `${base}/${encodeURIComponent(name)}`, undefined, deletion);
}

const inForce = z.object({ limits: z.optional(z.unknown()), storage: z.optional(z.object({ retention: z.optional(z.unknown()) })) });

/** The limits of what is sent, and how long data is kept, by the names that the configuration has for them. */
export async function limitsInForce(signal: AbortSignal): Promise<{ limits: unknown; retention: unknown }> {
  const { limits, storage } = await fetchJSON("/oriel/api/v1/status", inForce, { signal });
  return { limits, retention: storage?.retention };
}
