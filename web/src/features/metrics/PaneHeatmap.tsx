import { useMemo } from "react";

import { promRange } from "../../api/sourceProm";
import { Empty, Failure, Loading } from "../../components/status";
import { useTime } from "../../components/time/TimeContext";
import { useAnswer } from "../../components/useAnswer";
import { WaitingLine } from "../../components/Waiting";
import { heatmapFrames, timeSeriesFrames } from "../../lib/dashboard/promFrames";
import { fillMacros } from "../../lib/macros";
import { alignRange, parseStep, pickStep } from "../../lib/step";
import { HeatmapPanel } from "../../viz/heatmap/HeatmapPanel";
import { bucketQuery } from "./bucketQuery";
import classes from "./metrics.module.css";

const height = 300;
// Wide columns are easier to compare than hair lines.
const points = 120;

interface PaneHeatmapProps {
  query: string;
  title: string;
  unit: string;
  /** How far apart the columns are, as `1m`; without it what suits the range. */
  step?: string;
}

/** A query's buckets over time. A query whose answer has none is drawn by how many of its series have which value. */
export function PaneHeatmap({ query, title, unit, step: chosen = "" }: PaneHeatmapProps) {
  const { range, zone, zoomTo } = useTime();
  const asked = bucketQuery(query);
  const step = parseStep(chosen) ?? pickStep(range, points);
  const answer = useAnswer(["prom", "heatmap", asked, chosen], ({ signal }) => promRange("", fillMacros(asked, range, step), alignRange(range, step), step, signal), { enabled: asked !== "" });
  const bucketed = answer.data?.series.some((one) => one.labels.le !== undefined) ?? false;
  const frames = useMemo(() => {
    const style = { refId: "A", legend: "", query: asked };
    const all = answer.data?.series ?? [];
    return bucketed ? heatmapFrames(all, style) : timeSeriesFrames(all, style);
  }, [answer.data, bucketed, asked]);
  const options = useMemo(() => ({ calculate: !bucketed, color: { mode: "scheme", scheme: "Blues" }, yAxis: { unit }, calculation: { yBuckets: { mode: "count", value: "20" } } }), [bucketed, unit]);

  if (answer.isPending) return <Loading as="chart" height={height} what="the heatmap" asked={answer.asked} />;
  if (answer.isError) return <Failure error={answer.error} retry={answer.refetch} what="The query" />;
  if (frames.length === 0) return <Empty title="No data in this range" hint="The query selects no buckets: widen the range." height={height} />;
  return (
    <>
      <WaitingLine of={answer} />
      <div className={classes.heatmap} style={{ height }} data-busy={answer.isPlaceholderData || undefined}>
        <HeatmapPanel id={0} title={title} frames={frames} options={options} range={range} timeZone={zone} width={0} height={height} shared={0} interpolate={(text) => text} onZoom={zoomTo} />
      </div>
    </>
  );
}
