import { namedColour, scaleStops, thresholdSteps } from "../../lib/dashboard/colour";
import { colourMode, displayer, fieldRange, shareOf, type Look } from "../../lib/dashboard/display";
import { fieldName } from "../../lib/dashboard/fieldname";
import type { Field, Frame } from "../../lib/dashboard/frame";
import { num, obj, objs, str, type Obj } from "../../lib/dashboard/json";
import { formatValue, joinValue } from "../../lib/units";
import { layerFrames, locator } from "./locate";
import type { MapPoint } from "./mercator";

/** A row of the data at its place on the map. */
export interface MapMark extends MapPoint {
  frame: Frame;
  row: number;
  /** Of its symbol, pixels from its middle; of a heatmap, 0 to 1. */
  size: number;
  colour: string;
  /** Written at it. */
  text: string;
}

/** A colour, or several that run into each other, and what they stand for. */
export interface MapKey {
  text: string;
  colours: readonly string[];
}

/** What is drawn over the map from the data: the rows that are somewhere, in the way that the panel says. */
export interface MapLayer {
  kind: "markers" | "heatmap" | "route";
  name: string;
  /** 0 to 1. */
  opacity: number;
  symbol: string;
  /** Of a heatmap's points, pixels. */
  radius: number;
  blur: number;
  marks: MapMark[];
  /** Rows that are nowhere. */
  lost: number;
  tooltip: boolean;
  keys: MapKey[];
}

// More than that on a panel are a blot, and slow.
const mostMarks = 3000;

/** The layers of a panel, and what is to be said of those that are not drawn. */
export function readLayers(options: Obj, frames: readonly Frame[], look: Look): { layers: MapLayer[]; notes: string[] } {
  const given = objs(options.layers);
  const layers: MapLayer[] = [];
  const notes: string[] = [];
  for (const raw of given.length > 0 ? given : [{ type: "markers" }]) {
    const kind = str(raw.type);
    if (kind !== "markers" && kind !== "heatmap" && kind !== "route") {
      notes.push(`Layers of type ${kind} are not drawn.`);
      continue;
    }
    const layer = readLayer(kind, raw, frames, look);
    layers.push(layer);
    const shown = layer.marks.length;
    if (layer.lost > 0) notes.push(`${layer.lost} of ${shown + layer.lost} rows have no place that is known.`);
    if (shown > mostMarks) {
      notes.push(`The first ${mostMarks} of ${shown} places.`);
      layer.marks = layer.marks.slice(0, mostMarks);
    }
  }
  return { layers, notes };
}

function readLayer(kind: MapLayer["kind"], raw: Obj, frames: readonly Frame[], look: Look): MapLayer {
  const config = obj(raw.config);
  // Maps of before Grafana 8.3 have the style's members beside it.
  const style: Obj = { opacity: config.fillOpacity, ...config, ...obj(config.style) };
  const used = layerFrames(frames, raw);
  const layer: MapLayer = {
    kind,
    name: str(raw.name),
    opacity: num(raw.opacity) ?? (kind === "markers" ? (num(style.opacity) ?? 0.4) : 1),
    symbol: str(obj(style.symbol).fixed) || str(config.shape),
    radius: num(config.radius) ?? 5,
    blur: num(config.blur) ?? 15,
    marks: [],
    lost: 0,
    tooltip: raw.tooltip !== false,
    keys: [],
  };
  for (const frame of used) {
    const locate = locator(frame, obj(raw.location));
    const rows = frame.fields[0]?.values.length ?? 0;
    if (!locate) {
      layer.lost += rows;
      continue;
    }
    const lookOf = kind === "heatmap" ? weights(frame, used, obj(config.weight)) : looks(frame, used, style, look);
    for (let row = 0; row < rows; row++) {
      const point = locate(row);
      if (point) layer.marks.push({ ...point, frame, row, ...lookOf(row) });
      else layer.lost += 1;
    }
  }
  if (config.showLegend !== false && kind !== "heatmap") layer.keys = keysOf(used, style, layer.name, look);
  return layer;
}

