import { useComputedColorScheme } from "@mantine/core";
import { useCallback, useState, type KeyboardEvent, type PointerEvent } from "react";

import { useSize } from "../../components/useSize";
import { levelColour, type Scheme } from "../../lib/colour";
import type { DurationGrid } from "../../lib/durationGrid";
import { axisLabels, formatTime } from "../../lib/timeFormat";
import type { TraceBox } from "../../lib/traceBox";
import { counted, formatNanoSpan, group } from "../../lib/units";
import { heatScale } from "../../viz/heatmap/ramp";
import { useCanvas } from "../../viz/useCanvas";
import { timeTicks } from "./timeTicks";
import classes from "./DurationHeatmap.module.css";

const HEIGHT = 220;
const LEFT = 64;
const RIGHT = 8;
const BOTTOM = 22;
// A press that moves less is no box.
const LEAST_DRAG = 4;

interface Cell {
  row: number;
  column: number;
}

interface DurationHeatmapProps {
  grid: DurationGrid;
  zone: string;
  selected: TraceBox | undefined;
  onSelect(box: TraceBox): void;
}

/** How many spans took how long when, failed ones as diamonds. Dragging a box, or Shift with the arrow keys and Enter, selects spans. */
export function DurationHeatmap({ grid, zone, selected, onSelect }: DurationHeatmapProps) {
  const scheme = useComputedColorScheme("light");
  const { ref, width } = useSize();
  const [drag, setDrag] = useState<{ from: Cell; to: Cell; moved: boolean; x: number; y: number } | null>(null);
  const [cursor, setCursor] = useState<{ at: Cell; from: Cell } | null>(null);
  const [hover, setHover] = useState<Cell | null>(null);
  const rows = grid.bounds.length;
  const columns = grid.times.length;
  const box = { width: Math.max(width - LEFT - RIGHT, 0), height: HEIGHT - BOTTOM };
  const each = { x: box.width / columns, y: box.height / rows };
  const draw = useCallback((ctx: CanvasRenderingContext2D) => paint(ctx, grid, scheme, each.x, each.y), [grid, scheme, each.x, each.y]);
  const canvas = useCanvas(box.width, box.height, draw);
  const first = (grid.times[0] ?? 0) - grid.step;
  const last = grid.times.at(-1) ?? first + grid.step;

  const cellAt = (event: PointerEvent<HTMLElement>): Cell => {
    const area = event.currentTarget.getBoundingClientRect();
    const within = (x: number, most: number) => Math.min(Math.max(Math.floor(x), 0), most - 1);
    return { column: within((event.clientX - area.left) / each.x, columns), row: rows - 1 - within((event.clientY - area.top) / each.y, rows) };
  };
  const select = (from: Cell, to: Cell) => onSelect(boxOf(grid, from, to));
  const onKey = (event: KeyboardEvent<HTMLElement>) => {
    const step = arrows[event.key];
    if (step) {
      const at = cursor?.at ?? { row: 0, column: columns };
      const next = { row: clamp(at.row + (cursor ? step.row : 0), rows), column: clamp(at.column + (cursor ? step.column : -1), columns) };
      setCursor({ at: next, from: event.shiftKey && cursor ? cursor.from : next });
    } else if (event.key === "Enter" && cursor) select(cursor.from, cursor.at);
    else if (event.key === "Escape" && cursor) setCursor(null);
    else return;
    event.preventDefault();
  };
  const told = drag?.to ?? hover ?? cursor?.at;
  const marked = drag?.moved ? boxOf(grid, drag.from, drag.to) : cursor ? boxOf(grid, cursor.from, cursor.at) : undefined;
  const ticks = timeTicks({ from: first, to: last }, Math.max(2, Math.floor(box.width / 140)));
  const labels = axisLabels(ticks, zone);
  const place = (one: TraceBox) => placeOf(grid, one, each.x, each.y);

  return (
    <div className={classes.chart} ref={ref}>
      <div className={classes.rows} style={{ height: box.height, width: LEFT }} aria-hidden="true">
        {grid.bounds.map((bound, row) =>
          (rows - 1 - row) % Math.ceil(16 / Math.max(each.y, 1)) === 0 ? (
            <span key={bound} style={{ bottom: (row + 1) * each.y - 8 }}>
              {formatNanoSpan(bound)}
            </span>
          ) : null,
        )}
      </div>
      {/* It is drawn, and used like a widget: what it shows is told below as the keys or the pointer move. */}
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions */}
      <div
        className={classes.area}
        style={{ left: LEFT, height: box.height, width: box.width }}
        role="application"
        aria-label={`Heatmap of the durations of ${counted(grid.total, "span")}. Arrow keys move, with Shift they mark a box, Enter selects it.`}
        // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
        tabIndex={0}
        onKeyDown={onKey}
        onBlur={() => setCursor(null)}
        onPointerDown={(event) => {
          if (event.button !== 0) return;
          event.currentTarget.setPointerCapture?.(event.pointerId);
          const cell = cellAt(event);
          setDrag({ from: cell, to: cell, moved: false, x: event.clientX, y: event.clientY });
        }}
        onPointerMove={(event) => {
          const cell = cellAt(event);
          setHover(cell);
          if (drag) setDrag({ ...drag, to: cell, moved: drag.moved || Math.hypot(event.clientX - drag.x, event.clientY - drag.y) > LEAST_DRAG });
        }}
        onPointerLeave={() => setHover(null)}
        onPointerUp={() => {
          if (drag?.moved) select(drag.from, drag.to);
          setDrag(null);
        }}
        onPointerCancel={() => setDrag(null)}
      >
        <canvas ref={canvas} className={classes.canvas} />
        {selected && <div className={classes.selected} style={place(selected)} />}
        {marked && <div className={classes.marked} style={place(marked)} />}
      </div>
      <div className={classes.times} style={{ left: LEFT, width: box.width }} aria-hidden="true">
        {ticks.map((seconds, index) => (
          <span key={seconds} style={{ left: `${((seconds * 1000 - first) / (last - first)) * 100}%` }}>
            {labels[index]}
          </span>
        ))}
      </div>
      <output className={classes.told}>{told ? cellText(grid, told, zone) : "Drag a box to see what its spans have in common."}</output>
    </div>
  );
}

