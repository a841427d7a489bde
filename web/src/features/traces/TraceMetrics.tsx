
import { traceMetrics, type TraceSeries } from "../../api/tempo";
import { TimeSeries } from "../../components/chart/TimeSeries";
import { Panel } from "../../components/Panel";
import { Empty, Failure, Loading } from "../../components/status";
import { useTime } from "../../components/time/TimeContext";
import { useAnswer, type Answer } from "../../components/useAnswer";
import { coverRange, pickStep, ratesUntil, stepText } from "../../lib/step";
import type { TimeRange } from "../../lib/time";
import { TraceBar } from "./TraceBar";

/** A TraceQL metrics query in its bar, and the chart that it makes. */
export function TraceMetrics({ query, onRun }: { query: string; onRun(query: string): void }) {
  const { range } = useTime();
  const step = pickStep(range, 240);
  const aligned = coverRange(range, step);
  const answer = useAnswer(["traces", "metrics", query, step], ({ signal }) => traceMetrics({ query, start: aligned.from / 1000, end: aligned.to / 1000 }, step / 1000, signal));
  return (
    <>
      <TraceBar query={query} refused={answer.error ?? undefined} onRun={onRun} />
      <Chart query={query} answer={answer} aligned={aligned} step={step} />
    </>
  );
}

interface ChartProps {
  query: string;
  answer: Answer<TraceSeries[]>;
  aligned: TimeRange;
  step: number;
}

function Chart({ query, answer, aligned, step }: ChartProps) {
  const { range, zone, zoomTo } = useTime();
  const unit = unitOf(query);
  const pointsOf = ({ points }: TraceSeries) => (unit === "/s" ? ratesUntil(points, step, range.to) : points);
  if (answer.isPending) return <Loading as="chart" height={320} what="series" asked={answer.asked} />;
  if (answer.isError) return <Failure error={answer.error} retry={answer.refetch} what="The query" />;
  if (answer.data.length === 0) return <Empty title="No series" hint="No span of this time range matches the query." height={320} />;
  return (
    <Panel title={`${answer.data.length} series, a value every ${stepText(step)}`} of={answer}>
      <TimeSeries
        label={query}
        series={answer.data.map((series) => ({
          name: seriesName(series),
          times: pointsOf(series).map(([seconds]) => seconds),
          values: pointsOf(series).map(([, value]) => (Number.isFinite(value) ? value : null)),
        }))}
        range={aligned}
        zone={zone}
        unit={unit}
        height={320}
        legend="table"
        onZoom={zoomTo}
      />
    </Panel>
  );
}

function unitOf(query: string): string {
  if (/\|\s*rate\s*\(/.test(query)) return "/s";
  return /_over_time\s*\(\s*(?:span:)?duration/.test(query) ? "s" : "short";
}

function seriesName({ labels }: TraceSeries): string {
  const pairs = Object.entries(labels).map(([name, value]) => (name === "__name__" ? value : `${name}=${value}`));
  return pairs.length === 0 ? "value" : pairs.join(", ");
}
