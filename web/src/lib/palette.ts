import { resolveInstant } from "./time";
import { translateURL } from "./foreign/translate";

/** What an entry of the palette is; the order is that of groups with equal matches. */
export const kinds = ["action", "page", "service", "dashboard", "alert", "metric", "query", "help"] as const;
export type Kind = (typeof kinds)[number];

/** A language of queries. */
export type Language = "promql" | "logql" | "traceql";

/** Something to choose in the palette. */
export interface Entry {
  /** Unique among all entries. */
  id: string;
  kind: Kind;
  title: string;
  /** In muted letters behind the title; found by its words too. */
  note?: string;
  /** Shown at the right. */
  keys?: string;
  /** Further words that find it. */
  words?: string;
  run: () => void;
}

const prefixes: Record<string, Kind> = { ">": "action", "#": "dashboard", "@": "service", ":": "metric" };

/** What is typed, without the prefix that narrows it to one kind. */
export function readInput(text: string): { kind: Kind | undefined; words: string } {
  const kind = prefixes[text.charAt(0)];
  return { kind, words: (kind ? text.slice(1) : text).trim() };
}

/**
 * How well `words` match: 0 is not at all. Every word has to be found; whole names beat beginnings, those beat beginnings of a
 * part, those beat the middle of a word, and letters in order across the text come last.
 */
export function score(words: string, title: string, others = ""): number {
  const text = title.toLowerCase();
  const rest = others.toLowerCase();
  let sum = 0;
  const asked = words.toLowerCase().split(/\s+/).filter(Boolean);
  for (const word of asked) {
    const one = scoreWord(word, text) || (rest.includes(word) ? 1 : 0);
    if (one === 0) return 0;
    sum += one;
  }
  // Of two that match alike, the shorter has less that was not asked for.
  return asked.length === 0 ? 1 : sum / asked.length + 1 / (text.length + 10);
}

function scoreWord(word: string, text: string): number {
  const at = text.indexOf(word);
  if (at === 0) return text.length === word.length ? 10 : 8;
  if (at > 0) return parts.test(text.charAt(at - 1)) ? 6 : secondPart(text, word) ? 6 : 4;
  return word.length > 2 && inOrder(word, text) ? 2 : 0;
}

const parts = /[^a-z0-9]/;

function secondPart(text: string, word: string): boolean {
  for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + 1)) {
    if (at > 0 && parts.test(text.charAt(at - 1))) return true;
  }
  return false;
}

function inOrder(word: string, text: string): boolean {
  let at = -1;
  for (const letter of word) {
    at = text.indexOf(letter, at + 1);
    if (at < 0) return false;
  }
  return true;
}

/** The best of `entries` for what is typed, at most `limit`, and of one kind at most `perKind` unless it was asked for. */
export function rank(entries: readonly Entry[], input: string, limit = 40, perKind = 6): Entry[] {
  const { kind, words } = readInput(input);
  const found: { entry: Entry; points: number }[] = [];
  for (const entry of entries) {
    if (kind && entry.kind !== kind) continue;
    const points = score(words, entry.title, `${entry.note ?? ""} ${entry.words ?? ""}`);
    if (points > 0) found.push({ entry, points });
  }
  const counts = new Map<Kind, number>();
  // Letters in order are a help for those who find nothing better.
  const least = found.some(({ points }) => points >= 6) ? 3 : 0;
  return found
    .filter(({ points }) => words === "" || points >= least)
    .toSorted((a, b) => (words === "" ? 0 : b.points - a.points) || kinds.indexOf(a.entry.kind) - kinds.indexOf(b.entry.kind))
    .filter(({ entry }) => {
      const count = (counts.get(entry.kind) ?? 0) + 1;
      counts.set(entry.kind, count);
      return kind !== undefined || count <= perKind;
    })
    .slice(0, limit)
    .map(({ entry }) => entry);
}

/** What a pasted text is: something that needs no choosing. */
export type Pasted =
  | { kind: "trace"; id: string }
  | { kind: "time"; ms: number }
  | { kind: "link"; to: string }
  | { kind: "query"; language: Language; query: string };

/** Recognises a trace id, a point in time, a URL, or a query; undefined for words to look for. */
export function recognise(input: string, now: number, zone: string, origin: string, prefix: string): Pasted | undefined {
  const text = input.trim();
  // Sixteen digits are a time in microseconds sooner than a trace's id.
  const ms = /^\d{10,19}$/.test(text) || /^\d{4}-\d{2}-\d{2}[T ]\d{1,2}:\d{2}/.test(text) ? resolveInstant(text, now, zone) : undefined;
  if (ms !== undefined && Math.abs(ms - now) < 50 * 365 * 86_400_000) return { kind: "time", ms };
  if (/^[0-9a-f]{32}$/i.test(text) || /^[0-9a-f]{16}$/i.test(text)) return { kind: "trace", id: text.toLowerCase() };
  const w3c = /^00-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}$/i.exec(text);
  if (w3c?.[1]) return { kind: "trace", id: w3c[1].toLowerCase() };
  if (/^https?:\/\//i.test(text)) {
    const to = translateURL(text, origin, prefix);
    return to === undefined ? undefined : { kind: "link", to };
  }
  const language = languageOf(text);
  return language && { kind: "query", language, query: text };
}

/** The language of a query; undefined for what may be plain words. */
function languageOf(text: string): Language | undefined {
  if (text.startsWith("{")) {
    if (/^\{\s*(\}|[^}]*(&&|\|\||\bstatus\s*[!=]|\bduration\s*[<>=]|\bname\s*=\s*["`]|\bkind\s*=|(^|[\s{(])(\.|resource\.|span\.|event\.|rootName|rootServiceName|trace:|span:)))/.test(text)) return "traceql";
    return /^\{\s*__name__/.test(text) ? "promql" : "logql";
  }
  // A range over log lines: a selector with stages, or a function that only lines have.
  if (/\b(count|bytes)_over_time\s*\(\s*\{|\b(bytes_rate|rate)\s*\(\s*\{|\}\s*(\|=|\|~|!=|\|)\s*["`a-z]/.test(text)) return "logql";
  if (/^[a-zA-Z_:][\w:]*\s*\{.*\}/.test(text) || /^[a-z_]+\s*(by|without)?\s*\(.+\)/.test(text) || /\[\d+[smhdwy]\]/.test(text)) return "promql";
  return undefined;
}
