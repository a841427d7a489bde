import { hashKey, keepPreviousData, useInfiniteQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useMemo, useRef, useState } from "react";

import { ApiError } from "../../api/client";
import { queryLogs, type LogStats } from "../../api/loki";
import { usePatience } from "../../components/useAnswer";
import { appendLines, type LogLine } from "../../lib/logLines";
import { shiftNanos, type Nanos } from "../../lib/nanos";
import type { RawRange, TimeRange } from "../../lib/time";
import { msToNano, nanoToMs } from "../../lib/timeFormat";
import { firstBlock, nextBlock, shorterBlock } from "./blocks";

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
  /** The block it was of, where not all that is left was asked for: its other bound, its milliseconds, and how many it took. */
  block?: { until: Nanos; ms: number; tookMs: number };
}

/** Where a page begins; `other` is one before the first. Of a block its milliseconds. */
interface PageStart {
  bound: Nanos;
  other?: boolean;
  ms?: number | undefined;
}

interface LogPagesQuery {
  query: string;
  /** As the URL has it: what stays the same while `range` moves on with time. */
  raw: RawRange;
  range: TimeRange;
  /** Where the list begins instead, in Unix milliseconds. */
  at: number | undefined;
  tick: number;
  enabled: boolean;
  /** Oldest first. */
  forward: boolean;
}

/**
 * The lines of a log query from the end of its range (or from `at`) back, page by page; with `forward` from its start (or
 * `at`) on, oldest first. A long range is searched block by block until there is a page of lines.
 */
