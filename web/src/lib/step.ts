import type { TimeRange } from "./time";

// Steps people can read off an axis, in milliseconds.
const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;
const steps = [
  ...[1, 2, 5, 10, 15, 30].map((n) => n * second),
  ...[1, 2, 5, 10, 15, 30].map((n) => n * minute),
  ...[1, 2, 3, 6, 12].map((n) => n * hour),
  ...[1, 2, 7, 30].map((n) => n * day),
];

/** The finest round step, in milliseconds, that puts at most `points` points into `range`; never below `minMs`. */
export function pickStep(range: TimeRange, points: number, minMs = second): number {
  const wanted = Math.max((range.to - range.from) / Math.max(points, 1), minMs);
  const found = steps.find((step) => step >= wanted);
  return found ?? Math.ceil(wanted / day) * day;
}

/**
 * `range` on whole steps, so that a refresh asks for the same instants again. It starts at or before the range and ends
 * with the last whole step in it: a step that is not over yet would look like a drop.
 */
export function alignRange(range: TimeRange, stepMs: number): TimeRange {
  return { from: Math.floor(range.from / stepMs) * stepMs, to: Math.max(Math.floor(range.to / stepMs), Math.floor(range.from / stepMs) + 1) * stepMs };
}

/** A step or window as PromQL and LogQL write it: `15s`, `1500ms`, `5m`. */
export function stepText(ms: number): string {
  if (ms % hour === 0) return `${ms / hour}h`;
  if (ms % minute === 0) return `${ms / minute}m`;
  return ms % second === 0 ? `${ms / second}s` : `${ms}ms`;
}
