import { SegmentedControl } from "@mantine/core";

import { useUrlState } from "../../components/useUrlState";
import { dataState, signals, type Signal } from "./dataState";
import { MetricCardinality } from "./MetricCardinality";
import { SpanAttributes } from "./SpanAttributes";
import { StreamLabels } from "./StreamLabels";
import classes from "./data.module.css";

const titles: Record<Signal, string> = { metrics: "Metrics", logs: "Log streams", spans: "Spans" };

/** What each signal has most of. */
export function CardinalityTab() {
  const [{ of, metric, attribute }, set] = useUrlState(dataState);
  return (
    <>
      <div className={classes.tabs}>
        <SegmentedControl size="xs" aria-label="Signal" data={signals.map((value) => ({ value, label: titles[value] }))} value={of} onChange={(next) => set({ of: next as Signal })} />
      </div>
      {of === "metrics" && <MetricCardinality metric={metric} onMetric={(next) => set({ metric: next })} />}
      {of === "logs" && <StreamLabels />}
      {of === "spans" && <SpanAttributes attribute={attribute} onAttribute={(next) => set({ attribute: next })} />}
    </>
  );
}
