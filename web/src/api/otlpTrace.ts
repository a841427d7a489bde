import * as z from "zod/mini";

import type { Attribute, Span } from "../lib/trace";

const anyValue = z.looseObject({
  stringValue: z.optional(z.string()),
  boolValue: z.optional(z.boolean()),
  intValue: z.optional(z.union([z.string(), z.number()])),
  doubleValue: z.optional(z.union([z.string(), z.number()])),
});

const attributes = z.optional(z.array(z.object({ key: z.string(), value: z.optional(anyValue) })));
const nanos = z.optional(z.union([z.string(), z.number()]));

const span = z.object({
  traceId: z.optional(z.string()),
  spanId: z.optional(z.string()),
  parentSpanId: z.optional(z.string()),
  name: z.optional(z.string()),
  kind: z.optional(z.union([z.string(), z.number()])),
  startTimeUnixNano: nanos,
  endTimeUnixNano: nanos,
  attributes,
  events: z.optional(z.array(z.object({ name: z.optional(z.string()), timeUnixNano: nanos, attributes }))),
  links: z.optional(z.array(z.object({ traceId: z.optional(z.string()), spanId: z.optional(z.string()), attributes }))),
  status: z.optional(z.object({ code: z.optional(z.union([z.string(), z.number()])), message: z.optional(z.string()) })),
});

/** Spans grouped by resource and scope, in the proto3 JSON that Tempo's API answers with: ids are base64. */
export const resourceSpans = z.array(
  z.object({
    resource: z.optional(z.object({ attributes })),
    scopeSpans: z.optional(z.array(z.object({ scope: z.optional(z.object({ name: z.optional(z.string()) })), spans: z.optional(z.array(span)) }))),
  }),
);

type RawAttributes = z.infer<typeof attributes>;

const KINDS = ["unspecified", "internal", "server", "client", "producer", "consumer"] as const;

/** The spans of a decoded trace, each with its own copy of the resource's attributes. */
export function decodeSpans(batches: z.infer<typeof resourceSpans>): Span[] {
  const spans: Span[] = [];
  for (const batch of batches) {
    const resource = decodeAttributes(batch.resource?.attributes);
    const service = resource.find((a) => a.key === "service.name")?.value ?? "unknown_service";
    for (const { scope, spans: raw } of batch.scopeSpans ?? []) {
      for (const one of raw ?? []) {
        const start = BigInt(one.startTimeUnixNano ?? 0);
        const end = BigInt(one.endTimeUnixNano ?? 0);
        spans.push({
          traceId: hexId(one.traceId),
          spanId: hexId(one.spanId),
          parentId: hexId(one.parentSpanId),
          name: one.name ?? "",
          service,
          kind: kindOf(one.kind),
          start,
          // A span whose end never arrived has no length.
          end: end < start ? start : end,
          status: statusOf(one.status?.code),
          statusMessage: one.status?.message ?? "",
          attributes: decodeAttributes(one.attributes),
          resource,
          scope: scope?.name ?? "",
          events: (one.events ?? []).map((event) => ({
            name: event.name ?? "",
            time: BigInt(event.timeUnixNano ?? 0),
            attributes: decodeAttributes(event.attributes),
          })),
          links: (one.links ?? []).map((link) => ({
            traceId: hexId(link.traceId),
            spanId: hexId(link.spanId),
            attributes: decodeAttributes(link.attributes),
          })),
        });
      }
    }
  }
  return spans;
}

/** A trace or span id in lower-case hex, from base64 or from hex; empty for an id of zeros. */
export function hexId(id: string | undefined): string {
  if (!id) return "";
  // 8 and 16 bytes are 12 and 24 characters of base64, but 16 and 32 of hex: the length tells them apart.
  const hex = id.length === 16 || id.length === 32 ? id.toLowerCase() : fromBase64(id);
  return /^0*$/.test(hex) ? "" : hex;
}

function fromBase64(text: string): string {
  try {
    return Array.from(atob(text), (char) => char.charCodeAt(0).toString(16).padStart(2, "0")).join("");
  } catch {
    return text;
  }
}

function kindOf(kind: string | number | undefined): Span["kind"] {
  if (typeof kind === "number") return KINDS[kind] ?? "unspecified";
  const name = kind?.replace(/^SPAN_KIND_/, "").toLowerCase();
  return KINDS.find((known) => known === name) ?? "unspecified";
}

function statusOf(code: string | number | undefined): Span["status"] {
  if (code === "STATUS_CODE_ERROR" || code === 2) return "error";
  if (code === "STATUS_CODE_OK" || code === 1) return "ok";
  return "unset";
}

function decodeAttributes(raw: RawAttributes): Attribute[] {
  return (raw ?? []).map(({ key, value }): Attribute => {
    if (value?.stringValue !== undefined) return { key, value: value.stringValue, type: "string" };
    if (value?.boolValue !== undefined) return { key, value: String(value.boolValue), type: "bool" };
    const number = value?.intValue ?? value?.doubleValue;
    if (number !== undefined) return { key, value: String(number), type: "number" };
    const plain = plainValue(value);
    return { key, value: plain === undefined || plain === null ? "" : JSON.stringify(plain), type: "json" };
  });
}

/** Arrays, maps and bytes without OTLP's wrapping. */
function plainValue(value: unknown, depth = 0): unknown {
  if (typeof value !== "object" || value === null || depth > 32) return value;
  const [kind, inner] = Object.entries(value)[0] ?? [];
  switch (kind) {
    case "arrayValue":
      return listOf(inner).map((one) => plainValue(one, depth + 1));
    case "kvlistValue":
      return Object.fromEntries(
        listOf(inner).map((pair) => {
          const { key, value: of } = pair as { key?: unknown; value?: unknown };
          return [String(key), plainValue(of, depth + 1)];
        }),
      );
    default:
      return inner;
  }
}

function listOf(inner: unknown): unknown[] {
  const values: unknown = typeof inner === "object" && inner !== null && "values" in inner ? inner.values : [];
  return Array.isArray(values) ? values.filter((one) => typeof one === "object" && one !== null) : [];
}
