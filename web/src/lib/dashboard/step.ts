const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

// Intervals that dashboards round to; the ones in between count as the nearest below their middle.
const intervals = [
  1, 5, 10, 15, 20, 50, 100, 200, 500, second, 2 * second, 5 * second, 10 * second, 15 * second, 20 * second, 30 * second, minute, 2 * minute,
  5 * minute, 10 * minute, 15 * minute, 20 * minute, 30 * minute, hour, 2 * hour, 3 * hour, 6 * hour, 12 * hour, day, 7 * day, 30 * day, 365 * day,
]; // prettier-ignore

/** The round interval nearest to `ms`, not below `leastMs`. */
export function niceStep(ms: number, leastMs = second): number {
  const wanted = Math.max(ms, leastMs);
  const above = intervals.findIndex((one) => one >= wanted);
  if (above === -1) return Math.ceil(wanted / (365 * day)) * 365 * day;
  const high = intervals[above] ?? second;
  const low = intervals[above - 1];
  if (low === undefined || low < leastMs) return Math.max(high, leastMs);
  return wanted - low < (high - low) / 2 ? Math.max(low, leastMs) : high;
}

/** Points that a range query may have at most in Prometheus. */
const mostPoints = 11_000;

/** What decides the step of a range query. */
export interface StepInput {
  rangeMs: number;
  /** Points wanted at most. */
  points: number;
  /** The panel's and the query's shortest step. */
  leastMs: number;
  /** Old dashboards ask for points every so many intervals. */
  factor: number;
}

/** The step of a range query in milliseconds. */
export function queryStep({ rangeMs, points, leastMs, factor }: StepInput): number {
  const nice = niceStep(rangeMs / Math.max(1, points), Math.max(leastMs, second));
  return Math.max(nice * Math.max(1, factor), Math.ceil(rangeMs / mostPoints / second) * second);
}
