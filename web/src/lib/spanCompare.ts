import { tellsNothing } from "./difference";
import type { Condition } from "./traceqlEdit";

/** A series of TraceQL's compare(), as the API answers it. */
export interface ComparedSeries {
  labels: Readonly<Record<string, string>>;
  bare?: readonly string[];
  points: readonly (readonly [seconds: number, count: number])[];
}

/** How many spans of a selection and of the rest have a value, as shares of all of them, 0 to 1. */
export interface ValueShares {
  value: string;
  selection: number;
  baseline: number;
  /** The side of which it is known only that the share is no more than what is told: there are more frequent values. */
  atMost?: "selection" | "baseline";
}

/** An attribute whose values a selection of spans has more or less often than the rest. */
export interface AttributeShares {
  /** As TraceQL names it: `resource.cloud.zone`, `span.http.route`, `kind`. */
  attribute: string;
  /** Those that the selection has more often come first. */
  values: ValueShares[];
  /** By how much the first value is more frequent in the selection, -1 to 1. */
  gap: number;
  /** How far the two distributions lie apart: half the sum of the differences of shares, 0 to 1. */
  distance: number;
  /** All values are numbers. */
  numeric: boolean;
  /** How the value is written in a query. */
  quoted: boolean;
  /** Shares of spans that have another value than those that are told: only the most frequent are. */
  beyond: { selection: number; baseline: number };
}

/** A selection of spans and the rest. */
export interface SpanComparison {
  /** Spans of either. */
  selection: number;
  baseline: number;
  /** Those that tell most come first. */
  attributes: AttributeShares[];
}

interface Counts {
  values: Map<string, { selection: number; baseline: number }>;
  selection: number;
  baseline: number;
  /** Spans without the attribute, as far as they are counted. */
  without: { selection: number; baseline: number };
  bare: boolean;
}

const kindLabel = "__meta_type";
const missing = "nil";

/** Reads compare()'s answer. */
export function readComparison(series: readonly ComparedSeries[]): SpanComparison {
  const counts = new Map<string, Counts>();
  for (const { labels, bare, points } of series) {
    const [, side, isTotal] = /^(selection|baseline)(_total)?$/.exec(labels[kindLabel] ?? "") ?? [];
    const [attribute, value] = Object.entries(labels).find(([key]) => key !== kindLabel) ?? [];
    if (attribute === undefined || value === undefined || (side !== "selection" && side !== "baseline")) continue;
    const spans = points.reduce((total, [, count]) => total + count, 0);
    const of = counts.get(attribute) ?? { values: new Map(), selection: 0, baseline: 0, without: { selection: 0, baseline: 0 }, bare: false };
    counts.set(attribute, of);
    if (isTotal) {
      of[side] += spans;
      continue;
    }
    // Spans without the attribute have no value of it.
    if (value === missing) {
      of.without[side] += spans;
      continue;
    }
    const pair = of.values.get(value) ?? { selection: 0, baseline: 0 };
    of.values.set(value, pair);
    pair[side] += spans;
    of.bare ||= bare?.includes(attribute) ?? false;
  }
  // Every span has a kind, once; what a filter asks for may be counted more often than there are spans.
  const all = counts.get("kind") ?? { selection: 0, baseline: 0 };
  const attributes = [...counts].flatMap(([attribute, of]) => (tellsNothing(attribute) ? [] : sharesOf(attribute, of, all)));
  return { selection: all.selection, baseline: all.baseline, attributes: attributes.toSorted(byTelling) };
}

