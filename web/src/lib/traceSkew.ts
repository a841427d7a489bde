import type { SpanNode, TraceTree } from "./traceTree";

/** Spans of a service that lie outside of the call that they answer: the clocks of two machines differ. */
export interface Skew {
  /** Whose clock is off, as seen from `caller`. */
  service: string;
  caller: string;
  spans: number;
  /** How far the farthest lies outside, nanoseconds. */
  by: number;
}

// What network cards and kernels are off by anyway, nanoseconds.
const tolerated = 100_000;

/** Where the clocks of a trace's services cannot all be right, the worst first. */
export function clockSkews(tree: TraceTree): Skew[] {
  const skews = new Map<string, Skew>();
  for (const node of tree.nodes) {
    const by = outside(node);
    if (!node.parent || by <= tolerated) continue;
    const { service } = node.span;
    const caller = node.parent.span.service;
    const key = `${caller}\u0000${service}`;
    const skew = skews.get(key) ?? { service, caller, spans: 0, by: 0 };
    skews.set(key, skew);
    skew.spans++;
    skew.by = Math.max(skew.by, by);
  }
  return [...skews.values()].toSorted((a, b) => b.by - a.by);
}

/** How far a span lies outside of its parent where it must not: nothing begins before what caused it, and a caller that waits ends last. */
function outside({ span, parent, start, duration }: SpanNode): number {
  if (!parent || parent.span.service === span.service) return 0;
  const early = parent.start - start;
  const waits = parent.span.kind === "client" && span.kind === "server";
  const late = waits ? start + duration - (parent.start + parent.duration) : 0;
  return Math.max(early, late, 0);
}

/** Whether a span began only after its parent had ended: nobody waited for it. */
export function isAsync({ start, parent }: SpanNode): boolean {
  return parent !== undefined && start >= parent.start + parent.duration && parent.duration > 0;
}
