import * as z from "zod/mini";

import type { Nanos } from "../lib/nanos";
import { tenantParams } from "../lib/tenant";
import { fetchJSON, url } from "./client";
import type { LogQuery } from "./loki";

const strings = z.record(z.string(), z.string());
const line = z.object({ time: z.string(), line: z.string(), stream: strings, metadata: z.nullable(strings), parsed: z.nullable(strings) });
const context = z.object({ before: z.array(line), line, after: z.array(line), older: z.optional(z.string()), newer: z.optional(z.string()) });

/** A line as the server's own log API has it. */
export type PlainLine = z.infer<typeof line>;

/** The lines around one, oldest first; cursors lead further. */
export type Around = z.infer<typeof context>;

/** The lines just before and after the one with `text` at `time` in `query`. */
export function linesAround(query: string, time: Nanos, text: string, many: number, signal: AbortSignal): Promise<Around> {
  return fetchJSON("/oriel/api/v1/logs/context", context, { post: true, signal, params: { query, time, line: text, before: many, after: many } });
}

const page = z.object({ lines: z.array(line), next: z.optional(z.string()) });

/** The page of lines after a cursor, in its direction: backward is newest first. */
export function linesFrom(query: string, cursor: string, direction: "backward" | "forward", limit: number, signal?: AbortSignal): Promise<z.infer<typeof page>> {
  // A cursor carries the place; the range only has to hold it.
  return fetchJSON("/oriel/api/v1/logs/query", page, { post: true, ...(signal ? { signal } : {}), params: { query, cursor, direction, limit, start: "0", end: "9223372036854775807" } });
}

/** Where the browser downloads all lines of a query from. */
export function exportURL({ query, start, end }: LogQuery, format: "jsonl" | "csv" | "text"): string {
  return url("/oriel/api/v1/logs/export", { query, start, end, format, direction: "forward", ...tenantParams() });
}
