import * as z from "zod/mini";

import { fetchJSON } from "./client";

const licence = z.object({ name: z.string(), version: z.string(), licence: z.string(), text: z.string() });

/** A package whose code is part of the page. */
export type Licence = z.infer<typeof licence>;

/** The packages that the page is made of. The development server knows none. */
export async function listLicences(signal: AbortSignal): Promise<Licence[]> {
  return fetchJSON("/licences.json", z.array(licence), { signal });
}
