import { fillMacros, placeBeforeMacros } from "./macros";
import type { TimeRange } from "./time";

/** Where a server says a query is wrong: half-open range of characters. */
export interface Place {
  from: number;
  to: number;
}

/**
 * The place that an error names, as Prometheus (`1:5: parse error: …`), Loki (`parse error at line 1, col 5: …`) and Tempo
 * do; columns count from one. It reaches to the end of the word there. Undefined where the error names none.
 */
export function placeInQuery(message: string, query: string): Place | undefined {
  const found = /(?:^|[\s"])(\d+):(\d+):/.exec(message) ?? /line (\d+), col(?:umn)? (\d+)/.exec(message);
  if (!found) return undefined;
  const lines = query.split("\n");
  const line = Number(found[1]);
  if (line < 1 || line > lines.length) return undefined;
  const start = lines.slice(0, line - 1).reduce((sum, one) => sum + one.length + 1, 0);
  const from = Math.min(start + Math.max(Number(found[2]) - 1, 0), query.length);
  const word = /^[\w:.$]+/.exec(query.slice(from))?.[0].length ?? 1;
  // At the end of the text the last character stands for what is missing.
  return from >= query.length ? { from: Math.max(query.length - 1, 0), to: query.length } : { from, to: Math.min(from + word, query.length) };
}

/** The same of a query that was asked with its macros filled in, which moves what follows them. */
export function placeInAsked(message: string, query: string, range: TimeRange, stepMs: number): Place | undefined {
  const place = placeInQuery(message, fillMacros(query, range, stepMs));
  return place && placeBeforeMacros(query, range, stepMs, place);
}
