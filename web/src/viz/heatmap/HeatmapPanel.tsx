import { useCallback, useMemo, useState } from "react";

import { useSize } from "../../components/useSize";
import { bool, num, obj, str } from "../../lib/dashboard/json";
import { formatTime } from "../../lib/timeFormat";
import { formatValue } from "../../lib/units";
import axis from "../axis/axis.module.css";
import { TimeAxis } from "../axis/TimeAxis";
import { shareCrosshair } from "../crosshair";
import { CardRow, HoverCard, Mark, type Spot } from "../HoverCard";
import { useLook } from "../look";
import { NoData } from "../NoData";
import type { PanelProps } from "../panel";
import { textEm } from "../tiles";
import { TimeCursor } from "../TimeCursor";
import { useCanvas } from "../useCanvas";
import { useDragRange } from "../useDragRange";
import classes from "../viz.module.css";
import { readHeatmap, type HeatGrid, type HeatRow } from "./grid";
import own from "./heatmap.module.css";
import { heatScale, type HeatScale } from "./ramp";

/** How many values there were of which size, over time. */
export function HeatmapPanel(props: PanelProps) {
  const { title, frames, options } = props;
  const look = useLook(props.timeZone);
  const grid = useMemo(() => readHeatmap(frames, options), [frames, options]);
  const scale = useMemo(() => heatScale(obj(options.color), grid?.values ?? [], look.scheme), [options.color, grid, look.scheme]);
  const { ref, width, height } = useSize();
  if (!grid || grid.rows.length === 0) return <NoData>{frames.length === 0 ? undefined : "The data has no buckets to draw"}</NoData>;
  const unit = str(obj(options.yAxis).unit) || grid.unit || "short";
  const legend = obj(options.legend).show !== false;
  return (
    <div className={classes.panel}>
      <div ref={ref} className={classes.plot} role="img" aria-label={`${title === "" ? "Heatmap" : title}: ${grid.rows.length} rows, values from ${formatValue(scale.min)} to ${formatValue(scale.max)}`}>
        {width > 0 && height > 0 && <Drawing {...props} grid={grid} scale={scale} unit={unit} width={width} height={height} zone={look.zone} />}
      </div>
      {legend && <Scale scale={scale} />}
    </div>
  );
}

interface DrawingProps extends PanelProps {
  grid: HeatGrid;
  scale: HeatScale;
  unit: string;
  zone: string;
}

function Drawing({ id, grid, scale, unit, width, height, zone, range, options, shared, onZoom }: DrawingProps) {
  const [hover, setHover] = useState<{ row: number; column: number; spot: Spot } | null>(null);
  const reverse = bool(obj(options.yAxis).reverse);
  const labels = useMemo(() => rowLabels(grid.rows, unit, num(obj(options.yAxis).decimals)), [grid.rows, unit, options.yAxis]);
  const left = Math.min(Math.max(...labels.map((label) => textEm(label.text) * 11), 20) + 10, width * 0.4);
  const box = { width: width - left - 18, height: height - 26 };
  const each = box.height / grid.rows.length;
  const gap = num(options.cellGap) ?? 1;
  const { le, ge } = obj(options.filterValues);
  const draw = useCallback(
    (ctx: CanvasRenderingContext2D) => {
      const at = (ms: number): number => ((ms - range.from) / (range.to - range.from)) * box.width;
      const hidden = (value: number): boolean => value <= (num(le) ?? -Infinity) || value >= (num(ge) ?? Infinity);
      grid.values.forEach((row, index) => {
        const y = reverse ? index * each : box.height - (index + 1) * each;
        row.forEach((value, column) => {
          if (value === null || hidden(value)) return;
          const end = at(grid.times[column] ?? 0);
          const begin = at((grid.times[column] ?? 0) - grid.step);
          if (end < 0 || begin > box.width) return;
          const space = end - begin > 6 && each > 6 ? gap : 0;
          ctx.fillStyle = scale.colour(value);
          ctx.fillRect(begin, y + space / 2, Math.max(end - begin - space, 0.5), Math.max(each - space, 0.5));
        });
      });
    },
    [grid, scale, range, box.width, box.height, each, gap, reverse, le, ge],
  );
  const canvas = useCanvas(box.width, box.height, draw);
  const drag = useDragRange(range, box.width, onZoom);
  const every = Math.ceil(16 / each);
  const value = hover === null ? null : (grid.values[hover.row]?.[hover.column] ?? null);
  return (
    <>
      <div className={own.body} style={{ height: box.height + 6 }}>
        <svg width={left} height={box.height + 6} aria-hidden="true">
          {labels.map((label) =>
            label.at % every === 0 ? (
              <text key={label.at} className={axis.tick} x={left - 6} y={6 + (reverse ? label.place * each : box.height - label.place * each) + 4} textAnchor="end">
                {label.text}
              </text>
            ) : null,
          )}
        </svg>
        <div
          className={own.cells}
          {...drag.handlers}
          onMouseMove={(event) => {
            drag.handlers.onMouseMove(event);
            const { left: x0, top: y0 } = event.currentTarget.getBoundingClientRect();
            const time = range.from + ((event.clientX - x0) / box.width) * (range.to - range.from);
            const down = Math.floor((event.clientY - y0) / each);
            const row = reverse ? down : grid.rows.length - 1 - down;
            const column = grid.times.findIndex((at) => time > at - grid.step && time <= at);
            setHover(column < 0 || !grid.rows[row] ? null : { row, column, spot: { x: event.clientX, y: event.clientY } });
            shareCrosshair(time, id);
          }}
          onMouseLeave={() => {
            setHover(null);
            shareCrosshair(null, id);
          }}
        >
          <canvas ref={canvas} style={{ width: box.width, height: box.height }} />
          <TimeCursor id={id} range={range} shared={shared} />
          {drag.selection}
        </div>
      </div>
      <TimeAxis range={range} zone={zone} width={box.width} left={left} />
      {hover && (
        <HoverCard at={hover.spot}>
          <div className={classes.cardHead}>{formatTime(grid.times[hover.column] ?? 0, zone)}</div>
          <CardRow mark={value === null ? undefined : <Mark colour={scale.colour(value)} />} name={boundsText(grid.rows[hover.row], unit)} value={value === null ? "–" : formatValue(value)} />
        </HoverCard>
      )}
    </>
  );
}

interface RowLabel {
  text: string;
  /** Index, to leave out every other one. */
  at: number;
  /** In rows from the bottom. */
  place: number;
}

/** Labels of the rows: at their upper edges where they have bounds, else in their middle. */
function rowLabels(rows: readonly HeatRow[], unit: string, decimals: number | undefined): RowLabel[] {
  return rows.map((row, at) => {
    const bounded = row.high !== undefined;
    return { text: bounded ? formatValue(row.high, unit, decimals) : row.name, at, place: bounded ? at + 1 : at + 0.5 };
  });
}

function boundsText(row: HeatRow | undefined, unit: string): string {
  if (!row) return "";
  if (row.high === undefined) return row.name;
  return `${row.low === undefined || row.low === -Infinity ? "up" : formatValue(row.low, unit)} to ${formatValue(row.high, unit)}`;
}

function Scale({ scale }: { scale: HeatScale }) {
  const stops = Array.from({ length: 12 }, (_, index) => scale.colour(scale.min + ((scale.max - scale.min) * index) / 11));
  return (
    <div className={own.scale} aria-hidden="true">
      <span>{formatValue(scale.min)}</span>
      <span className={own.ramp} style={{ background: `linear-gradient(90deg, ${stops.join(", ")})` }} />
      <span>{formatValue(scale.max)}</span>
    </div>
  );
}
