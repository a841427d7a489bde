import { formatDateUnit } from "./clockFormat";
import { forms, secondsPer, short, spelledForm, truths, type Ladder, type UnitForm } from "./unitTable";

/** Thin space: groups digits and parts a number from its unit without a line break. */
const thin = "\u202f";
const noValue = "–";

/** A value's text in its parts: a number is written larger than what it counts where there is room to show it. */
export interface ValueText {
  /** Before the number: a currency. */
  prefix: string;
  text: string;
  /** After the number, a thin space between: a unit. */
  suffix: string;
}

/** What a date needs to be written. */
export interface ValueMoment {
  /** IANA name of the zone; UTC without it. */
  zone?: string;
  /** Unix milliseconds that ages count from; the clock's without it. */
  now?: number;
}

/** True for units whose prefixes are steps of 1024. */
export function isBinary(unit: string): boolean {
  return forms.get(unit)?.ladder?.base === 1024;
}

// Spans that are written in several units at once.
const spelledSpans: Readonly<Record<string, number>> = { dtdurations: 1, dtdurationms: 0.001, dthms: 1, dtdhms: 1, clocks: 1, clockms: 0.001 };

/** How many seconds one of `unit` is; undefined for units that are no span of time. */
export function secondsOf(unit: string): number | undefined {
  return secondsPer.get(unit) ?? spelledSpans[unit];
}

/**
 * Text for a value in `unit`, Grafana's id of it; an unknown unit is a suffix. Without `decimals` numbers have three
 * significant digits, whole ones none behind the point.
 */
export function formatValue(value: number | null | undefined, unit = "short", decimals?: number, moment?: ValueMoment): string {
  return joinValue(formatParts(value, unit, decimals, moment));
}

/** The parts of a value's text as one. */
export function joinValue({ prefix, text, suffix }: ValueText): string {
  return `${prefix}${text}${suffix === "" ? "" : thin}${suffix}`;
}

/** What `formatValue` says, in parts. */
export function formatParts(value: number | null | undefined, unit = "short", decimals?: number, moment: ValueMoment = {}): ValueText {
  if (value === null || value === undefined || Number.isNaN(value)) return bare(noValue);
  if (!Number.isFinite(value)) return bare(value > 0 ? "+Inf" : "-Inf");
  const places = decimals === undefined || !Number.isFinite(decimals) ? undefined : Math.min(Math.max(Math.trunc(decimals), 0), 20);
  const seconds = secondsPer.get(unit);
  if (seconds !== undefined) return duration(value * seconds, places);
  const form = forms.get(unit) ?? spelledForm(unit);
  if (form) return climb(value, form, places);
  const truth = truths.get(unit);
  if (truth) return bare(truth[value === 0 ? 0 : 1]);
  const words = special(value, unit, places) ?? dateText(value, unit, moment);
  return words ?? climb(value, { ladder: short, suffix: unit, apart: true }, places);
}

function bare(text: string, suffix = ""): ValueText {
  return { prefix: "", text, suffix };
}

function special(value: number, unit: string, decimals: number | undefined): ValueText | undefined {
  switch (unit) {
    case "none":
    case "locale":
    case "":
      return bare(group(value, decimals));
    case "string":
      return bare(decimals === undefined ? String(value) : value.toFixed(decimals));
    case "percent":
      return bare(digits(value, decimals), "%");
    case "percentunit":
      return bare(digits(value * 100, decimals), "%");
    case "sci":
      return bare(value.toExponential(decimals ?? 2));
    case "hex":
      return bare(Math.trunc(value).toString(16).toUpperCase());
    case "hex0x":
      return bare(`0x${Math.trunc(value).toString(16).toUpperCase()}`);
    case "dtdurations":
      return bare(longSpan(value, decimals));
    case "dtdurationms":
      return bare(longSpan(value / 1000, decimals));
    case "dthms":
      return bare(clockSpan(value));
    case "dtdhms":
      return bare(Math.abs(value) < 86_400 ? clockSpan(value) : `${Math.trunc(value / 86_400)}${thin}d ${clockSpan(Math.abs(value) % 86_400)}`);
    case "clocks":
      return bare(clockSpan(value));
    case "clockms":
      return bare(clockSpan(value / 1000));
    default:
      return undefined;
  }
}

function dateText(value: number, unit: string, { zone = "UTC", now = Date.now() }: ValueMoment): ValueText | undefined {
  if (!unit.startsWith("dateTime") && !unit.startsWith("time:")) return undefined;
  // Beyond these milliseconds there are no dates.
  if (Math.abs(value) > 8.64e15) return bare(group(value));
  const text = formatDateUnit(value, unit, zone, now);
  return text === undefined ? undefined : bare(text);
}

function climb(value: number, { ladder, prefix = "", suffix, apart = false }: UnitForm, decimals: number | undefined): ValueText {
  if (!ladder) return { prefix, text: digits(value, decimals), suffix };
  const [scaled, step] = reach(value, ladder);
  const sign = prefix !== "" && scaled < 0 ? "-" : "";
  const text = digits(sign === "" ? scaled : -scaled, decimals);
  return { prefix: sign + prefix, text, suffix: step === "" || suffix === "" || !apart ? step + suffix : step + thin + suffix };
}

