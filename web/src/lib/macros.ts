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
  return query.replace(/\$\{(__\w+)\}|\$(__\w+)/g, (all, braced?: string, plain?: string) => values[braced ?? plain ?? ""] ?? all);
}
