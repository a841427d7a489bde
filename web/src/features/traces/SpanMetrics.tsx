import { Link } from "@tanstack/react-router";
import { useMemo } from "react";

import type { Stretch } from "../../components/chart/TimeSeries";
import { infraCharts } from "../../components/infraCharts";
import { QueryPanel, type ChartPanel } from "../../components/QueryPanel";
import { TimeContext, useTime, type TimeState } from "../../components/time/TimeContext";
import { metricsPlace } from "../../lib/links";
import { absolute } from "../../lib/time";
import { nanoToMs } from "../../lib/timeFormat";
import type { Span } from "../../lib/trace";
import classes from "./SpanDetail.module.css";

const around = 15 * 60_000;
const HEIGHT = 120;

/** How the span's operation did around it, and what it ran on, with the time of the span shaded. */
export function SpanMetrics({ span }: { span: Span }) {
  const page = useTime();
  const start = nanoToMs(span.start);
  const end = nanoToMs(span.end);
  const { charts, ground } = useMemo(() => chartsOf(span), [span]);
  const time = useMemo<TimeState>(() => {
    // What is to come has no values yet.
    const range = { from: start - around, to: Math.min(end + around, Math.max(page.range.to, end + 60_000)) };
    return { ...page, range, raw: absolute(range) };
  }, [page, start, end]);
  const stretches = useMemo<Stretch[]>(() => [{ from: start / 1000, to: Math.max(end, start + 1) / 1000, level: "info" }], [start, end]);
  const marks = useMemo(() => [{ time: start / 1000, label: "this span" }], [start]);
  return (
    <div className={classes.metrics}>
      <TimeContext value={time}>
        {charts.map((panel) => (
          <QueryPanel key={panel.title} panel={panel} height={HEIGHT} marks={marks} stretches={stretches} />
        ))}
      </TimeContext>
      <p className={classes.foot}>
        {ground ? `Processes of ${span.service}, and ${ground}. ` : `Its resource names no pod and no host: these are of all processes of ${span.service}. `}
        <Link {...metricsPlace(charts.map((chart) => chart.query), time.range)}>Open all in Metrics</Link>
      </p>
    </div>
  );
}

/** Rate, failures and durations of the operation, then processor and memory of the pod and host that the span's resource names. */
function chartsOf(span: Span): { charts: readonly ChartPanel[]; ground: string } {
  const named = (...keys: string[]): string[] => span.resource.flatMap(({ key, value }) => (keys.includes(key) && value !== "" ? [value] : [])).slice(0, 1);
  const pods = named("k8s.pod.name");
  const hosts = named("host.name");
  const own = `{service=${JSON.stringify(span.service)}, span_name=${JSON.stringify(span.name)}}`;
  const window = "[$__rate_interval]";
  const absent = "No metrics of this operation were made of spans at this time.";
  const operation: ChartPanel[] = [
    {
      title: "Calls of this operation",
      query: `sum by (status_code) (rate(traces_spanmetrics_calls_total${own}${window}))`,
      unit: "/s",
      kind: "stacked",
      absent,
      names: { STATUS_CODE_UNSET: "not failed", STATUS_CODE_OK: "ok", STATUS_CODE_ERROR: "failed" },
      levels: { STATUS_CODE_UNSET: "info", STATUS_CODE_ERROR: "error" },
    },
    { title: "Its duration, p95", query: `histogram_quantile(0.95, sum(rate(traces_spanmetrics_latency${own}${window})))`, unit: "s", absent },
  ];
  const infra = infraCharts(span.service, { pods, hosts }).filter(({ title }) => !title.startsWith("Restarts"));
  const ground = [...pods.map((name) => `pod ${name}`), ...hosts.map((name) => `host ${name}`)].join(", ");
  return { charts: [...operation, ...infra], ground };
}
