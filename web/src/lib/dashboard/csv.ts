import { fieldName } from "./fieldname";
import type { Cell, Field, Frame } from "./frame";

/**
 * Frames as comma-separated values (RFC 4180). Series over time share one time column; tables follow each other with an
 * empty line between.
 */
export function csvOf(frames: readonly Frame[]): string {
  const series = frames.filter((frame) => isSeries(frame));
  const tables = frames.filter((frame) => !isSeries(frame));
  const parts = [...(series.length > 0 ? [joined(series)] : []), ...tables.map((frame) => rows(frame, frames))];
  return parts.join("\r\n");
}

function isSeries(frame: Frame): boolean {
  return frame.fields[0]?.type === "time" && frame.fields.length > 1 && frame.fields.slice(1).every((field) => field.type === "number") && frame.meta?.type !== "table";
}

function joined(frames: readonly Frame[]): string {
  const columns = frames.flatMap((frame) => frame.fields.slice(1).map((field) => ({ name: fieldName(field, frame, frames), times: frame.fields[0]?.values ?? [], field })));
  const times = [...new Set(columns.flatMap((column) => column.times))].toSorted((a, b) => Number(a) - Number(b));
  const slots = new Map(times.map((time, index) => [time, index]));
  const cells = columns.map(({ times: own, field }) => {
    const out = Array<Cell>(times.length).fill(null);
    own.forEach((time, index) => {
      out[slots.get(time) ?? 0] = field.values[index] ?? null;
    });
    return out;
  });
  const lines = [csvLine(["Time", ...columns.map((column) => column.name)])];
  times.forEach((time, index) => lines.push(csvLine([isoTime(time), ...cells.map((column) => text(column[index] ?? null))])));
  return `${lines.join("\r\n")}\r\n`;
}

function rows(frame: Frame, frames: readonly Frame[]): string {
  const shown = frame.fields.filter((field: Field) => field.type !== "trace");
  const lines = [csvLine(shown.map((field) => fieldName(field, frame, frames)))];
  const count = shown[0]?.values.length ?? 0;
  for (let row = 0; row < count; row++) lines.push(csvLine(shown.map((field) => (field.type === "time" ? isoTime(field.values[row] ?? null) : text(field.values[row] ?? null)))));
  return `${lines.join("\r\n")}\r\n`;
}

function isoTime(cell: Cell): string {
  return typeof cell === "number" ? new Date(cell).toISOString() : text(cell);
}

function text(cell: Cell): string {
  return cell === null ? "" : typeof cell === "object" ? JSON.stringify(cell) : String(cell);
}

/** One line of comma-separated values, without its end. */
export function csvLine(cells: readonly string[]): string {
  return cells.map((cell) => (/[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)).join(",");
}
