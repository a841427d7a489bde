import { useEffect, useRef, useState } from "react";

import { useSize } from "../../components/useSize";
import type { Stretch, TraceTree } from "../../lib/traceTree";
import { counted, formatNanoSpan } from "../../lib/units";
import classes from "./Minimap.module.css";

const HEIGHT = 48;

interface MinimapProps {
  tree: TraceTree;
  /** Colour by service. */
  colours: ReadonlyMap<string, string>;
  shown: Stretch;
  /** A stretch was dragged; undefined for all of it. */
  onShow(stretch: Stretch | undefined): void;
}

/** The whole trace at a glance. Dragging picks the stretch of time the waterfall shows. */
export function Minimap({ tree, colours, shown, onShow }: MinimapProps) {
  const { ref, width } = useSize();
  const canvas = useRef<HTMLCanvasElement>(null);
  const [drag, setDrag] = useState<{ from: number; to: number } | null>(null);

  useEffect(() => {
    const element = canvas.current;
    if (!element || width === 0) return;
    const context = element.getContext("2d");
    if (!context) return;
    const ratio = window.devicePixelRatio;
    element.width = width * ratio;
    element.height = HEIGHT * ratio;
    context.scale(ratio, ratio);
    const rows = Math.max(tree.nodes.length, 12);
    const bar = Math.max(1, Math.min(3, HEIGHT / rows));
    tree.nodes.forEach((node, index) => {
      context.fillStyle = colours.get(node.span.service) ?? "";
      const x = (node.start / (tree.duration || 1)) * width;
      context.fillRect(x, (index / rows) * HEIGHT, Math.max(1, (node.duration / (tree.duration || 1)) * width), bar);
    });
  }, [tree, colours, width]);

  const left = shown.from / (tree.duration || 1);
  const right = shown.to / (tree.duration || 1);
  const isWhole = left <= 0 && right >= 1;

  return (
    <div className={classes.minimap}>
      {/* Zooming by keyboard is not needed: every span can be reached in the waterfall below. */}
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions */}
      <div
        ref={ref}
        className={classes.area}
        style={{ height: HEIGHT }}
        role="img"
        aria-label={`${counted(tree.nodes.length, "span")} over ${formatNanoSpan(tree.duration)}`}
        onPointerDown={(event) => {
          event.currentTarget.setPointerCapture(event.pointerId);
          const share = shareAt(event.clientX, event.currentTarget);
          setDrag({ from: share, to: share });
        }}
        onPointerMove={(event) => drag && setDrag({ ...drag, to: shareAt(event.clientX, event.currentTarget) })}
        onPointerUp={() => {
          if (drag && Math.abs(drag.to - drag.from) > 0.005) {
            onShow({ from: Math.min(drag.from, drag.to) * tree.duration, to: Math.max(drag.from, drag.to) * tree.duration });
          }
          setDrag(null);
        }}
        onPointerCancel={() => setDrag(null)}
        onDoubleClick={() => onShow(undefined)}
      >
        <canvas ref={canvas} className={classes.canvas} />
        {!isWhole && <div className={classes.shade} style={{ left: 0, width: `${left * 100}%` }} />}
        {!isWhole && <div className={classes.shade} style={{ right: 0, width: `${(1 - right) * 100}%` }} />}
        {drag && (
          <div
            className={classes.drag}
            style={{ left: `${Math.min(drag.from, drag.to) * 100}%`, width: `${Math.abs(drag.to - drag.from) * 100}%` }}
          />
        )}
      </div>
      {!isWhole && (
        <button type="button" className={classes.reset} onClick={() => onShow(undefined)}>
          Show all {formatNanoSpan(tree.duration)}
        </button>
      )}
    </div>
  );
}

/** How far across `element` a pointer is, 0 to 1. */
function shareAt(clientX: number, element: Element): number {
  const box = element.getBoundingClientRect();
  return Math.min(Math.max((clientX - box.left) / box.width, 0), 1);
}
