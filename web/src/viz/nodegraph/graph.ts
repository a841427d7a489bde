import { displayer, type Look } from "../../lib/dashboard/display";
import { fieldLinks, type FieldLink } from "../../lib/dashboard/displayLinks";
import type { Field, Frame } from "../../lib/dashboard/frame";
import { str } from "../../lib/dashboard/json";
import { namedColour } from "../../lib/dashboard/colour";
import { joinValue } from "../../lib/units";
import type { PanelProps } from "../panel";

/** A node with all that is said of it. */
export interface GraphNode {
  id: string;
  title: string;
  subtitle: string;
  /** Values written in it, the main one first. */
  stats: string[];
  /** Parts of its ring, which add up to 1. */
  arcs: { share: number; colour: string }[];
  links: FieldLink[];
}

/** A link between two nodes, by their ids. */
export interface GraphEdge {
  from: string;
  to: string;
  text: string;
  /** Its main value against the largest of all, 0 to 1. */
  weight: number;
}

/** Nodes and edges of the frames that hold them, by the names of columns that Grafana gives them. Edges make the nodes that no frame has. */
export function readGraph(frames: readonly Frame[], look: Look, interpolate: PanelProps["interpolate"]): { nodes: GraphNode[]; edges: GraphEdge[] } {
  const column = (frame: Frame, name: string): Field | undefined => frame.fields.find((field) => field.name.toLowerCase() === name);
  const edgeFrames = frames.filter((frame) => column(frame, "source") && column(frame, "target"));
  const nodes = new Map<string, GraphNode>();
  for (const frame of frames) {
    const ids = column(frame, "id");
    if (!ids || edgeFrames.includes(frame)) continue;
    const stats = ["mainstat", "secondarystat"].flatMap((name) => column(frame, name) ?? []);
    const arcs = frame.fields.filter((field) => field.name.startsWith("arc__"));
    const linked = frame.fields.find((field) => (field.config.links?.length ?? 0) > 0);
    ids.values.forEach((value, row) => {
      const id = str(value);
      nodes.set(id, {
        id,
        title: str(column(frame, "title")?.values[row]) || id,
        subtitle: str(column(frame, "subtitle")?.values[row]),
        stats: stats.flatMap((field) => (field.values[row] === null ? [] : [textOf(field, row, look)])),
        arcs: arcs.flatMap((field) => arcOf(field, row, look)),
        links: linked ? fieldLinks({ field: linked, frame, frames, row }, look, interpolate) : [],
      });
    });
  }
  const raw = edgeFrames.flatMap((frame) => {
    const main = column(frame, "mainstat");
    const stats = ["mainstat", "secondarystat"].flatMap((name) => column(frame, name) ?? []);
    return (column(frame, "source")?.values ?? []).map((source, row) => ({
      from: str(source),
      to: str(column(frame, "target")?.values[row]),
      value: typeof main?.values[row] === "number" ? Number(main.values[row]) : 0,
      text: stats.flatMap((field) => (field.values[row] === null ? [] : [`${field.config.displayName ?? field.name} ${textOf(field, row, look)}`])).join(", "),
    }));
  });
  for (const id of raw.flatMap(({ from, to }) => [from, to])) if (!nodes.has(id)) nodes.set(id, { id, title: id, subtitle: "", stats: [], arcs: [], links: [] });
  const most = raw.reduce((largest, edge) => Math.max(largest, edge.value), 0);
  return { nodes: [...nodes.values()], edges: raw.map(({ value, ...edge }) => ({ ...edge, weight: most === 0 ? 0 : value / most })) };
}

function textOf(field: Field, row: number, look: Look): string {
  return joinValue(displayer(field, look, { min: 0, max: 1 })(field.values[row] ?? null));
}

function arcOf(field: Field, row: number, look: Look): { share: number; colour: string }[] {
  const share = field.values[row];
  const fallback = /fail|error|fault/.test(field.name) ? "red" : "green";
  const colour = namedColour(field.config.color?.fixedColor ?? fallback, look.scheme) ?? "";
  return typeof share === "number" && share > 0 ? [{ share: Math.min(share, 1), colour }] : [];
}
