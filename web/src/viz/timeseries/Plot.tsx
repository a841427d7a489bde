import { memo, useEffect, useEffectEvent, useRef } from "react";
import uPlot from "uplot";

import { token } from "../../components/chart/token";
import type { Look } from "../../lib/dashboard/display";
import { onCrosshair, shareCrosshair } from "../crosshair";
import type { Spot } from "../HoverCard";
import type { PanelRange } from "../panel";
import { plotColumns } from "./columns";
import type { Drawing } from "./decorate";
import { chartOptions, type ChartTheme } from "./options";
import type { Chart } from "./prepare";

/** Where the pointer is over a chart. */
export interface Hover {
  /** Row of the times. */
  index: number;
  /** For each line the row of its value nearest to the pointer; null for none near. */
  rows: readonly (number | null)[];
  /** Index of the line nearest to the pointer; -1 for none. */
  nearest: number;
  /** Seconds under the pointer itself, and how many of them a pixel has. */
  time: number;
  perPixel: number;
  spot: Spot;
}

interface PlotProps {
  id: number;
  chart: Chart;
  shown: readonly boolean[];
  look: Look;
  range: PanelRange;
  width: number;
  height: number;
  shared: 0 | 1 | 2;
  drawing: Drawing;
  /** Index of the line to bring forward; -1 for none. */
  pointed: number;
  /** Row of the times that the keyboard has the crosshair at; null for none. */
  row: number | null;
  onHover(hover: Hover | null): void;
  onClick(hover: Hover): void;
  onZoom: ((range: PanelRange) => void) | undefined;
}

/** The canvas of a time series panel: one uPlot, made anew only when its structure changes. */
export const Plot = memo(function Plot(props: PlotProps) {
  const { id, chart, shown, look, range, width, height, shared, drawing, pointed, row } = props;
  const host = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot>(null);
  const latest = useRef(props);
  useEffect(() => {
    latest.current = props;
  });
  const structure = structureOf(chart, shown, look);

  useEffect(() => {
    const element = host.current;
    if (!element) return;
    const { current } = latest;
    const options = chartOptions({ chart: current.chart, shown: current.shown, look: current.look, theme: chartTheme(), width: current.width, height: current.height, drawing: () => latest.current.drawing });
    options.hooks = { ...options.hooks, ...interaction(() => latest.current) };
    const made = new uPlot(options, dataOf(current), element);
    setWindow(made, current.range);
    plot.current = made;
    return () => {
      made.destroy();
      plot.current = null;
      latest.current.onHover(null);
    };
  }, [structure]);

  useEffect(() => {
    if (!plot.current) return;
    plot.current.setData(dataOf(latest.current), false);
    setWindow(plot.current, range);
  }, [chart.aligned, range]);

  useEffect(() => {
    plot.current?.redraw(false);
  }, [drawing]);

  useEffect(() => {
    plot.current?.setSize({ width, height });
  }, [width, height]);

  useEffect(() => {
    plot.current?.setSeries(pointed < 0 ? null : pointed + 1, { focus: true });
  }, [pointed]);

  useEffect(() => {
    const made = plot.current;
    if (!made) return;
    const time = row === null ? undefined : made.data[0][row];
    made.setCursor({ left: time === undefined ? -10 : made.valToPos(time, "x"), top: time === undefined ? -10 : 0 }, false);
    latest.current.onHover(time === undefined ? null : hoverOf(made, undefined));
  }, [row]);

  const follow = useEffectEvent((time: number | null) => {
    const made = plot.current;
    if (!made) return;
    const left = time === null ? -10 : made.valToPos(time / 1000, "x");
    const inside = left >= 0 && left <= made.over.clientWidth;
    made.setCursor({ left: inside ? left : -10, top: inside ? 0 : -10 }, false);
    if (shared === 2) props.onHover(inside ? hoverOf(made, undefined) : null);
  });
  useEffect(() => {
    if (shared === 0) return undefined;
    return onCrosshair((time, from) => {
      if (from !== id) follow(time);
    });
  }, [shared, id]);

  return <div ref={host} />;
});

/** All that decides a chart's structure: a change of it makes a new uPlot, new values alone do not. */
function structureOf({ lines, scales, scaleOf }: Chart, shown: readonly boolean[], look: Look): string {
  return JSON.stringify([lines.map(({ field: _, frame: __, ...line }) => line), lines.map(({ field }) => [field.config.color, field.config.thresholds]), scales, scaleOf, shown, look]);
}

function setWindow(plot: uPlot, range: PanelRange): void {
  plot.setScale("x", { min: range.from / 1000, max: range.to / 1000 });
}

function dataOf({ chart, shown }: PlotProps): uPlot.AlignedData {
  const logs = chart.scaleOf.map((index) => chart.scales[index]?.log !== undefined);
  return [chart.aligned.times, ...plotColumns(chart.aligned, chart.lines, shown, logs)];
}

/** What is under the crosshair; `event` is missing where it follows another panel's. */
function hoverOf(plot: uPlot, event: MouseEvent | undefined): Hover | null {
  const { idx, left, top, idxs } = plot.cursor;
  if (idx === null || idx === undefined || left === undefined || top === undefined || left < 0) return null;
  const rows = (idxs ?? []).slice(1);
  const box = plot.over.getBoundingClientRect();
  let nearest = -1;
  let least = Infinity;
  rows.forEach((row, line) => {
    const value = row === null ? null : plot.data[line + 1]?.[row];
    if (value === null || value === undefined || !plot.series[line + 1]?.show) return;
    const off = Math.abs(plot.valToPos(value, plot.series[line + 1]?.scale ?? "y0") - top);
    if (off >= least) return;
    least = off;
    nearest = line;
  });
  return {
    index: idx,
    rows,
    nearest: event ? nearest : -1,
    time: plot.posToVal(left, "x"),
    perPixel: Math.abs(plot.posToVal(left + 1, "x") - plot.posToVal(left, "x")),
    spot: event ? { x: event.clientX, y: event.clientY } : { x: box.left + left, y: box.top + Math.min(24, box.height / 2) },
  };
}

function interaction(props: () => PlotProps): uPlot.Hooks.Arrays {
  let inside = false;
  let dragged = false;
  return {
    ready: [
      (plot) => {
        plot.over.addEventListener("mouseenter", () => (inside = true));
        plot.over.addEventListener("mouseleave", () => {
          inside = false;
          props().onHover(null);
          shareCrosshair(null, props().id);
        });
        plot.over.addEventListener("mousedown", () => (dragged = false));
        plot.over.addEventListener("click", (event) => {
          const hover = hoverOf(plot, event);
          if (hover && !dragged) props().onClick(hover);
        });
      },
    ],
    setCursor: [
      (plot) => {
        if (!inside) return;
        const hover = hoverOf(plot, plot.cursor.event ?? undefined);
        props().onHover(hover);
        if (hover) shareCrosshair(hover.time * 1000, props().id);
      },
    ],
    setSelect: [
      (plot) => {
        const { left, width } = plot.select;
        dragged = width > 4;
        if (dragged) props().onZoom?.({ from: plot.posToVal(left, "x") * 1000, to: plot.posToVal(left + width, "x") * 1000 });
        plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
      },
    ],
  };
}

/** Of the parts of a chart that are not data. */
function chartTheme(): ChartTheme {
  return { text: token("muted"), grid: token("grid"), surface: token("surface") };
}
