import { Notice } from "../../components/Notice";
import { useTime } from "../../components/time/TimeContext";
import { formatTime } from "../../lib/timeFormat";

/** Says so where an answer is of the newest part of the range only. */
export function PartOfRange({ of }: { of: { start: string; complete: boolean } }) {
  const { zone } = useTime();
  if (of.complete) return null;
  return <Notice>There is more than can be counted at once: this is of the time since {formatTime(Date.parse(of.start), zone)}. Choose a shorter range to have all of it.</Notice>;
}
