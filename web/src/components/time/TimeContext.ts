import { createContext, useContext } from "react";

import type { RawRange, TimeRange } from "../../lib/time";

/** The page's one time range, as the header's picker sets it and the URL holds it. */
export interface TimeState {
  /** As written in the URL: "now-1h", "now", or epoch milliseconds. */
  raw: RawRange;
  /** `raw` resolved, the same for every panel until the next refresh. Unix milliseconds, half-open. */
  range: TimeRange;
  /** IANA name of the zone in which times are shown. */
  zone: string;
  /** What `zone` was chosen as: "browser", "utc" or its name. */
  tz?: string;
  /** Milliseconds between refreshes; 0, or none, while the page does not refresh by itself. */
  everyMs?: number;
  /** Why the page does not refresh as often as it should; "" while it does. */
  held?: string;
  /** Counts refreshes. Goes into the key of every query: `["logs", query, range, tick]`. */
  tick: number;
  /** A new range, as one step of the browser's history. */
  setRange(raw: RawRange): void;
  /** Zooms to an absolute range, e.g. one dragged on a chart. */
  zoomTo(range: TimeRange): void;
  /** Resolves the range anew and asks every query again. */
  refresh(): void;
}

export const TimeContext = createContext<TimeState | null>(null);

/** The time range of the page. */
export function useTime(): TimeState {
  const time = useContext(TimeContext);
  if (!time) throw new Error("useTime outside the shell's TimeProvider");
  return time;
}
