import { jsonText } from "./displayJson";
import type { Cell } from "./frame";

/** Names of the calculations, as legends and table heads write them. */
const calcNames: Record<string, string> = {
  lastNotNull: "Last *",
  last: "Last",
  firstNotNull: "First *",
  first: "First",
  min: "Min",
  max: "Max",
  mean: "Mean",
  sum: "Total",
  count: "Count",
  range: "Range",
  delta: "Delta",
  step: "Step",
  diff: "Difference",
  diffperc: "Difference percent",
  logmin: "Min (above zero)",
  allIsZero: "All zeros",
  allIsNull: "All nulls",
  changeCount: "Change count",
  distinctCount: "Distinct count",
  median: "Median",
  variance: "Variance",
  stdDev: "StdDev",
  allValues: "All values",
  uniqueValues: "All unique values",
};

/** Ids of the calculations, as they are offered. */
export const calcIds: readonly string[] = Object.keys(calcNames);

/** What old dashboards called some of them. */
const aliases: Record<string, string> = { avg: "mean", current: "lastNotNull", total: "sum", lastNonNull: "lastNotNull", firstNonNull: "firstNotNull" };

/** Whether a calculation of that id is known. */
export function isCalc(id: string): boolean {
  return known(id) in calcNames || percentile(id) !== undefined;
}

/** A calculation's name for people; its id where it is unknown. */
export function calcName(id: string): string {
  const share = percentile(id);
  return calcNames[known(id)] ?? (share === undefined ? id : `${share * 100}th %`);
}

function known(id: string): string {
  return aliases[id] ?? id;
}

function percentile(id: string): number | undefined {
  const digits = /^p(\d{1,2})$/.exec(id)?.[1];
  return digits === undefined ? undefined : Number(digits) / 100;
}

/** Sums that most calculations are made of. NaN is a value where it stands, but takes no part in arithmetic. */
interface Stats {
  first: Cell;
  firstNotNull: Cell;
  last: Cell;
  lastNotNull: Cell;
  /** Numbers that are neither null nor NaN. */
  numbers: number;
  notNull: number;
  min: number;
  max: number;
  sum: number;
  logmin: number;
  step: number;
  /** Growth of a counter: falls are resets. */
  delta: number;
  changes: number;
  firstNumber: number;
  lastNumber: number;
  /** Sum of squared distances from the mean, by Welford. */
  spread: number;
}

const cache = new WeakMap<readonly Cell[], Stats>();

function statsOf(values: readonly Cell[]): Stats {
  let stats = cache.get(values);
  if (!stats) cache.set(values, (stats = gather(values)));
  return stats;
}

function gather(values: readonly Cell[]): Stats {
  const stats: Stats = {
    first: values[0] ?? null,
    firstNotNull: null,
    last: values.at(-1) ?? null,
    lastNotNull: null,
    numbers: 0,
    notNull: 0,
    min: Infinity,
    max: -Infinity,
    sum: 0,
    logmin: Infinity,
    step: Infinity,
    delta: 0,
    changes: 0,
    firstNumber: NaN,
    lastNumber: NaN,
    spread: 0,
  };
  let mean = 0;
  for (let i = 0; i < values.length; i++) {
    const cell = values[i] ?? null;
    if (cell === null) continue;
    if (stats.notNull > 0 && !same(cell, stats.lastNotNull)) stats.changes++;
    if (stats.notNull === 0) stats.firstNotNull = cell;
    stats.lastNotNull = cell;
    stats.notNull++;
    const value = typeof cell === "boolean" ? Number(cell) : cell;
    if (typeof value !== "number" || Number.isNaN(value)) continue;
    if (stats.numbers === 0) stats.firstNumber = value;
    else {
      const by = value - stats.lastNumber;
      stats.step = Math.min(stats.step, by);
      stats.delta += by >= 0 ? by : value;
    }
    stats.lastNumber = value;
    stats.numbers++;
    stats.sum += value;
    if (value < stats.min) stats.min = value;
    if (value > stats.max) stats.max = value;
    if (value > 0 && value < stats.logmin) stats.logmin = value;
    const off = value - mean;
    mean += off / stats.numbers;
    stats.spread += off * (value - mean);
  }
  return stats;
}

function same(a: Cell, b: Cell): boolean {
  return Object.is(a, b) || (typeof a === "object" && typeof b === "object" && jsonText(a) === jsonText(b));
}

/** One value for a column by the calculation `id`; null where the column has nothing to calculate with, or the id is unknown. */
export function reduceValues(values: readonly Cell[], id: string): Cell {
  const stats = statsOf(values);
  const calc = known(id);
  switch (calc) {
    case "first":
    case "firstNotNull":
    case "last":
    case "lastNotNull":
      return stats[calc];
    case "count":
      return stats.notNull;
    case "allIsNull":
      return stats.notNull === 0;
    case "allIsZero":
      return stats.numbers > 0 && stats.numbers === stats.notNull && stats.min === 0 && stats.max === 0;
    case "changeCount":
      return stats.changes;
    case "distinctCount":
      return new Set(values.map(identity)).size;
    case "allValues":
      return [...values];
    case "uniqueValues":
      return [...new Map(values.map((value) => [identity(value), value])).values()];
    default:
      return stats.numbers === 0 ? onlyNaN(stats) : arithmetic(values, calc, stats);
  }
}

// A column of nothing but NaN, e.g. a ratio of zeros, is not one without data.
function onlyNaN(stats: Stats): number | null {
  return stats.notNull > 0 && Number.isNaN(stats.lastNotNull) ? NaN : null;
}

function identity(value: Cell): unknown {
  return typeof value === "object" && value !== null ? jsonText(value) : value;
}

function arithmetic(values: readonly Cell[], calc: string, stats: Stats): number | null {
  switch (calc) {
    case "min":
    case "max":
    case "sum":
    case "delta":
      return stats[calc];
    case "logmin":
    case "step":
      return Number.isFinite(stats[calc]) ? stats[calc] : null;
    case "mean":
      return stats.sum / stats.numbers;
    case "range":
      return stats.max - stats.min;
    case "diff":
      return stats.lastNumber - stats.firstNumber;
    case "diffperc":
      return (stats.lastNumber - stats.firstNumber) / Math.abs(stats.firstNumber);
    case "variance":
      return stats.spread / stats.numbers;
    case "stdDev":
      return Math.sqrt(stats.spread / stats.numbers);
    case "median":
      return quantile(values, 0.5);
    default: {
      const share = percentile(calc);
      return share === undefined ? null : quantile(values, share);
    }
  }
}

/** The value below which `share` of the numbers lie, between neighbours in proportion. */
function quantile(values: readonly Cell[], share: number): number {
  const sorted = values.filter((value): value is number => typeof value === "number" && !Number.isNaN(value)).toSorted((a, b) => a - b);
  const rank = share * (sorted.length - 1);
  const below = sorted[Math.floor(rank)] ?? NaN;
  const above = sorted[Math.ceil(rank)] ?? NaN;
  return below === above ? below : below + (above - below) * (rank - Math.floor(rank));
}

// What these calculate is of another kind than the column: its unit and decimals say nothing about it.
const counting = new Set(["count", "changeCount", "distinctCount", "allIsZero", "allIsNull"]);

/** The unit of a calculation's result over a column in `unit`. */
export function calcUnit(id: string, unit: string | undefined): string | undefined {
  const calc = known(id);
  if (calc === "diffperc") return "percentunit";
  return counting.has(calc) ? "none" : unit;
}
