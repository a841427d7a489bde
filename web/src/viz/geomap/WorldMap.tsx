import { ActionIcon } from "@mantine/core";
import IconMinus from "@tabler/icons-react/dist/esm/icons/IconMinus.mjs";
import IconPlus from "@tabler/icons-react/dist/esm/icons/IconPlus.mjs";
import { useCallback, useEffect, useMemo, useRef, useState, type KeyboardEvent, type PointerEvent } from "react";
import { borders, land, side } from "virtual:world";

import type { Look } from "../../lib/dashboard/display";
import { obj, str } from "../../lib/dashboard/json";
import type { Spot } from "../HoverCard";
import type { PanelProps } from "../panel";
import { useCanvas } from "../useCanvas";
import own from "./geomap.module.css";
import { drawHeat } from "./heat";
import type { MapLayer, MapMark } from "./layers";
import { MarkCard } from "./MarkCard";
import type { MapPoint } from "./mercator";
import { symbolPath } from "./symbols";
import { moved, viewOf, worldWidth, zoomed, type MapView, type Size } from "./view";

interface WorldMapProps extends PanelProps {
  layers: readonly MapLayer[];
  look: Look;
  size: Size;
}

/** The world with layers over it, which is moved by the pointer and the arrow keys, and zoomed by buttons, + and -. */
export function WorldMap({ layers, look, size, frames, options, interpolate }: WorldMapProps) {
  const points = useMemo(() => layers.flatMap((layer) => layer.marks), [layers]);
  const [chosen, setChosen] = useState<MapView | undefined>();
  const [hover, setHover] = useState<{ mark: MapMark; spot: Spot; pinned: boolean } | null>(null);
  const view = useMemo(() => chosen ?? viewOf(options.view, points, size), [chosen, options.view, points, size]);
  const place = useCallback(({ x, y }: MapPoint): MapPoint => ({ x: (x - view.x) * worldWidth(view) + size.width / 2, y: (y - view.y) * worldWidth(view) + size.height / 2 }), [view, size]);
  const { showZoom, mouseWheelZoom } = obj(options.controls);
  const zoom = useCallback((by: number, at?: MapPoint): void => setChosen(zoomed(view, by, size, at)), [view, size]);
  const element = useWheel(mouseWheelZoom === true, size, zoom);
  const drag = useDrag((by) => {
    setHover(null);
    setChosen(moved(view, by, size));
  });
  const details = str(obj(options.tooltip).mode, "details") !== "none";
  const origin = place({ x: 0, y: 0 });
  return (
    // The map takes the focus to be moved and zoomed by keys.
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex, jsx-a11y/no-noninteractive-element-interactions
    <div ref={element} className={own.map} role="application" aria-label="Map, moved by the arrow keys, zoomed by + and -" tabIndex={0} {...drag} onKeyDown={(event) => onKey(event, { zoom, move: (by) => setChosen(moved(view, by, size)), reset: () => setChosen(undefined) })}>
      <svg className={own.world} aria-hidden="true">
        <g transform={`translate(${origin.x} ${origin.y}) scale(${worldWidth(view) / side})`}>
          <path className={own.land} d={land} />
          <path className={own.borders} d={borders} />
        </g>
      </svg>
      {layers.map((layer, index) =>
        layer.kind === "heatmap" ? (
          <Heat key={`${index} heat`} layer={layer} place={place} size={size} />
        ) : (
          <Drawing key={`${index} ${layer.kind}`} layer={layer} place={place} size={size} onPoint={(mark, spot, pinned) => details && layer.tooltip && setHover((now) => (mark ? { mark, spot, pinned } : now?.pinned ? now : null))} />
        ),
      )}
      {showZoom !== false && (
        <div className={own.buttons} onPointerDown={(event) => event.stopPropagation()}>
          <ActionIcon variant="default" size={24} aria-label="Zoom in" onClick={() => zoom(1)}>
            <IconPlus size={14} />
          </ActionIcon>
          <ActionIcon variant="default" size={24} aria-label="Zoom out" onClick={() => zoom(-1)}>
            <IconMinus size={14} />
          </ActionIcon>
        </div>
      )}
      {hover && <MarkCard mark={hover.mark} frames={frames} look={look} at={hover.spot} pinned={hover.pinned} interpolate={interpolate} onClose={() => setHover(null)} />}
    </div>
  );
}

interface DrawingProps {
  layer: MapLayer;
  place: (point: MapPoint) => MapPoint;
  size: Size;
  /** The pointer is over a mark, or has left it; `pinned` by a click. */
  onPoint: (mark: MapMark | undefined, spot: Spot, pinned: boolean) => void;
}

