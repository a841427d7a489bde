import type { Point } from "../../lib/serviceMap";
import { shareToken, type Flow } from "./graph";
import { half } from "./MapNode";
import { flowText } from "./mapText";
import classes from "./ServiceMap.module.css";

interface MapFlowProps {
  flow: Flow;
  route: readonly Point[];
  /** Of the busiest flow's rate. */
  share: number;
  dim: boolean;
  onFocus(on: boolean): void;
}

/** The calls from one node to another, as a line with a tip. */
export function MapFlow({ flow, route, share, dim, onFocus }: MapFlowProps) {
  if (route.length === 0) return null;
  const width = 1 + 4 * Math.sqrt(share);
  const { path, tip, back } = curve(route);
  return (
    <g
      className={classes.flow}
      data-dim={dim || undefined}
      data-share={shareToken(flow.errorRatio)}
      aria-hidden="true"
      onMouseEnter={() => onFocus(true)}
      onMouseLeave={() => onFocus(false)}
    >
      <title>{flowText(flow)}</title>
      <path className={classes.catch} d={path} />
      <path className={classes.line} d={path} strokeWidth={width} />
      <path className={classes.tip} d={`M${tip.x} ${tip.y}l${back ? 8 : -8} -4.5v9z`} />
    </g>
  );
}

/** A smooth line through the stations of a route, from the side of one box to the side of another. */
function curve(route: readonly Point[]): { path: string; tip: Point; back: boolean } {
  const [first = { x: 0, y: 0 }] = route;
  const last = route.at(-1) ?? first;
  if (route.length === 1) {
    const { x, y } = first;
    const tip = { x: x - half.x, y };
    return { path: `M${x + half.x} ${y}c36 -40 ${-2 * half.x - 36} -40 ${-2 * half.x} 0`, tip, back: false };
  }
  const back = last.x < first.x;
  // Two in one column do not occur: a layer is one after that of a caller, and circles run back by a layer or more.
  const side = back ? -half.x : half.x;
  // Past a column of boxes a line runs level, so that it bends between columns alone and stays clear of the boxes.
  const past = route.slice(1, -1).flatMap(({ x, y }) => [
    { x: x - side, y },
    { x: x + side, y },
  ]);
  const points = [{ x: first.x + side, y: first.y }, ...past, { x: last.x - side, y: last.y }];
  let path = `M${points[0]?.x} ${points[0]?.y}`;
  for (let i = 1; i < points.length; i++) {
    const from = points[i - 1] ?? first;
    const to = points[i] ?? last;
    const bend = (to.x - from.x) / 2;
    path += `C${from.x + bend} ${from.y} ${to.x - bend} ${to.y} ${to.x} ${to.y}`;
  }
  return { path, tip: points.at(-1) ?? last, back };
}
