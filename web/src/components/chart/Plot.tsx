import { useEffect, useRef, useState } from "react";
import uPlot from "uplot";

import { stack, type Aligned } from "../../lib/align";
import type { Scheme, Stroke } from "../../lib/colour";
import type { TimeRange } from "../../lib/time";
import { chartOptions, type ChartTheme, type Structure } from "./options";
import type { ChartKind, Mark, Threshold } from "./TimeSeries";
import { Tooltip, type Hover } from "./Tooltip";

interface PlotProps {
  aligned: Aligned;
  names: readonly string[];
  shown: readonly boolean[];
  strokes: readonly Stroke[];
  scheme: Scheme;
  kind: ChartKind;
  unit: string;
  zone: string;
  range: TimeRange;
  thresholds: readonly Threshold[];
  marks: readonly Mark[];
  width: number;
  height: number;
  syncKey: string | undefined;
  onZoom: ((range: TimeRange) => void) | undefined;
  onPick: ((seconds: number, pointer: number) => void) | undefined;
}

/** The canvas of a chart: one uPlot, made anew only when its structure changes. */
export function Plot(props: PlotProps) {
  const { aligned, names, shown, strokes, scheme, kind, unit, zone, range, thresholds, marks, width, height, syncKey } = props;
  const host = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot>(null);
  const [hover, setHover] = useState<Hover | null>(null);
  const latest = useRef(props);
  useEffect(() => {
    latest.current = props;
  });

  const structure = JSON.stringify([names, shown, strokes, scheme, kind, unit, zone, thresholds, marks, syncKey]);

  useEffect(() => {
    const element = host.current;
    if (!element) return;
    const theme = chartTheme(element);
    const size = { width: latest.current.width, height: latest.current.height };
    const options = chartOptions({ ...(latest.current satisfies Omit<Structure, "theme">), ...size, theme });
    options.hooks = { ...options.hooks, ...interaction(() => latest.current, setHover) };
    const made = new uPlot(options, plotData(latest.current), element);
    setWindow(made, latest.current.range);
    plot.current = made;
    return () => {
      made.destroy();
      plot.current = null;
      setHover(null);
    };
  }, [structure]);

  useEffect(() => {
    if (!plot.current) return;
    plot.current.setData(plotData(latest.current), false);
    setWindow(plot.current, range);
  }, [aligned, range]);

  useEffect(() => {
    plot.current?.setSize({ width, height });
  }, [width, height]);

  return (
    <div ref={host}>
      {hover && <Tooltip hover={hover} aligned={aligned} names={names} shown={shown} strokes={strokes} unit={unit} zone={zone} width={width} />}
    </div>
  );
}

function setWindow(plot: uPlot, range: TimeRange): void {
  plot.setScale("x", { min: range.from / 1000, max: range.to / 1000 });
}

/** uPlot's data: the columns as they are, or as running sums over the shown ones. */
function plotData({ aligned, kind, shown }: PlotProps): uPlot.AlignedData {
  if (kind !== "stacked" && kind !== "stackedBars") return [aligned.times, ...aligned.columns];
  const visible = aligned.columns.filter((_, index) => shown[index]);
  // Bars all begin at zero, so the tallest sum is drawn first and the last series stands at the bottom.
  const sums = kind === "stackedBars" ? stack(visible.toReversed()).toReversed() : stack(visible);
  let next = 0;
  const columns = aligned.columns.map((column, index) => (shown[index] ? (sums[next++] ?? column) : column));
  return [aligned.times, ...columns];
}

function interaction(props: () => PlotProps, setHover: (hover: Hover | null) => void): uPlot.Hooks.Arrays {
  let inside = false;
  let dragged = false;
  return {
    ready: [
      (plot) => {
        plot.over.addEventListener("mouseenter", () => (inside = true));
        plot.over.addEventListener("mouseleave", () => {
          inside = false;
          setHover(null);
        });
        plot.over.addEventListener("mousedown", () => (dragged = false));
        plot.over.addEventListener("click", () => {
          const time = plot.data[0][plot.cursor.idx ?? -1];
          if (!dragged && time !== undefined) props().onPick?.(time, plot.posToVal(plot.cursor.left ?? 0, "x"));
        });
      },
    ],
    setCursor: [
      (plot) => {
        const { idx, left, top } = plot.cursor;
        if (!inside || idx === null || idx === undefined || left === undefined || top === undefined || left < 0) {
          setHover(null);
          return;
        }
        setHover({ index: idx, left: left + plot.over.offsetLeft, top: top + plot.over.offsetTop, value: plot.posToVal(top, "y") });
      },
    ],
    setSelect: [
      (plot) => {
        const { left, width } = plot.select;
        dragged = width > 4;
        if (dragged) {
          props().onZoom?.({ from: plot.posToVal(left, "x") * 1000, to: plot.posToVal(left + width, "x") * 1000 });
        }
        plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
      },
    ],
  };
}

/** The theme's tokens as colours a canvas understands. */
function chartTheme(element: HTMLElement): ChartTheme {
  const style = getComputedStyle(element);
  const token = (name: string): string => style.getPropertyValue(`--o-${name}`).trim();
  return { text: token("muted"), grid: token("grid"), surface: token("surface"), warn: token("error"), mark: token("accent") };
}
