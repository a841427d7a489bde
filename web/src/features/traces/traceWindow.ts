import type { TimeRange } from "../../lib/time";
import { nanoToMs } from "../../lib/timeFormat";
import type { TraceTree } from "../../lib/traceTree";

const MINUTE = 60_000;

/** The time in which what belongs to a trace is looked for: a minute before its start to a minute after its end. */
export function traceWindow(tree: TraceTree): TimeRange {
  const from = nanoToMs(tree.start);
  return { from: from - MINUTE, to: from + Math.ceil(tree.duration / 1e6) + MINUTE };
}

/** Where others like it are looked for: in the page's range if the trace is in it, or else half an hour around it. */
export function rangeAround(window: TimeRange, page: TimeRange): TimeRange | undefined {
  if (window.to > page.from && window.from < page.to) return undefined;
  return { from: window.from - 30 * MINUTE, to: window.to + 30 * MINUTE };
}
