import { operationKey, type TracePath, type TracePaths } from "./tracePaths";

/** What became of an operation on its way from the top, from one trace to another. */
export type Verdict = "slower" | "faster" | "same" | "missing" | "new";

/** An operation in two traces; one of `here` and `there` is there. */
export interface VersusRow {
  service: string;
  name: string;
  depth: number;
  here?: TracePath;
  there?: TracePath;
  /** How much longer it took here, nanoseconds; all of it where it is new, minus all of it where it is missing. */
  delta: number;
  /** How much longer it was busy itself. */
  selfDelta: number;
  /** Spans of it more. */
  moreSpans: number;
  /** Failed spans of it more. */
  moreErrors: number;
  verdict: Verdict;
}

// Less than both is what always varies.
const equalShare = 0.2;
const equalNanos = 1_000_000;

/** Lays two traces over each other by service and name along the way from the top; rows are in the order of a tree. */
export function versus(here: TracePaths, there: TracePaths): VersusRow[] {
  const rows: VersusRow[] = [];
  const stack = pairs(here.tops, there.tops, 0).toReversed();
  for (let row = stack.pop(); row; row = stack.pop()) {
    rows.push(row);
    stack.push(...pairs(row.here?.children ?? [], row.there?.children ?? [], row.depth + 1).toReversed());
  }
  return rows;
}

function pairs(here: readonly TracePath[], there: readonly TracePath[], depth: number): VersusRow[] {
  const others = new Map(there.map((path) => [operationKey(path), path]));
  const rows = here.map((path): VersusRow => {
    const other = others.get(operationKey(path));
    others.delete(operationKey(path));
    return pair(path, other, depth);
  });
  return [...rows, ...[...others.values()].map((path) => pair(undefined, path, depth))];
}

function pair(here: TracePath | undefined, there: TracePath | undefined, depth: number): VersusRow {
  const { service, name } = here ?? there ?? { service: "", name: "" };
  const delta = (here?.total ?? 0) - (there?.total ?? 0);
  return {
    service,
    name,
    depth,
    ...(here ? { here } : {}),
    ...(there ? { there } : {}),
    delta,
    selfDelta: (here?.self ?? 0) - (there?.self ?? 0),
    moreSpans: (here?.spans.length ?? 0) - (there?.spans.length ?? 0),
    moreErrors: (here?.errors ?? 0) - (there?.errors ?? 0),
    verdict: !here ? "missing" : !there ? "new" : verdictOf(here.total, there.total),
  };
}

function verdictOf(here: number, there: number): Verdict {
  const difference = Math.abs(here - there);
  if (difference <= Math.max(equalNanos, equalShare * Math.max(here, there))) return "same";
  return here > there ? "slower" : "faster";
}

/** The rows that explain most of the difference: where time itself was spent, not where it was waited for. */
export function largestDeltas(rows: readonly VersusRow[], limit: number): VersusRow[] {
  return rows
    .filter((row) => row.verdict !== "same" || row.moreErrors !== 0 || Math.abs(row.selfDelta) > equalNanos)
    .toSorted((a, b) => Math.abs(b.selfDelta) - Math.abs(a.selfDelta) || Math.abs(b.moreErrors) - Math.abs(a.moreErrors))
    .slice(0, limit);
}
