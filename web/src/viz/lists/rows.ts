import type { Cell, Frame } from "../../lib/dashboard/frame";
import { isObj, list, str } from "../../lib/dashboard/json";

/** A row of a frame by the names of its columns. */
export type FrameRow = (name: string) => Cell;

/** The rows of frames that list things of this server. */
export function frameRows(frames: readonly Frame[]): FrameRow[] {
  return frames.flatMap((frame) => {
    const fields = new Map(frame.fields.map((field) => [field.name, field.values]));
    const count = Math.max(0, ...frame.fields.map((field) => field.values.length));
    return Array.from({ length: count }, (_, row): FrameRow => (name) => fields.get(name)?.[row] ?? null);
  });
}

/** Texts of a cell that holds several. */
export function textsOf(cell: Cell): string[] {
  return list(cell).map((one) => str(one));
}

/** Names and texts of a cell that holds labels. */
export function labelsOf(cell: Cell): Record<string, string> {
  return isObj(cell) ? Object.fromEntries(Object.entries(cell).map(([name, value]) => [name, str(value)])) : {};
}
