import { differences, type Difference } from "../lib/difference";
import { summariseFields } from "../lib/logFields";
import { readPromQL, selectorsIn } from "../lib/promql/tree";
import { compareTallies, Tally } from "../lib/shares";
import type { TimeRange } from "../lib/time";
import { msToNano } from "../lib/timeFormat";
import { queryLogs } from "./loki";
import { queryInstant } from "./prom";
import { traceMetrics } from "./tempo";

// Lines that are looked at of either side.
const sample = 2000;

/** The rest of `page` that a selection is compared with: what is before it, or after it where there is more. */
export function restOf(page: TimeRange, region: TimeRange): TimeRange {
  const before = { from: page.from, to: region.from };
  const after = { from: region.to, to: page.to };
  return before.to - before.from >= after.to - after.from ? before : after;
}

/** Labels that the series of a query's first selector have more of in `region` than in the rest of `page`. */
export async function differentSeries(query: string, page: TimeRange, region: TimeRange, signal: AbortSignal): Promise<Difference[]> {
  const tree = readPromQL(query);
  const selector = tree && selectorsIn(tree)[0];
  if (!selector) return [];
  // Of buckets it is the time or size that was observed that tells, not how often.
  const text = selector.metric.endsWith("_bucket") && !selector.matchers.some((one) => one.name === "le") ? selector.text.replace(selector.metric, selector.metric.replace(/_bucket$/, "_sum")) : selector.text;
  // What only grows is compared by how much it grew.
  const counter = /_(?:total|count|sum|bucket)$/.test(selector.metric) || /\b(?:rate|increase|irate)\s*\(/.test(query);
  const tally = async (window: TimeRange): Promise<Tally> => {
    const seconds = Math.max(Math.round((window.to - window.from) / 1000), 1);
    const rows = await queryInstant(`${counter ? "increase" : "avg_over_time"}(${text}[${seconds}s])`, window.to, signal);
    const out = new Tally();
    for (const { labels: { __name__: _, le, ...labels }, value } of rows) {
      // Buckets count all below them: the largest is the whole.
      if (le === undefined || le === "+Inf") out.add(labels, value);
    }
    return out;
  };
  const [selection, baseline] = await Promise.all([tally(region), tally(restOf(page, region))]);
  return compareTallies(selection, baseline);
}

/** Fields and labels that lines of a query have more often in `region`, of a sample of either side. */
export async function differentLines(query: string, page: TimeRange, region: TimeRange, signal: AbortSignal): Promise<Difference[]> {
  const tally = async (window: TimeRange): Promise<Tally> => {
    const answer = await queryLogs({ query, start: msToNano(window.from), end: msToNano(window.to) }, { limit: sample }, signal);
    const lines = answer.kind === "lines" ? answer.lines : [];
    const out = new Tally();
    for (const line of lines) {
      const fields = summariseFields([line]).map(({ name, values }): [string, string] => [name, values[0]?.value ?? ""]);
      out.add(Object.fromEntries(fields.filter(([name]) => !/(?:^|_)(?:trace|span)_?id$|timestamp/i.test(name))), 1);
    }
    return out;
  };
  const [selection, baseline] = await Promise.all([tally(region), tally(restOf(page, region))]);
  return compareTallies(selection, baseline);
}

/** Attributes that spans of a TraceQL filter have more often in `region` than in the rest of `page`. */
export async function differentSpans(filter: string, page: TimeRange, region: TimeRange, signal: AbortSignal): Promise<Difference[]> {
  const [start, end] = [Math.floor(page.from / 1000), Math.ceil(page.to / 1000)];
  const query = `${filter} | compare({}, 10, ${msToNano(region.from)}, ${msToNano(region.to)})`;
  return differences(await traceMetrics({ query, start, end }, Math.max(end - start, 1), signal), 12);
}