function Drawing({ layer, place, size, onPoint }: DrawingProps) {
  const placed = layer.marks.map((mark) => ({ mark, at: place(mark) }));
  // Large ones first, so that small ones stay in reach of the pointer.
  const seen = placed.filter(({ mark, at }) => inside(at, size, mark.size)).toSorted((a, b) => b.mark.size - a.mark.size);
  return (
    <svg className={own.layer}>
      {layer.kind === "route" && <polyline className={own.route} points={placed.map(({ at }) => `${at.x},${at.y}`).join(" ")} stroke={layer.marks[0]?.colour} opacity={layer.opacity} />}
      {layer.kind === "markers" &&
        seen.map(({ mark, at }) => (
          <g key={`${mark.frame.refId} ${mark.frame.name} ${mark.row}`} transform={`translate(${at.x} ${at.y})`}>
            <path
              className={own.mark}
              d={symbolPath(layer.symbol, mark.size)}
              fill={mark.colour}
              fillOpacity={layer.opacity}
              stroke={mark.colour}
              onPointerMove={(event) => onPoint(mark, { x: event.clientX, y: event.clientY }, false)}
              onPointerLeave={(event) => onPoint(undefined, { x: event.clientX, y: event.clientY }, false)}
              onClick={(event) => onPoint(mark, { x: event.clientX, y: event.clientY }, true)}
            />
            {mark.text !== "" && <text className={own.text}>{mark.text}</text>}
          </g>
        ))}
    </svg>
  );
}

function Heat({ layer, place, size }: Omit<DrawingProps, "onPoint">) {
  const draw = useCallback(
    (ctx: CanvasRenderingContext2D, element: HTMLCanvasElement) => {
      const points = layer.marks.map((mark) => ({ ...place(mark), weight: mark.size })).filter((at) => inside(at, size, layer.radius + layer.blur));
      drawHeat(ctx, element, points, layer);
    },
    [layer, place, size],
  );
  const canvas = useCanvas(size.width, size.height, draw);
  return <canvas ref={canvas} className={own.layer} style={{ width: size.width, height: size.height, opacity: layer.opacity }} />;
}

function inside({ x, y }: MapPoint, { width, height }: Size, reach: number): boolean {
  return x > -reach && y > -reach && x < width + reach && y < height + reach;
}

/** Moves by dragging: `onMove` is told by how many pixels since it was last. */
function useDrag(onMove: (by: MapPoint) => void) {
  const last = useRef<MapPoint | null>(null);
  return {
    onPointerDown: (event: PointerEvent<HTMLElement>) => {
      if (event.button === 0) last.current = { x: event.clientX, y: event.clientY };
    },
    onPointerMove: (event: PointerEvent<HTMLElement>) => {
      const before = last.current;
      if (!before) return;
      const by = { x: event.clientX - before.x, y: event.clientY - before.y };
      // A click that trembles is no drag.
      if (!event.currentTarget.hasPointerCapture(event.pointerId) && Math.hypot(by.x, by.y) < 4) return;
      event.currentTarget.setPointerCapture(event.pointerId);
      last.current = { x: event.clientX, y: event.clientY };
      onMove(by);
    },
    onPointerUp: () => {
      last.current = null;
    },
    onPointerCancel: () => {
      last.current = null;
    },
  };
}

/** Zooms by the wheel where the panel wants that. React's own listener could not keep the page from scrolling. */
function useWheel(wanted: boolean, size: Size, onZoom: (by: number, at: MapPoint) => void) {
  const ref = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const element = ref.current;
    if (!element || !wanted) return;
    const turn = (event: WheelEvent): void => {
      event.preventDefault();
      const { left, top } = element.getBoundingClientRect();
      onZoom(-event.deltaY / 300, { x: event.clientX - left - size.width / 2, y: event.clientY - top - size.height / 2 });
    };
    element.addEventListener("wheel", turn, { passive: false });
    return () => element.removeEventListener("wheel", turn);
  }, [wanted, size, onZoom]);
  return ref;
}

const arrows: Record<string, MapPoint> = { ArrowLeft: { x: 40, y: 0 }, ArrowRight: { x: -40, y: 0 }, ArrowUp: { x: 0, y: 40 }, ArrowDown: { x: 0, y: -40 } };

function onKey(event: KeyboardEvent, act: { zoom: (by: number) => void; move: (by: MapPoint) => void; reset: () => void }): void {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const arrow = arrows[event.key];
  if (arrow) act.move(arrow);
  else if (event.key === "+" || event.key === "=") act.zoom(0.5);
  else if (event.key === "-") act.zoom(-0.5);
  else if (event.key === "0") act.reset();
  else return;
  event.preventDefault();
  event.stopPropagation();
}
