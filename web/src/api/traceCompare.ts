import { bucketHistograms, readComparison, type Buckets, type SpanComparison, type TwoHistograms, type Within } from "../lib/spanCompare";
import type { TimeRange } from "../lib/time";
import { msToNano } from "../lib/timeFormat";
import { boxConditions, narrowed, type TraceBox } from "../lib/traceBox";
import { readConditions, writeConditions, type Condition } from "../lib/traceqlEdit";
import { traceTotals } from "./tempo";

/** Spans of a query that are set against the rest of those it finds. */
export interface Selection {
  /** What they have in common; none for all. */
  conditions: Condition[];
  /** When they began, Unix milliseconds; all of the page's range without it. */
  time?: TimeRange;
}

/** The spans in a box on the chart. */
export function selectionOf(box: TraceBox): Selection {
  return { conditions: boxConditions(box), time: { from: box.from, to: box.to } };
}

// Values of an attribute that are asked for: enough for a histogram of numbers.
const values = 50;
// Operations that are looked at on their own, those with most of the selection.
const most = 4;
// Smaller parts of a selection are its fringe.
const leastShare = 0.05;

/** The TraceQL that compares a selection with the rest. */
export function compareQuery(query: string, { conditions, time }: Selection): string {
  const bounds = time ? `, ${msToNano(time.from)}, ${msToNano(time.to)}` : "";
  return `${query} | compare(${writeConditions(conditions)}, ${values}${bounds})`;
}

/** Sets a selection of the spans of a query against the rest of them in `page`. */
export async function compareSpans(query: string, page: TimeRange, selection: Selection, signal?: AbortSignal): Promise<SpanComparison> {
  return readComparison(await traceTotals({ query: compareQuery(query, selection), ...seconds(page) }, signal));
}

/**
 * The same for each operation in which much of the selection began: its spans are not there because of what they called.
 * The calls of an operation differ in why, not in what they are.
 */
export async function compareWithin(query: string, page: TimeRange, selection: Selection, signal?: AbortSignal): Promise<Within[]> {
  const parts = await traceTotals({ query: `${origins(query, selection)} | count_over_time() by (resource.service.name, name)`, ...seconds(selection.time ?? page) }, signal);
  const counted = parts.map(({ labels, points }) => ({ service: labels["resource.service.name"] ?? "", name: labels.name ?? "", count: points[0]?.[1] ?? 0 }));
  const all = counted.reduce((sum, { count }) => sum + count, 0);
  const chosen = counted
    .filter(({ count }) => count > 0 && count >= all * leastShare)
    .toSorted((a, b) => b.count - a.count)
    .slice(0, most);
  return Promise.all(
    chosen.map(async ({ service, name, count }): Promise<Within> => {
      const own = narrowed(query, [equal("resource.service.name", service), equal("name", name)]);
      return { service, name, share: count / all, comparison: await compareSpans(own, page, selection, signal) };
    }),
  );
}

/** The selected spans that called none of the others; all of them where the query has more to it than a filter. */
function origins(query: string, { conditions }: Selection): string {
  const selected = narrowed(query, conditions);
  return readConditions(query) ? `${selected} !< ${selected}` : selected;
}

const bucketLabel = "__bucket";

/** The slowest spans of a query: from which duration on, and which share of all spans they really are. */
export interface Slowest {
  nanos: number;
  /** 0 to 1. */
  share: number;
  /** All spans of the query. */
  spans: number;
}

// How many times the duration is looked for anew, and when it is near enough.
const rounds = 6;
const near = 0.1;

/**
 * The slowest spans of a query, as near to a `wanted` share of them as a few questions get; undefined without any spans. A
 * quantile is made of buckets whose bounds double, so that it may be far off: what is told is counted.
 */
export async function slowest(query: string, page: TimeRange, wanted: number, signal?: AbortSignal): Promise<Slowest | undefined> {
  const [spans, estimate] = await Promise.all([countSpans(query, page, signal), durationQuantile(query, page, 1 - wanted, signal)]);
  if (spans === 0 || estimate === undefined || !(estimate > 0)) return undefined;
  const from = async (nanos: number): Promise<Slowest> => ({ nanos, share: (await countSpans(narrowed(query, [atLeast(nanos)]), page, signal)) / spans, spans });
  const off = ({ share }: Slowest): number => (share <= 0 || share >= 1 ? Infinity : Math.abs(share - wanted) / wanted);
  let at = await from(Math.round(estimate * 1e9));
  let best = at;
  let low = at.nanos / 2;
  let high = at.nanos * 2;
  for (let round = 1; round < rounds && off(best) > near && high - low > 1; round++) {
    if (at.share > wanted) low = at.nanos;
    else high = at.nanos;
    // One question waits for the other: each halves what is left.
    // oxlint-disable-next-line eslint/no-await-in-loop
    at = await from(Math.round(Math.sqrt(low * high)));
    if (off(at) < off(best)) best = at;
  }
  return best;
}

/** The spans that took at least so long. */
export function atLeast(nanos: number): Condition {
  return { field: "duration", op: ">=", value: `${Math.round(nanos)}ns`, quoted: false };
}

async function countSpans(query: string, page: TimeRange, signal?: AbortSignal): Promise<number> {
  const [series] = await traceTotals({ query: `${query} | count_over_time()`, ...seconds(page) }, signal);
  return series?.points[0]?.[1] ?? 0;
}

async function durationQuantile(query: string, page: TimeRange, quantile: number, signal?: AbortSignal): Promise<number | undefined> {
  const [series] = await traceTotals({ query: `${query} | quantile_over_time(duration, ${quantile})`, ...seconds(page) }, signal);
  return series?.points[0]?.[1];
}

/** Where the values of a whole number lie, of the selection and of the rest, in buckets that double; undefined where it has none above 1. */
export async function compareNumbers(query: string, page: TimeRange, { conditions, time }: Selection, attribute: string, within: { service: string; name: string } | undefined, signal?: AbortSignal): Promise<TwoHistograms | undefined> {
  const own = within ? narrowed(query, [equal("resource.service.name", within.service), equal("name", within.name)]) : query;
  const ask = async (of: string, range: TimeRange): Promise<Buckets> => {
    const series = await traceTotals({ query: `${of} | histogram_over_time(${attribute})`, ...seconds(range) }, signal);
    return new Map(
      series.flatMap(({ labels: { [bucketLabel]: bound }, points }) => (Number(bound) > 0 ? [[Number(bound), points[0]?.[1] ?? 0] as const] : [])),
    );
  };
  const [selected, all] = await Promise.all([ask(narrowed(own, conditions), time ?? page), ask(own, page)]);
  return bucketHistograms(selected, all);
}

function equal(field: string, value: string): Condition {
  return { field, op: "=", value, quoted: true };
}

function seconds(range: TimeRange): { start: number; end: number } {
  return { start: Math.floor(range.from / 1000), end: Math.ceil(range.to / 1000) };
}
