/**
 * Arithmetic on Unix nanoseconds. A nanosecond timestamp does not fit a double, so it travels as a
 * decimal string (as the APIs send it) and is computed with as a bigint.
 */
export type Nanos = string;

/** Moves a timestamp by whole nanoseconds. */
export function shiftNanos(ts: Nanos, by: bigint): Nanos {
  return (BigInt(ts) + by).toString();
}

/** Orders two non-negative timestamps, oldest first, without converting them. */
export function compareNanos(a: Nanos, b: Nanos): number {
  if (a.length !== b.length) return a.length - b.length;
  return a < b ? -1 : a > b ? 1 : 0;
}
