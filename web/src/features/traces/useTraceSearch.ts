import { useQueryClient } from "@tanstack/react-query";

import { searchTracesLive } from "../../api/tempo";
import { useAnswer, type Answer } from "../../components/useAnswer";
import type { TimeRange } from "../../lib/time";
import type { TraceRow } from "../../lib/traceRows";

/** What a search has found, newest first. */
export interface FoundTraces {
  traces: TraceRow[];
  /** It is still searching. */
  searching: boolean;
}

/** Searches traces; what is found so far is there while it goes on. */
export function useTraceSearch(query: string, over: TimeRange, limit: number, enabled = true): Answer<FoundTraces> {
  const client = useQueryClient();
  const found = useAnswer<FoundTraces>(
    ["traces", "search", query, limit],
    async ({ signal, queryKey }) => {
      const asked = { query, start: Math.floor(over.from / 1000), end: Math.ceil(over.to / 1000) };
      const show = (traces: TraceRow[]) => client.setQueryData<FoundTraces>(queryKey, { traces, searching: true });
      return { traces: await searchTracesLive(asked, limit, show, signal), searching: false };
    },
    { enabled, over },
  );
  // A search that failed or was given up half way goes on no more.
  return found.isSuccess && found.data.searching && !found.isFetching ? { ...found, data: { ...found.data, searching: false } } : found;
}
