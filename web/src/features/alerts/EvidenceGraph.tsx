import { useMemo, useState } from "react";

import { queryLogs } from "../../api/loki";
import { queryRange } from "../../api/prom";
import { traceMetrics } from "../../api/tempo";
import { TimeSeries, type ChartSeries, type Mark, type Stretch } from "../../components/chart/TimeSeries";
import { Empty, Failure, Loading } from "../../components/status";
import { useTime } from "../../components/time/TimeContext";
import { useAnswer } from "../../components/useAnswer";
import { WaitingLine } from "../../components/Waiting";
import { ruleUnit, splitComparison } from "../../lib/alerts";
import { seriesNames, type Labels } from "../../lib/labels";
import { pickStep } from "../../lib/step";
import type { TimeRange } from "../../lib/time";
import { msToNano } from "../../lib/timeFormat";
import { counted, formatValue } from "../../lib/units";
import classes from "./alerts.module.css";

export type Signal = "metrics" | "logs" | "traces";

interface EvidenceGraphProps {
  name: string;
  /** A rule's expression. */
  expression: string;
  signal: Signal;
  /** Where the drawing starts; a drag zooms in from there. */
  range: TimeRange;
  /** Of the alert: its own series is drawn, the others of the rule are not. Without it all are. */
  labels?: Labels | undefined;
  /** When it was pending and when it fired. */
  stretches?: readonly Stretch[] | undefined;
  marks?: readonly Mark[] | undefined;
  height?: number;
  /** The expression is recorded: as it stands, comparisons and all, and its series are counted. */
  records?: boolean;
}

const points = 200;

/** What a rule measures, with the line it is compared with and the times at which it was pending and fired. */
export function EvidenceGraph({ name, expression, signal, range: whole, labels, stretches, marks, height = 180, records = false }: EvidenceGraphProps) {
  const { zone } = useTime();
  const [zoomed, setZoomed] = useState<TimeRange>();
  const range = zoomed ?? whole;
  const comparison = records ? undefined : splitComparison(expression);
  const query = comparison?.value ?? expression;
  const unit = ruleUnit(expression);
  const answer = useAnswer(["alert", "graph", signal, query], ({ signal: abort }) => ask(signal, query, range, abort), { over: range });
  const series = useMemo<ChartSeries[]>(() => {
    const all = answer.data ?? [];
    const own = labels ? all.filter((one) => belongs(one.labels, labels)) : all;
    const found = own.length > 0 ? own : all;
    const names = seriesNames(
      found.map((one) => one.labels),
      name,
    );
    return found.map(({ times, values }, index) => ({ name: names[index] ?? "", times, values }));
  }, [answer.data, labels, name]);
  const threshold = comparison?.threshold;
  const thresholds = useMemo(() => (threshold === undefined ? [] : [{ value: threshold }]), [threshold]);

  if (answer.isPending) return <Loading as="chart" height={height} what="the graph" asked={answer.asked} />;
  if (answer.isError) return <Failure error={answer.error} retry={answer.refetch} what="The rule's expression" />;
  if (series.length === 0) return <Empty title="The expression has no value in this range" height={height} />;
  return (
    <div data-busy={answer.isPlaceholderData || undefined} className={classes.graph}>
      <WaitingLine of={answer} />
      <TimeSeries
        label={`Value of ${name}`}
        series={series}
        range={range}
        zone={zone}
        height={height}
        unit={unit}
        thresholds={thresholds}
        stretches={stretches}
        marks={marks}
        legend={series.length > 1 ? "list" : "none"}
        onZoom={setZoomed}
      />
      <div className={classes.graphNote}>
        {records && <span>{counted(series.length, "series", "series")} in this range</span>}
        {comparison && <span>- - threshold {formatValue(comparison.threshold, unit)}</span>}
        {stretches?.some((one) => one.level === "warn") && <span className={classes.pendingKey}>pending</span>}
        {stretches?.some((one) => one.level === "error") && <span className={classes.firingKey}>firing</span>}
        {zoomed && (
          <button type="button" className={classes.textButton} onClick={() => setZoomed(undefined)}>
            Show all again
          </button>
        )}
      </div>
    </div>
  );
}

interface Found {
  labels: Labels;
  times: ArrayLike<number>;
  values: ArrayLike<number | null>;
}

async function ask(signal: Signal, query: string, range: TimeRange, abort: AbortSignal): Promise<Found[]> {
  const stepSeconds = Math.max(1, Math.round(pickStep(range, points) / 1000));
  switch (signal) {
    case "metrics":
      return (await queryRange({ query, range, points }, abort)).series;
    case "logs": {
      const answer = await queryLogs({ query, start: msToNano(range.from), end: msToNano(range.to) }, { stepSeconds }, abort);
      return answer.kind === "series" ? answer.series.map(fromPoints) : [];
    }
    case "traces":
      return (await traceMetrics({ query, start: Math.floor(range.from / 1000), end: Math.ceil(range.to / 1000) }, stepSeconds, abort)).map(fromPoints);
  }
}

function fromPoints({ labels, points: all }: { labels: Labels; points: readonly [number, number][] }): Found {
  return { labels, times: all.map(([time]) => time), values: all.map(([, value]) => value) };
}

/** A rule's alerts have the labels of their series, and some more. */
function belongs(series: Labels, alert: Labels): boolean {
  return Object.entries(series).every(([name, value]) => name === "__name__" || alert[name] === undefined || alert[name] === value);
}
