import { wallClock } from "./zone";

const pad = (value: number, width = 2): string => String(value).padStart(width, "0");

/** `2026-03-01 10:00:05`, with `.123` when `millis` is set. */
export function formatTime(ms: number, zone: string, millis = false): string {
  const c = wallClock(ms, zone);
  return `${c.year}-${pad(c.month)}-${pad(c.day)} ${clockOf(ms, zone, millis)}`;
}

/** `10:00:05`, with `.123` when `millis` is set. */
export function clockOf(ms: number, zone: string, millis = false): string {
  const c = wallClock(ms, zone);
  const clock = `${pad(c.hour)}:${pad(c.minute)}:${pad(c.second)}`;
  return millis ? `${clock}.${pad(Math.floor(c.milli), 3)}` : clock;
}

/** Unix nanoseconds, as text of digits or a bigint, at full precision: `2026-03-01 10:00:05.123456789`. */
export function formatNano(nano: string | bigint, zone: string): string {
  const ns = BigInt(nano);
  return `${formatTime(nanoToMs(ns), zone)}.${pad(Number(ns % 1_000_000_000n), 9)}`;
}

/** Unix nanoseconds in the form of RFC 3339, at full precision: `2026-03-01T10:00:05.123456789Z`. */
export function isoNano(nano: string | bigint): string {
  const ns = BigInt(nano);
  return `${new Date(nanoToMs(ns)).toISOString().slice(0, 19)}.${pad(Number(ns % 1_000_000_000n), 9)}Z`;
}

/** Unix nanoseconds to whole milliseconds. */
export function nanoToMs(nano: string | bigint): number {
  return Number(BigInt(nano) / 1_000_000n);
}

/** Unix milliseconds to nanoseconds, as the digits the Loki and Tempo APIs take. */
export function msToNano(ms: number): string {
  return `${BigInt(Math.floor(ms)) * 1_000_000n}`;
}

const ages: [limit: number, size: number, unit: string][] = [
  [60, 1, "s"],
  [3600, 60, "min"],
  [86_400, 3600, "h"],
  [Infinity, 86_400, "d"],
];

/** How long before `now` something was: `12 s ago`, `3 h ago`; `in 5 min` for the future. */
export function age(ms: number, now: number): string {
  const seconds = Math.abs(now - ms) / 1000;
  if (seconds < 1) return "now";
  const [, size, unit] = ages.find(([limit]) => seconds < limit) ?? [0, 86_400, "d"];
  // What ends in 90 days less a moment ends in 90 days.
  return ms > now ? `in ${Math.round(seconds / size)} ${unit}` : `${Math.floor(seconds / size)} ${unit} ago`;
}

/** Labels of a time axis: as short as the distance between ticks allows. Takes and gives Unix seconds' ticks. */
export function axisLabels(ticks: readonly number[], zone: string): string[] {
  const step = ticks.length > 1 ? (ticks[1] ?? 0) - (ticks[0] ?? 0) : 3600;
  let shownDay = "";
  return ticks.map((seconds) => {
    const c = wallClock(seconds * 1000, zone);
    const day = `${pad(c.month)}-${pad(c.day)}`;
    if (step >= 86_400 * 28) return `${c.year}-${pad(c.month)}`;
    if (step >= 86_400) return day;
    const clock = `${pad(c.hour)}:${pad(c.minute)}`;
    const midnight = c.hour === 0 && c.minute === 0 && c.second === 0;
    if (midnight && day !== shownDay) {
      shownDay = day;
      return day;
    }
    if (step >= 60) return clock;
    return step >= 1 ? `${clock}:${pad(c.second)}` : `${clock}:${pad(c.second)}.${pad(Math.floor(c.milli), 3)}`;
  });
}
