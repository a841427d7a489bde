import { parseDuration } from "./duration";
import type { TimeRange } from "./time";
import { group } from "./units";

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

/** Steps people can read off an axis, in milliseconds. */
export const roundSteps: readonly number[] = [
  ...[1, 2, 5, 10, 15, 30].map((n) => n * second),
  ...[1, 2, 5, 10, 15, 30].map((n) => n * minute),
  ...[1, 2, 3, 6, 12].map((n) => n * hour),
  ...[1, 2, 7, 30].map((n) => n * day),
];

/** The finest round step, in milliseconds, that puts at most `points` points into `range`; never below `minMs`. */
export function pickStep(range: TimeRange, points: number, minMs = second): number {
  const wanted = Math.max((range.to - range.from) / Math.max(points, 1), minMs);
  const found = roundSteps.find((step) => step >= wanted);
  return found ?? Math.ceil(wanted / day) * day;
}

/** The points that a series has at most in an answer; of more the server refuses the question. */
export const mostPoints = 11_000;

/** The points of a series over `range` in steps of `stepMs`. */
export function pointsIn(range: TimeRange, stepMs: number): number {
  return Math.floor((range.to - range.from) / stepMs) + 1;
}

/** A step that somebody chose, such as `15s`, in whole milliseconds; undefined for one that is none. */
export function parseStep(text: string): number | undefined {
  const ms = Math.round((parseDuration(text) ?? 0) / 1e6);
  return ms > 0 && Number.isSafeInteger(ms) ? ms : undefined;
}

/** Why a step is too short for a range; "" if it is not. */
export function tooManyPoints(range: TimeRange, stepMs: number): string {
  const points = pointsIn(range, stepMs);
  if (points <= mostPoints) return "";
  return `A step of ${stepText(stepMs)} makes ${group(points)} points of this range, and an answer has at most ${group(mostPoints)} of a series. Choose ${stepText(pickStep(range, mostPoints))} or more, or a shorter range.`;
}

/**
 * `range` on whole steps, so that a refresh asks for the same instants again. It starts at or before the range and ends
 * with the last whole step in it: a step that is not over yet would look like a drop.
 */
export function alignRange(range: TimeRange, stepMs: number): TimeRange {
  return { from: Math.floor(range.from / stepMs) * stepMs, to: Math.max(Math.floor(range.to / stepMs), Math.floor(range.from / stepMs) + 1) * stepMs };
}

/** `range` on whole steps that cover all of it: the last may not be over yet. */
export function coverRange(range: TimeRange, stepMs: number): TimeRange {
  return { from: Math.floor(range.from / stepMs) * stepMs, to: Math.max(Math.ceil(range.to / stepMs), Math.floor(range.from / stepMs) + 1) * stepMs };
}

// A smaller part of a step tells nothing of a rate.
const leastPart = 0.1;

/**
 * Rates per second at the ends of steps. That of a step which was not over at `untilMs` is of the part that was, as what
 * came in it did in less time, or left out where that is too short to tell.
 */
export function ratesUntil(points: readonly (readonly [seconds: number, value: number])[], stepMs: number, untilMs: number): [seconds: number, value: number][] {
  return points.flatMap(([seconds, value]): [number, number][] => {
    const part = (untilMs - (seconds * 1000 - stepMs)) / stepMs;
    if (part >= 1) return [[seconds, value]];
    return part < leastPart ? [] : [[seconds, value / part]];
  });
}

/** A step or window as PromQL and LogQL write it: `15s`, `1500ms`, `5m`. */
export function stepText(ms: number): string {
  if (ms % hour === 0) return `${ms / hour}h`;
  if (ms % minute === 0) return `${ms / minute}m`;
  return ms % second === 0 ? `${ms / second}s` : `${ms}ms`;
}
