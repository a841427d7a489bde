import { age, clockOf, formatTime } from "./timeFormat";
import { startOf, wallClock, type WallClock } from "./zone";

const pad = (value: number, width = 2): string => String(value).padStart(width, "0");
const months = ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"];
const days = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

/** A clock and the instant it was read at. */
interface Reading extends WallClock {
  ms: number;
}

const weekday = (c: Reading): number => new Date(Date.UTC(c.year, c.month - 1, c.day)).getUTCDay();
const twelve = (hour: number): number => hour % 12 || 12;

function ordinal(day: number): string {
  const teen = day >= 11 && day <= 13;
  return `${day}${teen ? "th" : (["th", "st", "nd", "rd"][day % 10] ?? "th")}`;
}

function offset(c: Reading, colon: string): string {
  const minutes = Math.round((Date.UTC(c.year, c.month - 1, c.day, c.hour, c.minute, c.second, c.milli) - c.ms) / 60_000);
  const size = Math.abs(minutes);
  return `${minutes < 0 ? "-" : "+"}${pad(Math.floor(size / 60))}${colon}${pad(size % 60)}`;
}

const tokens: Record<string, (c: Reading) => string> = {
  YYYY: (c) => pad(c.year, 4),
  YY: (c) => pad(c.year % 100),
  MMMM: (c) => months[c.month - 1] ?? "",
  MMM: (c) => (months[c.month - 1] ?? "").slice(0, 3),
  MM: (c) => pad(c.month),
  M: (c) => String(c.month),
  Do: (c) => ordinal(c.day),
  DD: (c) => pad(c.day),
  D: (c) => String(c.day),
  dddd: (c) => days[weekday(c)] ?? "",
  ddd: (c) => (days[weekday(c)] ?? "").slice(0, 3),
  HH: (c) => pad(c.hour),
  H: (c) => String(c.hour),
  hh: (c) => pad(twelve(c.hour)),
  h: (c) => String(twelve(c.hour)),
  mm: (c) => pad(c.minute),
  m: (c) => String(c.minute),
  ss: (c) => pad(c.second),
  s: (c) => String(c.second),
  SSS: (c) => pad(Math.floor(c.milli), 3),
  SS: (c) => pad(Math.floor(c.milli / 10)),
  S: (c) => String(Math.floor(c.milli / 100)),
  A: (c) => (c.hour < 12 ? "AM" : "PM"),
  a: (c) => (c.hour < 12 ? "am" : "pm"),
  ZZ: (c) => offset(c, ""),
  Z: (c) => offset(c, ":"),
  X: (c) => String(Math.floor(c.ms / 1000)),
  x: (c) => String(Math.floor(c.ms)),
};
const pattern = /\[([^\]]*)\]|YYYY|YY|MMMM|MMM|MM|M|Do|DD|D|dddd|ddd|HH|H|hh|h|mm|m|ss|s|SSS|SS|S|A|a|ZZ|Z|X|x|LTS|LT|L/g;
const localised: Record<string, string> = { LTS: "HH:mm:ss", LT: "HH:mm", L: "YYYY-MM-DD" };

/** `ms` (Unix milliseconds) by a format of Moment's tokens, as dashboards have them: `YYYY-MM-DD HH:mm`; `[text]` stands for itself. */
export function formatClock(ms: number, format: string, zone: string): string {
  if (!Number.isFinite(ms)) return "";
  const clock = { ...wallClock(ms, zone), ms };
  const expanded = format.replace(/LTS|LT|L/g, (token) => localised[token] ?? token);
  return expanded.replace(pattern, (token: string, literal: string | undefined) => literal ?? tokens[token]?.(clock) ?? token);
}

/** Text of an instant by one of the unit ids that are dates; undefined for other ids. `now` is what ages count from. */
export function formatDateUnit(ms: number, unit: string, zone: string, now: number): string | undefined {
  if (unit.startsWith("time:")) return formatClock(ms, unit.slice(5), zone);
  const today = (): boolean => startOf("d", ms, zone) === startOf("d", now, zone);
  switch (unit) {
    case "dateTimeAsIso":
    case "dateTimeAsSystem":
    case "dateTimeAsLocal":
      return formatTime(ms, zone);
    case "dateTimeAsIsoNoDateIfToday":
    case "dateTimeAsLocalNoDateIfToday":
      return today() ? clockOf(ms, zone) : formatTime(ms, zone);
    case "dateTimeAsUS":
      return formatClock(ms, "MM/DD/YYYY h:mm:ss a", zone);
    case "dateTimeAsUSNoDateIfToday":
      return formatClock(ms, today() ? "h:mm:ss a" : "MM/DD/YYYY h:mm:ss a", zone);
    case "dateTimeFromNow":
      return age(ms, now);
    default:
      return undefined;
  }
}
