/** What there is to say of a field of numbers. */
export interface NumberStats {
  count: number;
  min: number;
  p50: number;
  p95: number;
  max: number;
  /** What stands behind each number, such as "ms"; "" for plain numbers. */
  unit: string;
}

const number = /^\s*(-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)\s*(ns|µs|us|ms|s|m|h|%|B|[kKMGT]i?B)?\s*$/;

/** Statistics of values with the number of lines that have them; undefined unless nearly all are numbers of one unit. */
export function numberStats(values: readonly { value: string; lines: number }[]): NumberStats | undefined {
  const units = new Map<string, { value: number; lines: number }[]>();
  let all = 0;
  for (const { value, lines } of values) {
    all += lines;
    const found = number.exec(value);
    if (!found) continue;
    const unit = found[2] ?? "";
    const members = units.get(unit) ?? [];
    members.push({ value: Number(found[1]), lines });
    units.set(unit, members);
  }
  const [first] = [...units].toSorted((a, b) => weight(b[1]) - weight(a[1]));
  if (!first || weight(first[1]) < all * 0.9) return undefined;
  const [unit, members] = first;
  const sorted = members.toSorted((a, b) => a.value - b.value);
  const count = weight(sorted);
  return { count, min: sorted[0]?.value ?? 0, p50: quantile(sorted, count * 0.5), p95: quantile(sorted, count * 0.95), max: sorted.at(-1)?.value ?? 0, unit };
}

function weight(members: readonly { lines: number }[]): number {
  return members.reduce((sum, one) => sum + one.lines, 0);
}

/** The value at a rank among weighted ones. */
function quantile(sorted: readonly { value: number; lines: number }[], rank: number): number {
  let seen = 0;
  for (const { value, lines } of sorted) {
    seen += lines;
    if (seen >= rank) return value;
  }
  return sorted.at(-1)?.value ?? 0;
}
