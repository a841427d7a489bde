import { Button } from "@mantine/core";
import { useElementSize } from "@mantine/hooks";
import { Link } from "@tanstack/react-router";
import { useMemo, useState } from "react";

import { servicePlace } from "../../lib/links";
import { layoutMap, type Point } from "../../lib/serviceMap";
import { formatValue } from "../../lib/units";
import { counted, shareToken, typeName, type Flow, type ServiceGraph, type Station } from "./graph";
import classes from "./ServiceMap.module.css";

const grid = { column: 232, row: 56 };
// Half the size of a node's box, and the ring in it.
const half = { x: 80, y: 20 };
const ring = 11;
// Longer names are cut; the whole one is in the node's text.
const nameLength = 17;
// The least scale a map begins with, and the factor between one zoom and the next.
const readable = 0.7;
const zoomStep = 1.25;

/** What the pointer or the keyboard is at: a node by its name, a flow by its ends. */
type Focus = { node: string } | { flow: Flow } | undefined;

/** Services and what they call, callers to the left. A node is a link to its service and says its numbers; so does a flow under the pointer. */
export function ServiceMap({ graph: { stations, flows } }: { graph: ServiceGraph }) {
  const [focus, setFocus] = useState<Focus>();
  const layout = useMemo(
    () =>
      layoutMap(
        stations.map((one) => one.name),
        flows,
        grid,
      ),
    [stations, flows],
  );
  const { ref, width } = useElementSize<HTMLDivElement>();
  const [zoom, setZoom] = useState<number>();
  // As wide as there is room, as long as its text can be read.
  const whole = width === 0 ? 1 : Math.min(1, width / layout.width);
  const scale = zoom ?? Math.max(whole, readable);
  const busiest = Math.max(...flows.map((flow) => flow.rate), 0);
  const lit = (flow: Flow) => !focus || ("node" in focus ? flow.from === focus.node || flow.to === focus.node : flow === focus.flow);
  const near = new Set(flows.filter(lit).flatMap((flow) => [flow.from, flow.to]));

  return (
    <>
      <div className={classes.scroller} ref={ref}>
        <svg
          className={classes.map}
          width={layout.width * scale}
          height={layout.height * scale}
          viewBox={`0 0 ${layout.width} ${layout.height}`}
          role="group"
          aria-label={`Map of ${counted(stations.length, "node")} and ${counted(flows.length, "connection")}; the table has the same`}
        >
          {flows.map((flow, index) => (
            <FlowPath
              key={JSON.stringify([flow.from, flow.to])}
              flow={flow}
              route={layout.routes[index] ?? []}
              share={busiest === 0 ? 0 : flow.rate / busiest}
              dim={!lit(flow)}
              onFocus={(on) => setFocus(on ? { flow } : undefined)}
            />
          ))}
          {stations.map((station) => (
            <Box
              key={station.name}
              station={station}
              at={layout.nodes.get(station.name) ?? { x: 0, y: 0 }}
              dim={focus !== undefined && !near.has(station.name) && !("node" in focus && focus.node === station.name)}
              onFocus={(on) => setFocus(on ? { node: station.name } : undefined)}
            />
          ))}
        </svg>
      </div>
      <div className={classes.foot}>
        <p className={classes.said}>{said(focus, stations, flows)}</p>
        <div className={classes.zoom} role="group" aria-label="Zoom">
          <Button size="compact-xs" variant="default" aria-label="Smaller" onClick={() => setZoom(Math.max(scale / zoomStep, whole / 2))}>
            −
          </Button>
          <Button size="compact-xs" variant="default" aria-label="Larger" onClick={() => setZoom(Math.min(scale * zoomStep, 2))}>
            +
          </Button>
          <Button size="compact-xs" variant="default" onClick={() => setZoom(whole)}>
            Fit width
          </Button>
        </div>
      </div>
    </>
  );
}

