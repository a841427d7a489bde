import { SegmentedControl } from "@mantine/core";
import { useState } from "react";

import { queryLogs, type LogSeries } from "../../api/loki";
import { TimeSeries, type ChartSeries } from "../../components/chart/TimeSeries";
import { Panel } from "../../components/Panel";
import { Empty, Failure, Loading } from "../../components/status";
import { Table, type TableColumn } from "../../components/Table";
import { useTime } from "../../components/time/TimeContext";
import { useAnswer } from "../../components/useAnswer";
import { fillMacros } from "../../lib/macros";
import { alignRange, pickStep, stepText } from "../../lib/step";
import { msToNano } from "../../lib/timeFormat";
import { formatValue } from "../../lib/units";
import { metricPoints } from "./state";

// More lines than this cannot be told apart.
const MAX_SERIES = 100;

/** A metric query typed into the bar: its series as a chart or as a table of their last values. */
export function MetricResults({ query }: { query: string }) {
  const { range, zone, zoomTo } = useTime();
  const [view, setView] = useState("chart");
  const step = pickStep(range, metricPoints);
  const aligned = alignRange(range, step);
  const answer = useAnswer(["logs", "metric", query, step], ({ signal }) =>
      queryLogs({ query: fillMacros(query, range, step), start: msToNano(aligned.from), end: msToNano(aligned.to) }, { stepSeconds: step / 1000 }, signal));
  if (answer.isPending) return <Loading as="chart" height={360} what="series" asked={answer.asked} />;
  if (answer.isError) return <Failure error={answer.error} retry={answer.refetch} what="The query" />;
  const all = answer.data.kind === "series" ? answer.data.series : [];
  if (all.length === 0) return <Empty title="No series" hint="Widen the time range, or look at the lines of the selector first." height={360} />;
  const series = all.slice(0, MAX_SERIES);

  return (
    <Panel
      title={`${all.length} series, a value every ${stepText(step)}`}
      of={answer}
      actions={
        <>
          {all.length > MAX_SERIES && view === "chart" && <span>the first {MAX_SERIES} are drawn</span>}
          <SegmentedControl
            aria-label="View"
            value={view}
            onChange={setView}
            data={[
              { value: "chart", label: "Chart" },
              { value: "table", label: "Table" },
            ]}
          />
        </>
      }
    >
      {view === "chart" ? (
        <TimeSeries label={query} series={series.map(chartSeries)} range={aligned} zone={zone} height={320} legend="table" onZoom={zoomTo} />
      ) : (
        <Table label="Last values" columns={columns} rows={all} rowKey={(row) => seriesName(row)} initialSort="-value" maxHeight={480} />
      )}
    </Panel>
  );
}

const columns: TableColumn<LogSeries>[] = [
  { key: "labels", header: "Labels", width: "minmax(240px, 1fr)", cell: seriesName, sort: seriesName },
  { key: "value", header: "Last value", align: "right", width: "160px", cell: (row) => formatValue(lastValue(row)), sort: lastValue },
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
