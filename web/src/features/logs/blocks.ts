import type { TimeRange } from "../../lib/time";

const minute = 60_000;
const hour = 60 * minute;
// What is read within a blink needs no progress.
const wholeMs = 6 * hour;
const blocks = 16;
// Between two looks at the progress.
const aimMs = 2_000;

/**
 * How much of a range, in milliseconds, a search for lines asks for at first; undefined is all of it. A long range is
 * searched block by block, so that what is found is there while the search goes on.
 */
export function firstBlock({ from, to }: TimeRange): number | undefined {
  return to - from <= wholeMs ? undefined : Math.max(hour, Math.ceil((to - from) / blocks));
}

/** The block after one of `ms` milliseconds that took `tookMs` to search: so much that it takes about two seconds, or twice as much where that took less. */
export function nextBlock(ms: number, tookMs: number): number {
  const factor = tookMs > aimMs ? Math.max(aimMs / tookMs, 0.5) : Math.min(Math.max(aimMs / Math.max(tookMs, 1), 2), 8);
  return Math.max(minute, Math.round(ms * factor));
}

/** The block to ask for instead of one of `ms` milliseconds whose time was over; undefined if it cannot be any shorter. */
export function shorterBlock(ms: number): number | undefined {
  return ms <= minute ? undefined : Math.max(minute, Math.round(ms / 4));
}
