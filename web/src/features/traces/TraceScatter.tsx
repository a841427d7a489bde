import { useMemo, useState, type PointerEvent } from "react";

import { useSize } from "../../components/useSize";
import { errorCount, spanCount, type TraceRow } from "../../lib/traceRows";
import type { TimeRange } from "../../lib/time";
import { axisLabels, nanoToMs } from "../../lib/timeFormat";
import type { TraceBox } from "../../lib/traceBox";
import { counted, formatValue } from "../../lib/units";
import { timeTicks } from "./timeTicks";
import classes from "./TraceScatter.module.css";

const HEIGHT = 220;
const LEFT = 56;
const RIGHT = 12;
const TOP = 8;
const BOTTOM = 22;
// A press that moves less is no box.
const LEAST_DRAG = 4;

interface TraceScatterProps {
  traces: readonly TraceRow[];
  range: TimeRange;
  zone: string;
  selected: TraceBox | undefined;
  onOpen(trace: TraceRow): void;
  /** A box was dragged. */
  onSelect(box: TraceBox): void;
}

/** Traces by start and duration, on a logarithmic scale. The table below holds the same for the keyboard. */
export function TraceScatter({ traces, range, zone, selected, onOpen, onSelect }: TraceScatterProps) {
  const { ref, width } = useSize();
  const [drag, setDrag] = useState<{ x: number; y: number; toX: number; toY: number } | null>(null);
  const scale = useMemo(() => decades(traces), [traces]);
  const x = (ms: number) => LEFT + ((ms - range.from) / (range.to - range.from)) * (width - LEFT - RIGHT);
  const y = (ms: number) => {
    const share = (Math.log10(Math.max(ms, scale.min)) - Math.log10(scale.min)) / (Math.log10(scale.max) - Math.log10(scale.min));
    return HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM);
  };
  const inside = (event: PointerEvent<SVGSVGElement>) => {
    const box = event.currentTarget.getBoundingClientRect();
    return { x: clamp(event.clientX - box.left, LEFT, width - RIGHT), y: clamp(event.clientY - box.top, TOP, HEIGHT - BOTTOM) };
  };
  const timeAt = (px: number) => range.from + ((px - LEFT) / (width - LEFT - RIGHT)) * (range.to - range.from);
  const durationAt = (py: number) => {
    const share = (HEIGHT - BOTTOM - py) / (HEIGHT - TOP - BOTTOM);
    return 10 ** (Math.log10(scale.min) + share * (Math.log10(scale.max) - Math.log10(scale.min)));
  };
  const finish = () => {
    setDrag(null);
    if (!drag || Math.abs(drag.toX - drag.x) < LEAST_DRAG || Math.abs(drag.toY - drag.y) < LEAST_DRAG) return;
    const [left, right] = [Math.min(drag.x, drag.toX), Math.max(drag.x, drag.toX)];
    const [top, bottom] = [Math.min(drag.y, drag.toY), Math.max(drag.y, drag.toY)];
    onSelect({ of: "trace", from: timeAt(left), to: timeAt(right), low: durationAt(bottom) * 1e6, high: top <= TOP ? Infinity : durationAt(top) * 1e6 });
  };
  const chosen = selected && {
    x: clamp(x(selected.from), LEFT, width - RIGHT),
    toX: clamp(x(selected.to), LEFT, width - RIGHT),
    y: Number.isFinite(selected.high) ? clamp(y(selected.high / 1e6), TOP, HEIGHT - BOTTOM) : TOP,
    toY: clamp(y(selected.low / 1e6), TOP, HEIGHT - BOTTOM),
  };
  const ticks = timeTicks(range, Math.max(2, Math.floor(width / 140)));
  const labels = axisLabels(ticks, zone);
  const failed = traces.filter((trace) => errorCount(trace) > 0).length;
  return (
    <div ref={ref} className={classes.box} style={{ height: HEIGHT }}>
      {width > 0 && (
        <svg
          width={width}
          height={HEIGHT}
          className={classes.plot}
          role="img"
          onPointerDown={(event) => {
            if (event.button !== 0 || (event.target as Element).closest("[data-trace]")) return;
            event.currentTarget.setPointerCapture?.(event.pointerId);
            const at = inside(event);
            setDrag({ ...at, toX: at.x, toY: at.y });
          }}
          onPointerMove={(event) => {
            if (!drag) return;
            const at = inside(event);
            setDrag({ ...drag, toX: at.x, toY: at.y });
          }}
          onPointerUp={finish}
          onPointerCancel={() => setDrag(null)}
          aria-label={`${counted(traces.length, "trace")} by time and duration, ${failed} with errors`}
        >
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
            const title = `${trace.rootService} ${trace.rootName} · ${formatValue(trace.durationMs, "ms")}${errors > 0 ? ` · ${counted(errors, "error")}` : ""}`;
            return errors > 0 ? (
              <path
                key={trace.traceId}
                className={classes.error}
                data-trace=""
                d={`M${cx} ${cy - r - 1}L${cx + r + 1} ${cy}L${cx} ${cy + r + 1}L${cx - r - 1} ${cy}Z`}
                onClick={() => onOpen(trace)}
              >
                <title>{title}</title>
              </path>
            ) : (
              <circle key={trace.traceId} data-trace="" className={classes.dot} cx={cx} cy={cy} r={r} onClick={() => onOpen(trace)}>
                <title>{title}</title>
              </circle>
            );
          })}
          {chosen && <Box corners={chosen} className={classes.selected} />}
          {drag && <Box corners={drag} className={classes.marked} />}
        </svg>
      )}
    </div>
  );
}

interface Corners {
  x: number;
  y: number;
  toX: number;
  toY: number;
}

function Box({ corners: { x, y, toX, toY }, className }: { corners: Corners; className: string | undefined }) {
  return <rect className={className} x={Math.min(x, toX)} y={Math.min(y, toY)} width={Math.abs(toX - x)} height={Math.abs(toY - y)} />;
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(Math.max(value, low), high);
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