/** The value on the step of `ladder` that keeps it readable, and the step's name. */
function reach(value: number, { base, steps, start }: Ladder): [scaled: number, step: string] {
  let step = start;
  let scaled = value;
  // 999.6 would be written as 1000: it already belongs to the next step.
  const full = (): boolean => Math.abs(scaled) >= base || Math.abs(Number(scaled.toPrecision(3))) >= base;
  while (full() && step < steps.length - 1) {
    scaled /= base;
    step++;
  }
  // A fraction of bytes or of a count has no smaller step: those ladders begin at one.
  while (scaled !== 0 && Math.abs(Number(scaled.toPrecision(3))) < 1 && step > 0) {
    scaled *= base;
    step--;
  }
  // Far beyond the largest step its name tells nothing.
  if (Math.abs(scaled) >= 1e6) return [value, steps[start] ?? ""];
  return [scaled, steps[step] ?? ""];
}

/** Three significant digits without trailing zeros, whole numbers whole; tiny values in scientific form. */
function digits(value: number, decimals?: number): string {
  if (decimals !== undefined) return Math.abs(value) >= 1e21 ? value.toExponential(2) : unsignedZero(value.toFixed(decimals));
  if (value === 0) return "0";
  const size = Math.abs(value);
  if (size < 1e-4) return value.toExponential(2).replace(/\.?0+e/, "e");
  if (size >= 1e6) return value.toExponential(2);
  if (size >= 1000) return group(value, 0);
  return String(Number(value.toPrecision(3)));
}

function unsignedZero(text: string): string {
  return /^-0(\.0*)?$/.test(text) ? text.slice(1) : text;
}

/** A number of things: `1 node`, `3 nodes`. `many` is for words whose plural is not made with an s alone. */
export function counted(number: number, one: string, many = `${one}s`): string {
  return `${group(number)} ${number === 1 ? one : many}`;
}

/** A number in full, its thousands grouped by thin spaces. */
export function group(value: number, decimals?: number): string {
  const text = decimals === undefined ? String(Number(value.toPrecision(12))) : unsignedZero(value.toFixed(decimals));
  if (text.includes("e")) return text;
  const [whole = "", fraction] = text.split(".");
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, thin);
  return fraction ? `${grouped}.${fraction}` : grouped;
}

const spans: [seconds: number, unit: string][] = [
  [1e-9, "ns"],
  [1e-6, "µs"],
  [1e-3, "ms"],
  [1, "s"],
  [60, "min"],
  [3600, "h"],
  [86_400, "d"],
  [31_536_000, "y"],
];

/** A span of `seconds` in the unit that keeps it readable: `1.24 s`, `831 µs`, `2.5 h`. */
function duration(seconds: number, decimals?: number): ValueText {
  if (seconds === 0) return bare("0", "s");
  const size = Math.abs(Number(seconds.toPrecision(3)));
  let chosen = spans[0] ?? [1, "s"];
  for (const span of spans) if (size >= span[0] * (1 - 1e-12)) chosen = span;
  return bare(digits(seconds / chosen[0], decimals), chosen[1]);
}

/** A span of seconds in whole units, the largest first: `41 d 3 h`. `decimals` is how many follow the first one. */
function longSpan(seconds: number, decimals = 1): string {
  let rest = Math.floor(Math.abs(seconds));
  if (rest < 1) return joinValue(duration(seconds));
  const whole = spans.filter(([size]) => size >= 1).toReversed();
  const first = whole.findIndex(([size]) => rest >= size);
  const parts = whole.slice(first, first + 1 + decimals).flatMap(([size, unit]) => {
    const many = Math.floor(rest / size);
    rest -= many * size;
    return many === 0 ? [] : [`${many}${thin}${unit}`];
  });
  return `${seconds < 0 ? "-" : ""}${parts.join(" ")}`;
}

/** A span of seconds as clocks show it: `26:03:04`. */
function clockSpan(seconds: number): string {
  const total = Math.floor(Math.abs(seconds));
  const pad = (part: number): string => String(part).padStart(2, "0");
  return `${seconds < 0 ? "-" : ""}${pad(Math.floor(total / 3600))}:${pad(Math.floor(total / 60) % 60)}:${pad(total % 60)}`;
}

/** A span of nanoseconds, as spans and log entries have it. */
export function formatNanoSpan(nano: bigint | number | string): string {
  return joinValue(duration(Number(nano) / 1e9));
}

/** The unit of a metric by the endings its name has by convention; "short" when none tells. */
export function unitOf(metric: string): string {
  const name = metric.replace(/_(total|sum|bucket|max|min)$/, "");
  if (name.endsWith("_seconds")) return "s";
  if (name.endsWith("_milliseconds")) return "ms";
  if (name.endsWith("_bytes")) return "bytes";
  if (name.endsWith("_ratio")) return "percentunit";
  if (name.endsWith("_percent")) return "percent";
  return "short";
}
