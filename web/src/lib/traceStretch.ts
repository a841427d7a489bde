import type { Stretch } from "./traceTree";

/** A stretch of a trace's time as URLs carry it: whole nanoseconds since its start. */
export function writeStretch(stretch: Stretch | undefined): string {
  return stretch ? `${Math.round(stretch.from)}-${Math.round(stretch.to)}` : "";
}

/** Reads a stretch of a trace that took `duration`; undefined for all of it, and for what is none. */
export function readStretch(text: string, duration: number): Stretch | undefined {
  const [, from, to] = /^(\d+)-(\d+)$/.exec(text) ?? [];
  if (from === undefined || to === undefined) return undefined;
  const stretch = { from: Number(from), to: Math.min(Number(to), duration) };
  return stretch.from < stretch.to ? stretch : undefined;
}
