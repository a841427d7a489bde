import * as z from "zod/mini";

import { routing, tested, type Tested } from "./alertdesk";
import { change, fetchJSON } from "./client";
import { sendJSON } from "./dashboards";

const base = "/oriel/api/v1/routing/config";
const listed = <T>(of: z.ZodMiniType<T, unknown>) => z.pipe(z.nullish(z.array(of)), z.transform((all) => all ?? []));

/** A route as an Alertmanager configuration writes it; what it leaves out it inherits. */
export interface RouteConfig {
  receiver?: string;
  matchers?: string[];
  group_by?: string[];
  group_wait?: string;
  group_interval?: string;
  repeat_interval?: string;
  continue?: boolean;
  mute_time_intervals?: string[];
  active_time_intervals?: string[];
  routes?: RouteConfig[];
  [key: string]: unknown;
}

/** A contact point: its integrations are lists under keys such as webhook_configs. */
export interface ReceiverConfig {
  name: string;
  [kind: string]: unknown;
}

/** One of the ranges of an interval, all of whose conditions hold. */
export interface IntervalRange {
  times?: { start_time: string; end_time: string }[];
  weekdays?: string[];
  days_of_month?: string[];
  months?: string[];
  years?: string[];
  location?: string;
}

export interface IntervalConfig {
  name: string;
  time_intervals?: IntervalRange[];
}

export interface InhibitConfig {
  source_matchers?: string[];
  target_matchers?: string[];
  equal?: string[];
  [key: string]: unknown;
}

/** An Alertmanager configuration; a secret is a marker such as "<secret 2>", which keeps it when it is sent back. */
export interface RoutingConfig {
  route: RouteConfig;
  receivers: ReceiverConfig[];
  time_intervals?: IntervalConfig[];
  inhibit_rules?: InhibitConfig[];
  [key: string]: unknown;
}

// Its shape is Alertmanager's to check, and it is sent back as it came.
const config = z.custom<RoutingConfig>((value) => typeof value === "object" && value !== null && "route" in value);

const version = z.object({
  version: z.number(),
  created: z.optional(z.string()),
  author: z.optional(z.string()),
  message: z.optional(z.string()),
  restored: z.optional(z.number()),
});

/** One version of what was written in the page; 0 if nobody has written any. */
export type ConfigVersion = z.infer<typeof version>;

const configuration = z.object({ ...version.shape, file: z.string(), editable: z.boolean(), why: z.optional(z.string()), fault: z.optional(z.string()), yaml: z.string(), config });

/** What says who is notified: a file, or what was written in the page. */
export type Configuration = z.infer<typeof configuration>;

export function configurationInForce(signal: AbortSignal): Promise<Configuration> {
  return fetchJSON(base, configuration, { signal });
}

/** A configuration that is not in force; `base` is the version that it began with. */
export type Draft = { base: number } & ({ config: RoutingConfig } | { yaml: string });

const problem = z.object({ line: z.number(), path: z.string(), message: z.string() });

/** Why a draft would be refused; line 0 is about the whole. */
export type DraftProblem = z.infer<typeof problem>;

const labels = z.record(z.string(), z.string());
const checked = z.object({
  yaml: z.string(),
  config: z.optional(config),
  problems: listed(problem),
  changes: listed(z.object({ section: z.string(), name: z.string(), how: z.string() })),
  moved: listed(z.object({ labels, from: z.array(z.string()), to: z.array(z.string()) })),
  routing: z.optional(routing),
});

/** What a draft would change; `config` is missing where it cannot be read. */
export type Checked = z.infer<typeof checked>;

export function checkDraft(draft: Draft): Promise<Checked> {
  return change("POST", `${base}/check`, { json: draft }, checked);
}

/** Puts a draft in force. An ApiError of status 412 says that somebody else was faster. */
export function saveDraft({ base: began, ...rest }: Draft, message: string): Promise<ConfigVersion> {
  return sendJSON("PUT", base, { ...rest, message }, version, { "If-Match": `"${began}"` });
}

/** Sends a test alert to every integration of a contact point that is not kept yet. */
export async function testDraft(draft: Draft, receiver: string): Promise<Tested[]> {
  return (await change("POST", `${base}/test`, { json: { draft, receiver } }, z.object({ results: listed(tested) }))).results;
}

/** The versions that are kept, newest first. */
export async function configVersions(signal: AbortSignal): Promise<ConfigVersion[]> {
  return (await fetchJSON(`${base}/versions`, z.object({ versions: listed(version) }), { signal })).versions;
}

/** What a version says. */
export async function configVersion(of: number, signal: AbortSignal): Promise<string> {
  return (await fetchJSON(`${base}/versions/${of}`, z.object({ yaml: z.string() }), { signal })).yaml;
}

/** Brings a version back, secrets included. */
export function restoreVersion(of: number, newest: number): Promise<ConfigVersion> {
  return sendJSON("POST", `${base}/versions/${of}/restore`, {}, version, { "If-Match": `"${newest}"` });
}
