import { operationKey } from "./tracePaths";
import type { SpanNode, TraceTree } from "./traceTree";

/** The spans of one operation of a trace. Times are nanoseconds. */
export interface OperationGroup {
  service: string;
  name: string;
  count: number;
  errors: number;
  /** Sum of the durations. */
  total: number;
  /** Sum of the times in which no child was running. */
  self: number;
  mean: number;
  p95: number;
  max: number;
  /** Time on the critical path of the trace. */
  critical: number;
  longest: SpanNode;
}

/** Spans by service and name, those that were busy longest themselves first. */
export function groupOperations(tree: TraceTree): OperationGroup[] {
  const groups = new Map<string, SpanNode[]>();
  for (const node of tree.nodes) {
    const key = operationKey(node.span);
    const list = groups.get(key);
    if (list) list.push(node);
    else groups.set(key, [node]);
  }
  return [...groups.values()].flatMap(summarise).toSorted((a, b) => b.self - a.self);
}

function summarise(nodes: readonly SpanNode[]): OperationGroup[] {
  const byLength = nodes.toSorted((a, b) => a.duration - b.duration);
  const longest = byLength.at(-1);
  if (!longest) return [];
  const sum = (of: (node: SpanNode) => number): number => nodes.reduce((all, node) => all + of(node), 0);
  const total = sum((node) => node.duration);
  return [
    {
      service: longest.span.service,
      name: longest.span.name,
      count: nodes.length,
      errors: sum((node) => (node.span.status === "error" ? 1 : 0)),
      total,
      self: sum((node) => node.self),
      mean: total / nodes.length,
      // The nearest rank: a duration that was measured.
      p95: byLength[Math.ceil(0.95 * byLength.length) - 1]?.duration ?? longest.duration,
      max: longest.duration,
      critical: sum((node) => node.critical.reduce((all, { from, to }) => all + to - from, 0)),
      longest,
    },
  ];
}
