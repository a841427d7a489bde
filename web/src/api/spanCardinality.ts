import * as z from "zod/mini";

import type { Nanos } from "../lib/nanos";
import { fetchJSON } from "./client";

const looked = { start: z.string(), end: z.string(), complete: z.boolean() };

const attribute = z.object({
  attribute: z.string(),
  scope: z.string(),
  name: z.string(),
  kinds: z.array(z.string()),
  rows: z.number(),
  distinct: z.number(),
  counted: z.enum(["exactly", "about", "at_least"]),
});

const attributeList = z.object({ ...looked, spans: z.number(), attributes: z.number(), list: z.array(attribute) });

const value = z.object({ value: z.string(), kind: z.string(), cut: z.optional(z.boolean()), spans: z.number() });

const valueList = z.object({ ...looked, attribute: z.string(), values: z.number(), list: z.array(value) });

/** An attribute of spans as TraceQL spells it; `rows` are spans that have it, or of events and links these; `counted` says what `distinct` is. */
export type SpanAttribute = z.infer<typeof attribute>;
/** Attributes of spans, those with most values first. Where it is not `complete` it is of the time from `start` on. */
export type SpanAttributes = z.infer<typeof attributeList>;
/** A value and how many spans have it; of a `cut` one this is only the beginning. */
export type SpanValue = z.infer<typeof value>;
/** Values of one attribute, those of most spans first. Where it is not `complete` it is of the time from `start` on. */
export type SpanValues = z.infer<typeof valueList>;

const base = "/oriel/api/v1/cardinality/spans";

/** The attributes that spans in a range have. */
export function spanAttributes(range: { start: Nanos; end: Nanos }, limit: number, signal: AbortSignal): Promise<SpanAttributes> {
  return fetchJSON(base, attributeList, { signal, params: { ...range, limit } });
}

/** The values that an attribute takes on spans in a range. */
export function spanValues(attributeName: string, range: { start: Nanos; end: Nanos }, limit: number, signal: AbortSignal): Promise<SpanValues> {
  return fetchJSON(`${base}/values`, valueList, { signal, params: { ...range, attribute: attributeName, limit } });
}
