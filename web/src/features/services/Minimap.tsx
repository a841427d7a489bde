import type { PointerEvent } from "react";

import type { MapLayout } from "../../lib/serviceMap";
import { shareToken, type Station } from "./graph";
import { half } from "./MapNode";
import type { Sight } from "./useMapView";
import classes from "./ServiceMap.module.css";

const size = { width: 180, height: 120 };

interface MinimapProps {
  layout: MapLayout;
  stations: readonly Station[];
  sight: Sight;
  onShow(x: number, y: number): void;
}

/** The whole map in small, with the part that is in sight; a click or drag moves there. For the pointer: the map itself scrolls by keyboard. */
export function Minimap({ layout, stations, sight, onShow }: MinimapProps) {
  const scale = Math.min(size.width / layout.width, size.height / layout.height);
  const go = (event: PointerEvent<SVGSVGElement>): void => {
    if (event.buttons === 0) return;
    const bounds = event.currentTarget.getBoundingClientRect();
    onShow((event.clientX - bounds.left) / scale, (event.clientY - bounds.top) / scale);
  };
  return (
    <svg
      className={classes.minimap}
      width={layout.width * scale}
      height={layout.height * scale}
      viewBox={`0 0 ${layout.width} ${layout.height}`}
      aria-hidden="true"
      data-minimap=""
      onPointerDown={go}
      onPointerMove={go}
    >
      {stations.map((station) => {
        const at = layout.nodes.get(station.name);
        return at && <rect key={station.name} className={classes.small} data-share={shareToken(station.errorRatio)} x={at.x - half.x} y={at.y - half.y} width={2 * half.x} height={2 * half.y} />;
      })}
      <rect className={classes.sight} x={sight.x} y={sight.y} width={Math.min(sight.width, layout.width)} height={Math.min(sight.height, layout.height)} strokeWidth={1.5 / scale} />
    </svg>
  );
}
