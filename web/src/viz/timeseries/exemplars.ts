import type { Frame } from "../../lib/dashboard/frame";
import type { Exemplar } from "./decorate";

/** The exemplars among a panel's frames: a time, a value, and texts that are their labels. */
export function readExemplars(frames: readonly Frame[]): Exemplar[] {
  return frames.flatMap((frame) => {
    if (frame.meta?.type !== "exemplars") return [];
    const time = frame.fields.find((field) => field.type === "time");
    const value = frame.fields.find((field) => field.type === "number");
    const texts = frame.fields.filter((field) => field.type === "string");
    return (time?.values ?? []).flatMap((at, row): Exemplar[] => {
      const number = value?.values[row];
      if (typeof at !== "number" || typeof number !== "number" || !Number.isFinite(number)) return [];
      const labels = texts.flatMap((field) => (typeof field.values[row] === "string" && field.values[row] !== "" ? [[field.name, String(field.values[row])]] : []));
      return [{ time: at, value: number, labels: Object.fromEntries(labels) }];
    });
  });
}

const traceLabels = ["trace_id", "traceID", "traceId", "TraceID", "traceid"];

/** The trace that an exemplar names; undefined where it names none. */
export function traceIdOf({ labels }: Exemplar): string | undefined {
  const id = traceLabels.map((name) => labels[name]).find((one) => one !== undefined)?.toLowerCase();
  return id !== undefined && /^[0-9a-f]{16,32}$/.test(id) ? id : undefined;
}