interface FlowPathProps {
  flow: Flow;
  route: readonly Point[];
  /** Of the busiest flow's rate. */
  share: number;
  dim: boolean;
  onFocus(on: boolean): void;
}

function FlowPath({ flow, route, share, dim, onFocus }: FlowPathProps) {
  const first = route[0];
  const last = route.at(-1);
  if (!first || !last) return null;
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

interface BoxProps {
  station: Station;
  at: Point;
  dim: boolean;
  onFocus(on: boolean): void;
}

function Box({ station, at, dim, onFocus }: BoxProps) {
  const { name, type, rate, errorRatio } = station;
  const token = shareToken(errorRatio);
  const focus = { onMouseEnter: () => onFocus(true), onMouseLeave: () => onFocus(false), onFocus: () => onFocus(true), onBlur: () => onFocus(false) };
  const inside = (
    <>
      <title>{stationText(station)}</title>
      <rect className={classes.box} data-type={type} x={-half.x} y={-half.y} width={2 * half.x} height={2 * half.y} rx={type === "service" ? 6 : 20} />
      <Ring share={errorRatio ?? 0} />
      <text className={classes.name} x={-half.x + 36} y={-3}>
        {name.length > nameLength ? `${name.slice(0, nameLength - 1)}…` : name}
      </text>
      <text className={classes.numbers} x={-half.x + 36} y={12}>
        {rate === null ? typeName(type) : formatValue(rate, "/s")}
        {errorRatio !== null && errorRatio > 0 && (
          <tspan className={classes.share} data-share={token} dx="6">
            {formatValue(errorRatio, "percentunit")} failed
          </tspan>
        )}
      </text>
    </>
  );
  return (
    <g transform={`translate(${at.x} ${at.y})`} className={classes.node} data-dim={dim || undefined}>
      {type === "service" ? (
        <Link {...servicePlace(name)} aria-label={stationText(station)} {...focus}>
          {inside}
        </Link>
      ) : (
        <g role="img" aria-label={stationText(station)} {...focus}>
          {inside}
        </g>
      )}
    </g>
  );
}

/** A circle with the failed share as an arc from the top. */
function Ring({ share }: { share: number }) {
  const around = 2 * Math.PI * ring;
  return (
    <g transform={`translate(${-half.x + 18} 0) rotate(-90)`}>
      <circle className={classes.ring} r={ring} />
      {share > 0 && <circle className={classes.arc} r={ring} strokeDasharray={`${Math.max(share, 0.02) * around} ${around}`} />}
    </g>
  );
}

function stationText({ name, type, rate, errorRatio }: Station): string {
  const numbers = rate === null ? "" : `: ${formatValue(rate, "/s")}, ${formatValue(errorRatio, "percentunit")} failed`;
  return `${name}${type === "service" ? "" : ` (${typeName(type)})`}${numbers}`;
}

function flowText(flow: Flow): string {
  const parts = flow.edges.map((edge) => {
    const kind = edge.type === "messaging_system" ? " by queue" : "";
    return `${formatValue(edge.rate, "/s")}${kind}, ${formatValue(edge.errorRatio, "percentunit")} failed, p95 ${formatValue(edge.p95, "s")}`;
  });
  return `${flow.from} → ${flow.to}: ${parts.join("; ")}`;
}

function said(focus: Focus, stations: readonly Station[], flows: readonly Flow[]): string {
  if (!focus) return "Width tells calls per second, the ring the failed share. Point at a node or a line for its numbers.";
  if ("flow" in focus) return flowText(focus.flow);
  const station = stations.find((one) => one.name === focus.node);
  if (!station) return "";
  const callers = flows.filter((flow) => flow.to === focus.node).map((flow) => flow.from);
  const called = flows.filter((flow) => flow.from === focus.node).map((flow) => flow.to);
  const parts = [
    stationText(station),
    ...(callers.length > 0 ? [`called by ${callers.join(", ")}`] : []),
    ...(called.length > 0 ? [`calls ${called.join(", ")}`] : []),
  ];
  return parts.join(" · ");
}