export function useLogPages({ query, raw, range, at, tick, enabled, forward }: LogPagesQuery) {
  const client = useQueryClient();
  const start = msToNano(forward ? (at ?? range.from) : range.from);
  const newest = msToNano(forward ? range.to : (at ?? range.to));
  const whole = { start: msToNano(range.from), end: msToNano(range.to) };
  const queryKey = ["logs", "lines", query, start, newest, tick, forward, ...(at === undefined ? [] : [whole])];
  // Blocks whose time was over, by where they begin: they are asked for again in part.
  const [shorter] = useState(() => new Map<Nanos, number>());
  const ask = async ({ bound, other = false, ms }: PageStart, signal: AbortSignal): Promise<Page> => {
    const onward = forward !== other;
    const window = onward ? { query, start: bound, end: other ? whole.end : newest } : { query, start: other ? whole.start : start, end: bound };
    const left = Number((BigInt(window.end) - BigInt(window.start)) / 1_000_000n);
    const length = other ? undefined : (shorter.get(bound) ?? ms);
    const until = length === undefined || length >= left ? undefined : shiftNanos(bound, BigInt(length) * (onward ? 1_000_000n : -1_000_000n));
    const begun = performance.now();
    try {
      const answer = await queryLogs({ ...window, ...(until !== undefined && (onward ? { end: until } : { start: until })) }, { limit: PAGE_SIZE, direction: onward ? "forward" : "backward" }, signal);
      const block = until !== undefined && length !== undefined ? { until, ms: length, tookMs: performance.now() - begun } : undefined;
      return { lines: answer.kind === "lines" ? answer.lines : [], stats: answer.stats, end: bound, ...(other && { other }), ...(block && { block }) };
    } catch (error) {
      const less = isOverTime(error) && !other ? shorterBlock(Math.min(length ?? left, left)) : undefined;
      if (less !== undefined) shorter.set(bound, less);
      throw error;
    }
  };
  const pages = useInfiniteQuery({
    queryKey,
    enabled,
    ...usePatience(),
    placeholderData: keepPreviousData,
    initialPageParam: { bound: forward ? start : newest, ms: firstBlock({ from: nanoToMs(start), to: nanoToMs(newest) }) } as PageStart,
    queryFn: ({ pageParam, signal }) => ask(pageParam, signal),
    getNextPageParam: (last): PageStart | undefined => {
      // A page of the other way has the list's first page behind it.
      const bound = last.other ? undefined : ((forward ? nextStart(last) : nextBound(last)) ?? last.block?.until);
      return bound === undefined ? undefined : { bound, ms: last.block && nextBlock(last.block.ms, last.block.tookMs) };
    },
    getPreviousPageParam: (first): PageStart | undefined => {
      if (at === undefined) return undefined;
      const bound = first.other ? (forward ? nextBound(first) : nextStart(first)) : edgeOf(first, forward);
      return bound === undefined ? undefined : { bound, other: true };
    },
  });
  const [join] = useState(joiner);
  // What was read last stays when a newer reading of the same fails, and until it has found as much as it will.
  const asked = JSON.stringify([query, raw, at, forward]);
  const [kept, setKept] = useState<{ asked: string; pages: Page[]; at: number }>();
  const read = pages.isPlaceholderData ? undefined : pages.data?.pages;
  const searching = read !== undefined && pages.hasNextPage && isSearch(read);
  const good = kept?.asked === asked ? kept : undefined;
  if (read && !searching && (kept?.pages !== read || kept.asked !== asked)) setKept({ asked, pages: read, at: pages.dataUpdatedAt });
  const held = searching && good !== undefined && !pages.isError;
  const data = held ? good.pages : (pages.data?.pages ?? good?.pages);
  const { lines, text } = useMemo(() => join(data ?? [], forward), [join, data, forward]);
  const isFull = lines.length >= MAX_LINES || text >= MAX_TEXT;

  // Each block is asked for once by itself: one that failed, or was given up, waits for somebody to want it.
  const id = hashKey(queryKey);
  const here = `${id} ${read?.length ?? 0}`;
  const tried = useRef("");
  const [stopped, setStopped] = useState("");
  const { fetchNextPage, isFetching, isError } = pages;
  const goesOn = enabled && searching && !isFull && stopped !== id;
  useEffect(() => {
    if (!goesOn || isFetching || isError || tried.current === here) return;
    tried.current = here;
    void fetchNextPage();
  }, [goesOn, isFetching, isError, here, fetchNextPage]);

  const wait = { asked: [queryKey], at: good?.at ?? 0, failure: data ? pages.error : null };
  const last = read?.at(-1)?.block?.until;
  return {
    ...pages,
    isPlaceholderData: pages.isPlaceholderData || held,
    forward,
    bothWays: data?.[0]?.other ?? false,
    lines,
    wait,
    stats: data && total(data),
    window: { query, start, end: newest },
    hasMore: pages.hasNextPage && !isFull,
    isFull,
    /** The search that has not found a page of lines yet: how far it has come, whether it goes on by itself, and how to have it end or go on. */
    search:
      searching && last !== undefined
        ? {
            until: nanoToMs(last),
            share: share(forward ? start : newest, last, forward ? newest : start),
            // A failure stays until there is an answer, also while the next one is asked for.
            runs: goesOn && (isFetching || !isError),
            stop: () => {
              setStopped(id);
              void client.cancelQueries({ queryKey, exact: true });
            },
            goOn: () => {
              setStopped("");
              void fetchNextPage();
            },
          }
        : undefined,
  };
}

/** Whether pages are those of a search that has not found enough: the last is of a block, and not full. */
function isSearch(read: readonly Page[]): boolean {
  const last = read.at(-1);
  return last?.block !== undefined && last.lines.length < PAGE_SIZE && read.reduce((sum, { lines }) => sum + lines.length, 0) < PAGE_SIZE;
}

function isOverTime(error: unknown): boolean {
  return error instanceof ApiError && (error.status === 504 || /timed out|timeout|time limit/i.test(error.message));
}

/** The part of the way from one time to another at which a third is. */
function share(from: Nanos, at: Nanos, to: Nanos): number {
  return Number(BigInt(at) - BigInt(from)) / Number(BigInt(to) - BigInt(from));
}

function total(pages: readonly Page[]): LogStats {
  return pages.reduce((sum, { stats }) => ({ bytes: sum.bytes + stats.bytes, lines: sum.lines + stats.lines, seconds: sum.seconds + stats.seconds, parts: sum.parts + stats.parts }), { bytes: 0, lines: 0, seconds: 0, parts: 0 });
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
