import { formatTime } from "../../lib/timeFormat";
import { counted, group } from "../../lib/units";
import { TAIL_BUFFER, type useLiveTail } from "./useLiveTail";
import type { useLogPages } from "./useLogPages";

/** What is told of the list. */
export function listStatus(pages: ReturnType<typeof useLogPages>, at: number | undefined, zone: string, waits: boolean): string {
  if (pages.isPending || (pages.isError && pages.lines.length === 0)) return "";
  const parts = [pages.hasMore ? `${group(pages.lines.length)}+ lines` : counted(pages.lines.length, "line")];
  if (at !== undefined) parts.push(`${pages.bothWays ? "around" : pages.forward ? "after" : "before"} ${formatTime(at, zone)}`);
  if (pages.search?.runs) parts.push(`${searched(pages.search, pages.forward, zone)} …`);
  if (pages.isFull) parts.push("the list ends here: click the histogram to go further back");
  if (waits) parts.push("newer lines show up at the top");
  if (pages.isFetchingNextPage && pages.failureReason) parts.push(`${pages.failureReason.message}; trying again`);
  else if (pages.isFetchingNextPage && !pages.search) parts.push("loading more …");
  return parts.join(" · ");
}

/** How far a search has come. */
export function searched({ until, share }: { until: number; share: number }, forward: boolean, zone: string): string {
  return `${Math.floor(share * 100)} % of the range searched, ${forward ? "up" : "back"} to ${formatTime(until, zone)}`;
}

/** What is told of a live tail. */
export function tailStatus(tail: ReturnType<typeof useLiveTail>, held: boolean): string {
  const how = { connecting: "Connecting …", stream: "Live", polling: "Live, asking every 2 s" }[tail.via];
  const parts = [how, counted(tail.lines.length, "line")];
  if (tail.lines.length >= TAIL_BUFFER) parts.push("older ones dropped");
  if (tail.oneIn > 1) parts.push(`more than 500 lines/s: 1 of ${tail.oneIn} is shown`);
  if (tail.dropped > 0) parts.push(`${group(tail.dropped)} left out: they came too fast`);
  if (held || tail.waiting > 0) parts.push(`paused, ${group(tail.waiting)} new`);
  if (tail.error) parts.push(tail.error.message);
  return parts.join(" · ");
}
