import { useInfiniteQuery, keepPreviousData } from "@tanstack/react-query";
import { useMemo, useState } from "react";

import { queryLogs, type LogStats } from "../../api/loki";
import { appendLines, type LogLine } from "../../lib/logLines";
import { shiftNanos, type Nanos } from "../../lib/nanos";
import type { TimeRange } from "../../lib/time";
import { msToNano } from "../../lib/timeFormat";

/** Lines asked for at once. */
export const PAGE_SIZE = 1000;

/** Lines kept in memory, as long as their text has no more than so many characters; beyond them the histogram is the way on. */
const MAX_LINES = 1_000_000;
const MAX_TEXT = 500_000_000;

interface Page {
  lines: LogLine[];
  stats: LogStats;
  /** The bound this page was asked with: exclusive going back in time, inclusive going on. */
  end: Nanos;
  /** It was read the other way, from where the list begins. */
  other?: boolean;
}

/** Where a page begins; `other` is one before the first. */
interface PageStart {
  bound: Nanos;
  other?: boolean;
}

/**
 * The lines of a log query from the end of `range` (or from `at`, in Unix milliseconds) back, page by page; with `forward`
 * from its start (or `at`) on, oldest first.
 */
export function useLogPages(query: string, range: TimeRange, at: number | undefined, tick: number, enabled: boolean, forward = false) {
  const start = msToNano(forward ? (at ?? range.from) : range.from);
  const newest = msToNano(forward ? range.to : (at ?? range.to));
  const whole = { start: msToNano(range.from), end: msToNano(range.to) };
  const queryKey = ["logs", "lines", query, start, newest, tick, forward, ...(at === undefined ? [] : [whole])];
  const pages = useInfiniteQuery({
    queryKey,
    enabled,
    placeholderData: keepPreviousData,
    initialPageParam: { bound: forward ? start : newest } as PageStart,
    queryFn: async ({ pageParam: { bound, other = false }, signal }): Promise<Page> => {
      const onward = forward !== other;
      const window = onward ? { query, start: bound, end: other ? whole.end : newest } : { query, start: other ? whole.start : start, end: bound };
      const answer = await queryLogs(window, { limit: PAGE_SIZE, direction: onward ? "forward" : "backward" }, signal);
      return { lines: answer.kind === "lines" ? answer.lines : [], stats: answer.stats, end: bound, ...(other && { other }) };
    },
    getNextPageParam: (last): PageStart | undefined => {
      // A page of the other way has the list's first page behind it.
      const bound = last.other ? undefined : forward ? nextStart(last) : nextBound(last);
      return bound === undefined ? undefined : { bound };
    },
    getPreviousPageParam: (first): PageStart | undefined => {
      if (at === undefined) return undefined;
      const bound = first.other ? (forward ? nextBound(first) : nextStart(first)) : edgeOf(first, forward);
      return bound === undefined ? undefined : { bound, other: true };
    },
  });
  const [join] = useState(joiner);
  // What was read last stays when a newer reading of the same fails.
  const asked = JSON.stringify([query, at, forward]);
  const [kept, setKept] = useState<{ asked: string; pages: Page[]; at: number }>();
  const read = pages.isPlaceholderData ? undefined : pages.data?.pages;
  if (read && (kept?.pages !== read || kept.asked !== asked)) setKept({ asked, pages: read, at: pages.dataUpdatedAt });
  const good = kept?.asked === asked ? kept : undefined;
  const data = pages.data?.pages ?? good?.pages;
  const { lines, text } = useMemo(() => join(data ?? [], forward), [join, data, forward]);
  const isFull = lines.length >= MAX_LINES || text >= MAX_TEXT;
  const wait = { asked: [queryKey], at: good?.at ?? 0, failure: good ? pages.error : null };
  return { ...pages, forward, bothWays: data?.[0]?.other ?? false, lines, wait, stats: data?.[0]?.stats, hasMore: pages.hasNextPage && !isFull, isFull };
}

/** Where a list goes on before its first page: at the edge of the page, which is read once more, or where it was asked from. */
function edgeOf({ lines, end }: Page, forward: boolean): Nanos {
  if (forward) return lines.length === 0 ? end : shiftNanos(lines.at(-1)?.ts ?? end, 1n);
  return lines[0]?.ts ?? end;
}

interface Joined {
  lines: LogLine[];
  /** Characters in all of them. */
  text: number;
}

/** Makes a list of pages, of which the lines before the newest page are not gone through again. */
export function joiner(): (pages: readonly Pick<Page, "lines">[], forward: boolean) => Joined {
  let known: readonly Pick<Page, "lines">[] = [];
  let direction = false;
  let joined: Joined = { lines: [], text: 0 };
  return (pages, forward) => {
    const goesOn = forward === direction && known.every((page, index) => page === pages[index]);
    if (!goesOn) joined = { lines: [], text: 0 };
    for (const { lines } of pages.slice(goesOn ? known.length : 0)) {
      joined = {
        lines: appendLines(joined.lines, forward ? lines.toReversed() : lines),
        text: lines.reduce((sum, { line }) => sum + line.length, joined.text),
      };
    }
    known = pages;
    direction = forward;
    return joined;
  };
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
