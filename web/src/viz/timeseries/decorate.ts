import type uPlot from "uplot";

import { font } from "../../components/chart/options";
import type { Scheme } from "../../lib/colour";
import { namedColour, translucent } from "../../lib/dashboard/colour";
import type { PanelMark } from "../panel";
import type { Scale } from "./scales";

/** A sample that a trace stands behind. */
export interface Exemplar {
  /** Milliseconds since 1970. */
  time: number;
  value: number;
  labels: Readonly<Record<string, string>>;
}

/** What is drawn besides the lines. */
export interface Drawing {
  marks: readonly PanelMark[];
  exemplars: readonly Exemplar[];
}

function within(plot: uPlot, draw: (ctx: CanvasRenderingContext2D) => void): void {
  const { ctx, bbox } = plot;
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  draw(ctx);
  ctx.restore();
}

/** Colours the stretches between thresholds, below everything else. */
export function shadeThresholds(plot: uPlot, scales: readonly Scale[]): void {
  scales.forEach((scale, index) => {
    if (!scale.thresholds?.area) return;
    const { steps } = scale.thresholds;
    const place = (value: number): number => edge(plot, value, `y${index}`);
    within(plot, (ctx) => {
      steps.forEach((step, at) => {
        const [bottom, top] = [place(step.value), place(steps[at + 1]?.value ?? Infinity)];
        ctx.fillStyle = translucent(step.colour, step.colour.startsWith("rgba(0, 0, 0, 0") ? 0 : 0.1);
        ctx.fillRect(plot.bbox.left, top, plot.bbox.width, bottom - top);
      });
    });
  });
}

function edge(plot: uPlot, value: number, scale: string): number {
  if (!Number.isFinite(value)) return value > 0 ? plot.bbox.top : plot.bbox.top + plot.bbox.height;
  return plot.valToPos(value, scale, true);
}

/** A line at each threshold but the base. */
export function drawThresholds(plot: uPlot, scales: readonly Scale[]): void {
  scales.forEach((scale, index) => {
    if (!scale.thresholds?.line) return;
    const { steps, dashed } = scale.thresholds;
    within(plot, (ctx) => {
      for (const step of steps) {
        if (!Number.isFinite(step.value)) continue;
        const y = Math.round(plot.valToPos(step.value, `y${index}`, true));
        ctx.strokeStyle = step.colour;
        ctx.lineWidth = 1.5 * devicePixelRatio;
        ctx.setLineDash(dashed ? [8 * devicePixelRatio, 6 * devicePixelRatio] : []);
        ctx.beginPath();
        ctx.moveTo(plot.bbox.left, y);
        ctx.lineTo(plot.bbox.left + plot.bbox.width, y);
        ctx.stroke();
      }
    });
  });
}

/** Annotations as upright lines and stretches, exemplars as diamonds. */
export function drawMarks(plot: uPlot, { marks, exemplars }: Drawing, scheme: Scheme): void {
  const { bbox } = plot;
  const bottom = bbox.top + bbox.height;
  within(plot, (ctx) => {
    ctx.font = font;
    for (const mark of marks) {
      const colour = namedColour(mark.colour, scheme) ?? namedColour("blue", scheme) ?? "";
      const from = plot.valToPos(mark.time / 1000, "x", true);
      const to = mark.timeEnd === undefined ? from : plot.valToPos(mark.timeEnd / 1000, "x", true);
      ctx.fillStyle = translucent(colour, 0.12);
      if (to > from) ctx.fillRect(from, bbox.top, to - from, bbox.height);
      ctx.strokeStyle = colour;
      ctx.lineWidth = devicePixelRatio;
      ctx.setLineDash([4 * devicePixelRatio, 4 * devicePixelRatio]);
      ctx.beginPath();
      for (const x of to > from ? [from, to] : [from]) {
        ctx.moveTo(Math.round(x), bbox.top);
        ctx.lineTo(Math.round(x), bottom);
      }
      ctx.stroke();
      const size = 4 * devicePixelRatio;
      ctx.fillStyle = colour;
      ctx.beginPath();
      ctx.moveTo(from - size, bottom);
      ctx.lineTo(from + size, bottom);
      ctx.lineTo(from, bottom - 1.5 * size);
      ctx.fill();
    }
    const size = 4 * devicePixelRatio;
    ctx.fillStyle = namedColour("semi-dark-blue", scheme) ?? "";
    for (const { time, value } of exemplars) {
      const [x, y] = [plot.valToPos(time / 1000, "x", true), plot.valToPos(value, "y0", true)];
      ctx.beginPath();
      ctx.moveTo(x, y - size);
      ctx.lineTo(x + size, y);
      ctx.lineTo(x, y + size);
      ctx.lineTo(x - size, y);
      ctx.fill();
    }
  });
}
