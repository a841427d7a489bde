import type { Difference } from "./difference";

/** How much of a whole has which value of which attribute. */
export class Tally {
  private readonly sums = new Map<string, Map<string, number>>();
  /** Of everything that was added. */
  total = 0;

  /** Adds something of `weight` with its attributes; what has no weight does not count. */
  add(attributes: Readonly<Record<string, string>>, weight: number): void {
    if (!(weight > 0) || !Number.isFinite(weight)) return;
    this.total += weight;
    for (const [name, value] of Object.entries(attributes)) {
      const values = this.sums.get(name) ?? new Map<string, number>();
      values.set(value, (values.get(value) ?? 0) + weight);
      this.sums.set(name, values);
    }
  }

  names(): string[] {
    return [...this.sums.keys()];
  }

  values(name: string): string[] {
    return [...(this.sums.get(name)?.keys() ?? [])];
  }

  share(name: string, value: string): number {
    return this.total === 0 ? 0 : (this.sums.get(name)?.get(value) ?? 0) / this.total;
  }
}

// An attribute with more values than this tells things apart, not groups of them.
const mostValues = 200;

/** What `selection` has more often than `baseline`, the most telling first; a value of each attribute at most twice. */
export function compareTallies(selection: Tally, baseline: Tally, limit = 12): Difference[] {
  if (selection.total === 0 || baseline.total === 0) return [];
  return selection
    .names()
    .filter((name) => selection.values(name).length <= mostValues)
    .flatMap((attribute) =>
      selection
        .values(attribute)
        .map((value): Difference => ({ attribute, value, selection: selection.share(attribute, value), baseline: baseline.share(attribute, value) }))
        .filter((one) => one.value !== "" && one.selection - one.baseline > 0.05)
        .toSorted((a, b) => b.selection - b.baseline - (a.selection - a.baseline))
        .slice(0, 2),
    )
    .toSorted((a, b) => b.selection - b.baseline - (a.selection - a.baseline))
    .slice(0, limit);
}
