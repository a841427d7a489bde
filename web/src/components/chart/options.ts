import uPlot from "uplot";

import { axisLabels } from "../../lib/timeFormat";
import { formatValue, isBinary, secondsOf } from "../../lib/units";
import type { Stroke } from "../../lib/colour";
import { fillBands, type Fill } from "./bands";
import type { ChartKind, Mark, Stretch, Threshold } from "./TimeSeries";

/** Colours of the parts of a chart that are not data, from the theme. */
export interface ChartTheme {
  text: string;
  grid: string;
  surface: string;
  warn: string;
  mark: string;
  pending: string;
}

/** All that decides a chart's structure; a change of any of it makes a new uPlot, new data alone does not. */
export interface Structure {
  kind: ChartKind;
  strokes: readonly Stroke[];
  names: readonly string[];
  shown: readonly boolean[];
  /** For each series the index of the one down to which the room is filled; -1 for none. */
  above: readonly number[];
  /** For each series whether it is read off the axis at the right. */
  right: readonly boolean[];
  unit: string;
  /** Of the axis at the right. */
  rightUnit: string;
  zone: string;
  thresholds: readonly Threshold[];
  marks: readonly Mark[];
  stretches: readonly Stretch[];
  log?: boolean;
  /** The line under the pointer stands out from the others, for which all are drawn again. */
  dims: boolean;
  theme: ChartTheme;
  width: number;
  height: number;
  syncKey: string | undefined;
}

const binaryIncrements = Array.from({ length: 80 }, (_, power) => 2 ** (power - 10));
const decimalIncrements = Array.from({ length: 40 }, (_, power) => [1, 2, 2.5, 5].map((digit) => digit * 10 ** (power - 15))).flat();

/** Steps between the ticks of a time axis, in seconds: what clocks and calendars have. */
export const timeIncrements = [
  0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200,
  86_400, 172_800, 604_800, 1_209_600, 2_592_000, 7_776_000, 31_536_000,
];

// Below a second spans are counted in tens, above it as on clocks.
const spanIncrements = [...decimalIncrements.filter((step) => step < 1), ...timeIncrements.filter((step) => step >= 1), ...[2, 5, 10, 20, 50, 100].map((years) => years * 31_536_000)];

/** Steps between the ticks of a y axis whose values are in `unit`, so that they are round where people count in it. */
export function incrementsOf(unit: string): number[] {
  if (isBinary(unit)) return binaryIncrements;
  const seconds = secondsOf(unit);
  return seconds === undefined ? decimalIncrements : spanIncrements.map((step) => step / seconds);
}

/** Of axes and of labels in a plot, as a canvas takes it. */
export const font = "11px 'Inter Variable', sans-serif";

/** From so many lines on a crosshair marks the value of one of them. */
export const manyLines = 30;
// So many values are drawn again within a frame.
const dimmedValues = 20_000;

/** Whether a chart is light enough for one of its lines to stand out. */
export function dimsLines(lines: number, times: number): boolean {
  return lines > 1 && lines * times <= dimmedValues;
}

/** uPlot's options for `structure`. Scales and hooks that depend on the component are added by it. */
export function chartOptions(structure: Structure): uPlot.Options {
  const { kind, theme, unit, zone } = structure;
  const axis = { font, stroke: theme.text, grid: { stroke: theme.grid, width: 1 }, ticks: { show: false } };
  return {
    width: structure.width,
    height: structure.height,
    padding: [8, structure.right.includes(true) ? 0 : 12, 0, 0],
    legend: { show: false },
    cursor: {
      drag: { x: true, y: false, setScale: false },
      // Of a double click the page makes the way back from a zoom.
      bind: { dblclick: () => null },
      points: { size: 6, one: structure.names.length > manyLines },
      focus: { prox: 24 },
      ...(structure.syncKey ? { sync: { key: structure.syncKey } } : {}),
    },
    focus: { alpha: structure.dims ? 0.3 : 1 },
    scales: { x: { time: true }, y: yScale(structure, structure.thresholds), ...(structure.right.includes(true) && { right: yScale(structure, []) }) },
    axes: [
      { ...axis, size: 24, gap: 4, space: 56, incrs: timeIncrements, values: (_, ticks) => axisLabels(ticks, zone) },
      { ...axis, ...yAxis(structure, unit) },
      // Lines across the plot are those of the axis at the left.
      ...(structure.right.includes(true) ? [{ ...axis, ...yAxis(structure, structure.rightUnit), scale: "right", side: 1 as const, grid: { show: false } }] : []),
    ],
    series: [{}, ...structure.names.map((_, index) => seriesOptions(structure, index))],
    bands: kind === "stacked" ? bands(structure.shown) : fillBands(fillsOf(structure), structure.shown),
    hooks: { drawClear: [(plot) => drawStretches(plot, structure.stretches, theme)], draw: [(plot) => drawThresholds(plot, structure.thresholds, theme), (plot) => drawMarks(plot, structure.marks, theme)] },
  };
}

