import type { Rejection } from "../../api/oriel";
import { age } from "../../lib/timeFormat";

const recentMs = 5 * 60_000;

/** Oriel's own spans and lines, which it sheds first when it has much to do: nobody has lost anything. */
const own = "self";

/** Reasons for which rows of others were refused within the last five minutes, the newest first, and how long ago they last were. */
export function droppedSince(rejections: readonly Rejection[], now: number): { protocol: string; reason: string; example: string; ago: string }[] {
  return rejections
    .filter(({ protocol, last }) => protocol !== own && now - Date.parse(last) < recentMs)
    .toSorted((a, b) => Date.parse(b.last) - Date.parse(a.last))
    .map(({ protocol, reason, example, last }) => ({ protocol, reason, example, ago: age(Date.parse(last), now) }));
}
