/** What of a path its place in the list is made of. */
interface Path {
  /** Index of the path above; -1 at the top. */
  parent: number;
  self: number;
  total: number;
  errors: number;
}

/** A path in its place. */
export interface StructureRow<P extends Path = Path> {
  path: P;
  /** In the list of paths. */
  index: number;
  depth: number;
  /** Undefined for a path with nothing below. */
  expanded: boolean | undefined;
  /** Of the time that spans were busy themselves, 0 to 1. */
  selfShare: number;
  /** Failed spans that no failed span below explains, at least. */
  began: number;
  /** Bears most of the time, or is where most of the errors began. */
  hot: boolean;
}

// A part as large as this is worth looking at first.
const hotShare = 0.3;

/** Paths in the order of a tree, those with most time first; what is below a folded index is left out. */
export function structureRows<P extends Path>(paths: readonly P[], folded: ReadonlySet<number>): StructureRow<P>[] {
  const children = new Map<number, number[]>();
  paths.forEach(({ parent }, index) => {
    const list = children.get(parent);
    if (list) list.push(index);
    else children.set(parent, [index]);
  });
  const errorsBelow = (index: number): number => (children.get(index) ?? []).reduce((sum, child) => sum + (paths[child]?.errors ?? 0), 0);
  const began = paths.map((path, index) => Math.max(path.errors - errorsBelow(index), 0));
  const busy = paths.reduce((sum, path) => sum + path.self, 0) || 1;
  const failures = began.reduce((sum, count) => sum + count, 0) || 1;

  const rows: StructureRow<P>[] = [];
  const largestLast = (list: readonly number[]) => list.toSorted((a, b) => (paths[a]?.total ?? 0) - (paths[b]?.total ?? 0));
  const stack = largestLast(children.get(-1) ?? []).map((index) => ({ index, depth: 0 }));
  for (let next = stack.pop(); next; next = stack.pop()) {
    const { index, depth } = next;
    const path = paths[index];
    if (!path) continue;
    const below = children.get(index) ?? [];
    const open = !folded.has(index);
    rows.push({
      path,
      index,
      depth,
      expanded: below.length === 0 ? undefined : open,
      selfShare: path.self / busy,
      began: began[index] ?? 0,
      hot: path.self / busy >= hotShare || (began[index] ?? 0) / failures >= hotShare,
    });
    if (open) stack.push(...largestLast(below).map((child) => ({ index: child, depth: depth + 1 })));
  }
  return rows;
}
