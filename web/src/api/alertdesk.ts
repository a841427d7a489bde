import * as z from "zod/mini";

import { change, fetchJSON, type Params } from "./client";

const base = "/oriel/api/v1";
const labels = z.record(z.string(), z.string());
const listed = <T>(of: z.ZodMiniType<T, unknown>) => z.pipe(z.nullable(z.array(of)), z.transform((all) => all ?? []));

const alertChange = z.object({
  at: z.string(),
  state: z.enum(["pending", "firing", "resolved", "inactive", "acknowledged", "unacknowledged", "snoozed"]),
  fingerprint: z.string(),
  rule: z.string(),
  group: z.optional(z.string()),
  file: z.optional(z.string()),
  value: z.nullable(z.union([z.number(), z.string()])),
  labels,
  annotations: labels,
  author: z.optional(z.string()),
  comment: z.optional(z.string()),
});

/** Something that happened to an alert; `at` is RFC 3339. */
export type AlertChange = z.infer<typeof alertChange>;

/** What to list of the past; times are RFC 3339. */
export interface Past {
  fingerprint?: string | undefined;
  rule?: string | undefined;
  start?: string | undefined;
  end?: string | undefined;
  limit?: number;
}

/** What happened to alerts, newest first; `more` if the limit left some out. */
export async function alertChanges(past: Past, signal: AbortSignal): Promise<{ changes: AlertChange[]; more: boolean }> {
  const answer = z.object({ changes: listed(alertChange), next: z.optional(z.string()) });
  const { changes, next } = await fetchJSON(`${base}/alerts/history`, answer, { signal, params: { ...past } as Params });
  return { changes, more: next !== undefined };
}

const told = z.object({ firing: z.array(z.string()), resolved: z.array(z.string()) });

const attempt = z.object({
  at: z.string(),
  notification: z.number(),
  receiver: z.string(),
  integration: z.string(),
  groupKey: z.string(),
  reason: z.string(),
  attempt: z.number(),
  status: z.enum(["delivered", "failed", "refused"]),
  seconds: z.number(),
  error: z.optional(z.string()),
  alerts: told,
});

/** One try to deliver a notification; `alerts` are fingerprints. */
export type Attempt = z.infer<typeof attempt>;

/** Tries to deliver notifications, newest first. */
export async function attempts(past: Past, signal: AbortSignal): Promise<{ attempts: Attempt[]; more: boolean }> {
  const answer = z.object({ attempts: listed(attempt), next: z.optional(z.string()) });
  const got = await fetchJSON(`${base}/notifications`, answer, { signal, params: { ...past, rule: undefined } as Params });
  return { attempts: got.attempts, more: got.next !== undefined };
}

const queued = z.object({
  id: z.number(),
  receiver: z.string(),
  integration: z.string(),
  groupKey: z.string(),
  reason: z.string(),
  queued: z.string(),
  attempts: z.number(),
  attempted: z.optional(z.string()),
  error: z.optional(z.string()),
  alerts: told,
});

/** A notification that waits for its receiver, or that was given up. */
export type Queued = z.infer<typeof queued>;

/** Notifications that wait, or the dead: those that were given up. Oldest first. */
export async function queue(of: "waiting" | "dead", signal: AbortSignal): Promise<Queued[]> {
  return (await fetchJSON(`${base}/notifications/${of}`, z.object({ notifications: listed(queued) }), { signal })).notifications;
}

/** Has a notification that was given up tried again. */
export async function retryDead(id: number): Promise<void> {
  await change("POST", `${base}/notifications/dead/${id}/retry`, undefined, z.unknown());
}

/** Forgets a notification that was given up. */
export async function discardDead(id: number): Promise<void> {
  await change("DELETE", `${base}/notifications/dead/${id}`, undefined, z.unknown());
}

/** Says that `owner` has seen to an alert, until it ends; without `stopRepeats` reminders go on. */
export async function acknowledge(fingerprint: string, owner: string, comment: string, stopRepeats: boolean): Promise<void> {
  await change("POST", `${base}/alerts/${fingerprint}/ack`, { json: { owner, comment, stopRepeats } }, z.unknown());
}

/** Takes an acknowledgement back. */
export async function unacknowledge(fingerprint: string, author: string): Promise<void> {
  await change("DELETE", `${base}/alerts/${fingerprint}/ack`, undefined, z.unknown(), { author });
}

/** Silences one alert and no other for a duration such as "1h". */
export async function snooze(fingerprint: string, duration: string, author: string, comment: string): Promise<string> {
  const answer = z.object({ silenceID: z.string() });
  return (await change("POST", `${base}/alerts/${fingerprint}/snooze`, { json: { duration, author, comment } }, answer)).silenceID;
}

