import type { CallMap, MapEdge, MapNode, ServiceRed } from "../../api/services";

/** The calls between two nodes, of whatever type. */
export interface Flow {
  from: string;
  to: string;
  /** Calls per second. */
  rate: number;
  errorRatio: number;
  /** What the flow is made of, one for each type of call. */
  edges: MapEdge[];
}

/** A node with the numbers of what it answered; null where nothing calls it. */
export interface Station extends MapNode {
  rate: number | null;
  errorRatio: number | null;
  /** Of a node that stands for the services of a namespace: its name, and how many they are. `name` is then a key, to be shown nowhere. */
  namespace?: { name: string; size: number };
}

/** A map ready to be laid out. */
export interface ServiceGraph {
  stations: Station[];
  flows: Flow[];
  /** How many traces the numbers of calls are of, where they are not of all. */
  fromTraces?: number | undefined;
}

/**
 * Puts the map and the list of services together: a service's numbers are its own, which count calls by those that send no
 * spans too; of anything else they are what its callers saw.
 */
export function serviceGraph(map: CallMap, services: readonly ServiceRed[]): ServiceGraph {
  const byPair = new Map<string, MapEdge[]>();
  for (const edge of map.edges) {
    const key = JSON.stringify([edge.client, edge.server]);
    byPair.set(key, [...(byPair.get(key) ?? []), edge]);
  }
  const flows = [...byPair.values()].flatMap((edges): Flow[] => {
    const [first] = edges;
    return first ? [{ from: first.client, to: first.server, ...total(edges), edges }] : [];
  });
  const known = new Map(services.map((one) => [one.name, one]));
  const nodes = new Map(map.nodes.map((one) => [one.name, one]));
  // A service that neither calls nor is called has no edge, and is a service all the same.
  for (const { name } of services) if (!nodes.has(name)) nodes.set(name, { name, type: "service" });
  const stations = [...nodes.values()].map((node): Station => {
    const own = node.type === "service" ? known.get(node.name) : undefined;
    const incoming = map.edges.filter((edge) => edge.server === node.name);
    if (own) return { ...node, rate: own.rate, errorRatio: own.errorRatio };
    return incoming.length > 0 ? { ...node, ...total(incoming) } : { ...node, rate: null, errorRatio: null };
  });
  return { stations, flows, fromTraces: map.fromTraces };
}

/** The services that `here` is true of, and with them what they call that is none. */
export function ofServices(graph: ServiceGraph, here: (service: string) => boolean): ServiceGraph {
  const kept = new Set(graph.stations.flatMap(({ name, type }) => (type === "service" && here(name) ? [name] : [])));
  const other = new Set(graph.stations.flatMap(({ name, type }) => (type === "service" ? [] : [name])));
  const flows = graph.flows.filter(({ from, to }) => [from, to].every((end) => kept.has(end) || other.has(end)) && (kept.has(from) || kept.has(to)));
  const beside = new Set(flows.flatMap(({ from, to }) => [from, to]));
  return { stations: graph.stations.filter(({ name }) => kept.has(name) || beside.has(name)), flows };
}

function total(edges: readonly MapEdge[]): { rate: number; errorRatio: number } {
  const calls = edges.reduce((sum, edge) => sum + edge.calls, 0);
  const errors = edges.reduce((sum, edge) => sum + edge.errors, 0);
  return { rate: edges.reduce((sum, edge) => sum + edge.rate, 0), errorRatio: calls === 0 ? 0 : errors / calls };
}

/** The part of a graph around the nodes whose name contains `find`: they, and who they call or are called by. */
export function around(graph: ServiceGraph, find: string): ServiceGraph {
  const wanted = find.trim().toLowerCase();
  if (wanted === "") return graph;
  const found = new Set(graph.stations.flatMap(({ name }) => (name.toLowerCase().includes(wanted) ? [name] : [])));
  const flows = graph.flows.filter(({ from, to }) => found.has(from) || found.has(to));
  const shown = new Set([...found, ...flows.flatMap(({ from, to }) => [from, to])]);
  return { stations: graph.stations.filter(({ name }) => shown.has(name)), flows };
}

/** The part of a graph that `hops` calls or fewer, either way, lead to from a node. */
export function within(graph: ServiceGraph, focus: string, hops: number): ServiceGraph {
  const shown = new Set(graph.stations.some(({ name }) => name === focus) ? [focus] : []);
  for (let hop = 0, before = 0; hop < hops && shown.size > before; hop++) {
    before = shown.size;
    const edge = new Set(shown);
    for (const { from, to } of graph.flows) {
      if (edge.has(from)) shown.add(to);
      if (edge.has(to)) shown.add(from);
    }
  }
  return { stations: graph.stations.filter(({ name }) => shown.has(name)), flows: graph.flows.filter(({ from, to }) => shown.has(from) && shown.has(to)) };
}

/** From this many nodes on services of one namespace are one node, unless it is said otherwise. */
export const manyNodes = 80;

/** A graph with one node for all services of a namespace, but for namespaces that are `open` or have one service. */
export function grouped(graph: ServiceGraph, namespaceOf: (service: string) => string | undefined, open: ReadonlySet<string>): ServiceGraph {
  const members = new Map<string, Station[]>();
  for (const station of graph.stations) {
    const namespace = station.type === "service" ? namespaceOf(station.name) : undefined;
    if (namespace !== undefined && !open.has(namespace)) members.set(namespace, [...(members.get(namespace) ?? []), station]);
  }
  const keys = new Map<string, string>();
  const groups = [...members].flatMap(([namespace, stations]): Station[] => {
    if (stations.length < 2) return [];
    const key = `\0${namespace}`;
    for (const { name } of stations) keys.set(name, key);
    const rate = stations.reduce((sum, one) => sum + (one.rate ?? 0), 0);
    const failed = stations.reduce((sum, one) => sum + (one.rate ?? 0) * (one.errorRatio ?? 0), 0);
    return [{ name: key, type: "service", rate, errorRatio: rate === 0 ? 0 : failed / rate, namespace: { name: namespace, size: stations.length } }];
  });
  const key = (name: string): string => keys.get(name) ?? name;
  const flows = new Map<string, Flow>();
  for (const flow of graph.flows) {
    const [from, to] = [key(flow.from), key(flow.to)];
    // Calls among the services of a group are within it.
    if (from === to && keys.has(flow.from)) continue;
    const pair = JSON.stringify([from, to]);
    const edges = [...(flows.get(pair)?.edges ?? []), ...flow.edges];
    flows.set(pair, { from, to, ...total(edges), edges });
  }
  return { stations: [...graph.stations.filter(({ name }) => !keys.has(name)), ...groups], flows: [...flows.values()] };
}

// From these shares of failed calls on something is coloured.
const warnShare = 0.01;
const errorShare = 0.05;

/** How bad a share of failed calls is, as a theme token's name; undefined if it is not. */
export function shareToken(share: number | null): "warn" | "error" | undefined {
  if (share === null || share < warnShare) return undefined;
  return share < errorShare ? "warn" : "error";
}

const typeNames: Record<string, string> = { service: "service", database: "database", messaging_system: "queue", virtual_node: "no spans" };

/** What kind of node or call it is, for a person. */
export function typeName(type: string): string {
  return typeNames[type] ?? type;
}
