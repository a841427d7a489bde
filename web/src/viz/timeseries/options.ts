import uPlot from "uplot";

import { fillBands, type Fill } from "../../components/chart/bands";
import { axisWidth, dimsLines, font, incrementsOf, manyLines, timeIncrements } from "../../components/chart/options";
import { alongStops, mix, scaleStops, thresholdSteps, translucent } from "../../lib/dashboard/colour";
import { colourMode, fieldRange, shareOf, type Look } from "../../lib/dashboard/display";
import { axisLabels } from "../../lib/timeFormat";
import { stackGroups } from "./columns";
import { drawMarks, drawThresholds, shadeThresholds, type Drawing } from "./decorate";
import type { Line } from "./lines";
import { tickTexts, type Chart } from "./prepare";
import { scaleEnds, type Scale } from "./scales";

/** Colours of the parts of a chart that are not data, from the theme. */
export interface ChartTheme {
  text: string;
  grid: string;
  surface: string;
}

/** What a chart's options are made of; data that changes later is asked for again. */
export interface ChartSetup {
  chart: Chart;
  shown: readonly boolean[];
  look: Look;
  theme: ChartTheme;
  width: number;
  height: number;
  /** What is drawn besides the lines, as it is when it is drawn. */
  drawing: () => Drawing;
}

/** uPlot's options for a chart. Hooks that listen are added by the component. */
export function chartOptions(setup: ChartSetup): uPlot.Options {
  const { chart, shown, look, theme } = setup;
  const axis = { font, stroke: theme.text, grid: { stroke: theme.grid, width: 1 }, ticks: { show: false } };
  const rightAxis = chart.scales.some((scale) => scale.side === "right");
  return {
    width: setup.width,
    height: setup.height,
    padding: [10, rightAxis ? 0 : 18, 0, chart.scales.some((scale) => scale.side === "left") ? 0 : 12],
    legend: { show: false },
    cursor: {
      y: false,
      drag: { x: true, y: false, setScale: false },
      points: { size: 6, one: chart.lines.length > manyLines },
      hover: { skip: [undefined], prox: 40 },
      focus: { prox: 24 },
    },
    focus: { alpha: dims(chart) ? 0.3 : 1 },
    scales: { x: { time: true }, ...Object.fromEntries(chart.scales.map((scale, index) => [`y${index}`, scaleOptions(scale)])) },
    axes: [
      { ...axis, size: 24, gap: 4, space: 56, incrs: timeIncrements, values: (_, ticks) => axisLabels(ticks, look.zone) },
      ...yAxes(chart.scales, axis, theme, setup.height),
    ],
    series: [{}, ...chart.lines.map((line, index) => lineOptions(line, index, setup))],
    bands: [...stackBands(chart.lines, shown), ...fillBands(fillsOf(chart.lines), shown)],
    hooks: {
      drawClear: [(plot) => shadeThresholds(plot, chart.scales)],
      draw: [(plot) => drawThresholds(plot, chart.scales), (plot) => drawMarks(plot, setup.drawing(), look.scheme)],
    },
  };
}

function dims({ lines, aligned }: Chart): boolean {
  return dimsLines(lines.length, aligned.times.length) && lines.every((line) => line.draw === "line" && !line.stack);
}

function scaleOptions(scale: Scale): uPlot.Scale {
  if (scale.log !== undefined) {
    const base = scale.log;
    return {
      distr: 3,
      log: base,
      range: (_, low, high) => {
        const bottom = positive(scale.min) ?? positive(low) ?? 1;
        const [from, to] = uPlot.rangeLog(bottom, Math.max(scale.max ?? high ?? 1, bottom * base), base, true);
        return [positive(scale.min) ?? from, scale.max ?? to];
      },
    };
  }
  if (scale.linearUpTo !== undefined) {
    return { distr: 4, asinh: scale.linearUpTo, range: (_, low, high) => uPlot.rangeAsinh(scale.min ?? low ?? 0, scale.max ?? high ?? 1, 10, true) };
  }
  return { range: (_, low, high) => scaleEnds(scale, low, high) };
}

