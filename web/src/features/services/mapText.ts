import { serviceName } from "../../lib/service";
import { counted, formatValue } from "../../lib/units";
import { typeName, type Flow, type Station } from "./graph";

/** What the pointer or the keyboard is at: a node by its name, a flow by its ends. */
export type Focus = { node: string } | { flow: Flow } | undefined;

/** What a node is called. */
export function stationTitle({ name, namespace }: Station): string {
  return namespace ? namespace.name : serviceName(name);
}

/** A node and its numbers, in words. */
export function stationText(station: Station): string {
  const { type, rate, errorRatio, namespace } = station;
  const numbers = rate === null ? "" : `: ${formatValue(rate, "/s")}, ${formatValue(errorRatio, "percentunit")} failed`;
  const kind = namespace ? ` (namespace of ${counted(namespace.size, "service")})` : type === "service" ? "" : ` (${typeName(type)})`;
  return `${stationTitle(station)}${kind}${numbers}`;
}

/** A flow and its numbers, in words. */
export function flowText(flow: Flow): string {
  const [one] = flow.edges;
  const ends = `${one?.client ?? flow.from} → ${one?.server ?? flow.to}`;
  const parts = flow.edges.map((edge) => {
    const kind = edge.type === "messaging_system" ? " by queue" : "";
    const pair = `${edge.client} → ${edge.server}`;
    return `${pair === ends ? "" : `${pair}: `}${formatValue(edge.rate, "/s")}${kind}, ${formatValue(edge.errorRatio, "percentunit")} failed, p95 ${formatValue(edge.p95, "s")}`;
  });
  return `${ends}: ${parts.join("; ")}`;
}

/** What stands below the map. */
export function said(focus: Focus, stations: readonly Station[], flows: readonly Flow[]): string {
  if (!focus) return "Width tells calls per second, the ring the failed share. Point at a node or a line for its numbers; drag to move, Ctrl and the wheel to zoom.";
  if ("flow" in focus) return flowText(focus.flow);
  const station = stations.find((one) => one.name === focus.node);
  if (!station) return "";
  const titles = new Map(stations.map((one) => [one.name, stationTitle(one)]));
  const callers = flows.filter((flow) => flow.to === focus.node).map((flow) => titles.get(flow.from));
  const called = flows.filter((flow) => flow.from === focus.node).map((flow) => titles.get(flow.to));
  const parts = [
    stationText(station),
    ...(callers.length > 0 ? [`called by ${callers.join(", ")}`] : []),
    ...(called.length > 0 ? [`calls ${called.join(", ")}`] : []),
  ];
  return parts.join(" · ");
}
