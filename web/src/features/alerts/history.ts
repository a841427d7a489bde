import type { AlertChange, Attempt } from "../../api/alertdesk";
import { alertPeriods } from "../../lib/alertPeriods";
import type { Labels } from "../../lib/labels";
import type { TimeRange } from "../../lib/time";
import type { Lane, Period } from "./Lanes";

/** A lane of an alert: when it was pending and fired, and when somebody was told or did something. */
export type AlertLane = Omit<Lane, "name"> & { labels: Labels };

/** Changes, newest first, as a lane for each alert; the alert that changed last comes first. */
export function lanesOf(changes: readonly AlertChange[], tries: readonly Attempt[], range: TimeRange, when: (ms: number) => string): AlertLane[] {
  const byAlert = new Map<string, AlertChange[]>();
  for (const one of changes) byAlert.set(one.fingerprint, [...(byAlert.get(one.fingerprint) ?? []), one]);
  return [...byAlert].map(([fingerprint, newestFirst]) => {
    const [newest] = newestFirst;
    const labels = newest?.labels ?? {};
    return {
      key: fingerprint,
      labels,
      words: Object.entries(labels)
        .map(([name, value]) => `${name}=${value}`)
        .join(" "),
      periods: periodsOf(newestFirst.toReversed(), range, when),
      dots: [
        ...newestFirst.flatMap((one) => (people.has(one.state) ? [{ at: Date.parse(one.at), level: "info" as const, title: `${one.state} by ${one.author ?? "somebody"}` }] : [])),
        ...tries
          .filter((one) => one.alerts.firing.includes(fingerprint) || one.alerts.resolved.includes(fingerprint))
          .map((one) => ({ at: Date.parse(one.at), level: levels[one.status], title: `${one.status}: ${one.receiver} (${one.integration})${one.error ? `: ${one.error}` : ""}` })),
      ],
    };
  });
}

const people = new Set(["acknowledged", "unacknowledged", "snoozed"]);
const levels = { delivered: "ok", failed: "warn", refused: "error" } as const;

function periodsOf(oldestFirst: readonly AlertChange[], range: TimeRange, when: (ms: number) => string): Period[] {
  return alertPeriods(oldestFirst, range).map(({ from, to, state }) => ({ from, to, level: state === "pending" ? "warn" : "error", title: `${state} ${when(from)} to ${when(to)}` }));
}