function positive(value: number | null | undefined): number | undefined {
  return value !== null && value !== undefined && value > 0 ? value : undefined;
}

function yAxes(scales: readonly Scale[], axis: uPlot.Axis, theme: ChartTheme, height: number): uPlot.Axis[] {
  const first = scales.findIndex((scale) => scale.side !== "hidden");
  return scales.flatMap((scale, index): uPlot.Axis[] => {
    if (scale.side === "hidden") return [];
    const steps = scale.log === undefined && scale.linearUpTo === undefined ? { incrs: incrementsOf(scale.unit) } : {};
    return [
      {
        ...axis,
        ...steps,
        scale: `y${index}`,
        side: scale.side === "right" ? 1 : 3,
        stroke: scale.colour ?? theme.text,
        gap: 6,
        space: height < 100 ? 18 : 28,
        grid: { ...axis.grid, show: scale.grid ?? index === first },
        ...(scale.border && { border: { show: true, stroke: scale.colour ?? theme.grid, width: 1 } }),
        ...(scale.label !== "" && { label: scale.label, labelSize: 18, labelGap: 2, labelFont: font }),
        values: (_, ticks) => tickTexts(ticks, scale),
        size: (plot, labels) => axisWidth(plot, labels),
      },
    ];
  });
}

function lineOptions(line: Line, index: number, { chart, shown, look, theme }: ChartSetup): uPlot.Series {
  const crowded = chart.lines.length > 12;
  const common: uPlot.Series = { label: line.key, show: shown[index] ?? true, scale: `y${chart.scaleOf[index] ?? 0}` };
  const stroke = line.gradient === "scheme" ? schemePaint(line, look, 1) : line.stroke.colour;
  if (line.draw === "bars") {
    // Stacked bars all begin at zero: those in front must not let the ones behind shine through.
    const fill = line.stack ? mix(theme.surface, line.stroke.colour, line.fill) : fillOf(line, look);
    const paths = uPlot.paths.bars?.({ size: [line.bar.share, line.bar.max], align: line.bar.align });
    return { ...common, stroke, width: line.width, fill, points: { show: false }, ...(paths ? { paths } : {}) };
  }
  const paths = pathsOf(line);
  return {
    ...common,
    stroke,
    width: crowded ? Math.min(line.width, 1) : line.width,
    alpha: crowded && line.fill === 0 && line.draw === "line" ? 0.75 : 1,
    dash: [...line.stroke.dash],
    ...(line.stroke.dash[0] !== undefined && line.stroke.dash[0] < 1 ? { cap: "round" as const } : {}),
    points: pointOptions(line),
    ...(line.fill > 0 && line.draw === "line" ? { fill: fillOf(line, look) } : {}),
    ...(paths ? { paths } : {}),
  };
}

function pathsOf({ draw, curve }: Line): uPlot.Series.PathBuilder | undefined {
  if (draw === "points") return () => null;
  if (curve === "smooth") return uPlot.paths.spline?.();
  if (curve === "stepAfter") return uPlot.paths.stepped?.({ align: 1 });
  if (curve === "stepBefore") return uPlot.paths.stepped?.({ align: -1 });
  return undefined;
}

/** Points where they are asked for, or where there is room for them; a lone value between gaps always has one. */
function pointOptions(line: Line): uPlot.Series.Points {
  const size = Math.max(line.pointSize, line.width + 1);
  const show: uPlot.Series.Points["show"] =
    line.points === "always" ? true : line.points === "never" ? () => false : (plot, _, from, to) => roomy(plot, from, to, size);
  const filter: uPlot.Series.Points.Filter = (plot, series, shown) => (shown ? null : lone(plot.data[series] ?? []));
  return { show, size, fill: line.stroke.colour, width: 0, ...(line.points === "always" ? {} : { filter }) };
}

