import { strokes, type Stroke } from "../colour";
import { colourMode, fieldRange, modeColour, type Look } from "./display";
import { fieldName } from "./fieldname";
import type { Field, Frame } from "./frame";
import { obj } from "./json";

/** A number column of a frame as one line of a panel. */
export interface Series {
  field: Field;
  frame: Frame;
  name: string;
  stroke: Stroke;
}

/** The number fields of `frames` that their panel draws, each with its name and colour. */
export function seriesOf(frames: readonly Frame[], look: Look): Series[] {
  const found = frames.flatMap((frame) =>
    frame.fields.flatMap((field) => (field.type === "number" && !hiddenFrom(field, "viz") ? [{ field, frame, name: fieldName(field, frame, frames) }] : [])),
  );
  const own = found.map(({ field }, index) =>
    colourMode(field, "palette-classic").startsWith("palette") ? undefined : modeColour(field, index, look, fieldRange(field, frames)),
  );
  // Colours that a setting decides take none from the palette.
  const palette = strokes(
    found.flatMap(({ name }, index) => (own[index] === undefined ? [name] : [])),
    look.scheme,
    look.distinct,
  );
  let next = 0;
  return found.map((one, index) => {
    const colour = own[index];
    const stroke = colour === undefined ? palette[next++] : { colour, dash: [] };
    return { ...one, stroke: stroke ?? { colour: "", dash: [] } };
  });
}

/** Whether a field is left out of one part of its panel. */
export function hiddenFrom(field: Field, part: "viz" | "legend" | "tooltip"): boolean {
  return obj(field.config.custom?.hideFrom)[part] === true;
}
