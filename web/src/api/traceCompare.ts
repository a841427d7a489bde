import { readComparison, type SpanComparison, type Within } from "../lib/spanCompare";
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

/** The duration that a share of the spans of a query stays below, seconds; undefined without any spans. */
export async function durationQuantile(query: string, page: TimeRange, quantile: number, signal?: AbortSignal): Promise<number | undefined> {
  const [series] = await traceTotals({ query: `${query} | quantile_over_time(duration, ${quantile})`, ...seconds(page) }, signal);
  return series?.points[0]?.[1];
}

function equal(field: string, value: string): Condition {
  return { field, op: "=", value, quoted: true };
}

function seconds(range: TimeRange): { start: number; end: number } {
  return { start: Math.floor(range.from / 1000), end: Math.ceil(range.to / 1000) };
}
