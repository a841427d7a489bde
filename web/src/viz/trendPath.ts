import type { Cell } from "../lib/dashboard/frame";

interface TrendBox {
  width: number;
  height: number;
  min?: number | undefined;
  max?: number | undefined;
}

/** Paths of an SVG for values over time: the line, broken where values are missing, and the area below it. */
export function trendPath(times: readonly Cell[], values: readonly Cell[], { width, height, min, max }: TrendBox): { line: string; area: string } {
  const points: { t: number; v: number | null }[] = [];
  let low = Infinity;
  let high = -Infinity;
  values.forEach((cell, row) => {
    const value = typeof cell === "number" && Number.isFinite(cell) ? cell : null;
    points.push({ t: Number(times[row]), v: value });
    if (value === null) return;
    low = Math.min(low, value);
    high = Math.max(high, value);
  });
  if (high < low) return { line: "", area: "" };
  const [bottom, top] = [Math.min(min ?? low, low), Math.max(max ?? high, high)];
  const [start, end] = [points[0]?.t ?? 0, points.at(-1)?.t ?? 1];
  const x = (t: number): number => (end === start ? 0 : ((t - start) / (end - start)) * width);
  // A level course runs through the middle.
  const y = (v: number): number => (top === bottom ? height / 2 : height - 1 - ((v - bottom) / (top - bottom)) * (height - 2));
  let line = "";
  let area = "";
  for (const run of runs(thin(points, Math.max(Math.floor(width), 2)))) {
    const path = run.map((one, index) => `${index === 0 ? "M" : "L"}${x(one.t).toFixed(1)} ${y(one.v).toFixed(1)}`).join("");
    line += path;
    area += `${path}L${x(run.at(-1)?.t ?? 0).toFixed(1)} ${height}L${x(run[0]?.t ?? 0).toFixed(1)} ${height}Z`;
  }
  return { line, area };
}

interface Point {
  t: number;
  v: number;
}

function runs(points: readonly { t: number; v: number | null }[]): Point[][] {
  const all: Point[][] = [];
  let run: Point[] = [];
  for (const { t, v } of points) {
    if (v !== null) run.push({ t, v });
    else if (run.length > 0) {
      all.push(run);
      run = [];
    }
  }
  return run.length > 0 ? [...all, run] : all;
}

/** Of each pixel's points the smallest and the largest, so that no peak is lost. */
function thin(points: readonly { t: number; v: number | null }[], pixels: number): readonly { t: number; v: number | null }[] {
  const per = Math.ceil(points.length / pixels);
  if (per <= 2) return points;
  const kept: { t: number; v: number | null }[] = [];
  for (let from = 0; from < points.length; from += per) {
    const part = points.slice(from, from + per).filter((point): point is Point => point.v !== null);
    const [first] = part;
    if (!first) {
      kept.push({ t: points[from]?.t ?? 0, v: null });
      continue;
    }
    const low = part.reduce((a, b) => (b.v < a.v ? b : a), first);
    const high = part.reduce((a, b) => (b.v > a.v ? b : a), first);
    kept.push(...(low === high ? [low] : low.t < high.t ? [low, high] : [high, low]));
  }
  return kept;
}