function yScale({ kind, log }: Structure, thresholds: readonly Threshold[]): uPlot.Scale {
  return log ? { distr: 3, log: 10 } : { range: (_, min, max) => yRange(min, max, kind, thresholds) };
}

function yAxis({ height, log }: Structure, unit: string): uPlot.Axis {
  return {
    gap: 6,
    space: height < 100 ? 18 : 28,
    ...(log ? {} : { incrs: incrementsOf(unit) }),
    values: (_, ticks) => ticks.map((tick) => (tick === null ? "" : formatValue(tick, unit))),
    size: (plot, labels) => axisWidth(plot, labels),
  };
}

function fillsOf({ above, strokes }: Structure): Fill[] {
  return above.flatMap((lower, upper): Fill[] => (lower < 0 ? [] : [{ upper, lower, colour: translucent(strokes[upper]?.colour ?? "", 0.18) }]));
}

export function isLine(kind: ChartKind): boolean {
  return kind === "lines" || kind === "area";
}

function seriesOptions({ kind, names, strokes, shown, right }: Structure, index: number): uPlot.Series {
  const stroke = strokes[index] ?? { colour: "", dash: [] };
  const crowded = names.length > 12;
  const common = { label: names[index] ?? "", show: shown[index] ?? true, stroke: stroke.colour, ...(right[index] && { scale: "right" }) };
  if (kind === "bars" || kind === "stackedBars") {
    // A value at t counts what happened in the step before t, so its bar stands to the left.
    const paths = uPlot.paths.bars?.({ size: [0.88, 40], align: -1 });
    return { ...common, width: 0, fill: stroke.colour, points: { show: false }, ...(paths ? { paths } : {}) };
  }
  return {
    ...common,
    width: crowded ? 1 : 1.5,
    alpha: crowded && kind === "lines" ? 0.7 : 1,
    dash: [...stroke.dash],
    // A lone sample between gaps would be invisible as a line.
    points: { show: lonePoints, size: 4, fill: stroke.colour },
    ...(kind === "lines" ? {} : { fill: translucent(stroke.colour, kind === "area" ? 0.12 : 0.4) }),
  };
}

function lonePoints(plot: uPlot, seriesIndex: number): boolean {
  const values = plot.data[seriesIndex] ?? [];
  let count = 0;
  for (const value of values) if (value !== null && value !== undefined) count++;
  return count > 0 && count < 3;
}

/** Fills between each shown line and the shown one below it. */
function bands(shown: readonly boolean[]): uPlot.Band[] {
  const visible = shown.flatMap((show, index) => (show ? [index + 1] : []));
  return visible.slice(1).map((series, below) => ({ series: [series, visible[below] ?? 1] }));
}

function translucent(hex: string, alpha: number): string {
  return `${hex}${Math.round(alpha * 255)
    .toString(16)
    .padStart(2, "0")}`;
}

