import * as z from "zod/mini";

import { tenantOf } from "../lib/tenant";
import { change, fetchJSON } from "./client";

const base = "/oriel/api/v1/shortlinks";

/** Keeps a long address under a short one, `/share/id`. */
export async function createShortlink(path: string): Promise<string> {
  const { id } = await change("POST", base, { json: { path } }, z.object({ id: z.string() }));
  const tenant = tenantOf(location.search);
  return `/share/${id}${tenant === "" ? "" : `?tenant=${encodeURIComponent(tenant)}`}`;
}

/** The address behind a short link: path and search within the page. */
export async function resolveShortlink(id: string, signal?: AbortSignal): Promise<string> {
  return (await fetchJSON(`${base}/${encodeURIComponent(id)}`, z.object({ path: z.string() }), signal ? { signal } : {})).path;
}
