/** How many spans took how long when. */
export interface DurationGrid {
  /** Ends of the columns, Unix milliseconds, ascending by `step`. */
  times: number[];
  step: number;
  /** Upper bounds of the rows in nanoseconds, ascending without gaps by powers of two; a row begins at half of its bound. */
  bounds: number[];
  /** For each row its counts by column. */
  counts: number[][];
  /** For each row its failed spans by column. */
  failed: number[][];
  most: number;
  total: number;
}

/** A series of histogram_over_time: spans of one bucket. */
export interface BucketSeries {
  labels: Readonly<Record<string, string>>;
  points: readonly (readonly [seconds: number, value: number])[];
}

const bucketLabel = "__bucket";

/**
 * A grid out of the answers for all spans and for those that failed. `from`, `to` and `step` are milliseconds; a value
 * stands at the end of its column. Undefined where nothing was counted.
 */
export function durationGrid(all: readonly BucketSeries[], failed: readonly BucketSeries[], from: number, to: number, step: number): DurationGrid | undefined {
  const powers = all.flatMap(powerOf);
  if (powers.length === 0) return undefined;
  const lowest = powers.reduce((a, b) => Math.min(a, b));
  const highest = powers.reduce((a, b) => Math.max(a, b));
  const bounds = Array.from({ length: highest - lowest + 1 }, (_, row) => 2 ** (lowest + row));
  const columns = Math.max(Math.round((to - from) / step), 1);
  const times = Array.from({ length: columns }, (_, column) => from + (column + 1) * step);
  const fill = (series: readonly BucketSeries[]): number[][] => {
    const counts = bounds.map(() => Array<number>(columns).fill(0));
    for (const one of series) {
      const [power = -1] = powerOf(one);
      const row = counts[power - lowest];
      if (!row) continue;
      for (const [seconds, value] of one.points) {
        const column = Math.min(Math.ceil((seconds * 1000 - from) / step) - 1, columns - 1);
        if (column >= -1) row[Math.max(column, 0)] = (row[Math.max(column, 0)] ?? 0) + value;
      }
    }
    return counts;
  };
  const counts = fill(all);
  const flat = counts.flat();
  return { times, step, bounds, counts, failed: fill(failed), most: flat.reduce((a, b) => Math.max(a, b), 0), total: flat.reduce((a, b) => a + b, 0) };
}

/** The exponent of a bucket's upper bound in nanoseconds; none for a series that is no bucket. */
function powerOf({ labels }: BucketSeries): number[] {
  const seconds = Number(labels[bucketLabel]);
  return seconds > 0 ? [Math.round(Math.log2(seconds * 1e9))] : [];
}
