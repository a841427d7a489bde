import * as z from "zod/mini";

import type { GroupText } from "../lib/ruleText";
import type { TimeRange } from "../lib/time";
import { counted } from "../lib/units";
import { change, fetchJSON, fetchText } from "./client";

const labels = z.record(z.string(), z.string());

const alert = z.object({
  labels,
  annotations: labels,
  state: z.enum(["pending", "firing", "inactive", "unknown"]),
  /** RFC 3339. */
  activeAt: z.optional(z.string()),
  /** The expression's value, as Prometheus writes floats. */
  value: z.string(),
});

const common = {
  name: z.string(),
  query: z.string(),
  labels: z.optional(labels),
  health: z.string(),
  lastError: z.optional(z.string()),
  /** Seconds. */
  evaluationTime: z.optional(z.number()),
  lastEvaluation: z.optional(z.string()),
};

const rule = z.discriminatedUnion("type", [
  z.object({
    type: z.literal("alerting"),
    ...common,
    state: z.enum(["inactive", "pending", "firing", "unknown"]),
    /** The rule's "for", in seconds. */
    duration: z.number(),
    keepFiringFor: z.optional(z.number()),
    annotations: z.optional(labels),
    alerts: z.array(alert),
  }),
  z.object({ type: z.literal("recording"), ...common }),
]);

const group = z.object({
  name: z.string(),
  file: z.string(),
  /** What the expressions are about; without it PromQL on metrics. */
  signal: z.optional(z.enum(["logs", "traces"])),
  /** Seconds between evaluations. */
  interval: z.number(),
  limit: z.optional(z.number()),
  evaluationTime: z.optional(z.number()),
  lastEvaluation: z.optional(z.string()),
  rules: z.array(rule),
});

const rulesAnswer = z.object({ status: z.literal("success"), data: z.object({ groups: z.nullable(z.array(group)) }) });
const alertsAnswer = z.object({ status: z.literal("success"), data: z.object({ alerts: z.nullable(z.array(alert)) }) });

/** One active alert: a series that a rule's expression selects. */
export type ActiveAlert = z.infer<typeof alert>;
/** An alerting or a recording rule, told apart by `type`, and the signal of its group. */
export type Rule = z.infer<typeof rule> & { signal?: "logs" | "traces" | undefined };
/** Rules evaluated one after the other. */
export type RuleGroup = Omit<z.infer<typeof group>, "rules"> & { rules: Rule[] };

/** All rule groups, with the state of each rule. */
export async function ruleGroups(signal: AbortSignal): Promise<RuleGroup[]> {
  const groups = (await fetchJSON("/api/v1/rules", rulesAnswer, { signal })).data.groups ?? [];
  return groups.map((g) => ({ ...g, rules: g.rules.map((r) => ({ ...r, signal: g.signal })) }));
}

/** The alerts that are pending or firing now. */
export async function activeAlerts(signal: AbortSignal): Promise<ActiveAlert[]> {
  return (await fetchJSON("/api/v1/alerts", alertsAnswer, { signal })).data.alerts ?? [];
}

/** Where rules that came through the API are kept: a namespace of metrics' and traces' rules, or of logs'. */
export interface OwnGroup {
  place: "metrics" | "logs";
  namespace: string;
}

/** The namespace of a group that came through the API and may be changed here; undefined for one of a file. */
export function ownGroup(file: string): OwnGroup | undefined {
  const [, place, namespace] = /[\\/]rules[\\/](metrics|logs)[\\/]([^\\/]+)\.yml$/.exec(file) ?? [];
  if ((place !== "metrics" && place !== "logs") || !namespace) return undefined;
  try {
    return { place, namespace: decodeURIComponent(namespace) };
  } catch {
    return undefined;
  }
}

function groupPath({ place, namespace }: OwnGroup, name = ""): string {
  const base = place === "logs" ? "/loki/api/v1/rules" : "/prometheus/config/v1/rules";
  return `${base}/${encodeURIComponent(namespace)}${name === "" ? "" : `/${encodeURIComponent(name)}`}`;
}

/** Adds a group of rules or replaces the one of its name; it is in force at once. */
export async function saveGroup(own: OwnGroup, text: GroupText): Promise<void> {
  // JSON is YAML too.
  await change("POST", groupPath(own), { text: JSON.stringify(text), type: "application/yaml" }, z.unknown());
}

/** Removes a group. */
export async function deleteGroup(own: OwnGroup, name: string): Promise<void> {
  await change("DELETE", groupPath(own, name), undefined, z.unknown());
}

const ruleChange = z.object({
  time: z.string(),
  action: z.enum(["created", "changed", "deleted"]),
  kind: z.enum(["alert", "record", "group", "namespace"]),
  name: z.string(),
  /** How many rules it is about. */
  rules: z.number(),
  author: z.optional(z.string()),
});
const ruleChangesAnswer = z.object({ changes: z.array(ruleChange) });

/** What somebody did to a rule, or to all of a group or namespace, through the API. */
export type RuleChange = z.infer<typeof ruleChange>;

/** What was done, in words: "recording rule changed", "12 rules of group deleted". */
export function whatChanged({ kind, action, rules: count }: RuleChange): string {
  const of = kind === "alert" ? "rule" : kind === "record" ? "recording rule" : `${counted(count, "rule")} of ${kind}`;
  return `${of} ${action}`;
}

/** Who did what to rules within a range, newest first, at most a hundred. */
export async function ruleChanges({ from, to }: TimeRange, signal: AbortSignal): Promise<RuleChange[]> {
  const params = new URLSearchParams({ start: new Date(from).toISOString(), end: new Date(to).toISOString() });
  return (await fetchJSON(`/oriel/api/v1/rules/changes?${params.toString()}`, ruleChangesAnswer, { signal })).changes;
}

/** A group as it is kept, YAML. */
export function groupYaml(own: OwnGroup, name: string, signal: AbortSignal): Promise<string> {
  return fetchText(groupPath(own, name), signal);
}
