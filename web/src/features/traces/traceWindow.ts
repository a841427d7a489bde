import type { TimeRange } from "../../lib/time";
import { nanoToMs } from "../../lib/timeFormat";
import type { TraceTree } from "../../lib/traceTree";

const MINUTE = 60_000;

/** The time in which what belongs to a trace is looked for: a minute before its start to a minute after its end. */
export function traceWindow(tree: TraceTree): TimeRange {
  const from = nanoToMs(tree.start);
  return { from: from - MINUTE, to: from + Math.ceil(tree.duration / 1e6) + MINUTE };
}
