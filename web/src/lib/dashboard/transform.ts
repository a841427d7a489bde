import { matcher } from "./fieldconfig";
import { fieldNames } from "./fieldname";
import type { Frame } from "./frame";
import { obj, str, type Obj } from "./json";
import { parsePattern } from "./mapping";
import { calculateField, histogram, reduceFrames } from "./transformCalculate";
import { convertFieldType, extractFields, filterByRefId, filterFieldsByName, formatTime, organize, renameByRegex } from "./transformFields";
import { concatenate, joinByField, joinByLabels, merge, seriesToRows } from "./transformJoin";
import { filterByValue, groupBy, groupingToMatrix, limit, partitionByValues, sortBy } from "./transformRows";
import { labelsToFields, prepareTimeSeries, timeSeriesTable } from "./transformSeries";

/** What transformations may use of the dashboard they are in. */
export interface TransformScope {
  /** Replaces the dashboard's variables in text. */
  interpolate: (text: string) => string;
  /** IANA name of the zone of formatted times. */
  zone: string;
}

/** One kind of transformation: frames to frames, by options that are not yet trusted. Frames given are not changed. */
export type Transform = (frames: readonly Frame[], options: Obj, scope: TransformScope) => Frame[];

const transforms: ReadonlyMap<string, Transform> = new Map<string, Transform>([
  ["organize", organize],
  ["filterFieldsByName", filterFieldsByName],
  ["filterFields", filterFieldsByName],
  ["filterByRefId", filterByRefId],
  ["renameByRegex", renameByRegex],
  ["convertFieldType", convertFieldType],
  ["formatTime", formatTime],
  ["extractFields", extractFields],
  ["merge", merge],
  ["joinByField", joinByField],
  ["seriesToColumns", joinByField],
  ["seriesToRows", seriesToRows],
  ["concatenate", concatenate],
  ["joinByLabels", joinByLabels],
  ["groupBy", groupBy],
  ["groupingToMatrix", groupingToMatrix],
  ["partitionByValues", partitionByValues],
  ["sortBy", sortBy],
  ["limit", limit],
  ["filterByValue", filterByValue],
  ["calculateField", calculateField],
  ["reduce", reduceFrames],
  ["histogram", histogram],
  ["timeSeriesTable", timeSeriesTable],
  ["labelsToFields", labelsToFields],
  ["prepareTimeSeries", prepareTimeSeries],
]);

/** Ids of the transformations that are known. */
export const transformIds: readonly string[] = [...transforms.keys()];

/** Frames after transformations, and a sentence about each one that could not be done. */
export interface Transformed {
  frames: Frame[];
  notices: string[];
}

/** Applies a panel's `transformations` one after the other. One that is unknown is left out, and said so. */
export function applyTransforms(frames: readonly Frame[], transformations: readonly Obj[], scope: TransformScope): Transformed {
  const notices: string[] = [];
  let current = [...frames];
  for (const transformation of transformations) {
    const id = str(transformation.id);
    if (transformation.disabled === true) continue;
    const transform = transforms.get(id);
    if (!transform) {
      notices.push(`The transformation "${id}" is not known: the data is shown without it.`);
      continue;
    }
    // A filter names the frames that are meant; the others pass by.
    const meant = frameFilter(transformation.filter, current);
    const rest = current.filter((frame) => !meant(frame));
    current = [...transform(current.filter(meant), obj(transformation.options), scope), ...rest];
  }
  return { frames: current, notices };
}

function frameFilter(raw: unknown, frames: readonly Frame[]): (frame: Frame) => boolean {
  const { id, options } = obj(raw);
  if (id === undefined || id === "") return () => true;
  if (id === "byRefId") {
    const wanted = str(options).split("|");
    const pattern = str(options).startsWith("/") ? parsePattern(str(options)) : undefined;
    return (frame) => (pattern ? pattern.test(frame.refId) : wanted.includes(frame.refId));
  }
  const matches = matcher(obj(raw), fieldNames(frames));
  return (frame) => frame.fields.some((field) => matches(field, frame));
}
