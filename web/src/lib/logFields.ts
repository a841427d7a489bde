import { NumberText, parseExact } from "./exactJson";
import type { Fields, LogLine } from "./logLines";

/** How a line's text carries its fields, and the LogQL stage that reads them. */
export type TextFormat = "json" | "logfmt" | "none";

/** Fields found in a line's text. Names are spelled as LogQL's parsers spell them, so they can be used in a query. */
export interface TextFields {
  format: TextFormat;
  fields: Fields;
  /** The decoded document of a JSON line, for the tree. */
  document?: unknown;
}

const NONE: TextFields = { format: "none", fields: {} };

/** Lines longer than this are not taken apart on the main thread. Characters. */
export const longestText = 1 << 20;

/** Reads a JSON object or logfmt pairs out of a line. Text that is neither has no fields. */
export function readTextFields(text: string): TextFields {
  if (text.length > longestText) return NONE;
  const trimmed = text.trimStart();
  if (trimmed.startsWith("{")) {
    try {
      const document = parseExact(trimmed);
      const fields: Record<string, string> = Object.create(null) as Record<string, string>;
      flatten(document, "", fields, 0);
      return { format: "json", fields, document };
    } catch {
      return NONE;
    }
  }
  return readLogfmt(text);
}

/** Field names the way LogQL writes them: outside letters, digits and `_` everything is `_`, a leading digit is prefixed. */
export function sanitiseName(name: string): string {
  const clean = name.trim().replace(/[^A-Za-z0-9_]/g, "_");
  return /^\d/.test(clean) ? `_${clean}` : clean;
}

function flatten(value: unknown, prefix: string, out: Record<string, string>, depth: number): void {
  if (value === null || value === undefined || Array.isArray(value)) return;
  if (typeof value !== "object" || value instanceof NumberText) {
    if (prefix !== "" && !(prefix in out)) out[prefix] = String(value);
    return;
  }
  if (depth > 32) return;
  for (const [key, inner] of Object.entries(value)) {
    const name = sanitiseName(key);
    if (name === "" || name === "_") continue;
    flatten(inner, prefix === "" ? name : `${prefix}_${name}`, out, depth + 1);
  }
}

// A key is looked for where a word begins, and not again at each of its letters: a word may be as long as the line.
const PAIR = /(?<![\w.:/-])([A-Za-z_][\w.:/-]*)=(?:"((?:[^"\\]|\\.)*)"|([^\s"]*))(?=\s|$)/g;

function readLogfmt(text: string): TextFields {
  const fields: Record<string, string> = Object.create(null) as Record<string, string>;
  let covered = 0;
  let pairs = 0;
  for (const match of text.matchAll(PAIR)) {
    const [whole, key = "", quoted, bare = ""] = match;
    const value = quoted === undefined ? bare : unescape(quoted);
    covered += whole.length;
    pairs++;
    const name = sanitiseName(key);
    if (value !== "" && !(name in fields)) fields[name] = value;
  }
  // A sentence with a lone x=y in it is prose, not logfmt.
  if (pairs < 2 || covered < text.length / 2) return NONE;
  return { format: "logfmt", fields };
}

function unescape(quoted: string): string {
  try {
    return JSON.parse(`"${quoted}"`) as string;
  } catch {
    return quoted;
  }
}

/** Where a field comes from; decides how a filter on it is written. */
export type FieldOrigin = "label" | "metadata" | "parsed";

/** One field over a set of lines. */
export interface FieldSummary {
  name: string;
  origin: FieldOrigin;
  /** The parser stage that makes it, when it only exists in the text. */
  parser?: "json" | "logfmt";
  /** How many of the lines have it. */
  lines: number;
  /** Values with the number of lines that have them, most frequent first. */
  values: { value: string; lines: number }[];
}

/** Counts every field of `lines`, grouped by origin, most widespread first. */
export function summariseFields(lines: readonly LogLine[]): FieldSummary[] {
  const tally = new Map<string, { origin: FieldOrigin; name: string; parser?: "json" | "logfmt"; values: Map<string, number>; lines: number }>();
  const add = (origin: FieldOrigin, name: string, value: string, parser?: "json" | "logfmt") => {
    const key = `${origin} ${name}`;
    let entry = tally.get(key);
    if (!entry) {
      entry = { origin, name, ...(parser && { parser }), values: new Map(), lines: 0 };
      tally.set(key, entry);
    }
    entry.lines++;
    entry.values.set(value, (entry.values.get(value) ?? 0) + 1);
  };
  for (const line of lines) {
    for (const [name, value] of Object.entries(line.labels)) add("label", name, value);
    for (const [name, value] of Object.entries(line.metadata)) add("metadata", name, value);
    for (const [name, value] of Object.entries(line.parsed)) add("parsed", name, value);
    const text = readTextFields(line.line);
    if (text.format === "none") continue;
    for (const [name, value] of Object.entries(text.fields)) {
      if ([line.labels, line.metadata, line.parsed].some((known) => Object.hasOwn(known, name))) continue;
      add("parsed", name, value, text.format);
    }
  }
  return [...tally.values()]
    .map(({ values, ...rest }) => ({
      ...rest,
      values: [...values]
        .map(([value, count]) => ({ value, lines: count }))
        .toSorted((a, b) => b.lines - a.lines || (a.value < b.value ? -1 : 1)),
    }))
    .toSorted((a, b) => b.lines - a.lines || (a.name < b.name ? -1 : 1));
}

/** A field of a line wherever it is, also in the text; "" for none. */
export function fieldOf(line: LogLine, name: string): string {
  const known = [line.parsed, line.metadata, line.labels].find((fields) => Object.hasOwn(fields, name))?.[name];
  return known ?? readTextFields(line.line).fields[name] ?? "";
}
