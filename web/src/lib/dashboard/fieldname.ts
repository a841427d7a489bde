import { formatLabels } from "../labels";
import type { Field, Frame } from "./frame";

/** What a number column is called by an answer that knows no better. */
const nameless = "Value";

/**
 * The name a field is shown by, and matched by in overrides and transformations: the name it was given, else its series'
 * legend, else its labels, else the column's name. Columns of one frame that share a name are numbered from 1.
 */
export function fieldName(field: Field, frame: Frame, frames: readonly Frame[] = [frame]): string {
  if (field.config.displayName) return field.config.displayName;
  if (field.config.displayNameFromDS) return field.config.displayNameFromDS;
  const series = frame.meta?.type !== "table" && field.type !== "time" && frame.fields.filter((one) => one.type !== "time").length === 1;
  if (series && frame.name !== "") return frame.name;
  const labels = field.labels && Object.keys(field.labels).length > 0 ? labelText(field.labels, frames) : "";
  if (labels !== "") return field.name === nameless || field.name === "" ? labels : `${field.name} ${labels}`;
  return unique(field, frame);
}

const keysOf = new WeakMap<readonly Frame[], Set<string>>();

/** The labels of a series among those of `frames`: its bare value where all have but one label of one name. */
function labelText(labels: Record<string, string>, frames: readonly Frame[]): string {
  let keys = keysOf.get(frames);
  if (!keys) {
    keys = new Set(frames.flatMap((frame) => frame.fields.flatMap((field) => Object.keys(field.labels ?? {}))));
    keysOf.set(frames, keys);
  }
  const [only] = keys;
  if (keys.size === 1 && only !== undefined) return labels[only] ?? "";
  return formatLabels(labels);
}

function unique(field: Field, frame: Frame): string {
  const name = field.name || (field.type === "time" ? "Time" : nameless);
  const alike = frame.fields.filter((one) => one.name === field.name);
  return alike.length > 1 ? `${name} ${alike.indexOf(field) + 1}` : name;
}

/** Names of all fields of all frames, computed once. */
export function fieldNames(frames: readonly Frame[]): Map<Field, string> {
  return new Map(frames.flatMap((frame) => frame.fields.map((field) => [field, fieldName(field, frame, frames)] as const)));
}
