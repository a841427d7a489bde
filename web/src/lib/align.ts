/** One line of a chart: values at ascending Unix seconds; null is a gap. */
export interface Column {
  times: ArrayLike<number>;
  values: ArrayLike<number | null>;
}

/** Columns over one shared time axis, as uPlot takes them. */
export interface Aligned {
  times: number[];
  columns: (number | null)[][];
}

/** Puts `columns` on the union of their times; where one has no value there is a null. */
export function align(columns: readonly Column[]): Aligned {
  const [first] = columns;
  if (!first) return { times: [], columns: [] };
  if (columns.every((column) => sameTimes(column.times, first.times))) {
    return { times: asArray(first.times), columns: columns.map((column) => asArray(column.values)) };
  }
  const union = new Set<number>();
  for (const { times } of columns) for (let i = 0; i < times.length; i++) union.add(times[i] ?? 0);
  const times = [...union].toSorted((a, b) => a - b);
  const slot = new Map(times.map((time, index) => [time, index]));
  return {
    times,
    columns: columns.map((column) => {
      const out = Array<number | null>(times.length).fill(null);
      for (let i = 0; i < column.times.length; i++) out[slot.get(column.times[i] ?? 0) ?? 0] = column.values[i] ?? null;
      return out;
    }),
  };
}

// Nobody changes them: what is an array already need not be copied.
function asArray<T>(list: ArrayLike<T>): T[] {
  return Array.isArray(list) ? list : Array.from(list);
}

function sameTimes(a: ArrayLike<number>, b: ArrayLike<number>): boolean {
  if (a === b) return true;
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** A column as a canvas can draw it: what is no finite number is a gap, which a line would lead across otherwise. */
export function drawable(column: (number | null)[]): (number | null)[] {
  const fits = (value: number | null): boolean => value === null || Number.isFinite(value);
  return column.every(fits) ? column : column.map((value) => (fits(value) ? value : null));
}

/** Running sums over `columns`: each stands on the ones before it. A gap adds nothing. */
export function stack(columns: readonly (readonly (number | null)[])[]): (number | null)[][] {
  const sums: number[] = [];
  return columns.map((column) =>
    column.map((value, i) => {
      const sum = (sums[i] ?? 0) + (value ?? 0);
      sums[i] = sum;
      return value === null ? null : sum;
    }),
  );
}

/** What a legend tells of one line; null where it has no value at all. */
export interface Summary {
  min: number | null;
  max: number | null;
  mean: number | null;
  last: number | null;
}

/** Smallest, largest, mean and last value, gaps and NaN aside. */
export function summarise(values: ArrayLike<number | null>): Summary {
  let min = Infinity;
  let max = -Infinity;
  let sum = 0;
  let count = 0;
  let last: number | null = null;
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    if (value === null || value === undefined || Number.isNaN(value)) continue;
    min = Math.min(min, value);
    max = Math.max(max, value);
    sum += value;
    count++;
    last = value;
  }
  return count === 0 ? { min: null, max: null, mean: null, last: null } : { min, max, mean: sum / count, last };
}
