import { useNavigate, useSearch } from "@tanstack/react-router";
import { useEffect } from "react";

import type { Dashboard } from "../../lib/dashboard/model";
import type { RawSearch } from "../../lib/urlState";

/** Puts the dashboard's own time, zone and refresh into the URL where that says none. True when the URL has them. */
export function useOwnTime(dashboard: Dashboard | undefined): boolean {
  const search: RawSearch = useSearch({ strict: false });
  const navigate = useNavigate();
  const missing = dashboard ? ownTime(dashboard, search) : {};
  const needed = JSON.stringify(missing);
  useEffect(() => {
    const patch = JSON.parse(needed) as RawSearch;
    if (Object.keys(patch).length > 0) void navigate({ to: ".", search: (before: RawSearch) => ({ ...before, ...patch }), replace: true });
  }, [needed, navigate]);
  return dashboard !== undefined && needed === "{}";
}

function ownTime(dashboard: Dashboard, search: RawSearch): RawSearch {
  return {
    ...(search.from === undefined && search.to === undefined ? { from: timeText(dashboard.time.from), to: timeText(dashboard.time.to) } : {}),
    ...(search.refresh === undefined && dashboard.refresh !== "" ? { refresh: dashboard.refresh } : {}),
    ...(search.tz === undefined && dashboard.timezone !== "" && dashboard.timezone !== "browser" ? { tz: dashboard.timezone } : {}),
  };
}

/** A dashboard may have saved an absolute time as a date; the URL has epochs. */
function timeText(time: string): string {
  if (time.startsWith("now") || /^\d+$/.test(time)) return time;
  const ms = Date.parse(time);
  return Number.isNaN(ms) ? time : String(ms);
}
