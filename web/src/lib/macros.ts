import { stepText } from "./step";
import type { TimeRange } from "./time";

// The scrape interval assumed when nothing tells: a rate needs two samples in its window, with room for one missed.
const scrapeMs = 15_000;

/** The window for rate() over steps of `stepMs`: four scrapes at least, and no gap between one step and the next. */
export function rateWindow(stepMs: number): number {
  return Math.max(stepMs + scrapeMs, 4 * scrapeMs);
}

/** Fills in Grafana's macros, such as `$__rate_interval` and `${__range_s}`, in a query to be run in steps of `stepMs`. */
export function fillMacros(query: string, range: TimeRange, stepMs: number): string {
  return filledParts(query, range, stepMs).reduce((text, { filled }) => text + filled, "");
}

/** The place in a query as it is written of one in the same query with its macros filled in; a macro is one place. */
export function placeBeforeMacros(query: string, range: TimeRange, stepMs: number, place: Stretch): Stretch {
  let at = 0;
  const found = { from: query.length, to: query.length };
  let begun = false;
  for (const { from, to, filled, macro } of filledParts(query, range, stepMs)) {
    const end = at + filled.length;
    if (!begun && place.from < end) {
      found.from = macro ? from : from + place.from - at;
      begun = true;
    }
    if (begun && place.to <= end) {
      found.to = macro ? to : from + place.to - at;
      return found;
    }
    at = end;
  }
  return found;
}

/** Half-open range of characters. */
interface Stretch {
  from: number;
  to: number;
}

/** A query's macros, and what is between them, in order: where each is written, and what it is asked as. */
function filledParts(query: string, range: TimeRange, stepMs: number): (Stretch & { filled: string; macro: boolean })[] {
  const rangeMs = range.to - range.from;
  const values: Record<string, string> = {
    __rate_interval: stepText(rateWindow(stepMs)),
    __interval: stepText(stepMs),
    __interval_ms: String(stepMs),
    __range: stepText(Math.ceil(rangeMs / 1000) * 1000),
    __range_s: String(Math.round(rangeMs / 1000)),
    __range_ms: String(Math.round(rangeMs)),
    __auto: stepText(stepMs),
  };
  const parts: (Stretch & { filled: string; macro: boolean })[] = [];
  const plain = (from: number, to: number): void => {
    if (to > from) parts.push({ from, to, filled: query.slice(from, to), macro: false });
  };
  let at = 0;
  for (const match of query.matchAll(/\$\{(__\w+)\}|\$(__\w+)/g)) {
    const filled = values[match[1] ?? match[2] ?? ""];
    if (filled === undefined) continue;
    const end = match.index + match[0].length;
    plain(at, match.index);
    parts.push({ from: match.index, to: end, filled, macro: true });
    at = end;
  }
  plain(at, query.length);
  return parts;
}