/** The y scale: from zero where length means amount, or where zero is near; never of no height. */
export function yRange(min: number | null, max: number | null, kind: ChartKind, thresholds: readonly Threshold[]): [number, number] {
  if (min === null || max === null || !Number.isFinite(min) || !Number.isFinite(max)) return [0, 1];
  const low = Math.min(min, ...thresholds.map((one) => one.value));
  const high = Math.max(max, ...thresholds.map((one) => one.value));
  const fromZero = kind !== "lines" || (low >= 0 && low < high / 2);
  const bottom = fromZero ? Math.min(low, 0) : low;
  const top = fromZero ? Math.max(high, 0) : high;
  if (bottom === top) return bottom === 0 ? [0, 1] : [Math.min(0, bottom * 1.1), Math.max(0, bottom * 1.1)];
  const pad = (top - bottom) * 0.06;
  return [bottom === 0 ? 0 : bottom - pad, top === 0 ? 0 : top + pad];
}

/** Room for the labels of a y axis, in pixels. */
export function axisWidth(plot: uPlot, labels: readonly string[] | null): number {
  if (!labels || labels.length === 0) return 40;
  plot.ctx.font = font;
  const widest = Math.max(...labels.map((label) => plot.ctx.measureText(label).width));
  return Math.max(36, Math.ceil(widest) + 12);
}

function drawThresholds(plot: uPlot, thresholds: readonly Threshold[], theme: ChartTheme): void {
  const { ctx, bbox } = plot;
  for (const threshold of thresholds) {
    const y = Math.round(plot.valToPos(threshold.value, "y", true));
    if (y < bbox.top || y > bbox.top + bbox.height) continue;
    ctx.save();
    ctx.strokeStyle = threshold.colour ?? theme.warn;
    ctx.lineWidth = devicePixelRatio;
    ctx.setLineDash([5 * devicePixelRatio, 4 * devicePixelRatio]);
    ctx.beginPath();
    ctx.moveTo(bbox.left, y);
    ctx.lineTo(bbox.left + bbox.width, y);
    ctx.stroke();
    ctx.restore();
  }
}

/** Shaded below everything, with an edge where each begins. */
function drawStretches(plot: uPlot, stretches: readonly Stretch[], theme: ChartTheme): void {
  const { ctx, bbox } = plot;
  const within = (seconds: number): number => Math.min(Math.max(plot.valToPos(seconds, "x", true), bbox.left), bbox.left + bbox.width);
  for (const { from, to, level } of stretches) {
    const left = Math.round(within(from));
    const width = Math.round(within(to)) - left;
    if (width <= 0) continue;
    ctx.save();
    ctx.fillStyle = level === "error" ? theme.warn : level === "warn" ? theme.pending : theme.mark;
    ctx.globalAlpha = 0.12;
    ctx.fillRect(left, bbox.top, width, bbox.height);
    ctx.globalAlpha = 0.8;
    ctx.fillRect(left, bbox.top + bbox.height - 3 * devicePixelRatio, width, 3 * devicePixelRatio);
    ctx.restore();
  }
}

/** Upright lines with their labels at the top. */
function drawMarks(plot: uPlot, marks: readonly Mark[], theme: ChartTheme): void {
  const { ctx, bbox } = plot;
  const right = bbox.left + bbox.width;
  for (const { time, label } of marks) {
    const x = Math.round(plot.valToPos(time, "x", true));
    if (x < bbox.left || x > right) continue;
    ctx.save();
    ctx.strokeStyle = theme.mark;
    ctx.fillStyle = theme.mark;
    ctx.lineWidth = devicePixelRatio;
    ctx.setLineDash([3 * devicePixelRatio, 3 * devicePixelRatio]);
    ctx.beginPath();
    ctx.moveTo(x, bbox.top);
    ctx.lineTo(x, bbox.top + bbox.height);
    ctx.stroke();
    ctx.font = font.replace("11px", `${11 * devicePixelRatio}px`);
    ctx.textBaseline = "top";
    // Where the label would leave the plot it stands at the other side of its line.
    const room = 4 * devicePixelRatio;
    const fits = x + room + ctx.measureText(label).width <= right;
    ctx.textAlign = fits ? "left" : "right";
    ctx.fillText(label, fits ? x + room : x - room, bbox.top);
    ctx.restore();
  }
}