function sharesOf(attribute: string, of: Counts, all: Pick<Counts, "selection" | "baseline">): AttributeShares[] {
  const whole = { selection: Math.max(of.selection, all.selection), baseline: Math.max(of.baseline, all.baseline) };
  if (whole.selection === 0 || whole.baseline === 0) return [];
  const beyond = { selection: beyondOf(of, "selection") / whole.selection, baseline: beyondOf(of, "baseline") / whole.baseline };
  const least = { selection: leastOf(of, "selection") / whole.selection, baseline: leastOf(of, "baseline") / whole.baseline };
  const values = [...of.values]
    .map(([value, pair]): ValueShares => {
      const one: ValueShares = { value, selection: pair.selection / whole.selection, baseline: pair.baseline / whole.baseline };
      // What is not told of a side may be there, but not more often than the rarest that is.
      for (const side of ["selection", "baseline"] as const) if (pair[side] === 0 && beyond[side] > 0) Object.assign(one, { [side]: Math.min(least[side], beyond[side]), atMost: side });
      return one;
    })
    .toSorted((a, b) => gapOf(b) - gapOf(a) || (a.value < b.value ? -1 : 1));
  const [first] = values;
  if (!first) return [];
  const rest = { selection: 1 - sum(values, "selection"), baseline: 1 - sum(values, "baseline") };
  const distance = (values.reduce((total, value) => total + Math.abs(gapOf(value)), 0) + Math.abs(rest.selection - rest.baseline)) / 2;
  const numeric = of.bare && values.every(({ value }) => value !== "" && Number.isFinite(Number(value)));
  return [{ attribute, values, gap: gapOf(first), distance, numeric, quoted: !of.bare && attribute !== "kind" && attribute !== "status", beyond }];
}

type Side = "selection" | "baseline";

/** Spans of a side with values that are not told. */
function beyondOf(of: Counts, side: Side): number {
  return Math.max(0, of[side] - of.without[side] - [...of.values.values()].reduce((all, pair) => all + pair[side], 0));
}

/** Spans of a side with the rarest value that is told of it. */
function leastOf(of: Counts, side: Side): number {
  return [...of.values.values()].reduce((least, pair) => (pair[side] > 0 ? Math.min(least, pair[side]) : least), Infinity);
}

function sum(values: readonly ValueShares[], side: "selection" | "baseline"): number {
  return values.reduce((all, value) => all + value[side], 0);
}

function gapOf({ selection, baseline }: ValueShares): number {
  return selection - baseline;
}

/** The most telling first: by what a value is more frequent, or for numbers by how far apart they lie. */
function byTelling(a: AttributeShares, b: AttributeShares): number {
  return telling(b) - telling(a) || b.distance - a.distance || (a.attribute < b.attribute ? -1 : 1);
}

function telling({ gap, distance, numeric }: AttributeShares): number {
  return numeric ? Math.max(gap, distance / 2) : gap;
}

/** An operation that a selection has spans of, compared on its own. */
export interface Within {
  service: string;
  name: string;
  /** Of the whole selection, 0 to 1. */
  share: number;
  comparison: SpanComparison;
}

/** What tells a selection from the rest, and among which spans: all, or those of one operation. */
export interface Finding extends AttributeShares {
  within?: { service: string; name: string };
}

// Fewer spans on either side say nothing, and so does a difference as small as chance makes them.
const fewest = 3;
const smallestGap = 0.05;
// What an operation is, it is on either side.
const ofOperation = /^(?:resource\.service\.name|name|kind)$/;

/**
 * The findings of a comparison of all spans, or of one operation after the other. Within an operation its name does not
 * differ, so that what is left is why some of its calls went otherwise than others: each attribute is told of the
 * operation where it tells most. Of what tells as much, what has fewer values comes first: a zone before its pods.
 */
export function findings(overall: SpanComparison, withins: readonly Within[]): Finding[] {
  const coarse = new Map(overall.attributes.map((one) => [one.attribute, one.values.length]));
  const best = new Map<string, Finding>();
  const consider = (finding: Finding): void => {
    if (telling(finding) <= smallestGap || isMany(finding)) return;
    const before = best.get(finding.attribute);
    if (!before || telling(finding) > telling(before)) best.set(finding.attribute, finding);
  };
  const usable = withins.filter(({ comparison }) => comparison.selection >= fewest && comparison.baseline >= fewest);
  for (const { service, name, comparison } of usable) {
    for (const one of comparison.attributes) if (!ofOperation.test(one.attribute)) consider({ ...one, within: { service, name } });
  }
  if (usable.length === 0) for (const one of overall.attributes) consider(one);
  const width = (one: Finding): number => coarse.get(one.attribute) ?? one.values.length;
  return [...best.values()].toSorted((a, b) => Math.round((telling(b) - telling(a)) * 100) || width(a) - width(b) || byTelling(a, b));
}

// More numbers than these are told by where they lie.
const fewNumbers = 5;

/** Whether an attribute has so many numbers that they are not told one by one, and the most frequent say little of the rest. */
export function isMany({ numeric, values, beyond }: AttributeShares): boolean {
  return numeric && values.length > fewNumbers && (beyond.selection > 0 || beyond.baseline > 0);
}

