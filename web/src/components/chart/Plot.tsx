import { useEffect, useRef, useState, type ReactNode } from "react";
import uPlot from "uplot";

import { type Aligned, drawable, stack } from "../../lib/align";
import type { Scheme, Stroke } from "../../lib/colour";
import type { TimeRange } from "../../lib/time";
import { usePauseRefresh } from "../refreshPause";
import { chartOptions, dimsLines, isLine, type ChartTheme, type Structure } from "./options";
import type { ChartKind, Dot, Mark, Stretch, Threshold } from "./TimeSeries";
import { token } from "./token";
import { Tooltip, type Hover } from "./Tooltip";

interface PlotProps {
  aligned: Aligned;
  names: readonly string[];
  shown: readonly boolean[];
  strokes: readonly Stroke[];
  scheme: Scheme;
  /** For each series the index of the one down to which the room is filled; -1 for none. */
  above: readonly number[];
  /** For each series whether it is read off the axis at the right. */
  right: readonly boolean[];
  kind: ChartKind;
  unit: string;
  rightUnit: string;
  zone: string;
  range: TimeRange;
  thresholds: readonly Threshold[];
  marks: readonly Mark[];
  stretches: readonly Stretch[];
  dots: readonly Dot[];
  log: boolean;
  width: number;
  height: number;
  syncKey: string | undefined;
  /** Where the keyboard has the crosshair, as a row of the times; null for nowhere. */
  row: number | null;
  onZoom: ((range: TimeRange) => void) | undefined;
  onPick: ((seconds: number, pointer: number) => void) | undefined;
  onDot: ((dot: Dot) => void) | undefined;
  onSelect: ((range: TimeRange) => void) | undefined;
  /** Index of the series whose name the pointer is at; -1 for none. */
  pointed: number;
  /** Beside a series' value in a pinned tooltip. */
  menu: ((index: number) => ReactNode) | undefined;
}

/** The canvas of a chart: one uPlot, made anew only when its structure changes. */
export function Plot(props: PlotProps) {
  const { aligned, names, shown, strokes, above, right, scheme, kind, unit, rightUnit, zone, range, thresholds, marks, stretches, dots, log, width, height, syncKey, row } = props;
  const host = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot>(null);
  const [hover, setHover] = useState<Hover | null>(null);
  // A click without another meaning keeps the values where they are.
  const [pinned, setPinned] = useState<Hover | null>(null);
  usePauseRefresh(pinned !== null, "a tooltip is pinned");
  const latest = useRef(props);
  useEffect(() => {
    latest.current = props;
  });

  const structure = JSON.stringify([names, shown, strokes, above, right, scheme, kind, unit, rightUnit, zone, thresholds, marks, stretches, log, syncKey, dims(props)]);

  useEffect(() => {
    const element = host.current;
    if (!element) return;
    const theme = chartTheme();
    const size = { width: latest.current.width, height: latest.current.height };
    const options = chartOptions({ ...(latest.current satisfies Omit<Structure, "theme" | "dims">), dims: dims(latest.current), ...size, theme });
    const own = interaction(() => latest.current, setHover, (at) => setPinned((before) => (before ? null : at)));
    options.hooks = { ...options.hooks, ...own, draw: [...(options.hooks?.draw ?? []), ...(own.draw ?? [])] };
    const made = new uPlot(options, plotData(latest.current), element);
    setWindow(made, latest.current.range);
    plot.current = made;
    return () => {
      made.destroy();
      plot.current = null;
      setHover(null);
      setPinned(null);
    };
  }, [structure]);

  useEffect(() => {
    if (!plot.current) return;
    plot.current.setData(plotData(latest.current), false);
    setWindow(plot.current, range);
  }, [aligned, range, dots]);

  useEffect(() => {
    plot.current?.setSize({ width, height });
  }, [width, height]);

  const { pointed, menu } = props;
  useEffect(() => {
    plot.current?.setSeries(pointed < 0 ? null : pointed + 1, { focus: true });
  }, [pointed]);

  const at = pinned ?? hover;
  useEffect(() => {
    const made = plot.current;
    const time = row === null ? undefined : made?.data[0][row];
    if (!made || time === undefined || row === null) {
      setHover(null);
      made?.setCursor({ left: -10, top: -10 });
      return;
    }
    const left = made.valToPos(time, "x");
    made.setCursor({ left, top: made.over.clientHeight / 2 });
    setHover({ index: row, left: left + made.over.offsetLeft, top: made.over.offsetTop, away: () => Infinity });
  }, [row]);

  return (
    <div ref={host}>
      {at && <Tooltip hover={at} aligned={aligned} names={names} shown={shown} strokes={strokes} units={right.map((there) => (there ? rightUnit : unit))} zone={zone} width={width} pinned={pinned ? { menu, onClose: () => setPinned(null) } : undefined} />}
    </div>
  );
}

