import type { Span } from "../trace";
import type { TraceRow } from "../traceRows";
import type { Field, Frame } from "./frame";

const link = { title: "Open trace", url: "/trace/${__value.raw}" };

/** Found traces as a table, its columns named as Tempo's data source of Grafana names them. */
export function traceTable(rows: readonly TraceRow[], refId: string, query: string): Frame {
  return {
    refId,
    name: "Traces",
    fields: [
      { name: "traceID", type: "string", values: rows.map((row) => row.traceId), config: { displayNameFromDS: "Trace ID", links: [link] } },
      { name: "startTime", type: "time", values: rows.map((row) => Number(row.start / 1_000_000n)), config: { displayNameFromDS: "Start time" } },
      { name: "traceService", type: "string", values: rows.map((row) => row.rootService), config: { displayNameFromDS: "Service" } },
      { name: "traceName", type: "string", values: rows.map((row) => row.rootName), config: { displayNameFromDS: "Name" } },
      { name: "traceDuration", type: "number", values: rows.map((row) => row.durationMs), config: { displayNameFromDS: "Duration", unit: "ms" } },
    ],
    meta: { type: "table", executedQuery: query },
  };
}

/** The spans of one trace: a column of whole spans, beside the columns that a table of them wants. */
export function traceFrame(spans: readonly Span[], refId: string, query: string): Frame {
  const ms = (nano: bigint): number => Number(nano / 1000n) / 1000;
  const column = (name: string, type: Field["type"], values: Field["values"], unit?: string): Field => ({ name, type, values, config: unit ? { unit } : {} });
  return {
    refId,
    name: "Trace",
    fields: [
      column("traceID", "string", spans.map((span) => span.traceId)),
      column("spanID", "string", spans.map((span) => span.spanId)),
      column("parentSpanID", "string", spans.map((span) => span.parentId)),
      column("operationName", "string", spans.map((span) => span.name)),
      column("serviceName", "string", spans.map((span) => span.service)),
      column("startTime", "time", spans.map((span) => ms(span.start))),
      column("duration", "number", spans.map((span) => ms(span.end - span.start)), "ms"),
      column("status", "string", spans.map((span) => span.status)),
      column("span", "trace", [...spans]),
    ],
    meta: { type: "trace", executedQuery: query },
  };
}

/** Who calls whom, for the node graph. */
export interface CallEdge {
  client: string;
  server: string;
  /** Calls per second. */
  rate: number;
  /** 0 to 1. */
  errorRatio: number;
  /** Seconds; null where none was measured. */
  p95: number | null;
}

/** Nodes and edges of a graph of services, with the columns that Grafana's node graph reads. */
export function graphFrames(edges: readonly CallEdge[], refId: string): Frame[] {
  const names = [...new Set(edges.flatMap((edge) => [edge.client, edge.server]))];
  const incoming = names.map((name) => edges.filter((edge) => edge.server === name));
  const rates = incoming.map((into) => into.reduce((sum, edge) => sum + edge.rate, 0));
  const errors = incoming.map((into, index) => (rates[index] ? into.reduce((sum, edge) => sum + edge.rate * edge.errorRatio, 0) / (rates[index] ?? 1) : 0));
  const text = (name: string, values: string[]): Field => ({ name, type: "string", values, config: {} });
  const number = (name: string, values: (number | null)[], unit: string, displayName: string): Field => ({ name, type: "number", values, config: { unit, displayName } });
  return [
    {
      refId,
      name: "nodes",
      fields: [
        text("id", names),
        text("title", names),
        number("mainstat", incoming.map((into) => mean(into.map((edge) => edge.p95))), "s", "p95"),
        number("secondarystat", rates, "reqps", "Calls"),
        number("arc__success", errors.map((share) => 1 - share), "percentunit", "Succeeded"),
        number("arc__failed", errors, "percentunit", "Failed"),
      ],
      meta: { type: "nodes" },
    },
    {
      refId,
      name: "edges",
      fields: [
        text("id", edges.map((edge) => `${edge.client}_${edge.server}`)),
        text("source", edges.map((edge) => edge.client)),
        text("target", edges.map((edge) => edge.server)),
        number("mainstat", edges.map((edge) => edge.rate), "reqps", "Calls"),
        number("secondarystat", edges.map((edge) => edge.p95), "s", "p95"),
      ],
      meta: { type: "edges" },
    },
  ];
}

function mean(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0) / known.length;
}