/** The attributes with so many numbers, each of the operation with most of the selection that has it. */
export function manyNumbers(overall: SpanComparison, withins: readonly Within[]): Finding[] {
  const parts = withins.map(({ service, name, comparison }) => ({ comparison, within: { service, name } }));
  const found = new Map<string, Finding>();
  for (const { comparison, within } of parts.length > 0 ? parts : [{ comparison: overall, within: undefined }]) {
    for (const one of comparison.attributes) if (isMany(one) && !found.has(one.attribute)) found.set(one.attribute, within ? { ...one, within } : one);
  }
  return [...found.values()];
}

/** How far two histograms lie apart: half the sum of the differences of shares, 0 to 1. */
export function apart({ selection, baseline }: TwoHistograms): number {
  return selection.reduce((all, share, index) => all + Math.abs(share - (baseline[index] ?? 0)), 0) / 2;
}

/** Whether that is more than chance makes. */
export function liesApart(of: TwoHistograms): boolean {
  return apart(of) > smallestGap;
}

/** Where the values of a numeric attribute lie, as shares of either side. */
export interface TwoHistograms {
  /** Bounds of the bins, one more than there are bins. */
  bounds: number[];
  selection: number[];
  baseline: number[];
}

/** Histograms of a numeric attribute over one scale; logarithmic where its values lie far apart. */
export function histograms(values: readonly ValueShares[], bins: number): TwoHistograms {
  const numbers = values.map(({ value }) => Number(value));
  const low = numbers.reduce((a, b) => Math.min(a, b), Infinity);
  const high = numbers.reduce((a, b) => Math.max(a, b), -Infinity);
  const log = low > 0 && high / low > 100;
  const scale = (x: number): number => (log ? Math.log(x) : x);
  const unscale = (x: number): number => (log ? Math.exp(x) : x);
  const width = (scale(high) - scale(low)) / bins || 1;
  const out: TwoHistograms = {
    bounds: Array.from({ length: bins + 1 }, (_, i) => unscale(scale(low) + i * width)),
    selection: Array<number>(bins).fill(0),
    baseline: Array<number>(bins).fill(0),
  };
  values.forEach(({ selection, baseline }, index) => {
    const bin = Math.min(Math.floor((scale(numbers[index] ?? low) - scale(low)) / width), bins - 1);
    out.selection[bin] = (out.selection[bin] ?? 0) + selection;
    out.baseline[bin] = (out.baseline[bin] ?? 0) + baseline;
  });
  return out;
}

/** Spans by the upper bound of a bucket, each twice the one before. */
export type Buckets = ReadonlyMap<number, number>;

/** Histograms out of buckets that double, those of the selection and of all; undefined where either side has no span. */
export function bucketHistograms(selected: Buckets, all: Buckets): TwoHistograms | undefined {
  const tops = [...new Set([...selected.keys(), ...all.keys()])].toSorted((a, b) => a - b);
  const [lowest] = tops;
  const highest = tops.at(-1);
  if (lowest === undefined || highest === undefined) return undefined;
  const bins = Math.round(Math.log2(highest / lowest)) + 1;
  const out: TwoHistograms = { bounds: Array.from({ length: bins + 1 }, (_, i) => (lowest / 2) * 2 ** i), selection: Array<number>(bins).fill(0), baseline: Array<number>(bins).fill(0) };
  for (const top of tops) {
    const bin = Math.round(Math.log2(top / lowest));
    const some = selected.get(top) ?? 0;
    out.selection[bin] = some;
    out.baseline[bin] = Math.max(0, (all.get(top) ?? 0) - some);
  }
  const totals = { selection: added(out.selection), baseline: added(out.baseline) };
  if (totals.selection === 0 || totals.baseline === 0) return undefined;
  out.selection = out.selection.map((count) => count / totals.selection);
  out.baseline = out.baseline.map((count) => count / totals.baseline);
  return out;
}

function added(counts: readonly number[]): number {
  return counts.reduce((all, count) => all + count, 0);
}

/** A value of an attribute as a condition of a query. */
export function valueCondition({ attribute, quoted }: AttributeShares, value: string, op: "=" | "!="): Condition {
  return { field: attribute, op, value, quoted };
}
