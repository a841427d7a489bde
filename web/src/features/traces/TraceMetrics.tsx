
import { traceMetrics, type TraceSeries } from "../../api/tempo";
import { TimeSeries } from "../../components/chart/TimeSeries";
import { Panel } from "../../components/Panel";
import { Empty, Failure, Loading } from "../../components/status";
import { useTime } from "../../components/time/TimeContext";
import { useAnswer } from "../../components/useAnswer";
import { alignRange, pickStep, stepText } from "../../lib/step";

/** A TraceQL metrics query typed into the bar, as a chart. */
export function TraceMetrics({ query }: { query: string }) {
  const { range, zone, zoomTo } = useTime();
  const step = pickStep(range, 240);
  const aligned = alignRange(range, step);
  const answer = useAnswer(["traces", "metrics", query, step], ({ signal }) => traceMetrics({ query, start: aligned.from / 1000, end: aligned.to / 1000 }, step / 1000, signal));
  if (answer.isPending) return <Loading height={320} what="series" asked={answer.asked} />;
  if (answer.isError) return <Failure error={answer.error} retry={answer.refetch} what="The query" />;
  if (answer.data.length === 0) return <Empty title="No series" hint="No span of this time range matches the query." height={320} />;
  return (
    <Panel title={`${answer.data.length} series, a value every ${stepText(step)}`} of={answer}>
      <TimeSeries
        label={query}
        series={answer.data.map((series) => ({
          name: seriesName(series),
          times: series.points.map(([seconds]) => seconds),
          values: series.points.map(([, value]) => (Number.isFinite(value) ? value : null)),
        }))}
        range={aligned}
        zone={zone}
        unit={unitOf(query)}
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
