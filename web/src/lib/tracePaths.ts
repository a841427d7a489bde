import type { SpanNode, TraceTree } from "./traceTree";

/** Spans of one operation that were reached over the same operations, as one. Times are nanoseconds. */
export interface TracePath {
  service: string;
  name: string;
  /** 0 at the top. */
  depth: number;
  parent?: TracePath;
  /** Longest first. */
  children: TracePath[];
  /** In order of start; never empty. */
  spans: SpanNode[];
  /** Sum of the durations. */
  total: number;
  /** Sum of the times in which no child was running. */
  self: number;
  errors: number;
}

/** A trace with what is alike made one. */
export interface TracePaths {
  /** Longest first. */
  tops: TracePath[];
  /** Every path, parents before children. */
  all: TracePath[];
}

/** Puts the spans of a trace together by service and name along the way from the top. */
export function tracePaths(tree: TraceTree): TracePaths {
  const paths: TracePaths = { tops: [], all: [] };
  const under = new Map<TracePath | undefined, Map<string, TracePath>>();
  const of = new Map<SpanNode, TracePath>();
  for (const node of tree.nodes) {
    const parent = node.parent && of.get(node.parent);
    const beside = under.get(parent) ?? new Map<string, TracePath>();
    under.set(parent, beside);
    const key = operationKey(node.span);
    let path = beside.get(key);
    if (!path) {
      const { service, name } = node.span;
      path = { service, name, depth: node.depth, ...(parent ? { parent } : {}), children: [], spans: [], total: 0, self: 0, errors: 0 };
      beside.set(key, path);
      (parent ? parent.children : paths.tops).push(path);
      paths.all.push(path);
    }
    of.set(node, path);
    path.spans.push(node);
    path.total += node.duration;
    path.self += node.self;
    if (node.span.status === "error") path.errors++;
  }
  const longest = (a: TracePath, b: TracePath) => b.total - a.total;
  paths.tops.sort(longest);
  for (const path of paths.all) {
    path.children.sort(longest);
    path.spans.sort((a, b) => a.start - b.start);
  }
  return paths;
}

/** Tells operations apart: no service or name has the character between the two. */
export function operationKey({ service, name }: { service: string; name: string }): string {
  return `${service}\u0000${name}`;
}
