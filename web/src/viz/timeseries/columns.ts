import type { Cell } from "../../lib/dashboard/frame";
import type { Line } from "./lines";

/** A column as uPlot takes it: null breaks the line, undefined is passed over. */
export type PlotColumn = (number | null | undefined)[];

/** Series over one shared axis of Unix seconds. */
export interface Aligned {
  times: number[];
  /** Values as they came, one column for each line. */
  columns: PlotColumn[];
}

/** A series' own times in milliseconds, and its values. */
interface Points {
  times: number[];
  values: (number | null)[];
}

/** Puts all lines on the union of their times. A series with values at other times than its neighbours is not broken by theirs. */
export function alignLines(lines: readonly Line[]): Aligned {
  const all = lines.map(pointsOf);
  const [first] = all;
  if (!first) return { times: [], columns: [] };
  if (all.every(({ times }) => sameTimes(times, first.times))) {
    return { times: first.times.map((ms) => ms / 1000), columns: all.map(({ values }, index) => spanned(values, first.times, lines[index]?.span ?? false)) };
  }
  const union = [...new Set(all.flatMap(({ times }) => times))].toSorted((a, b) => a - b);
  const slots = new Map(union.map((ms, slot) => [ms, slot]));
  const columns = all.map(({ times, values }, index) => {
    const column: PlotColumn = Array.from({ length: union.length });
    times.forEach((ms, row) => (column[slots.get(ms) ?? 0] = values[row] ?? null));
    widenGaps(column);
    return spanned(column, union, lines[index]?.span ?? false);
  });
  return { times: union.map((ms) => ms / 1000), columns };
}

function sameTimes(a: readonly number[], b: readonly number[]): boolean {
  return a === b || (a.length === b.length && a.every((time, index) => time === b[index]));
}

const cache = new WeakMap<readonly Cell[], Points & { by: number | false }>();

/** A line's points in the order of time, with a null where a sample of its regular steps is missing. */
function pointsOf({ field, frame, breakAfter }: Line): Points {
  const known = cache.get(field.values);
  if (known?.by === breakAfter) return known;
  const time = frame.fields.find((one) => one.type === "time");
  const times: number[] = [];
  const values: (number | null)[] = [];
  time?.values.forEach((cell, row) => {
    const ms = Number(cell);
    if (cell === null || Number.isNaN(ms)) return;
    times.push(ms);
    const value = field.values[row];
    values.push(typeof value === "number" && !Number.isNaN(value) ? value : null);
  });
  const sorted = ascending(times) ? { times, values } : sortPoints({ times, values });
  const points = { ...withGaps(sorted, breakAfter, frame.meta?.type === "timeseries"), by: breakAfter };
  cache.set(field.values, points);
  return points;
}

function ascending(times: readonly number[]): boolean {
  return times.every((time, index) => index === 0 || time > (times[index - 1] ?? -Infinity));
}

function sortPoints({ times, values }: Points): Points {
  const byTime = new Map(times.map((time, row) => [time, values[row] ?? null]));
  const order = [...byTime.keys()].toSorted((a, b) => a - b);
  return { times: order, values: order.map((time) => byTime.get(time) ?? null) };
}

/** Marks gaps: those longer than `breakAfter`, or where a series with regular steps leaves out one of them. */
function withGaps({ times, values }: Points, breakAfter: number | false, regular: boolean): Points {
  let step = Infinity;
  for (let i = 1; i < times.length; i++) step = Math.min(step, (times[i] ?? 0) - (times[i - 1] ?? 0));
  const most = breakAfter === false ? (regular ? step * 1.5 : Infinity) : breakAfter;
  if (!Number.isFinite(step) || !times.some((time, i) => i > 0 && time - (times[i - 1] ?? 0) > most)) return { times, values };
  const filled: Points = { times: [], values: [] };
  times.forEach((time, i) => {
    const before = times[i - 1];
    if (before !== undefined && time - before > most) {
      filled.times.push(before + Math.min(step, (time - before) / 2));
      filled.values.push(null);
    }
    filled.times.push(time);
    filled.values.push(values[i] ?? null);
  });
  return filled;
}

/**
 * Lets a gap last from one value to the next, also at times that only other series have: uPlot leaves out no more of a line than
 * the nulls and what is beside them.
 */
function widenGaps(column: PlotColumn): void {
  let before = -1;
  let gap = false;
  column.forEach((value, i) => {
    if (value === null) gap = true;
    if (typeof value !== "number") return;
    if (gap) column.fill(null, before + 1, i);
    before = i;
    gap = false;
  });
}

/** `column` with the gaps that are to be joined taken out: all of them, or those shorter than `span` milliseconds. */
function spanned(column: PlotColumn, times: readonly number[], span: boolean | number): PlotColumn {
  if (span === false) return column;
  const out = [...column];
  let before: number | undefined;
  for (let i = 0; i < out.length; i++) {
    if (typeof out[i] !== "number") continue;
    if (before !== undefined && i > before + 1 && (span === true || (times[i] ?? 0) - (times[before] ?? 0) < span)) out.fill(undefined, before + 1, i);
    before = i;
  }
  return out;
}

/** What is drawn of the columns: mirrored, stacked on the shown ones of their group, and without what a logarithm cannot take. */
export function plotColumns(aligned: Aligned, lines: readonly Line[], shown: readonly boolean[], logs: readonly boolean[]): PlotColumn[] {
  const mirrored = aligned.columns.map((column, index) => (lines[index]?.negative ? column.map((value) => (typeof value === "number" ? -value : value)) : column));
  const stacked = [...mirrored];
  for (const members of stackGroups(lines, shown).values()) {
    const order = lines[members[0] ?? 0]?.draw === "bars" ? members.toReversed() : members;
    const totals = lines[members[0] ?? 0]?.stack?.percent ? totalsOf(members.map((index) => mirrored[index] ?? [])) : undefined;
    const sums: number[] = [];
    for (const index of order) {
      stacked[index] = (mirrored[index] ?? []).map((value, row) => {
        const part = typeof value === "number" ? value : 0;
        const share = totals ? (totals[row] === 0 ? 0 : part / Math.abs(totals[row] ?? 1)) : part;
        sums[row] = (sums[row] ?? 0) + share;
        return typeof value === "number" ? sums[row] : null;
      });
    }
  }
  return stacked.map((column, index) => (logs[index] ? column.map((value) => (typeof value === "number" && value <= 0 ? null : value)) : column));
}

function totalsOf(columns: readonly PlotColumn[]): number[] {
  const totals: number[] = [];
  for (const column of columns) column.forEach((value, row) => (totals[row] = (totals[row] ?? 0) + (value ?? 0)));
  return totals;
}

/** Indices of the shown lines that stand on each other, lowest first. What points down stands apart from what points up. */
export function stackGroups(lines: readonly Line[], shown: readonly boolean[]): Map<string, number[]> {
  const groups = new Map<string, number[]>();
  lines.forEach((line, index) => {
    if (!line.stack || !shown[index]) return;
    const key = JSON.stringify([line.stack.group, line.stack.percent, line.draw === "bars", line.negative]);
    const group = groups.get(key);
    if (group) group.push(index);
    else groups.set(key, [index]);
  });
  return groups;
}
