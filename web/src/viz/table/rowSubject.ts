import { identify } from "../../lib/correlate/identity";
import type { Subject } from "../../lib/correlate/targets";
import type { Field, Frame } from "../../lib/dashboard/frame";

/** One of a row's labels, as its column has it. */
export interface RowLabel {
  name: string;
  value: string;
}

/** The labels that a row's texts are. */
export function labelsOf(frame: Frame, row: number): RowLabel[] {
  return frame.fields.flatMap(({ name, type, values }) => {
    const value = values[row];
    return type === "string" && typeof value === "string" && value !== "" ? [{ name, value }] : [];
  });
}

/** The first column whose texts name something that other signals know: a service, a pod, a host. */
export function namingColumn(fields: readonly Field[]): Field | undefined {
  return fields.find(({ name, type, values }) => type === "string" && values.some((value) => typeof value === "string" && Object.keys(identify({ [name]: value })).length > 0));
}

/** A row as other signals are asked about it: at its time, where it has one, and by its only value. */
export function rowSubject(frame: Frame, row: number): Subject {
  const labels = Object.fromEntries(labelsOf(frame, row).map(({ name, value }) => [name, value]));
  const numbers = frame.fields.filter(({ type }) => type === "number");
  const time = frame.fields.find(({ type }) => type === "time")?.values[row];
  const value = numbers.length === 1 ? numbers[0]?.values[row] : undefined;
  return {
    kind: "series",
    labels: { ...(numbers.length === 1 ? numbers[0]?.labels : {}), ...labels },
    time: typeof time === "number" ? time : undefined,
    value: typeof value === "number" ? value : undefined,
    query: frame.meta?.executedQuery,
  };
}
