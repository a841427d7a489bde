import * as z from "zod/mini";

import type { Language } from "../lib/palette";
import { change, fetchJSON } from "./client";

const base = "/oriel/api/v1/queries";

const query = z.object({ uid: z.string(), name: z.string(), language: z.enum(["promql", "logql", "traceql"]), query: z.string(), updated: z.string(), updatedBy: z.string() });

/** A query that somebody keeps under a name; `updated` is RFC 3339. */
export type SavedQuery = z.infer<typeof query>;

/** All that are kept, by name. */
export async function savedQueries(signal: AbortSignal): Promise<SavedQuery[]> {
  return (await fetchJSON(base, z.object({ queries: z.array(query) }), { signal })).queries;
}

/** What is kept of a query. */
export interface NamedQuery {
  name: string;
  language: Language;
  query: string;
}

/** Keeps a query, in place of the one with `uid` if there is one. */
export async function saveQuery(made: NamedQuery, uid = ""): Promise<void> {
  await (uid === "" ? change("POST", base, { json: made }, z.unknown()) : change("PUT", `${base}/${encodeURIComponent(uid)}`, { json: made }, z.unknown()));
}

export async function deleteQuery(uid: string): Promise<void> {
  await change("DELETE", `${base}/${encodeURIComponent(uid)}`, undefined, z.unknown());
}
