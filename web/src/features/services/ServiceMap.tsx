import { Button } from "@mantine/core";
import { useMergedRef, useViewportSize } from "@mantine/hooks";
import { useMemo, useRef, useState } from "react";

import { useSize } from "../../components/useSize";
import { counted } from "../../lib/units";
import { type Flow, type ServiceGraph } from "./graph";
import { MapFlow } from "./MapFlow";
import { MapNode } from "./MapNode";
import { said, type Focus } from "./mapText";
import { Minimap } from "./Minimap";
import { useMapView } from "./useMapView";
import { useStillLayout } from "./useStillLayout";
import classes from "./ServiceMap.module.css";

// The least scale a map begins with.
const readable = 0.7;
// What of the window's height is not the map's, as the style has it.
const elsewhere = 204;

interface ServiceMapProps {
  graph: ServiceGraph;
  /** What of all services is shown; nodes keep their places while it is the same. */
  view: string;
  /** Names of the nodes that were searched for. */
  found: ReadonlySet<string>;
  /** Draws the map around a node. */
  onCentre(node: string): void;
  /** Shows the services of a namespace. */
  onOpen(namespace: string): void;
}

/** Services and what they call, callers to the left. A node is a link to its service and says its numbers; so does a flow under the pointer. */
export function ServiceMap({ graph: { stations, flows }, view, found, onCentre, onOpen }: ServiceMapProps) {
  const [focus, setFocus] = useState<Focus>();
  const layout = useStillLayout(stations, flows, view);
  const scroller = useRef<HTMLDivElement>(null);
  const { ref, width } = useSize();
  const merged = useMergedRef(ref, scroller);
  const { height } = useViewportSize();
  const fitting = width === 0 ? 1 : Math.min(1, width / layout.width, Math.max(height - elsewhere, 200) / layout.height);
  // As wide as there is room, as long as its text can be read.
  const first = width === 0 ? 1 : Math.max(Math.min(1, width / layout.width), readable);
  const { scale, sight, zoom, fit, show, pan } = useMapView(scroller, view, first, fitting / 2);
  const busiest = Math.max(...flows.map((flow) => flow.rate), 0);
  const lit = (flow: Flow) => !focus || ("node" in focus ? flow.from === focus.node || flow.to === focus.node : flow === focus.flow);
  const near = new Set(flows.filter(lit).flatMap((flow) => [flow.from, flow.to]));
  const beyond = sight !== undefined && (layout.width > sight.width * 1.05 || layout.height > sight.height * 1.05);
  const text = useMemo(() => said(focus, stations, flows), [focus, stations, flows]);

  return (
    <div
      onKeyDown={(event) => {
        if (event.ctrlKey || event.metaKey || event.altKey) return;
        if (event.key === "+" || event.key === "-") zoom(event.key === "+" ? 1 : -1);
        else if (event.key === "0") fit(fitting);
        else return;
        event.preventDefault();
      }}
      role="presentation"
    >
      <div className={classes.frame}>
        <div className={classes.scroller} ref={merged} {...pan}>
          <svg
            className={classes.map}
            width={layout.width * scale}
            height={layout.height * scale}
            viewBox={`0 0 ${layout.width} ${layout.height}`}
            role="group"
            aria-label={`Map of ${counted(stations.length, "node")} and ${counted(flows.length, "connection")}; the table has the same`}
          >
            {flows.map((flow, index) => (
              <MapFlow
                key={JSON.stringify([flow.from, flow.to])}
                flow={flow}
                route={layout.routes[index] ?? []}
                share={busiest === 0 ? 0 : flow.rate / busiest}
                dim={!lit(flow)}
                onFocus={(on) => setFocus(on ? { flow } : undefined)}
              />
            ))}
            {stations.map((station) => (
              <MapNode
                key={station.name}
                station={station}
                at={layout.nodes.get(station.name) ?? { x: 0, y: 0 }}
                dim={focus !== undefined && !near.has(station.name) && !("node" in focus && focus.node === station.name)}
                found={found.has(station.name)}
                onFocus={(on) => setFocus(on ? { node: station.name } : undefined)}
                onCentre={() => onCentre(station.name)}
                onOpen={() => station.namespace && onOpen(station.namespace.name)}
              />
            ))}
          </svg>
        </div>
        {beyond && <Minimap layout={layout} stations={stations} sight={sight} onShow={show} />}
      </div>
      <div className={classes.foot}>
        <p className={classes.said}>{text}</p>
        <div className={classes.zoom} role="group" aria-label="Zoom">
          <Button size="compact-xs" variant="default" aria-label="Smaller" onClick={() => zoom(-1)}>
            −
          </Button>
          <Button size="compact-xs" variant="default" aria-label="Larger" onClick={() => zoom(1)}>
            +
          </Button>
          <Button size="compact-xs" variant="default" onClick={() => fit(fitting)}>
            Fit
          </Button>
        </div>
      </div>
    </div>
  );
}
