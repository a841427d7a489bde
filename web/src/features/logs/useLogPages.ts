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
  /** The bound this page was asked with: exclusive going back, inclusive going on. */
  end: Nanos;
}

/**
 * The lines of a log query from the end of `range` (or from `at`, in Unix milliseconds) back, page by page; with `forward`
 * from its start (or `at`) on, oldest first.
 */
export function useLogPages(query: string, range: TimeRange, at: number | undefined, tick: number, enabled: boolean, forward = false) {
  const start = msToNano(forward ? (at ?? range.from) : range.from);
  const newest = msToNano(forward ? range.to : (at ?? range.to));
  const pages = useInfiniteQuery({
    queryKey: ["logs", "lines", query, start, newest, tick, forward],
    enabled,
    placeholderData: keepPreviousData,
    initialPageParam: forward ? start : newest,
    queryFn: async ({ pageParam: bound, signal }): Promise<Page> => {
      const window = forward ? { query, start: bound, end: newest } : { query, start, end: bound };
      const answer = await queryLogs(window, { limit: PAGE_SIZE, direction: forward ? "forward" : "backward" }, signal);
      return { lines: answer.kind === "lines" ? answer.lines : [], stats: answer.stats, end: bound };
    },
    getNextPageParam: forward ? nextStart : nextBound,
  });
  const data = pages.data;
  const lines = useMemo(() => {
    const merged = mergeLines(...(data?.pages.map((page) => page.lines) ?? []));
    return forward ? merged.toReversed() : merged;
  }, [data, forward]);
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

/** The start of the page after `last` when reading on: its newest nanosecond once more, for the same reason. */
export function nextStart(last: Page): Nanos | undefined {
  const newest = last.lines[0]?.ts;
  if (newest === undefined || last.lines.length < PAGE_SIZE) return undefined;
  return newest === last.end ? shiftNanos(newest, 1n) : newest;
}
