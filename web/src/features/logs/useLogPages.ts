import { useInfiniteQuery, keepPreviousData } from "@tanstack/react-query";
import { useMemo } from "react";

import { queryLogs, type LogStats } from "../../api/loki";
import { mergeLines, type LogLine } from "../../lib/logLines";
import { shiftNanos, type Nanos } from "../../lib/nanos";
import type { TimeRange } from "../../lib/time";
import { msToNano } from "../../lib/timeFormat";

/** Lines asked for at once. */
export const PAGE_SIZE = 1000;

/** Lines kept in memory; beyond them the histogram is the way on. */
export const MAX_LINES = 100_000;

interface Page {
  lines: LogLine[];
  stats: LogStats;
  /** The bound this page was asked with, exclusive. */
  end: Nanos;
}

/** The lines of a log query from the end of `range` (or from `at`, in Unix milliseconds) back, page by page. */
export function useLogPages(query: string, range: TimeRange, at: number | undefined, tick: number, enabled: boolean) {
  const start = msToNano(range.from);
  const newest = msToNano(at ?? range.to);
  const pages = useInfiniteQuery({
    queryKey: ["logs", "lines", query, start, newest, tick],
    enabled,
    placeholderData: keepPreviousData,
    initialPageParam: newest,
    queryFn: async ({ pageParam: end, signal }): Promise<Page> => {
      const answer = await queryLogs({ query, start, end }, { limit: PAGE_SIZE, direction: "backward" }, signal);
      return { lines: answer.kind === "lines" ? answer.lines : [], stats: answer.stats, end };
    },
    getNextPageParam: nextBound,
  });
  const data = pages.data;
  const lines = useMemo(() => mergeLines(...(data?.pages.map((page) => page.lines) ?? [])), [data]);
  return { ...pages, lines, stats: data?.pages[0]?.stats, hasMore: pages.hasNextPage && lines.length < MAX_LINES };
}

/**
 * The bound of the page after `last`. It takes in the oldest nanosecond once more, since the page may have been cut in
 * the middle of it; what was already seen is dropped when pages are merged.
 */
export function nextBound(last: Page): Nanos | undefined {
  const oldest = last.lines.at(-1)?.ts;
  if (oldest === undefined || last.lines.length < PAGE_SIZE) return undefined;
  const inclusive = shiftNanos(oldest, 1n);
  // A whole page within one nanosecond: asking again would never end.
  return inclusive === last.end ? oldest : inclusive;
}
