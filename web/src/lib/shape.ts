/** How each of some courses of values differs from the others. Values are at the same times; null is none. */
export function oddness(all: readonly (readonly (number | null)[])[]): number[] {
  const shapes = all.map(shapeOf);
  const length = Math.max(0, ...shapes.map((one) => one.length));
  const middle = Array.from({ length }, (_, at) => median(shapes.flatMap((one) => (one[at] === null || one[at] === undefined ? [] : [one[at]]))));
  return shapes.map((shape) => {
    let sum = 0;
    let count = 0;
    shape.forEach((value, at) => {
      const usual = middle[at];
      if (value === null || usual === null || usual === undefined) return;
      sum += (value - usual) ** 2;
      count++;
    });
    // With two the middle is as far from one as from the other: the one that moves is the odd one.
    return count === 0 ? 0 : Math.sqrt(sum / count) + 0.1 * spread(shape);
  });
}

/** Values as multiples of their mean size: what counts is the course, not the amount. */
function shapeOf(values: readonly (number | null)[]): (number | null)[] {
  const known = values.filter((value): value is number => value !== null && Number.isFinite(value));
  const size = known.reduce((sum, value) => sum + Math.abs(value), 0) / Math.max(known.length, 1);
  return values.map((value) => (value === null || !Number.isFinite(value) ? null : size === 0 ? 0 : value / size));
}

function spread(shape: readonly (number | null)[]): number {
  const known = shape.filter((value): value is number => value !== null);
  const mean = known.reduce((sum, value) => sum + value, 0) / Math.max(known.length, 1);
  return Math.sqrt(known.reduce((sum, value) => sum + (value - mean) ** 2, 0) / Math.max(known.length, 1));
}

function median(values: number[]): number | null {
  if (values.length === 0) return null;
  const sorted = values.toSorted((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? (sorted[half] ?? null) : ((sorted[half - 1] ?? 0) + (sorted[half] ?? 0)) / 2;
}
