import { SegmentedControl } from "@mantine/core";

import { queryLogs, type LogSeries } from "../../api/loki";
import { KindSelect } from "../../components/chart/KindSelect";
import { TimeSeries, type ChartSeries } from "../../components/chart/TimeSeries";
import { Panel } from "../../components/Panel";
import { Empty, Failure, Loading } from "../../components/status";
import { StepSelect } from "../../components/StepSelect";
import { Table, type TableColumn } from "../../components/Table";
import { useTime } from "../../components/time/TimeContext";
import { useAnswer } from "../../components/useAnswer";
import type { SetUrlState } from "../../components/useUrlState";
import { fillMacros } from "../../lib/macros";
import { alignRange, stepText, tooManyPoints } from "../../lib/step";
import { msToNano } from "../../lib/timeFormat";
import { formatValue, group } from "../../lib/units";
import { LogCost } from "./LogCost";
import { autoStep, metricStep, type LogsState } from "./state";
import classes from "./logs.module.css";

// More lines than this cannot be told apart.
const MAX_SERIES = 100;
const height = 360;

/** A metric query typed into the bar: its series as a chart or as a table of their last values. */
export function MetricResults({ state, set }: { state: LogsState; set: SetUrlState<LogsState> }) {
  const { q: query, view, form } = state;
  const { range, zone, zoomTo } = useTime();
  const step = metricStep(state, range);
  const aligned = alignRange(range, step);
  const refusal = tooManyPoints(range, step);
  const params = { query: fillMacros(query, range, step), start: msToNano(aligned.from), end: msToNano(aligned.to) };
  const answer = useAnswer(["logs", "metric", query, step], ({ signal }) => queryLogs(params, { stepSeconds: step / 1000 }, signal), { enabled: refusal === "" });
  const all = answer.data?.kind === "series" ? answer.data.series : [];
  const series = all.slice(0, MAX_SERIES);
  const drawn = view === "chart" && all.length > MAX_SERIES ? `, of which the first ${MAX_SERIES} are drawn` : "";

  return (
    <Panel
      title={all.length === 0 || refusal !== "" ? "Series" : `${group(all.length)} series, a value every ${stepText(step)}${drawn}`}
      of={answer}
    >
      <div className={classes.statTools}>
        <StepSelect size="xs" value={state.step} autoMs={autoStep(range)} range={range} onChange={(next) => set({ step: next })} />
        {view === "chart" && <KindSelect size="xs" value={form} onChange={(kind) => set({ form: kind }, { replace: true })} />}
        <SegmentedControl
          size="xs"
          aria-label="View"
          value={view}
          onChange={(next) => set({ view: next })}
          data={[
            { value: "chart", label: "Chart" },
            { value: "table", label: "Table" },
          ]}
        />
        {answer.data && refusal === "" && <LogCost stats={answer.data.stats} params={{ ...params, step: step / 1000 }} />}
      </div>
      {refusal !== "" ? (
        <Empty title="Too many points" hint={refusal} height={height} />
      ) : answer.isPending ? (
        <Loading as="chart" height={height} what="series" asked={answer.asked} />
      ) : answer.isError ? (
        <Failure error={answer.error} retry={answer.refetch} what="The query" />
      ) : all.length === 0 ? (
        <Empty title="No series" hint="Widen the time range, or look at the lines of the selector first." height={height} />
      ) : view === "chart" ? (
        <TimeSeries label={query} series={series.map(chartSeries)} range={aligned} zone={zone} kind={form} height={320} legend="table" onZoom={zoomTo} />
      ) : (
        <Table label="Last values" columns={columns} rows={all} rowKey={(row) => seriesName(row)} initialSort="-value" maxHeight={480} />
      )}
    </Panel>
  );
}

const columns: TableColumn<LogSeries>[] = [
  { key: "labels", header: "Labels", width: "minmax(160px, 1fr)", cell: seriesName, sort: seriesName },
  { key: "value", header: "Last value", align: "right", width: "minmax(96px, 160px)", cell: (row) => formatValue(lastValue(row)), sort: lastValue },
];

function lastValue(series: LogSeries): number | null {
  return series.points.at(-1)?.[1] ?? null;
}

function seriesName({ labels }: LogSeries): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${value}"`);
  return pairs.length === 0 ? "value" : pairs.join(", ");
}

function chartSeries(series: LogSeries): ChartSeries {
  return {
    name: seriesName(series),
    times: series.points.map(([seconds]) => seconds),
    // A canvas has no place for infinity.
    values: series.points.map(([, value]) => (Number.isFinite(value) ? value : null)),
  };
}
