import { SegmentedControl, useComputedColorScheme } from "@mantine/core";
import { useMemo } from "react";

import { traceMetrics } from "../../api/tempo";
import { TimeSeries } from "../../components/chart/TimeSeries";
import { Panel } from "../../components/Panel";
import { Empty, Failure, Loading } from "../../components/status";
import { useTime } from "../../components/time/TimeContext";
import { useAnswer } from "../../components/useAnswer";
import { WaitingLine } from "../../components/Waiting";
import { levelColour } from "../../lib/colour";
import { durationGrid } from "../../lib/durationGrid";
import { coverRange, pickStep, ratesUntil } from "../../lib/step";
import type { TimeRange } from "../../lib/time";
import type { TraceBox } from "../../lib/traceBox";
import type { TraceRow } from "../../lib/traceRows";
import { group } from "../../lib/units";
import { DurationHeatmap } from "./DurationHeatmap";
import { MOST_DOTS, type TracesState } from "./state";
import { TraceScatter } from "./TraceScatter";

const HEIGHT = 240;
// Columns that are wide enough to be hit with a pointer.
const COLUMNS = 96;

interface MainChartProps {
  query: string;
  red: TracesState["red"];
  chart: TracesState["chart"];
  onChart(chart: TracesState["chart"]): void;
  /** The traces found, for those who want to see each. */
  traces: readonly TraceRow[];
  onOpen(trace: TraceRow): void;
  selected: TraceBox | undefined;
  onSelect(box: TraceBox): void;
}

/** The one of rate, errors and duration that the page is about, large; spans are selected on it. */
export function MainChart({ query, red, chart, onChart, traces, onOpen, selected, onSelect }: MainChartProps) {
  const { range, zone } = useTime();
  if (red !== "duration") return <RateChart query={query} red={red} onSelect={onSelect} />;
  const ofTraces = chart === "scatter";
  return (
    <Panel
      title={ofTraces ? `Durations of the ${traces.length >= MOST_DOTS ? `newest ${group(MOST_DOTS)} traces of more` : "traces found"}, failed ones as diamonds` : "Durations of all spans, failed ones as diamonds"}
      actions={
        <SegmentedControl
          size="xs"
          aria-label="How durations are drawn"
          value={chart}
          onChange={(value) => onChart(value as TracesState["chart"])}
          data={[
            { value: "heatmap", label: "Heatmap of spans" },
            { value: "scatter", label: "Single traces" },
          ]}
        />
      }
    >
      {ofTraces ? (
        <TraceScatter traces={traces} range={range} zone={zone} selected={selected?.of === "trace" ? selected : undefined} onOpen={onOpen} onSelect={onSelect} />
      ) : (
        <Durations query={query} selected={selected?.of === "span" ? selected : undefined} onSelect={onSelect} />
      )}
    </Panel>
  );
}

function Durations({ query, selected, onSelect }: Pick<MainChartProps, "query" | "selected" | "onSelect">) {
  const { range, zone } = useTime();
  const step = pickStep(range, COLUMNS);
  const aligned = coverRange(range, step);
  const answer = useAnswer(["traces", "heatmap", query, step], ({ signal }) => {
    const ask = (filter: string) =>
      traceMetrics({ query: `${query}${filter} | histogram_over_time(duration)`, start: aligned.from / 1000, end: aligned.to / 1000 }, step / 1000, signal);
    return Promise.all([ask(""), ask(" | { status = error }")]);
  });
  const grid = useMemo(() => answer.data && durationGrid(answer.data[0], answer.data[1], aligned.from, aligned.to, step), [answer.data, aligned.from, aligned.to, step]);
  if (answer.isPending) return <Loading as="chart" height={HEIGHT} what="the durations" asked={answer.asked} />;
  if (answer.isError) return <Failure error={answer.error} retry={answer.refetch} what="Reading the durations" />;
  if (!grid) return <Empty title="No such spans in this range" height={HEIGHT} />;
  return (
    <>
      <WaitingLine of={answer} />
      <DurationHeatmap grid={grid} zone={zone} selected={selected} onSelect={onSelect} />
    </>
  );
}

const rates = {
  rate: { title: "Spans per second", filter: "" },
  errors: { title: "Failed spans per second", filter: " | { status = error }" },
};

function RateChart({ query, red, onSelect }: { query: string; red: "rate" | "errors"; onSelect(box: TraceBox): void }) {
  const { range, zone, zoomTo } = useTime();
  const scheme = useComputedColorScheme("light");
  const { title, filter } = rates[red];
  const step = pickStep(range, COLUMNS);
  const aligned = coverRange(range, step);
  const asked = `${query}${filter} | rate()`;
  const answer = useAnswer(["traces", "red", asked, step], ({ signal }) => traceMetrics({ query: asked, start: aligned.from / 1000, end: aligned.to / 1000 }, step / 1000, signal));
  const points = ratesUntil(answer.data?.[0]?.points ?? [], step, range.to);
  const select = ({ from, to }: TimeRange) => onSelect({ of: "span", from, to, low: 0, high: Infinity });
  return (
    <Panel title={`${title}; drag to zoom, with Shift to compare a stretch with the rest`} of={answer}>
      {answer.isPending ? (
        <Loading as="chart" height={HEIGHT} what={title} />
      ) : answer.isError ? (
        <Failure error={answer.error} retry={answer.refetch} what="Reading the rate" />
      ) : points.length === 0 ? (
        <Empty title="No such spans in this range" height={HEIGHT} />
      ) : (
        <TimeSeries
          label={title}
          series={[{ name: title, ...(red === "errors" ? { colour: levelColour("error", scheme) } : {}), times: points.map(([seconds]) => seconds), values: points.map(([, value]) => (Number.isFinite(value) ? value : null)) }]}
          range={aligned}
          zone={zone}
          unit="spans/s"
          kind="bars"
          height={HEIGHT}
          legend="none"
          onZoom={zoomTo}
          onSelect={select}
          syncKey="traces"
        />
      )}
    </Panel>
  );
}
