import { useQuery } from "@tanstack/react-query";

import { queryLogs } from "../../api/loki";
import { useTime } from "../../components/time/TimeContext";
import { errorLevels } from "../../lib/service";
import { msToNano } from "../../lib/timeFormat";

const dayMs = 86_400_000;
// What was is not asked again every few seconds, nor is what hardly moves.
const grainMs = 60_000;

/** How many error lines the range has against the same hours a day before, in words; "" while that is not known, or neither has any. */
export function useDayBefore(): string {
  const { range } = useTime();
  const end = Math.floor(range.to / grainMs) * grainMs;
  const seconds = Math.max(60, Math.round((range.to - range.from) / 1000));
  const counts = useQuery({
    queryKey: ["overview", "error lines", end, seconds],
    queryFn: ({ signal }) => Promise.all([end, end - dayMs].map((at) => count(at, seconds, signal))),
  });
  const [now = 0, before = 0] = counts.data ?? [];
  return counts.data ? changeInWords(now, before) : "";
}

async function count(at: number, seconds: number, signal: AbortSignal): Promise<number> {
  const query = `sum(count_over_time({service_name=~".+"} | ${errorLevels} [${seconds}s]))`;
  const answer = await queryLogs({ query, start: msToNano(at), end: msToNano(at) }, { stepSeconds: seconds }, signal);
  return answer.kind === "series" ? (answer.series[0]?.points.at(-1)?.[1] ?? 0) : 0;
}

/** A number against that of a day before. */
export function changeInWords(now: number, before: number): string {
  if (before === 0) return now === 0 ? "" : "none a day ago";
  const percent = Math.round((now / before - 1) * 100);
  return `${percent < 0 ? "−" : "+"}${Math.abs(percent)} % on a day ago`;
}
