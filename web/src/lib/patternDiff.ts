import { levelFromName } from "./logLines";
import type { Level } from "./colour";

/** A shape of lines over a range, with what it was in the range before. */
export interface PatternRow {
  pattern: string;
  /** The severities its lines have, most frequent first. */
  levels: Level[];
  count: number;
  before: number;
  /** Lines per step, over all steps of the range. */
  trend: number[];
  /** Unix seconds of the first and last step with a line; 0 for a shape that is gone. */
  first: number;
  last: number;
  change: "new" | "gone" | "";
}

interface Counted {
  pattern: string;
  level: string;
  samples: readonly (readonly [number, number])[];
}

/** Shapes of lines now and in the range before: those of several severities as one, the most frequent first, then those that are gone. */
export function comparePatterns(now: readonly Counted[], before: readonly Counted[], fromSeconds: number, toSeconds: number, stepSeconds: number): PatternRow[] {
  const slots = Math.max(1, Math.ceil((toSeconds - fromSeconds) / stepSeconds) + 1);
  const rows = new Map<string, PatternRow & { byLevel: Map<Level, number> }>();
  const rowOf = (pattern: string) => {
    const known = rows.get(pattern);
    if (known) return known;
    const made = { pattern, levels: [], count: 0, before: 0, trend: Array<number>(slots).fill(0), first: 0, last: 0, change: "" as const, byLevel: new Map<Level, number>() };
    rows.set(pattern, made);
    return made;
  };
  const levelled = (row: ReturnType<typeof rowOf>, level: string, lines: number): void => {
    const name = levelFromName(level);
    row.byLevel.set(name, (row.byLevel.get(name) ?? 0) + lines);
  };
  for (const { pattern, level, samples } of now) {
    const row = rowOf(pattern);
    for (const [seconds, lines] of samples) {
      row.count += lines;
      const slot = Math.min(Math.max(Math.round((seconds - fromSeconds) / stepSeconds), 0), slots - 1);
      row.trend[slot] = (row.trend[slot] ?? 0) + lines;
      if (row.first === 0 || seconds < row.first) row.first = seconds;
      if (seconds > row.last) row.last = seconds;
      levelled(row, level, lines);
    }
  }
  for (const { pattern, level, samples } of before) {
    const lines = samples.reduce((sum, [, each]) => sum + each, 0);
    const row = rowOf(pattern);
    row.before += lines;
    if (row.count === 0) levelled(row, level, lines);
  }
  return [...rows.values()]
    .map(({ byLevel, ...row }): PatternRow => ({
      ...row,
      levels: [...byLevel].toSorted((a, b) => b[1] - a[1]).map(([level]) => level),
      // Nothing before at all may mean that nothing was kept then.
      change: row.count === 0 ? "gone" : row.before === 0 && before.length > 0 ? "new" : "",
    }))
    .toSorted((a, b) => b.count - a.count || b.before - a.before);
}
