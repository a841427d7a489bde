/** A wall clock's reading; month and day count from 1. */
export interface WallClock {
  year: number;
  month: number;
  day: number;
  hour: number;
  minute: number;
  second: number;
  milli: number;
}

/** Units that calendars have, by Grafana's letters: second, minute, hour, day, week, month, quarter, year. */
export type CalendarUnit = "s" | "m" | "h" | "d" | "w" | "M" | "Q" | "y";

const formats = new Map<string, Intl.DateTimeFormat>();

function format(zone: string): Intl.DateTimeFormat {
  let found = formats.get(zone);
  if (!found) {
    found = new Intl.DateTimeFormat("en-US", {
      timeZone: zone,
      hourCycle: "h23",
      year: "numeric",
      month: "2-digit",
      day: "2-digit",
      hour: "2-digit",
      minute: "2-digit",
      second: "2-digit",
    });
    formats.set(zone, found);
  }
  return found;
}

let ofBrowser: string | undefined;

/** The IANA name behind a `tz` parameter: "browser", "utc", or itself when the browser knows it, else UTC. */
export function resolveZone(tz: string): string {
  if (tz === "utc" || tz === "UTC") return "UTC";
  if (tz === "browser" || tz === "") return (ofBrowser ??= new Intl.DateTimeFormat().resolvedOptions().timeZone);
  try {
    format(tz);
    return tz;
  } catch {
    return "UTC";
  }
}

/** What a clock in `zone` shows at `ms` (Unix milliseconds). */
export function wallClock(ms: number, zone: string): WallClock {
  const clock: WallClock = { year: 0, month: 0, day: 0, hour: 0, minute: 0, second: 0, milli: ((ms % 1000) + 1000) % 1000 };
  for (const part of format(zone).formatToParts(ms)) {
    if (part.type in clock) clock[part.type as keyof WallClock] = Number(part.value);
  }
  return clock;
}

/**
 * The instant at which a clock in `zone` shows `clock`; fields out of range carry over (day 0 is the last day of the
 * month before). Of a reading that occurs twice the first counts; one that is skipped moves on by the gap.
 */
export function instant(clock: WallClock, zone: string): number {
  const asUTC = utc(clock);
  // The offset at the guess may be of the other side of a switch; both sides are tried, the earlier instant first.
  const candidates = [-86_400_000, 86_400_000].map((shift) => asUTC - offset(asUTC + shift, zone)).toSorted((a, b) => a - b);
  const exact = candidates.find((ms) => utc(wallClock(ms, zone)) === asUTC);
  return exact ?? Math.max(...candidates);
}

function utc(c: WallClock): number {
  return Date.UTC(c.year, c.month - 1, c.day, c.hour, c.minute, c.second, c.milli);
}

/** How far `zone` is ahead of UTC at `ms`, in milliseconds. */
function offset(ms: number, zone: string): number {
  return utc(wallClock(ms, zone)) - ms;
}

/** Start of the `unit` that `ms` falls in, by the calendar of `zone`. Weeks start on Monday. */
export function startOf(unit: CalendarUnit, ms: number, zone: string): number {
  if (unit === "s") return Math.floor(ms / 1000) * 1000;
  if (unit === "m") return Math.floor(ms / 60_000) * 60_000;
  const c = { ...wallClock(ms, zone), minute: 0, second: 0, milli: 0 };
  if (unit === "h") return ms - (utc(wallClock(ms, zone)) - utc(c));
  c.hour = 0;
  if (unit === "w") c.day -= (new Date(utc(c)).getUTCDay() + 6) % 7;
  if (unit === "M" || unit === "Q" || unit === "y") c.day = 1;
  if (unit === "Q") c.month -= (c.month - 1) % 3;
  if (unit === "y") c.month = 1;
  return instant(c, zone);
}

/** `ms` moved by `count` units. Days and longer follow the calendar of `zone`: a day may have 23 or 25 hours. */
export function add(ms: number, count: number, unit: CalendarUnit, zone: string): number {
  switch (unit) {
    case "s":
      return ms + count * 1000;
    case "m":
      return ms + count * 60_000;
    case "h":
      return ms + count * 3_600_000;
    case "d":
    case "w": {
      const c = wallClock(ms, zone);
      return instant({ ...c, day: c.day + count * (unit === "w" ? 7 : 1) }, zone);
    }
    default: {
      const c = wallClock(ms, zone);
      const month = c.month + count * { M: 1, Q: 3, y: 12 }[unit];
      // 31 January plus a month is the last day of February.
      const lastDay = new Date(Date.UTC(c.year, month, 0)).getUTCDate();
      return instant({ ...c, month, day: Math.min(c.day, lastDay) }, zone);
    }
  }
}
