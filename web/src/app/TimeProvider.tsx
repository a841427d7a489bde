import { useDocumentVisibility, useInterval } from "@mantine/hooks";
import { useQueryClient } from "@tanstack/react-query";
import { useLocation, useSearch } from "@tanstack/react-router";
import { useCallback, useEffect, useEffectEvent, useMemo, useRef, useState, type ReactNode } from "react";

import { usePauseReason } from "../components/refreshPause";
import { TimeContext, type TimeState } from "../components/time/TimeContext";
import { usePrefs } from "../components/usePrefs";
import { useUrlState } from "../components/useUrlState";
import { refreshMs } from "../lib/refresh";
import { absolute, resolveRange, type RawRange, type TimeRange } from "../lib/time";
import { sharedState, type RawSearch } from "../lib/urlState";
import { resolveZone } from "../lib/zone";

/** In milliseconds: a page that is opened later than that after the last refresh is about its own now. */
const lasts = 5_000;

/** Resolves the URL's range once per refresh, and for a page that is opened later, and hands it to the page. */
export function TimeProvider({ children }: { children: ReactNode }) {
  const [{ from, to, tz: given, refresh: every }, setShared] = useUrlState(sharedState);
  const search: RawSearch = useSearch({ strict: false });
  const [prefs] = usePrefs();
  const [{ now, tick }, setNow] = useState(() => ({ now: Date.now(), tick: 0 }));
  const path = useLocation({ select: ({ pathname }) => pathname });
  const [openedAt, setOpenedAt] = useState(path);
  if (openedAt !== path) {
    setOpenedAt(path);
    if (Date.now() - now > lasts) setNow({ now: Date.now(), tick });
  }
  // A link that names a zone means it; one that names none is read in the reader's own.
  const tz = search.tz === undefined ? prefs.zone : given;
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
  const zooms = useRef<{ before: RawRange; after: RawRange }[]>([]);
  const zoomTo = useCallback(
    (next: TimeRange) => {
      const after = absolute(next);
      zooms.current.push({ before: raw, after });
      setRange(after);
    },
    [raw, setRange],
  );
  useZoomBack(() => {
    const last = zooms.current.pop();
    if (last?.after.from === from && last.after.to === to) setRange(last.before);
    else zooms.current = [];
  });

  const everyMs = refreshMs(every, range);
  const held = useAutoRefresh(everyMs, refresh);

  const state = useMemo<TimeState>(
    () => ({ raw, range, zone, tz, tick, everyMs, held, setRange, zoomTo, refresh }),
    [raw, range, zone, tz, tick, everyMs, held, setRange, zoomTo, refresh],
  );
  return <TimeContext value={state}>{children}</TimeContext>;
}

/** Calls `back` on a double click on a chart over time. */
function useZoomBack(back: () => void): void {
  const latest = useEffectEvent(back);
  useEffect(() => {
    const onDouble = (event: MouseEvent): void => {
      if (event.target instanceof Element && event.target.closest(".u-over")) latest();
    };
    document.addEventListener("dblclick", onDouble);
    return () => document.removeEventListener("dblclick", onDouble);
  }, []);
}

/**
 * Calls `refresh` every `ms` milliseconds while the tab can be seen and nothing holds it back; never when `ms` is 0. A round
 * that outlasts the interval is waited for. Returns why the last one was left out, or "".
 */
function useAutoRefresh(ms: number, refresh: () => void): string {
  const visible = useDocumentVisibility() === "visible";
  const paused = usePauseReason();
  const queries = useQueryClient();
  const [slow, setSlow] = useState(false);
  const { start, stop } = useInterval(() => {
    const busy = queries.isFetching() > 0;
    setSlow(busy);
    if (!busy) refresh();
  }, ms);
  useEffect(() => {
    if (ms === 0 || !visible || paused !== "") return undefined;
    start();
    return stop;
  }, [ms, visible, paused, start, stop]);
  if (ms === 0) return "";
  return paused !== "" ? `Paused: ${paused}` : slow ? "Slowed down: the answers take longer than the interval" : "";
}
