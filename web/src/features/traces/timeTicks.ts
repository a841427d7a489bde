import type { TimeRange } from "../../lib/time";

const steps = [1, 5, 15, 30, 60, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400, 604_800];

/** Round moments of a range, at most `count`, in Unix seconds. */
export function timeTicks(range: TimeRange, count: number): number[] {
  const seconds = (range.to - range.from) / 1000;
  const step = steps.find((one) => seconds / one <= count) ?? 2_592_000;
  const ticks: number[] = [];
  for (let tick = Math.ceil(range.from / 1000 / step) * step; tick <= range.to / 1000; tick += step) ticks.push(tick);
  return ticks;
}
