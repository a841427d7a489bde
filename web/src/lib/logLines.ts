import type { Level } from "./colour";
import { compareNanos, type Nanos } from "./nanos";

/** Names and values of labels, metadata or parsed fields. */
export type Fields = Readonly<Record<string, string>>;

/** One log entry as the page shows it. */
export interface LogLine {
  /** Stable across requests: time, stream and text, so a line met twice is recognised. */
  id: string;
  ts: Nanos;
  line: string;
  /** Indexed labels of the stream. */
  labels: Fields;
  /** Structured metadata of the entry. */
  metadata: Fields;
  /** Labels the query's parsers made. */
  parsed: Fields;
}

/** Severities in the order they are drawn, mildest first. */
export const LEVELS: readonly Level[] = ["trace", "debug", "info", "warn", "error", "fatal", "unknown"];

const LEVEL_NAMES = new Map<string, Level>(Object.entries({
  trace: "trace",
  trc: "trace",
  debug: "debug",
  dbg: "debug",
  info: "info",
  inf: "info",
  information: "info",
  informational: "info",
  notice: "info",
  warn: "warn",
  warning: "warn",
  wrn: "warn",
  error: "error",
  err: "error",
  eror: "error",
  fatal: "fatal",
  critical: "fatal",
  crit: "fatal",
  panic: "fatal",
  emerg: "fatal",
  emergency: "fatal",
  alert: "fatal",
} as const));

/** The severity a word stands for, whatever its case; `INFO2` is info. */
export function levelFromName(name: string | undefined): Level {
  if (!name) return "unknown";
  return LEVEL_NAMES.get(name.toLowerCase().replace(/\d$/, "")) ?? "unknown";
}

const LEVEL_FIELDS = ["level", "severity_text", "severity", "lvl", "log_level"];

/** Whether a field of that name holds lines' severity. */
export function isLevelField(name: string): boolean {
  return name === "detected_level" || LEVEL_FIELDS.includes(name);
}

/** A line's severity: what it says of itself, then the server's detection, then the OTLP number, then the text. */
export function levelOf(line: LogLine): Level {
  for (const fields of [line.parsed, line.metadata, line.labels]) {
    for (const name of LEVEL_FIELDS) {
      const level = levelFromName(fields[name]);
      if (level !== "unknown") return level;
    }
  }
  const detected = levelFromName(line.metadata["detected_level"] ?? line.labels["detected_level"]);
  if (detected !== "unknown") return detected;
  const number = Number(line.metadata["severity_number"] ?? line.labels["severity_number"] ?? 0);
  if (number >= 1 && number <= 24) return LEVELS[Math.floor((number - 1) / 4)] ?? "unknown";
  const word = /\b(?:level|lvl|severity)["']?\s*[=:]\s*["']?([a-z]+)/i.exec(line.line.slice(0, 512));
  return levelFromName(word?.[1]);
}

/** Identity of a line. Fields are part of it: two entries may share time and text but not their trace. */
export function lineId(ts: Nanos, line: string, ...fields: Fields[]): string {
  let hash = 0x811c9dc5;
  const mix = (text: string) => {
    for (let i = 0; i < text.length; i++) {
      hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
    }
  };
  mix(line);
  for (const set of fields) {
    for (const name of Object.keys(set).toSorted()) mix(`\u0000${name}\u0001${set[name]}`);
  }
  return `${ts}-${(hash >>> 0).toString(36)}`;
}

/** Joins pages of lines into one list, newest first, each line once. Lines of one nanosecond keep their order of arrival. */
export function mergeLines(...pages: readonly LogLine[][]): LogLine[] {
  const seen = new Set<string>();
  const lines: LogLine[] = [];
  for (const page of pages) {
    for (const line of page) {
      if (seen.has(line.id)) continue;
      seen.add(line.id);
      lines.push(line);
    }
  }
  return lines.toSorted((a, b) => compareNanos(b.ts, a.ts));
}

/**
 * A page of lines put after those before it, in the order of reading: `page` begins where `before` ends, and may have the
 * lines of that nanosecond once more.
 */
export function appendLines(before: readonly LogLine[], page: readonly LogLine[]): LogLine[] {
  const edge = before.at(-1)?.ts;
  const known = new Set<string>();
  for (let i = before.length - 1; i >= 0 && before[i]?.ts === edge; i--) known.add(before[i]?.id ?? "");
  return before.concat(page.filter((line) => line.ts !== edge || !known.has(line.id)));
}

const TRACE_FIELDS = ["trace_id", "traceid", "traceID", "traceId"];
const SPAN_FIELDS = ["span_id", "spanid", "spanID", "spanId"];

/** The trace a line belongs to, if it says so in a field. Lower-case hex. */
export function traceOf(line: LogLine, extra: Fields = {}): { traceId: string; spanId?: string } | undefined {
  const traceId = pick(line, TRACE_FIELDS, extra)?.toLowerCase();
  if (!traceId || !/^[0-9a-f]{16,32}$/.test(traceId) || /^0+$/.test(traceId)) return undefined;
  const spanId = pick(line, SPAN_FIELDS, extra)?.toLowerCase();
  return spanId && /^[0-9a-f]{16}$/.test(spanId) ? { traceId, spanId } : { traceId };
}

function pick(line: LogLine, names: readonly string[], extra: Fields): string | undefined {
  for (const fields of [line.parsed, line.metadata, line.labels, extra]) {
    for (const name of names) if (fields[name]) return fields[name];
  }
  return undefined;
}
