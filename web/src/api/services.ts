import * as z from "zod/mini";

import type { TimeRange } from "../lib/time";
import { msToNano } from "../lib/timeFormat";
import { fetchJSON, type Params } from "./client";

const red = {
  calls: z.number(),
  errors: z.number(),
  rate: z.number(),
  errorRatio: z.number(),
  p50: z.nullable(z.number()),
  p95: z.nullable(z.number()),
  p99: z.nullable(z.number()),
  apdex: z.nullable(z.number()),
};
const serviceAnswer = z.object({ ...red, name: z.string(), entry: z.boolean() });
const mean = z.catch(z.nullable(z.number()), null);
const operationAnswer = z.object({ ...red, name: z.string(), kind: z.string(), mean });
const node = z.object({ name: z.string(), type: z.string() });
const edge = z.object({ ...red, client: z.string(), server: z.string(), type: z.string(), mean });
const errorGroup = z.object({
  service: z.string(),
  operation: z.string(),
  type: z.string(),
  message: z.string(),
  example: z.string(),
  at: z.string(),
  count: z.number(),
  first: z.string(),
  last: z.string(),
  traces: z.array(z.string()),
  trend: z.catch(z.array(z.number()), []),
});
const texts = z.array(z.string());
const profile = z.object({
  name: z.string(),
  spans: z.boolean(),
  logs: z.boolean(),
  namespaces: texts,
  environments: texts,
  languages: texts,
  versions: texts,
  instances: z.number(),
  pods: texts,
  hosts: texts,
});
const deploy = z.object({ service: z.string(), version: z.string(), previous: z.string(), time: z.string() });

/** Calls, failures and durations of something over a range; durations are seconds, null where none was measured. */
export interface Red {
  calls: number;
  errors: number;
  /** Calls per second. */
  rate: number;
  errorRatio: number;
  p50: number | null;
  p95: number | null;
  p99: number | null;
  /** 0 to 1. */
  apdex: number | null;
}

/** A service; `entry` says that its numbers are of the calls it answered, not of all its spans. */
export type ServiceRed = z.infer<typeof serviceAnswer>;
/** A span name of a service, by kind of span; `mean` is its duration in seconds. */
export type Operation = z.infer<typeof operationAnswer>;
/** A service, or what services call: `type` is service, database, messaging_system or virtual_node. */
export type MapNode = z.infer<typeof node>;
/** Calls from one node to another; `mean` is their duration in seconds. */
export type MapEdge = z.infer<typeof edge>;
/** Failed spans with the same cause; `first` and `last` are Unix nanoseconds within the range, `trend` their number in equal parts of it. */
export type ErrorGroup = z.infer<typeof errorGroup>;
/** What a service says of itself: `spans` and `logs` are whether it sent any, pods and hosts at most 100 names. */
export type Profile = z.infer<typeof profile>;
/** A version whose spans began within the range; `time` is Unix nanoseconds. */
export type Deploy = z.infer<typeof deploy>;

/** Who calls whom. */
export interface CallMap {
  nodes: MapNode[];
  edges: MapEdge[];
  /** How many traces the numbers are of, the newest, where no metrics tell of all calls. */
  fromTraces?: number | undefined;
}

function ask<T>(path: string, schema: z.ZodMiniType<T, unknown>, range: TimeRange, signal: AbortSignal, params: Params = {}, quiet = false): Promise<T> {
  return fetchJSON(`/oriel/api/v1${path}`, schema, { signal, quiet, params: { ...params, start: msToNano(range.from), end: msToNano(range.to) } });
}

/** The services with spans in `range`, those with most calls first; `partial` says why some are missing. */
export async function listServices(range: TimeRange, signal: AbortSignal): Promise<{ services: ServiceRed[]; partial?: string | undefined }> {
  return ask("/services", z.object({ services: z.array(serviceAnswer), partial: z.optional(z.string()) }), range, signal);
}

/** The operations of a service, those with most calls first. */
export async function listOperations(service: string, range: TimeRange, signal: AbortSignal): Promise<Operation[]> {
  return (await ask("/services/operations", z.object({ operations: z.array(operationAnswer) }), range, signal, { service })).operations;
}

/** Who calls whom; of one service, its callers and what it calls. */
export async function callMap(service: string | undefined, range: TimeRange, signal: AbortSignal): Promise<CallMap> {
  return ask("/services/map", z.object({ nodes: z.array(node), edges: z.array(edge), fromTraces: z.optional(z.number()) }), range, signal, { service });
}

/** The failed spans of a service by their cause, the most frequent first; `partial` if there were more than were read. */
export async function listErrors(service: string, range: TimeRange, signal: AbortSignal): Promise<{ groups: ErrorGroup[]; partial: boolean }> {
  const answer = z.object({ groups: z.nullable(z.array(errorGroup)), partial: z.boolean() });
  const { groups, partial } = await ask("/services/errors", answer, range, signal, { service });
  return { groups: groups ?? [], partial };
}

/** What services that sent spans or log lines in `range` say of themselves, by name; of one, if it is named. */
export async function listProfiles(service: string | undefined, range: TimeRange, signal: AbortSignal, quiet = false): Promise<Profile[]> {
  return (await ask("/services/profiles", z.object({ profiles: z.array(profile) }), range, signal, { service }, quiet)).profiles;
}

/** The versions of a service that began within `range`. */
export async function listDeploys(service: string, range: TimeRange, signal: AbortSignal): Promise<Deploy[]> {
  return (await ask("/services/deploys", z.object({ deploys: z.nullable(z.array(deploy)) }), range, signal, { service })).deploys ?? [];
}

const evidence = z.object({
  logs: z.object({
    query: z.string(),
    count: z.number(),
    levels: z.nullable(z.record(z.string(), z.number())),
    lines: z.nullable(z.array(z.object({ time: z.string(), line: z.string(), level: z.optional(z.string()) }))),
  }),
  metrics: z.nullable(z.array(z.object({ service: z.string(), selectors: z.nullable(z.array(z.string())), names: z.nullable(z.array(z.string())) }))),
});

/** What a service logged and which metrics are its own. */
export interface ServiceEvidence {
  logs: {
    /** LogQL for all of its lines. */
    query: string;
    count: number;
    /** Lines by level. */
    levels: Record<string, number>;
    /** Errors and the newest; `time` is Unix nanoseconds. */
    lines: { time: string; line: string; level?: string | undefined }[];
  };
  /** PromQL selectors of its series, and the names of its metrics. */
  metrics: { service: string; selectors: string[]; names: string[] }[];
}

/** Logs and metrics of a service, found by its name. */
export async function ofService(service: string, range: TimeRange, signal: AbortSignal): Promise<ServiceEvidence> {
  const { logs, metrics } = await ask("/correlate", evidence, range, signal, { service });
  return {
    logs: { ...logs, levels: logs.levels ?? {}, lines: logs.lines ?? [] },
    // Those it calls are told of too; here it is about this one.
    metrics: (metrics ?? []).flatMap((part) => (part.service === service ? [{ ...part, selectors: part.selectors ?? [], names: part.names ?? [] }] : [])),
  };
}
