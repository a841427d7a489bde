import { useQuery, useQueryClient, type UseQueryResult } from "@tanstack/react-query";

import { searchTracesLive } from "../../api/tempo";
import { useTime } from "../../components/time/TimeContext";
import type { TimeRange } from "../../lib/time";
import type { TraceRow } from "../../lib/traceRows";

/** What a search has found, newest first. */
export interface FoundTraces {
  traces: TraceRow[];
  /** It is still searching. */
  searching: boolean;
}

/** Searches traces; what is found so far is there while it goes on. */
export function useTraceSearch(query: string, range: TimeRange, limit: number, enabled = true): UseQueryResult<FoundTraces> {
  const { tick } = useTime();
  const client = useQueryClient();
  const queryKey = ["traces", "search", query, limit, range, tick];
  return useQuery<FoundTraces>({
    queryKey,
    enabled,
    queryFn: async ({ signal }) => {
      const asked = { query, start: Math.floor(range.from / 1000), end: Math.ceil(range.to / 1000) };
      const show = (traces: TraceRow[]) => client.setQueryData<FoundTraces>(queryKey, { traces, searching: true });
      return { traces: await searchTracesLive(asked, limit, show, signal), searching: false };
    },
  });
}
