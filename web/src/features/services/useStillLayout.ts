import { useMemo, useState } from "react";

import { layoutMap, type Link, type MapLayout } from "../../lib/serviceMap";
import type { Flow, Station } from "./graph";

/** Room for boxes, and for the lines that pass them. */
export const grid = { column: 232, row: 56, lane: 16 };

interface Seen {
  view: string;
  names: ReadonlySet<string>;
  links: ReadonlyMap<string, Link>;
}

/**
 * Where nodes stand. As long as the `view` is the same, what was there once keeps its place though it is gone from the newest
 * answer: a node moves only when there are new ones. Routes are in the order of `flows`.
 */
export function useStillLayout(stations: readonly Station[], flows: readonly Flow[], view: string): MapLayout {
  const [kept, setKept] = useState<Seen>({ view, names: new Set(), links: new Map() });
  const seen = useMemo(() => withNew(kept, view, stations, flows), [kept, view, stations, flows]);
  // State of this component that follows its properties is set while rendering, before anything is drawn.
  if (seen !== kept) setKept(seen);
  return useMemo(() => {
    const links = [...seen.links.values()];
    const layout = layoutMap([...seen.names], links, grid);
    const routes = new Map(links.map((link, index) => [keyOf(link), layout.routes[index] ?? []]));
    return { ...layout, routes: flows.map((flow) => routes.get(keyOf(flow)) ?? []) };
  }, [seen, flows]);
}

function withNew(kept: Seen, view: string, stations: readonly Station[], flows: readonly Flow[]): Seen {
  const same = kept.view === view;
  if (same && stations.every(({ name }) => kept.names.has(name)) && flows.every((flow) => kept.links.has(keyOf(flow)))) return kept;
  return {
    view,
    names: new Set([...(same ? kept.names : []), ...stations.map(({ name }) => name)]),
    links: new Map([...(same ? kept.links : []), ...flows.map(({ from, to }) => [keyOf({ from, to }), { from, to }] as const)]),
  };
}

function keyOf({ from, to }: Link): string {
  return JSON.stringify([from, to]);
}
