import type { FieldValue } from "../../lib/dashboard/fieldvalues";

/** A part of a pie: shares of the whole turn, 0 to 1. */
export interface Slice {
  value: FieldValue;
  from: number;
  to: number;
  share: number;
}

/** The parts of a pie of `values`, largest first or as `sort` says; what is negative or no number has none. */
export function slicesOf(values: readonly FieldValue[], sort: string): Slice[] {
  const amount = (value: FieldValue): number => (value.display.numeric > 0 ? value.display.numeric : 0);
  const total = values.reduce((sum, value) => sum + amount(value), 0);
  const sorted = sort === "none" ? values : values.toSorted((a, b) => (sort === "asc" ? amount(a) - amount(b) : amount(b) - amount(a)));
  let at = 0;
  return sorted.map((value) => {
    const share = total === 0 ? 0 : amount(value) / total;
    const slice = { value, from: at, to: at + share, share };
    at += share;
    return slice;
  });
}

/** Path of a part of a ring; `inner` is 0 for a pie. Shares of the turn begin at the top. */
export function slicePath(from: number, to: number, outer: number, inner: number): string {
  // A whole turn has no ends that an arc could run between.
  const end = to - from > 0.9999 ? from + 0.9999 : to;
  const at = (share: number, radius: number): string => {
    const angle = share * 2 * Math.PI - Math.PI / 2;
    return `${(radius * Math.cos(angle)).toFixed(2)} ${(radius * Math.sin(angle)).toFixed(2)}`;
  };
  const large = end - from > 0.5 ? 1 : 0;
  const back = inner === 0 ? "L0 0" : `L${at(end, inner)}A${inner} ${inner} 0 ${large} 0 ${at(from, inner)}`;
  return `M${at(from, outer)}A${outer} ${outer} 0 ${large} 1 ${at(end, outer)}${back}Z`;
}