type RowLook = (row: number) => Pick<MapMark, "size" | "colour" | "text">;

function looks(frame: Frame, frames: readonly Frame[], style: Obj, look: Look): RowLook {
  const fixed = fixedColour(style, look);
  const coloured = colourField(frame, style);
  const colour = coloured && displayer(coloured, look, fieldRange(coloured, frames));
  const size = scaled(frame, frames, obj(style.size), { fixed: 5, min: 2, max: 15 });
  const written = fieldOf(frame, str(obj(style.text).field));
  const text = written && displayer(written, look, fieldRange(written, frames));
  const always = str(obj(style.text).fixed);
  return (row) => ({
    size: size(row),
    colour: (coloured && colour?.(coloured.values[row] ?? null).colour) ?? fixed,
    text: written && text ? joinValue(text(written.values[row] ?? null)) : always,
  });
}

function weights(frame: Frame, frames: readonly Frame[], weight: Obj): RowLook {
  const share = scaled(frame, frames, weight, { fixed: 1, min: 0, max: 1 });
  return (row) => ({ size: share(row), colour: "", text: "" });
}

/** A number of a row: the same for all, or as a field's value stands between its least and largest. */
function scaled(frame: Frame, frames: readonly Frame[], dimension: Obj, fallback: { fixed: number; min: number; max: number }): (row: number) => number {
  const fixed = num(dimension.fixed) ?? fallback.fixed;
  const field = fieldOf(frame, str(dimension.field));
  if (!field) return () => fixed;
  const range = fieldRange(field, alike(field, frames));
  const min = num(dimension.min) ?? fallback.min;
  const max = num(dimension.max) ?? fallback.max;
  return (row) => {
    const value = field.values[row];
    return typeof value === "number" ? min + shareOf(value, range) * (max - min) : min;
  };
}

/** The field of that name in all frames, alone: the ends of its scale are its own. */
function alike(field: Field, frames: readonly Frame[]): Frame[] {
  return frames.map((frame) => ({ ...frame, fields: frame.fields.filter((one) => one.name === field.name) }));
}

function fieldOf(frame: Frame, name: string): Field | undefined {
  return name === "" ? undefined : frame.fields.find((field) => field.name === name || fieldName(field, frame) === name);
}

function colourField(frame: Frame, style: Obj): Field | undefined {
  const name = str(obj(style.color).field);
  return fieldOf(frame, name);
}

function fixedColour(style: Obj, look: Look): string {
  return namedColour(str(obj(style.color).fixed), look.scheme) ?? namedColour("dark-green", look.scheme) ?? "";
}

/** What the colours of a layer stand for. */
function keysOf(frames: readonly Frame[], style: Obj, name: string, look: Look): MapKey[] {
  const field = frames.map((frame) => colourField(frame, style)).find((one) => one !== undefined);
  const mode = field && colourMode(field);
  if (!field || mode === undefined || mode === "fixed") return name === "" ? [] : [{ text: name, colours: [fixedColour(style, look)] }];
  const range = fieldRange(field, alike(field, frames));
  const say = (value: number): string => formatValue(value, field.config.unit ?? "short", field.config.decimals);
  const stops = scaleStops(mode, look.scheme);
  if (stops) return [{ text: `${say(range.min)} to ${say(range.max)}`, colours: stops }];
  if (mode !== "thresholds") return [];
  const steps = thresholdSteps(field.config, look.scheme, range);
  return steps.map((step, index) => {
    const next = steps[index + 1];
    return { text: index > 0 ? `${say(step.value)}+` : next ? `< ${say(next.value)}` : fieldName(field, frames[0] ?? { refId: "", name: "", fields: [field] }), colours: [step.colour] };
  });
}
