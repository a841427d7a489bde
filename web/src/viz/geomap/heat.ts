import { alongStops, rgbOf } from "../../lib/dashboard/colour";

// From where little is to where most is.
const stops = ["#0000FF", "#00FFFF", "#00FF00", "#FFFF00", "#FF0000"];

/** A place of a heatmap: pixels, and how much there is of it, 0 to 1. */
export interface HeatPoint {
  x: number;
  y: number;
  weight: number;
}

/** Draws how densely points lie: each as a soft disc, whose overlaps add up, in colours from blue to red. */
export function drawHeat(target: CanvasRenderingContext2D, { width, height }: HTMLCanvasElement, points: readonly HeatPoint[], { radius, blur }: { radius: number; blur: number }): void {
  if (points.length === 0) return;
  // Its pixels are read, which is slow of a canvas that is on the page.
  const ctx = new OffscreenCanvas(width, height).getContext("2d", { willReadFrequently: true });
  if (!ctx) return;
  const scale = target.getTransform();
  ctx.setTransform(scale);
  const reach = radius + blur;
  for (const { x, y, weight } of points) {
    const disc = ctx.createRadialGradient(x, y, 0, x, y, reach);
    const alpha = Math.min(Math.max(weight, 0), 1);
    disc.addColorStop(0, `rgb(0 0 0 / ${alpha})`);
    disc.addColorStop(radius / reach, `rgb(0 0 0 / ${alpha * 0.6})`);
    disc.addColorStop(1, "rgb(0 0 0 / 0)");
    ctx.fillStyle = disc;
    ctx.fillRect(x - reach, y - reach, 2 * reach, 2 * reach);
  }
  const picture = ctx.getImageData(0, 0, width, height);
  const { data } = picture;
  const ramp = Array.from({ length: 256 }, (_, alpha) => rgbOf(alongStops(stops, alpha / 255)) ?? [0, 0, 0]);
  for (let at = 0; at < data.length; at += 4) {
    const alpha = data[at + 3] ?? 0;
    if (alpha > 0) data.set(ramp[alpha] ?? [], at);
  }
  target.putImageData(picture, 0, 0);
}