const arrows: Record<string, Cell> = {
  ArrowUp: { row: 1, column: 0 },
  ArrowDown: { row: -1, column: 0 },
  ArrowRight: { row: 0, column: 1 },
  ArrowLeft: { row: 0, column: -1 },
};

function clamp(index: number, count: number): number {
  return Math.min(Math.max(index, 0), count - 1);
}

/** The spans of all cells between two. The lowest row is open below, the highest above: nothing is left out at the ends. */
function boxOf(grid: DurationGrid, a: Cell, b: Cell): TraceBox {
  const [low, high] = [Math.min(a.row, b.row), Math.max(a.row, b.row)];
  const [left, right] = [Math.min(a.column, b.column), Math.max(a.column, b.column)];
  const last = grid.bounds.length - 1;
  return {
    of: "span",
    from: (grid.times[left] ?? 0) - grid.step,
    to: grid.times[right] ?? 0,
    low: low === 0 ? 0 : (grid.bounds[low] ?? 0) / 2,
    high: high === last ? Infinity : (grid.bounds[high] ?? 0),
  };
}

function placeOf(grid: DurationGrid, box: TraceBox, x: number, y: number) {
  const first = (grid.times[0] ?? 0) - grid.step;
  const bottom = Math.log2((grid.bounds[0] ?? 1) / 2);
  const rows = grid.bounds.length;
  const column = (ms: number) => Math.min(Math.max((ms - first) / grid.step, 0), grid.times.length);
  const row = (nanos: number) => (nanos <= 0 ? 0 : Number.isFinite(nanos) ? Math.min(Math.max(Math.log2(nanos) - bottom, 0), rows) : rows);
  return { left: column(box.from) * x, width: (column(box.to) - column(box.from)) * x, bottom: row(box.low) * y, height: (row(box.high) - row(box.low)) * y };
}

function cellText(grid: DurationGrid, { row, column }: Cell, zone: string): string {
  const end = grid.times[column] ?? 0;
  const bound = grid.bounds[row] ?? 0;
  const failed = grid.failed[row]?.[column] ?? 0;
  const spans = grid.counts[row]?.[column] ?? 0;
  return `${formatTime(end - grid.step, zone)}, ${formatNanoSpan(bound / 2)} to ${formatNanoSpan(bound)}: ${spans === 0 ? "no spans" : counted(spans, "span")}${failed > 0 ? `, ${group(failed)} failed` : ""}`;
}

function paint(ctx: CanvasRenderingContext2D, grid: DurationGrid, scheme: Scheme, x: number, y: number): void {
  const scale = heatScale({}, grid.counts.map((row) => row.map((count) => (count > 0 ? count : null))), scheme);
  const rows = grid.bounds.length;
  const edge = (at: number) => Math.round(at);
  grid.counts.forEach((row, index) => {
    const top = edge((rows - 1 - index) * y);
    const bottom = edge((rows - index) * y);
    row.forEach((count, column) => {
      if (count <= 0) return;
      ctx.fillStyle = scale.colour(count);
      const left = edge(column * x);
      ctx.fillRect(left, top, Math.max(edge((column + 1) * x) - left - 1, 1), Math.max(bottom - top - 1, 1));
    });
  });
  ctx.fillStyle = levelColour("error", scheme);
  ctx.strokeStyle = scheme === "dark" ? "#161A20" : "#FFFFFF";
  grid.failed.forEach((row, index) => {
    row.forEach((count, column) => {
      if (count <= 0) return;
      const r = Math.min(2.5 + Math.log2(1 + count) / 2, 6);
      const cx = (column + 0.5) * x;
      const cy = (rows - index - 0.5) * y;
      ctx.beginPath();
      ctx.moveTo(cx, cy - r);
      ctx.lineTo(cx + r, cy);
      ctx.lineTo(cx, cy + r);
      ctx.lineTo(cx - r, cy);
      ctx.closePath();
      ctx.fill();
      ctx.stroke();
    });
  });
}
