import { useMemo, useState } from "react";

import { useSize } from "../../components/useSize";
import { layoutMap, type Point } from "../../lib/serviceMap";
import { LinkedValue } from "../LinkedValue";
import { useLook } from "../look";
import { NoData } from "../NoData";
import type { PanelProps } from "../panel";
import { readGraph, type GraphEdge, type GraphNode } from "./graph";
import classes from "./nodegraph.module.css";

const grid = { column: 220, row: 64 };
// Half the size of a node's box, and the ring in it.
const half = { x: 82, y: 24 };
const ring = 14;
const readable = 0.6;

/** Things and what joins them, in layers from left to right. */
export function NodeGraphPanel({ title, frames, timeZone, interpolate }: PanelProps) {
  const look = useLook(timeZone);
  const { nodes, edges } = useMemo(() => readGraph(frames, look, interpolate), [frames, look, interpolate]);
  const layout = useMemo(
    () =>
      layoutMap(
        nodes.map((node) => node.id),
        edges,
        grid,
      ),
    [nodes, edges],
  );
  const [pointed, setPointed] = useState<string | undefined>();
  const { ref, width, height } = useSize();
  if (nodes.length === 0) return <NoData>No nodes</NoData>;
  const scale = width === 0 ? 1 : Math.min(1, Math.max(Math.min(width / layout.width, height / layout.height), readable));
  const lit = (edge: GraphEdge): boolean => pointed === undefined || edge.from === pointed || edge.to === pointed;
  const near = new Set(edges.filter(lit).flatMap((edge) => [edge.from, edge.to]));
  return (
    <div className={classes.scroller} ref={ref}>
      <svg
        width={layout.width * scale}
        height={layout.height * scale}
        viewBox={`0 0 ${layout.width} ${layout.height}`}
        className={classes.graph}
        role="group"
        aria-label={`${title === "" ? "Graph" : title}: ${nodes.length} nodes and ${edges.length} edges`}
      >
        {edges.map((edge, index) => (
          <Edge key={JSON.stringify([edge.from, edge.to, index])} edge={edge} route={layout.routes[index] ?? []} dim={!lit(edge)} />
        ))}
        {nodes.map((node) => (
          <Node key={node.id} node={node} at={layout.nodes.get(node.id) ?? { x: 0, y: 0 }} dim={pointed !== undefined && !near.has(node.id) && pointed !== node.id} onPoint={setPointed} />
        ))}
      </svg>
    </div>
  );
}

function Edge({ edge, route, dim }: { edge: GraphEdge; route: readonly Point[]; dim: boolean }) {
  const [first] = route;
  const last = route.at(-1);
  if (!first || !last) return null;
  const back = last.x < first.x;
  const side = back ? -half.x : half.x;
  const points = [{ x: first.x + side, y: first.y }, ...route.slice(1, -1).flatMap(({ x, y }) => [{ x: x - side, y }, { x: x + side, y }]), { x: last.x - side, y: last.y }];
  const path = points.map(({ x, y }, index) => {
    const from = points[index - 1];
    if (!from) return `M${x} ${y}`;
    const bend = (x - from.x) / 2;
    return `C${from.x + bend} ${from.y} ${x - bend} ${y} ${x} ${y}`;
  });
  const tip = points.at(-1) ?? last;
  return (
    <g className={classes.edge} data-dim={dim || undefined}>
      <title>{`${edge.from} → ${edge.to}${edge.text === "" ? "" : `: ${edge.text}`}`}</title>
      <path className={classes.catch} d={path.join("")} />
      <path className={classes.line} d={path.join("")} strokeWidth={1 + 4 * Math.sqrt(edge.weight)} />
      <path className={classes.tip} d={`M${tip.x} ${tip.y}l${back ? 8 : -8} -4.5v9z`} />
    </g>
  );
}

function Node({ node, at, dim, onPoint }: { node: GraphNode; at: Point; dim: boolean; onPoint(id: string | undefined): void }) {
  const text = [node.title, node.subtitle, ...node.stats].filter((one) => one !== "").join(", ");
  return (
    <g transform={`translate(${at.x} ${at.y})`} className={classes.node} data-dim={dim || undefined} role="img" aria-label={text} onMouseEnter={() => onPoint(node.id)} onMouseLeave={() => onPoint(undefined)}>
      <title>{text}</title>
      <rect className={classes.box} x={-half.x} y={-half.y} width={2 * half.x} height={2 * half.y} rx="6" />
      <Ring arcs={node.arcs} />
      <foreignObject x={-half.x + 42} y={-half.y + 4} width={2 * half.x - 48} height={2 * half.y - 8}>
        <div className={classes.words}>
          <div className={classes.title}>
            <LinkedValue links={node.links}>{node.title}</LinkedValue>
          </div>
          <div className={classes.stats}>{node.stats.length > 0 ? node.stats.join(" · ") : node.subtitle}</div>
        </div>
      </foreignObject>
    </g>
  );
}

/** A circle whose parts are shares of the node's calls. */
function Ring({ arcs }: { arcs: GraphNode["arcs"] }) {
  const around = 2 * Math.PI * ring;
  let done = 0;
  return (
    <g transform={`translate(${-half.x + 22} 0) rotate(-90)`}>
      <circle className={classes.ring} r={ring} />
      {arcs.map(({ share, colour }) => {
        const from = done;
        done += share;
        return <circle key={`${from} ${colour}`} className={classes.arc} r={ring} stroke={colour} strokeDasharray={`${share * around} ${around}`} strokeDashoffset={-from * around} />;
      })}
    </g>
  );
}
