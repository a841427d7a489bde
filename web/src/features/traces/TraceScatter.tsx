import { useElementSize } from "@mantine/hooks";
import { useMemo } from "react";

import { errorCount, spanCount, type TraceRow } from "../../lib/traceRows";
import type { TimeRange } from "../../lib/time";
import { axisLabels, nanoToMs } from "../../lib/timeFormat";
import { formatValue } from "../../lib/units";
import classes from "./TraceScatter.module.css";

const HEIGHT = 148;
const LEFT = 56;
const RIGHT = 12;
const TOP = 8;
const BOTTOM = 22;

interface TraceScatterProps {
  traces: readonly TraceRow[];
  range: TimeRange;
  zone: string;
  onOpen(trace: TraceRow): void;
}

/** Traces by start and duration, on a logarithmic scale. The table below holds the same for the keyboard. */
export function TraceScatter({ traces, range, zone, onOpen }: TraceScatterProps) {
  const { ref, width } = useElementSize<HTMLDivElement>();
  const scale = useMemo(() => decades(traces), [traces]);
  const x = (ms: number) => LEFT + ((ms - range.from) / (range.to - range.from)) * (width - LEFT - RIGHT);
  const y = (ms: number) => {
    const share = (Math.log10(Math.max(ms, scale.min)) - Math.log10(scale.min)) / (Math.log10(scale.max) - Math.log10(scale.min));
    return HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM);
  };
  const ticks = timeTicks(range, Math.max(2, Math.floor(width / 140)));
  const labels = axisLabels(ticks, zone);
  const failed = traces.filter((trace) => errorCount(trace) > 0).length;
  return (
    <div ref={ref} className={classes.box} style={{ height: HEIGHT }}>
      {width > 0 && (
        <svg width={width} height={HEIGHT} role="img" aria-label={`${traces.length} traces by time and duration, ${failed} with errors`}>
          {scale.ticks.map((ms) => (
            <g key={ms}>
              <line className={classes.grid} x1={LEFT} x2={width - RIGHT} y1={y(ms)} y2={y(ms)} />
              <text className={classes.label} x={LEFT - 6} y={y(ms) + 4} textAnchor="end">
                {formatValue(ms, "ms")}
              </text>
            </g>
          ))}
          {ticks.map((seconds, index) => (
            <text key={seconds} className={classes.label} x={x(seconds * 1000)} y={HEIGHT - 6} textAnchor="middle">
              {labels[index]}
            </text>
          ))}
          {traces.toReversed().map((trace) => {
            const errors = errorCount(trace);
            const cx = Math.max(LEFT, x(nanoToMs(trace.start)));
            const cy = y(trace.durationMs);
            const r = Math.min(7, 2.5 + Math.log2(1 + spanCount(trace)) / 2);
            const title = `${trace.rootService} ${trace.rootName} · ${formatValue(trace.durationMs, "ms")}${errors > 0 ? ` · ${errors} errors` : ""}`;
            return errors > 0 ? (
              <path
                key={trace.traceId}
                className={classes.error}
                d={`M${cx} ${cy - r - 1}L${cx + r + 1} ${cy}L${cx} ${cy + r + 1}L${cx - r - 1} ${cy}Z`}
                onClick={() => onOpen(trace)}
              >
                <title>{title}</title>
              </path>
            ) : (
              <circle key={trace.traceId} className={classes.dot} cx={cx} cy={cy} r={r} onClick={() => onOpen(trace)}>
                <title>{title}</title>
              </circle>
            );
          })}
        </svg>
      )}
    </div>
  );
}

/** Powers of ten around the durations, in milliseconds; at least one decade. */
export function decades(traces: readonly TraceRow[]): { min: number; max: number; ticks: number[] } {
  const durations = traces.map((trace) => Math.max(trace.durationMs, 0.1));
  const low = Math.floor(Math.log10(durations.reduce((a, b) => Math.min(a, b), Infinity)));
  const high = Math.ceil(Math.log10(durations.reduce((a, b) => Math.max(a, b), 0.1)));
  const from = Number.isFinite(low) ? low : 0;
  const to = Math.max(high, from + 1);
  const ticks = Array.from({ length: to - from + 1 }, (_, i) => 10 ** (from + i));
  return { min: 10 ** from, max: 10 ** to, ticks };
}

function timeTicks(range: TimeRange, count: number): number[] {
  const steps = [1, 5, 15, 30, 60, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400, 604_800];
  const seconds = (range.to - range.from) / 1000;
  const step = steps.find((one) => seconds / one <= count) ?? 2_592_000;
  const first = Math.ceil(range.from / 1000 / step) * step;
  const ticks: number[] = [];
  for (let tick = first; tick <= range.to / 1000; tick += step) ticks.push(tick);
  return ticks;
}
