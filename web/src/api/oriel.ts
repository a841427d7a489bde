import * as z from "zod/mini";

import { fetchJSON } from "./client";

const accepted = z.object({
  protocol: z.string(),
  signal: z.string(),
  rows: z.number(),
  bytes: z.number(),
  last: z.string(),
});

const rejection = z.object({
  protocol: z.string(),
  signal: z.string(),
  reason: z.string(),
  rows: z.number(),
  example: z.string(),
  last: z.string(),
});

const status = z.looseObject({
  version: z.string(),
  startedAt: z.string(),
  ingest: z.optional(
    z.object({
      accepted: z.nullable(z.array(accepted)),
      rejections: z.nullable(z.array(rejection)),
    }),
  ),
});

/** What one protocol has delivered of one signal since the start. */
export type Accepted = z.infer<typeof accepted>;
/** A reason for refusing rows, with the newest example. */
export type Rejection = z.infer<typeof rejection>;

/** What the server says of itself. */
export interface Status {
  version: string;
  /** RFC 3339. */
  startedAt: string;
  accepted: Accepted[];
  rejections: Rejection[];
  /** Further sections, such as "storage", in the server's own words. */
  sections: [name: string, value: unknown][];
}

/** Asks the server for its status. */
export async function serverStatus(signal: AbortSignal): Promise<Status> {
  const { version, startedAt, now: _, ingest, ...rest } = await fetchJSON("/oriel/api/v1/status", status, { signal });
  return {
    version,
    startedAt,
    accepted: ingest?.accepted ?? [],
    rejections: ingest?.rejections ?? [],
    sections: Object.entries(rest),
  };
}
