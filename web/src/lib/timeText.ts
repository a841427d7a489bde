import { presets, resolveInstant, absolute, type RawRange, type TimeRange } from "./time";
import { formatTime } from "./timeFormat";
import { startOf } from "./zone";

/** What a typed range means, or a sentence saying why it means nothing. */
export type ParsedRange = { range: RawRange; error?: undefined } | { range?: undefined; error: string };

const words: Record<string, RawRange> = {
  today: { from: "now/d", to: "now" },
  yesterday: { from: "now-1d/d", to: "now-1d/d" },
  "this week": { from: "now/w", to: "now" },
  "last week": { from: "now-1w/w", to: "now-1w/w" },
  "this month": { from: "now/M", to: "now" },
  "last month": { from: "now-1M/M", to: "now-1M/M" },
};

const longUnits: Record<string, string> = {
  s: "s", sec: "s", second: "s", m: "m", min: "m", minute: "m", h: "h", hr: "h", hour: "h",
  d: "d", day: "d", w: "w", week: "w", M: "M", month: "M", y: "y", year: "y",
}; // prettier-ignore
const seconds: Record<string, number> = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 };

// A single instant opens the quarter hour either side of it.
const around = 15 * 60_000;

/**
 * Reads what a person types into the time field: `15m`, `1h30m`, `last 2 days`, `yesterday`, `now-1d/d to now`,
 * `2026-03-01 10:00 to 11:30`, a day, an epoch in s, ms, µs or ns, or an ISO pair `a/b`.
 */
export function parseRangeText(input: string, now: number, zone: string): ParsedRange {
  const text = input.trim().replace(/\s+/g, " ").replace(/\bnow ?([+-]) ?/g, "now$1");
  if (text === "") return { error: "Type a range, such as 15m or 2026-03-01 10:00 to 11:30." };
  const word = words[text.toLowerCase()];
  if (word) return { range: word };
  const span = duration(text.replace(/^last /i, ""));
  if (span) return { range: { from: `now-${span}`, to: "now" } };
  const pair = split(text);
  return pair ? fromPair(pair, now, zone) : fromSingle(text, now, zone);
}

/** `1h30m` as one count of one unit, in the URL's grammar; undefined if it is no duration. */
function duration(text: string): string | undefined {
  const terms = [...text.matchAll(/(\d+) ?([a-zA-Z]+) ?/g)];
  if (terms.length === 0 || terms.map((term) => term[0]).join("") !== text) return undefined;
  const parts: { count: number; unit: string }[] = [];
  for (const [, count, name] of terms) {
    const unit = longUnits[name ?? ""] ?? longUnits[(name ?? "").toLowerCase().replace(/s$/, "")];
    if (!unit) return undefined;
    parts.push({ count: Number(count), unit });
  }
  const [first] = parts;
  if (parts.length === 1 && first) return first.count > 0 ? `${first.count}${first.unit}` : undefined;
  let total = 0;
  for (const { count, unit } of parts) {
    const size = seconds[unit];
    if (size === undefined) return undefined;
    total += count * size;
  }
  return total % 60 === 0 ? `${total / 60}m` : `${total}s`;
}

function split(text: string): [string, string] | undefined {
  const halves = text.split(/ to | – | - |\.\.|(?<=\dZ|\d{2}:\d{2}|\d{2}:\d{2}:\d{2})\/(?=\d{4}-)/i);
  const [from, to] = halves;
  return halves.length === 2 && from && to ? [from.trim(), to.trim()] : undefined;
}

function fromPair([fromText, toText]: [string, string], now: number, zone: string): ParsedRange {
  // The end may leave out the date it shares with the start.
  const day = /^\d{4}-\d{1,2}-\d{1,2}/.exec(fromText)?.[0];
  const clockOnly = /^\d{1,2}:\d{2}/.test(toText);
  const toFull = day && clockOnly ? `${day} ${toText}` : toText;
  const from = resolveInstant(fromText, now, zone);
  const to = resolveInstant(toFull, now, zone, true);
  if (from === undefined) return { error: `"${fromText}" is not a time.` };
  if (to === undefined) return { error: `"${toText}" is not a time.` };
  if (from >= to) return { error: "The range ends before it starts." };
  return { range: { from: canonical(fromText, from), to: canonical(toFull, to) } };
}

function fromSingle(text: string, now: number, zone: string): ParsedRange {
  const at = resolveInstant(text, now, zone);
  if (at === undefined) return { error: `"${text}" is not a time range. Try 15m, yesterday, or 2026-03-01 10:00 to 11:30.` };
  if (text.startsWith("now")) {
    return at < now ? { range: { from: text, to: "now" } } : { error: "The range ends before it starts." };
  }
  if (/^\d{4}-\d{1,2}-\d{1,2}$/.test(text)) {
    const end = resolveInstant(text, now, zone, true) ?? at;
    return { range: absolute({ from: at, to: end }) };
  }
  return { range: absolute({ from: at - around, to: at + around }) };
}

function canonical(text: string, ms: number): string {
  return text.startsWith("now") ? text : String(ms);
}

/** How the header names a range: a preset's name, the relative form, or two times. */
export function rangeLabel(raw: RawRange, range: TimeRange, zone: string): string {
  const preset = presets.find((one) => one.from === raw.from && raw.to === "now");
  if (preset) return preset.label;
  for (const [word, meaning] of Object.entries(words)) {
    if (meaning.from === raw.from && meaning.to === raw.to) return word.charAt(0).toUpperCase() + word.slice(1);
  }
  if (raw.from.startsWith("now") && raw.to.startsWith("now")) return `${raw.from} to ${raw.to}`;
  const sameDay = startOf("d", range.from, zone) === startOf("d", range.to - 1, zone);
  const end = formatTime(range.to, zone);
  return `${formatTime(range.from, zone)} to ${sameDay ? end.slice(11) : end}`;
}
