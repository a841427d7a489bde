import type { Frame } from "../../../../lib/dashboard/frame";
import { fieldNames } from "../../../../lib/dashboard/fieldname";

/** What a transformation can be about. */
export interface KnownFields {
  /** Names of the fields, as people see them. */
  names: string[];
  labels: string[];
  /** Names of the queries. */
  refs: string[];
}

/** The fields of frames, each name once, in their order. */
export function fieldsIn(frames: readonly Frame[]): KnownFields {
  return {
    names: [...new Set(fieldNames(frames).values())],
    labels: [...new Set(frames.flatMap((frame) => frame.fields.flatMap((field) => Object.keys(field.labels ?? {}))))],
    refs: [...new Set(frames.map((frame) => frame.refId).filter((ref) => ref !== ""))],
  };
}