function dims({ kind, names, aligned }: PlotProps): boolean {
  return isLine(kind) && dimsLines(names.length, aligned.times.length);
}

function setWindow(plot: uPlot, range: TimeRange): void {
  plot.setScale("x", { min: range.from / 1000, max: range.to / 1000 });
}

/** uPlot's data: the columns as they are, or as running sums over the shown ones. */
function plotData({ aligned, kind, shown }: PlotProps): uPlot.AlignedData {
  const drawn = aligned.columns.map(drawable);
  if (kind !== "stacked" && kind !== "stackedBars") return [aligned.times, ...drawn];
  const visible = drawn.filter((_, index) => shown[index]);
  // Bars all begin at zero, so the tallest sum is drawn first and the last series stands at the bottom.
  const sums = kind === "stackedBars" ? stack(visible.toReversed()).toReversed() : stack(visible);
  let next = 0;
  const columns = drawn.map((column, index) => (shown[index] ? (sums[next++] ?? column) : column));
  return [aligned.times, ...columns];
}

// Between the clicks of a double one.
const doubleMs = 250;

function interaction(props: () => PlotProps, setHover: (hover: Hover | null) => void, pin: (at: Hover | null) => void): uPlot.Hooks.Arrays {
  let inside = false;
  let last: Hover | null = null;
  let picking: ReturnType<typeof setTimeout> | undefined;
  let dragged = false;
  let shifted = false;
  return {
    ready: [
      (plot) => {
        plot.over.addEventListener("mouseenter", () => (inside = true));
        plot.over.addEventListener("mouseleave", () => {
          inside = false;
          setHover(null);
        });
        plot.over.addEventListener("mousedown", (event) => {
          dragged = false;
          shifted = event.shiftKey;
        });
        plot.over.addEventListener("click", (event) => {
          const dot = nearestDot(plot, props().dots);
          if (!dragged && dot) {
            props().onDot?.(dot);
            return;
          }
          const time = plot.data[0][plot.cursor.idx ?? -1];
          if (dragged || time === undefined) return;
          const { onPick } = props();
          const pointer = plot.posToVal(plot.cursor.left ?? 0, "x");
          // A second click makes it a double one, which means something else.
          clearTimeout(picking);
          if (onPick && event.detail < 2) picking = setTimeout(() => onPick(time, pointer), doubleMs);
          else if (!onPick) pin(last);
        });
      },
    ],
    draw: [(plot) => drawDots(plot, props().dots)],
    setCursor: [
      (plot) => {
        const { idx, left, top } = plot.cursor;
        if (!inside || idx === null || idx === undefined || left === undefined || top === undefined || left < 0) {
          setHover(null);
          return;
        }
        last = { index: idx, left: left + plot.over.offsetLeft, top: top + plot.over.offsetTop, away: (series, value) => Math.abs(plot.valToPos(value, plot.series[series + 1]?.scale ?? "y") - top) };
        setHover(last);
      },
    ],
    setSelect: [
      (plot) => {
        const { left, width } = plot.select;
        dragged = width > 4;
        if (dragged) {
          const range = { from: plot.posToVal(left, "x") * 1000, to: plot.posToVal(left + width, "x") * 1000 };
          const { onSelect, onZoom } = props();
          if (shifted && onSelect) onSelect(range);
          else onZoom?.(range);
        }
        plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
      },
    ],
  };
}

/** The dot under the pointer. */
function nearestDot(plot: uPlot, dots: readonly Dot[]): Dot | undefined {
  const { left = -1, top = -1 } = plot.cursor;
  const away = (dot: Dot): number => Math.hypot(plot.valToPos(dot.time, "x") - left, plot.valToPos(dot.value, "y") - top);
  const best = dots.reduce<Dot | undefined>((nearest, dot) => (nearest && away(nearest) <= away(dot) ? nearest : dot), undefined);
  return best && away(best) <= 10 ? best : undefined;
}

/** Diamonds with an edge of the surface's colour, so that they stand out on lines. */
function drawDots(plot: uPlot, dots: readonly Dot[]): void {
  if (dots.length === 0) return;
  const { ctx, bbox } = plot;
  const size = 4 * devicePixelRatio;
  const { mark, surface } = chartTheme();
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  ctx.fillStyle = mark;
  ctx.strokeStyle = surface;
  ctx.lineWidth = devicePixelRatio;
  for (const dot of dots) {
    const x = plot.valToPos(dot.time, "x", true);
    const y = plot.valToPos(dot.value, "y", true);
    ctx.beginPath();
    ctx.moveTo(x, y - size);
    ctx.lineTo(x + size, y);
    ctx.lineTo(x, y + size);
    ctx.lineTo(x - size, y);
    ctx.closePath();
    ctx.fill();
    ctx.stroke();
  }
  ctx.restore();
}

function chartTheme(): ChartTheme {
  return { text: token("muted"), grid: token("grid"), surface: token("surface"), warn: token("error"), mark: token("accent"), pending: token("warn") };
}
