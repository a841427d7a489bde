import { useDocumentVisibility, useInterval } from "@mantine/hooks";
import { useCallback, useEffect, useMemo, useState, type ReactNode } from "react";

import { TimeContext, type TimeState } from "../components/time/TimeContext";
import { useUrlState } from "../components/useUrlState";
import { refreshMs } from "../lib/refresh";
import { absolute, resolveRange, type RawRange, type TimeRange } from "../lib/time";
import { sharedState } from "../lib/urlState";
import { resolveZone } from "../lib/zone";

/** Resolves the URL's range once per refresh and hands it to the page. */
export function TimeProvider({ children }: { children: ReactNode }) {
  const [{ from, to, tz, refresh: every }, setShared] = useUrlState(sharedState);
  const [{ now, tick }, setNow] = useState(() => ({ now: Date.now(), tick: 0 }));
  const zone = resolveZone(tz);

  const raw = useMemo(() => ({ from, to }), [from, to]);
  const range = useMemo(() => resolveRange(raw, now, zone), [raw, now, zone]);

  const refresh = useCallback(() => setNow((before) => ({ now: Date.now(), tick: before.tick + 1 })), []);
  const setRange = useCallback(
    (next: RawRange) => {
      setShared({ from: next.from, to: next.to });
      refresh();
    },
    [setShared, refresh],
  );
  const zoomTo = useCallback((next: TimeRange) => setRange(absolute(next)), [setRange]);

  useAutoRefresh(refreshMs(every, range), refresh);

  const state = useMemo<TimeState>(
    () => ({ raw, range, zone, tick, setRange, zoomTo, refresh }),
    [raw, range, zone, tick, setRange, zoomTo, refresh],
  );
  return <TimeContext value={state}>{children}</TimeContext>;
}

/** Calls `refresh` every `ms` milliseconds while the tab can be seen; never when `ms` is 0. */
function useAutoRefresh(ms: number, refresh: () => void): void {
  const visible = useDocumentVisibility() === "visible";
  const { start, stop } = useInterval(refresh, ms);
  useEffect(() => {
    if (ms === 0 || !visible) return undefined;
    start();
    return stop;
  }, [ms, visible, start, stop]);
}
