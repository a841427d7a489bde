import type { TimeRange } from "./time";

/** Something that happened to an alert; `at` is RFC 3339. */
interface Change {
  at: string;
  state: string;
}

/** A stretch of time in which an alert was pending or fired. Unix milliseconds. */
export interface AlertPeriod {
  from: number;
  to: number;
  state: "pending" | "firing";
}

/** When an alert was pending and when it fired within `range`, by what happened to it there. */
export function alertPeriods(oldestFirst: readonly Change[], range: TimeRange): AlertPeriod[] {
  const out: AlertPeriod[] = [];
  let open: Omit<AlertPeriod, "to"> | undefined;
  const close = (to: number): void => {
    if (open && to > open.from) out.push({ ...open, to });
    open = undefined;
  };
  let first = true;
  for (const { at, state } of oldestFirst) {
    const ms = Date.parse(at);
    switch (state) {
      case "pending":
      case "firing":
        close(ms);
        open = { from: ms, state };
        break;
      case "resolved":
      case "inactive":
        // What ends in the range without a beginning in it began before.
        if (first) open = { from: range.from, state: state === "resolved" ? "firing" : "pending" };
        close(ms);
        break;
      default:
        continue;
    }
    first = false;
  }
  close(range.to);
  return out;
}
