import type { ChartPanel } from "../../components/QueryPanel";
import { escapeRegExp } from "../../lib/escapeRegExp";

const calls = "traces_spanmetrics_calls_total";
const window = "[$__rate_interval]";
const entryKinds = 'span_kind=~"SPAN_KIND_SERVER|SPAN_KIND_CONSUMER"';
const failed = 'status_code="STATUS_CODE_ERROR"';

/** PromQL for calls per second, and failed ones, of some services: of those each answered, or of all its spans if it answers none. */
export function trendQueries(services: readonly string[]): { rate: string; failed: string } {
  const own = `service=~${JSON.stringify(services.map(escapeRegExp).join("|"))}`;
  const entries = [own, entryKinds];
  return {
    rate: `${rateBy(...entries)} or ${rateBy(own)}`,
    failed: `${rateBy(...entries, failed)} or (${rateBy(own, failed)} unless ${rateBy(...entries)})`,
  };
}

function rateBy(...matchers: string[]): string {
  return `sum by (service) (rate(${calls}{${matchers.join(", ")}}${window}))`;
}

/** The charts of one service; with `entry` of the calls it answered, otherwise of all its spans. */
export function serviceCharts(service: string, entry: boolean): readonly ChartPanel[] {
  const own = [`service=${JSON.stringify(service)}`, ...(entry ? [entryKinds] : [])];
  const rate = (...more: string[]) => `rate(${calls}{${[...own, ...more].join(", ")}}${window})`;
  const latency = `sum(rate(traces_spanmetrics_latency{${own.join(", ")}}${window}))`;
  const quantile = (q: number, name: string) => `label_replace(histogram_quantile(${q}, ${latency}), "quantile", "${name}", "", "")`;
  const absent = "A chart begins with the second quarter of a minute in which calls came in.";
  return [
    {
      title: "Calls",
      query: `sum by (status_code) (${rate()})`,
      unit: "/s",
      kind: "stacked",
      absent,
      names: { STATUS_CODE_UNSET: "not failed", STATUS_CODE_OK: "ok", STATUS_CODE_ERROR: "failed" },
      levels: { STATUS_CODE_UNSET: "info", STATUS_CODE_ERROR: "error" },
    },
    {
      title: "Failed share",
      query: `(sum(${rate(failed)}) or vector(0)) / sum(${rate()})`,
      unit: "percentunit",
      kind: "area",
      absent,
      levels: { "Failed share": "error" },
    },
    { title: "Durations", query: [quantile(0.5, "p50"), quantile(0.95, "p95"), quantile(0.99, "p99")].join(" or "), unit: "s", absent, above: { p95: "p50" } },
  ];
}
