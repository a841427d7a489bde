import * as z from "zod/mini";

import type { Attribute, Span } from "../lib/trace";

/** Something out of JSON, not looked into yet. */
type Raw = Readonly<Record<string, unknown>>;

const raw = z.custom<Raw>((value) => typeof value === "object" && value !== null);

/**
 * Spans grouped by resource and scope, in the proto3 JSON that Tempo's API answers with: ids are base64. What is in a
 * span is only looked at as it is decoded: there may be tens of thousands, and a schema would take longer than all else.
 */
export const resourceSpans = z.array(
  z.object({
    resource: z.optional(z.object({ attributes: z.optional(z.array(raw)) })),
    scopeSpans: z.optional(z.array(z.object({ scope: z.optional(z.object({ name: z.optional(z.string()) })), spans: z.optional(z.array(raw)) }))),
  }),
);

const KINDS = ["unspecified", "internal", "server", "client", "producer", "consumer"] as const;

/** The spans of a decoded trace; those of one resource share its attributes. What is not of its type counts as absent. */
export function decodeSpans(batches: z.infer<typeof resourceSpans>): Span[] {
  const spans: Span[] = [];
  // Spans have the trace's id one after the other.
  let last = { raw: undefined as unknown, hex: "" };
  const traceIdOf = (id: unknown): string => {
    if (id !== last.raw) last = { raw: id, hex: hexId(text(id)) };
    return last.hex;
  };
  for (const batch of batches) {
    const resource = decodeAttributes(batch.resource?.attributes);
    const service = resource.find((a) => a.key === "service.name")?.value ?? "unknown_service";
    for (const { scope, spans: list } of batch.scopeSpans ?? []) {
      for (const one of list ?? []) {
        const start = nanosOf(one.startTimeUnixNano);
        const end = nanosOf(one.endTimeUnixNano);
        const status = objectOf(one.status);
        spans.push({
          traceId: traceIdOf(one.traceId),
          spanId: hexId(text(one.spanId)),
          parentId: hexId(text(one.parentSpanId)),
          name: text(one.name),
          service,
          kind: kindOf(one.kind),
          start,
          // A span whose end never arrived has no length.
          end: end < start ? start : end,
          status: statusOf(status.code),
          statusMessage: text(status.message),
          attributes: decodeAttributes(one.attributes),
          resource,
          scope: scope?.name ?? "",
          events: objectsOf(one.events).map((event) => ({
            name: text(event.name),
            time: nanosOf(event.timeUnixNano),
            attributes: decodeAttributes(event.attributes),
          })),
          links: objectsOf(one.links).map((link) => ({
            traceId: hexId(text(link.traceId)),
            spanId: hexId(text(link.spanId)),
            attributes: decodeAttributes(link.attributes),
          })),
        });
      }
    }
  }
  return spans;
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function objectOf(value: unknown): Raw {
  return typeof value === "object" && value !== null ? (value as Raw) : {};
}

const none: readonly Raw[] = [];

function objectsOf(value: unknown): readonly Raw[] {
  return Array.isArray(value) ? (value as unknown[]).map(objectOf) : none;
}

/** 64-bit integers are text in proto3 JSON, numbers with some writers. */
function nanosOf(value: unknown): bigint {
  if (typeof value === "string") return /^\d+$/.test(value) ? BigInt(value) : 0n;
  return typeof value === "number" && Number.isFinite(value) ? BigInt(Math.trunc(value)) : 0n;
}

/** A trace or span id in lower-case hex, from base64 or from hex; empty for an id of zeros. */
export function hexId(id: string): string {
  if (id === "") return "";
  // 8 and 16 bytes are 12 and 24 characters of base64, but 16 and 32 of hex: the length tells them apart.
  const hex = id.length === 16 || id.length === 32 ? id.toLowerCase() : fromBase64(id);
  return /^0*$/.test(hex) ? "" : hex;
}

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
// Two characters of base64 are 12 bits, three of hex.
const hexOfPair = new Map(
  Array.from(alphabet).flatMap((a, high) => Array.from(alphabet).map((b, low): [string, string] => [a + b, ((high << 6) | low).toString(16).padStart(3, "0")])),
);

function fromBase64(id: string): string {
  const bare = id.replace(/=+$/, "");
  let hex = "";
  for (let i = 0; i < bare.length; i += 2) {
    // The last character of an odd number stands alone.
    const three = hexOfPair.get(i + 1 < bare.length ? bare.slice(i, i + 2) : `${bare[i]}A`);
    if (three === undefined) return id;
    hex += three;
  }
  // What is left over of the last byte are bits of padding.
  return hex.slice(0, Math.floor((bare.length * 6) / 8) * 2);
}

function kindOf(kind: unknown): Span["kind"] {
  if (typeof kind === "number") return KINDS[kind] ?? "unspecified";
  const name = text(kind).replace(/^SPAN_KIND_/, "").toLowerCase();
  return KINDS.find((known) => known === name) ?? "unspecified";
}

function statusOf(code: unknown): Span["status"] {
  if (code === "STATUS_CODE_ERROR" || code === 2) return "error";
  if (code === "STATUS_CODE_OK" || code === 1) return "ok";
  return "unset";
}

function decodeAttributes(list: unknown): Attribute[] {
  return objectsOf(list).map(({ key: name, value: of }): Attribute => {
    const key = text(name);
    const value = objectOf(of);
    if (typeof value.stringValue === "string") return { key, value: value.stringValue, type: "string" };
    if (typeof value.boolValue === "boolean") return { key, value: String(value.boolValue), type: "bool" };
    const number = value.intValue ?? value.doubleValue;
    if (typeof number === "string" || typeof number === "number") return { key, value: String(number), type: "number" };
    const plain = plainValue(of);
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
