import type { SpanNode, TraceTree } from "./traceTree";

/** Keys of the spans to fold so that `levels` of a trace remain. */
export function foldBelow(tree: TraceTree, levels: number): Set<string> {
  return keysOf(tree, (node) => node.depth >= levels - 1);
}

/** Folds each span below which no other service is met: what is left is who called whom. */
export function foldInsides(tree: TraceTree): Set<string> {
  const leaves = new Set<SpanNode>();
  // Children come after their parents.
  for (const node of tree.nodes.toReversed()) {
    if (node.children.every((child) => child.span.service === node.span.service && leaves.has(child))) leaves.add(node);
  }
  return keysOf(tree, (node) => leaves.has(node));
}

/** Folds all that did not fail, as far as nothing below it did. */
export function foldSound(tree: TraceTree): Set<string> {
  return keysOf(tree, (node) => node.errorsBelow === 0);
}

function keysOf(tree: TraceTree, folded: (node: SpanNode) => boolean): Set<string> {
  return new Set(tree.nodes.filter((node) => node.children.length > 0 && folded(node)).map((node) => node.key));
}
