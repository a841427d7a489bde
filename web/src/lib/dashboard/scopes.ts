import { rateWindow } from "../macros";
import { stepText } from "../step";
import type { TimeRange } from "../time";
import type { Scope, ScopeValue } from "./interpolate";

/** What is true of the whole page: its range, dashboard and reader. */
export interface PageFacts {
  range: TimeRange;
  /** As the URL has it. */
  raw: { from: string; to: string };
  /** IANA name of the zone in which times are shown. */
  zone: string;
  dashboard: { uid: string; title: string };
  user: { login: string; email: string };
}

/** The macros of the page, such as `$__range` and `$__from`. */
export function pageScope(facts: PageFacts): Scope {
  const ms = facts.range.to - facts.range.from;
  const seconds = Math.max(1, Math.round(ms / 1000));
  const from = String(Math.floor(facts.range.from));
  const to = String(Math.floor(facts.range.to));
  return new Map<string, ScopeValue>([
    ["__from", { value: from, text: from }],
    ["__to", { value: to, text: to }],
    ["__range", `${seconds}s`],
    ["__range_s", String(seconds)],
    ["__range_ms", String(Math.round(ms))],
    ["__dashboard", { uid: facts.dashboard.uid, name: facts.dashboard.title, toString: () => facts.dashboard.title }],
    ["__user", { login: facts.user.login, email: facts.user.email, id: facts.user.login }],
    ["__org", { id: "1", name: "Main" }],
    ["__timezone", facts.zone],
    ["__url_time_range", `from=${encodeURIComponent(facts.raw.from)}&to=${encodeURIComponent(facts.raw.to)}`],
  ]);
}

/** The macros of one query: its step, and the window that a rate over it wants. */
export function stepScope(stepMs: number, scrapeMs?: number): Scope {
  const window = scrapeMs === undefined ? rateWindow(stepMs) : Math.max(stepMs + scrapeMs, 4 * scrapeMs);
  return new Map<string, ScopeValue>([
    ["__interval", stepText(stepMs)],
    ["__interval_ms", String(stepMs)],
    ["__rate_interval", stepText(window)],
    ["__rate_interval_ms", String(window)],
    ["__auto", stepText(stepMs)],
  ]);
}
