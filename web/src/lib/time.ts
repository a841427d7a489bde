import { add, startOf, instant, type CalendarUnit } from "./zone";

/** A range as the URL writes it: `now`, `now-1h`, `now-1d/d`, or epoch milliseconds. */
export interface RawRange {
  from: string;
  to: string;
}

/** Unix milliseconds; `from` is in the range, `to` is not. */
export interface TimeRange {
  from: number;
  to: number;
}

/** The ranges on offer, shortest first. */
export const presets: readonly { from: string; label: string }[] = [
  { from: "now-5m", label: "Last 5 minutes" },
  { from: "now-15m", label: "Last 15 minutes" },
  { from: "now-30m", label: "Last 30 minutes" },
  { from: "now-1h", label: "Last 1 hour" },
  { from: "now-3h", label: "Last 3 hours" },
  { from: "now-6h", label: "Last 6 hours" },
  { from: "now-12h", label: "Last 12 hours" },
  { from: "now-24h", label: "Last 24 hours" },
  { from: "now-2d", label: "Last 2 days" },
  { from: "now-7d", label: "Last 7 days" },
  { from: "now-30d", label: "Last 30 days" },
];

const relative = /^now(?:\s*([+-])\s*(\d+)\s*(s|m|h|d|w|M|Q|y))?(?:\/(s|m|h|d|w|M|Q|y))?$/;
const dateTime = /^(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ](\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?)?\s*(Z|[+-]\d{2}:?\d{2})?$/;

/**
 * One end of a range as Unix milliseconds, or undefined if `expr` is neither relative, nor an epoch, nor a date.
 * `end` says which end: `now/d` is the start of today as a start and the end of today as an end.
 */
export function resolveInstant(expr: string, now: number, zone: string, end = false): number | undefined {
  const text = expr.trim();
  const rel = relative.exec(text);
  if (rel) {
    const [, sign, count, unit, round] = rel;
    let ms = now;
    if (unit) ms = add(ms, Number(count) * (sign === "-" ? -1 : 1), unit as CalendarUnit, zone);
    if (round) {
      ms = startOf(round as CalendarUnit, ms, zone);
      if (end) ms = add(ms, 1, round as CalendarUnit, zone);
    }
    return valid(ms);
  }
  if (/^\d{9,19}$/.test(text)) return epoch(text);
  const date = dateTime.exec(text);
  return date ? fromDate(date, zone, end) : undefined;
}

/** Epoch digits to milliseconds; the unit shows in their number: 10 seconds, 13 milli, 16 micro, 19 nano. */
function epoch(digits: string): number | undefined {
  if (digits.length <= 11) return Number(digits) * 1000;
  if (digits.length <= 14) return Number(digits);
  return Number(BigInt(digits) / (digits.length <= 17 ? 1000n : 1_000_000n));
}

function fromDate(parts: RegExpExecArray, zone: string, end: boolean): number | undefined {
  const [, year, month, day, hour, minute, second, fraction, offset] = parts;
  const clock = {
    year: Number(year),
    month: Number(month),
    day: Number(day),
    hour: Number(hour ?? 0),
    minute: Number(minute ?? 0),
    second: Number(second ?? 0),
    milli: Math.floor(Number(`0.${fraction ?? 0}`) * 1000),
  };
  if (clock.month < 1 || clock.month > 12 || clock.hour > 24 || clock.minute > 59 || clock.second > 60) return undefined;
  if (clock.day < 1 || clock.day > new Date(Date.UTC(clock.year, clock.month, 0)).getUTCDate()) return undefined;
  const wholeDay = hour === undefined;
  if (wholeDay && end) clock.day += 1;
  if (!offset) return valid(instant(clock, zone));
  const utc = instant(clock, "UTC");
  if (offset === "Z") return valid(utc);
  const minutes = Number(offset.slice(1, 3)) * 60 + Number(offset.slice(-2));
  return valid(utc - (offset.startsWith("-") ? -1 : 1) * minutes * 60_000);
}

function valid(ms: number): number | undefined {
  return Number.isFinite(ms) ? ms : undefined;
}

/** The range `raw` means at `now`. One that is unreadable or ends before it starts becomes the last hour. */
export function resolveRange(raw: RawRange, now: number, zone: string): TimeRange {
  const from = resolveInstant(raw.from, now, zone);
  const to = resolveInstant(raw.to, now, zone, true);
  if (from === undefined || to === undefined || from >= to) return { from: now - 3_600_000, to: now };
  return { from, to };
}

/** An absolute range in the URL's grammar. */
export function absolute(range: TimeRange): RawRange {
  return { from: String(Math.floor(range.from)), to: String(Math.ceil(range.to)) };
}

/** `range` moved by half its length, into the past (-1) or the future (+1). */
export function shift(range: TimeRange, direction: -1 | 1): TimeRange {
  const by = (direction * (range.to - range.from)) / 2;
  return { from: range.from + by, to: range.to + by };
}

/** Twice `range` around the same middle, not reaching past `now`. */
export function zoomOut(range: TimeRange, now: number): TimeRange {
  const half = (range.to - range.from) / 2;
  const to = Math.max(range.to, Math.min(range.to + half, now));
  return { from: to - 4 * half, to };
}

/** True if the range moves on as time passes. */
export function isRelative(raw: RawRange): boolean {
  return raw.from.startsWith("now") || raw.to.startsWith("now");
}