/** A route with what it inherits. */
export interface Route {
  id: string;
  receiver: string;
  matchers: string[];
  /** ["..."] is by all labels. */
  groupBy: string[];
  groupWait: string;
  groupInterval: string;
  repeatInterval: string;
  continue: boolean;
  muteTimeIntervals: string[];
  activeTimeIntervals: string[];
  routes: Route[];
}

const route: z.ZodMiniType<Route, unknown> = z.lazy(() =>
  z.object({
    id: z.string(),
    receiver: z.string(),
    matchers: listed(z.string()),
    groupBy: listed(z.string()),
    groupWait: z.string(),
    groupInterval: z.string(),
    repeatInterval: z.string(),
    continue: z.boolean(),
    muteTimeIntervals: listed(z.string()),
    activeTimeIntervals: listed(z.string()),
    routes: listed(route),
  }),
);

const timeInterval = z.object({
  times: z.optional(z.array(z.object({ start_time: z.string(), end_time: z.string() }))),
  weekdays: z.optional(z.array(z.string())),
  days_of_month: z.optional(z.array(z.string())),
  months: z.optional(z.array(z.string())),
  years: z.optional(z.array(z.string())),
  location: z.optional(z.string()),
});

/** Times of the week, as an Alertmanager configuration writes them. */
export type TimeInterval = z.infer<typeof timeInterval>;

export const routing = z.object({
  route,
  receivers: z.array(z.object({ name: z.string(), config: z.string() })),
  inhibitRules: listed(z.string()),
  timeIntervals: listed(z.object({ name: z.string(), intervals: listed(timeInterval) })),
});

/** Who hears of what and when; receivers and inhibitions are YAML, without secrets. */
export type Routing = z.infer<typeof routing>;

/** The routing that is in force. */
export function routingInForce(signal: AbortSignal, quiet = false): Promise<Routing> {
  return fetchJSON(`${base}/routing`, routing, { signal, quiet });
}

const hit = z.object({
  receiver: z.string(),
  path: listed(z.string()),
  routeID: z.string(),
  groupLabels: labels,
  groupWait: z.string(),
  groupInterval: z.string(),
  repeatInterval: z.string(),
});

/** A route that takes an alert; `path` are the matchers from the root down. */
export type Hit = z.infer<typeof hit>;

/** Who would hear of an alert with these labels, in order: now, or by a draft of the configuration. */
export async function whoHears(of: Readonly<Record<string, string>>, draft?: object): Promise<Hit[]> {
  return (await change("POST", `${base}/routing/test`, { json: { labels: of, ...(draft && { draft }) } }, z.object({ routes: listed(hit) }))).routes;
}

export const tested = z.object({ integration: z.string(), seconds: z.number(), error: z.optional(z.string()) });

/** What came of a test of one integration; without `error` it was taken. */
export type Tested = z.infer<typeof tested>;

/** Sends a test alert to every integration of a receiver. */
export async function testReceiver(name: string): Promise<Tested[]> {
  return (await change("POST", `${base}/receivers/${encodeURIComponent(name)}/test`, undefined, z.object({ results: listed(tested) }))).results;
}

/** What a back-test asks: a rule's parts as a rule file has them, and how far back. */
export interface Backtest {
  expr: string;
  for: string;
  keep_firing_for?: string;
  labels: Readonly<Record<string, string>>;
  /** Templates, filled in at every evaluation; the answer has what came out last. */
  annotations?: Readonly<Record<string, string>>;
  signal: "metrics" | "logs" | "traces";
  /** RFC 3339; a week before now by default. */
  start?: string;
  /** RFC 3339; now by default. */
  end?: string;
  /** Between evaluations. */
  interval?: string;
}

const summary = { count: z.number(), longest: z.number(), total: z.number() };
const backtested = z.object({
  evaluations: z.number(),
  ...summary,
  truncated: z.boolean(),
  alerts: listed(
    z.object({
      labels,
      annotations: z.optional(labels),
      ...summary,
      periods: listed(z.object({ start: z.string(), end: z.string(), open: z.optional(z.boolean()) })),
    }),
  ),
});

/** When a rule would have fired; durations are seconds. */
export type Backtested = z.infer<typeof backtested>;

/** Runs a rule against the past. */
export function backtest(of: Backtest): Promise<Backtested> {
  return change("POST", `${base}/rules/backtest`, { json: of }, backtested);
}