function roomy(plot: uPlot, from: number, to: number, size: number): boolean {
  const times = plot.data[0];
  const pixels = Math.abs(plot.valToPos(times[to] ?? 0, "x") - plot.valToPos(times[from] ?? 0, "x"));
  return to - from <= pixels / (size * 4);
}

/** Rows of values without a neighbour. */
export function lone(values: ArrayLike<number | null | undefined>): number[] {
  const rows: number[] = [];
  let before: number | null | undefined = null;
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    if (value === undefined) continue;
    if (value !== null && before === null) {
      let next = i + 1;
      while (next < values.length && values[next] === undefined) next++;
      if ((values[next] ?? null) === null) rows.push(i);
    }
    before = value;
  }
  return rows;
}

function fillOf(line: Line, look: Look): uPlot.Series.Fill {
  const { colour } = line.stroke;
  switch (line.gradient) {
    case "opacity":
      return (plot) => vertical(plot, [translucent(colour, line.fill), translucent(colour, line.fill * 0.08)]);
    case "hue":
      return (plot) => vertical(plot, [translucent(mix(colour, "#FFFFFF", 0.25), line.fill), translucent(mix(colour, "#000000", 0.25), line.fill)]);
    case "scheme":
      return schemePaint(line, look, line.fill);
    default:
      return translucent(colour, line.fill);
  }
}

function vertical(plot: uPlot, [top, bottom]: [string, string]): CanvasGradient {
  const paint = plot.ctx.createLinearGradient(0, plot.bbox.top, 0, plot.bbox.top + plot.bbox.height);
  paint.addColorStop(0, top);
  paint.addColorStop(1, bottom);
  return paint;
}

/** Paint whose colour at each height is that of the value there, by the field's thresholds or scale. */
function schemePaint({ field, frame, stroke }: Line, look: Look, alpha: number): (plot: uPlot, series: number) => CanvasGradient | string {
  const range = fieldRange(field, [frame]);
  const mode = colourMode(field, "palette-classic");
  const stops = scaleStops(mode, look.scheme);
  return (plot, series) => {
    const scale = plot.series[series]?.scale ?? "y0";
    const [low, high] = [plot.scales[scale]?.min, plot.scales[scale]?.max];
    if (low === undefined || high === undefined || low === null || high === null || high <= low) return translucent(stroke.colour, alpha);
    const paint = plot.ctx.createLinearGradient(0, plot.bbox.top + plot.bbox.height, 0, plot.bbox.top);
    const at = (value: number): number => Math.min(Math.max((value - low) / (high - low), 0), 1);
    if (stops) {
      for (let i = 0; i <= 10; i++) paint.addColorStop(i / 10, translucent(alongStops(stops, shareOf(low + ((high - low) * i) / 10, range)), alpha));
      return paint;
    }
    if (mode !== "thresholds") return translucent(stroke.colour, alpha);
    const steps = thresholdSteps(field.config, look.scheme, range);
    steps.forEach((step, index) => {
      paint.addColorStop(at(step.value), translucent(step.colour, alpha));
      paint.addColorStop(at(steps[index + 1]?.value ?? Infinity), translucent(step.colour, alpha));
    });
    return paint;
  };
}

/** Fills between each stacked line and the one it stands on. */
function stackBands(lines: readonly Line[], shown: readonly boolean[]): uPlot.Band[] {
  return [...stackGroups(lines, shown).values()].flatMap((members) =>
    lines[members[0] ?? 0]?.draw === "bars"
      ? []
      : members.slice(1).map((index, below): uPlot.Band => ({ series: [index + 1, (members[below] ?? 0) + 1], dir: lines[index]?.negative ? 1 : -1 })),
  );
}

function fillsOf(lines: readonly Line[]): Fill[] {
  return lines.flatMap((line, upper): Fill[] => {
    const lower = line.below === "" ? -1 : lines.findIndex((one) => one.name === line.below);
    return lower < 0 ? [] : [{ upper, lower, colour: translucent(line.stroke.colour, line.fill || 0.35) }];
  });
}
