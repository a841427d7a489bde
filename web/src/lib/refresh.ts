import type { TimeRange } from "./time";

/** The intervals on offer, as the URL writes them. */
export const refreshChoices = ["off", "auto", "5s", "10s", "30s", "1m", "5m", "15m"] as const;

/** Milliseconds between refreshes; 0 is none. "auto" is a hundredth of the range, at least ten seconds. */
export function refreshMs(choice: string, range: TimeRange): number {
  if (choice === "auto") return Math.max(10_000, Math.round((range.to - range.from) / 100));
  const [, count, unit] = /^(\d+)(s|m|h)$/.exec(choice) ?? [];
  if (!count || !unit) return 0;
  const ms = Number(count) * { s: 1000, m: 60_000, h: 3_600_000 }[unit as "s" | "m" | "h"];
  // Faster than once a second only burdens the server; longer than a day a timer cannot count.
  return ms === 0 ? 0 : Math.min(Math.max(ms, 1000), 86_400_000);
}
