import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";

import { fetchDashboard, type StoredDashboard } from "../../api/dashboards";
import type { Obj } from "../../lib/dashboard/json";
import type { Dashboard } from "../../lib/dashboard/model";
import { parseDashboard } from "../../lib/dashboard/parse";
import { elementsOf, readDashboard } from "../../lib/dashboard/read";

/** A dashboard as stored, and as migrated. */
export interface OpenDashboard {
  raw: Obj;
  meta: StoredDashboard["meta"];
  dashboard: Dashboard;
  /** What its library panels contain, by their uids. */
  library: Obj;
  notices: string[];
}

/** The query of one dashboard, shared by the pages that show it. */
export function useStoredDashboard(uid: string) {
  return useQuery({
    queryKey: ["dashboard", "stored", uid],
    queryFn: ({ signal }) => fetchDashboard(uid, signal),
    // Another dashboard is no stand-in for this one.
    placeholderData: (before, query) => (query?.queryKey[2] === uid ? before : undefined),
    staleTime: 0,
    refetchOnMount: "always",
  });
}

/** Reads what is stored; a sentence where it cannot be read. */
export function useOpenDashboard(stored: StoredDashboard | undefined): OpenDashboard | { error: string } | undefined {
  return useMemo(() => {
    if (!stored) return undefined;
    const parsed = parseDashboard(stored.dashboard);
    if (parsed.error !== undefined) return { error: parsed.error };
    const library = elementsOf(parsed.raw, stored.library);
    return { raw: parsed.raw, meta: stored.meta, dashboard: readDashboard(parsed.raw, library), library, notices: parsed.notices };
  }, [stored]);
}
