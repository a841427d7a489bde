import * as z from "zod/mini";

import { fetchJSON } from "./client";
import { sendJSON } from "./dashboards";

// Grafana's API, which programs push library panels by, is also the page's.
const base = "/api/library-elements";

const element = z.object({
  uid: z.string(),
  name: z.string(),
  type: z.string(),
  description: z.string(),
  version: z.number(),
  model: z.record(z.string(), z.unknown()),
  meta: z.object({ connectedDashboards: z.number() }),
});
const one = z.object({ result: element });

/** A panel that dashboards show by its uid; `connectedDashboards` are those whose newest version does. */
export type LibraryPanel = z.infer<typeof element>;

/** All library panels, by name. */
export async function listLibrary(signal: AbortSignal): Promise<LibraryPanel[]> {
  const answer = await fetchJSON(base, z.object({ result: z.object({ elements: z.array(element) }) }), { params: { perPage: 1000 }, signal });
  return answer.result.elements;
}

/** Keeps a new library panel. */
export async function addToLibrary(name: string, model: Record<string, unknown>): Promise<LibraryPanel> {
  return (await sendJSON("POST", base, { kind: 1, name, model }, one)).result;
}

/** Replaces what a library panel shows; an ApiError of status 412 says that somebody else was faster. */
export async function replaceInLibrary({ uid, version }: LibraryPanel, model: Record<string, unknown>): Promise<LibraryPanel> {
  return (await sendJSON("PATCH", `${base}/${encodeURIComponent(uid)}`, { kind: 1, version, model }, one)).result;
}

/** Removes a library panel that no dashboard shows; of others an ApiError says so. */
export async function removeFromLibrary(uid: string): Promise<void> {
  await sendJSON("DELETE", `${base}/${encodeURIComponent(uid)}`, undefined, z.unknown());
}
