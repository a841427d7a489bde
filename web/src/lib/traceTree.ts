import type { Span } from "./trace";

/** A half-open stretch of time, nanoseconds since the start of the trace. */
export interface Stretch {
  from: number;
  to: number;
}

/** A span in its place in the tree. Times are nanoseconds since the start of the trace, which a double holds for 104 days. */
export interface SpanNode {
  /** Unique within the tree, even when two spans share an id. */
  key: string;
  span: Span;
  parent?: SpanNode;
  /** Ordered by start. */
  children: SpanNode[];
  depth: number;
  start: number;
  duration: number;
  /** Time in which no child was running. */
  self: number;
  /** Number of spans below. */
  below: number;
  /** Number of failed spans below. */
  errorsBelow: number;
  /** The parts of this span that decided how long the trace took. */
  critical: Stretch[];
  /** Why a span with a parent id stands at the top: its parent is not in the trace, or its parents form a ring. */
  orphan?: "missing" | "cycle";
}

/** A whole trace, ready to draw. */
export interface TraceTree {
  /** Start of the earliest span, Unix nanoseconds. */
  start: bigint;
  /** First start to last end, nanoseconds. */
  duration: number;
  /** Spans without a parent id, earliest first. */
  roots: SpanNode[];
  /** Tops of the parts whose parent is missing, earliest first. */
  orphans: SpanNode[];
  /** Every span, parents before children. */
  nodes: SpanNode[];
  /** Service names by their first span. */
  services: string[];
  errors: number;
  /** Levels of nesting; 1 for a lone span. */
  depth: number;
}

/** Builds the tree of a trace's spans in any order. Every span comes out exactly once, whatever its parent id says. */
export function buildTree(spans: readonly Span[]): TraceTree {
  const tree: TraceTree = { start: 0n, duration: 0, roots: [], orphans: [], nodes: [], services: [], errors: 0, depth: 0 };
  const [first] = spans;
  if (!first) return tree;

  let end = first.end;
  tree.start = first.start;
  for (const span of spans) {
    if (span.start < tree.start) tree.start = span.start;
    if (span.end > end) end = span.end;
  }
  tree.duration = Math.max(0, Number(end - tree.start));

  const all = makeNodes(spans, tree.start);
  const byId = new Map<string, SpanNode>();
  for (const node of all) if (!byId.has(node.span.spanId)) byId.set(node.span.spanId, node);
  for (const node of all) {
    const parent = byId.get(node.span.parentId);
    if (node.span.parentId === "") tree.roots.push(node);
    else if (!parent || parent === node) {
      node.orphan = parent === node ? "cycle" : "missing";
      tree.orphans.push(node);
    } else {
      node.parent = parent;
      parent.children.push(node);
    }
  }
  const placed = new Set<SpanNode>();
  for (const top of [...tree.roots, ...tree.orphans]) place(top, tree, placed);
  // What is still unplaced hangs below a ring of parents: cut each ring at its earliest span.
  for (const node of all) {
    if (placed.has(node)) continue;
    const top = earliestOfRing(node);
    if (top.parent) top.parent.children = top.parent.children.filter((child) => child !== top);
    delete top.parent;
    top.orphan = "cycle";
    tree.orphans.push(top);
    place(top, tree, placed);
  }
  tree.orphans.sort(byStart);
  for (const node of tree.nodes.toReversed()) {
    node.self = selfTime(node);
    if (!node.parent) continue;
    node.parent.below += 1 + node.below;
    node.parent.errorsBelow += node.errorsBelow + (node.span.status === "error" ? 1 : 0);
  }
  const services = new Set<string>();
  for (const { span } of all) {
    services.add(span.service);
    if (span.status === "error") tree.errors++;
  }
  tree.services = [...services];
  const main = tree.roots[0] ?? tree.orphans[0];
  if (main) markCriticalPath(main);
  return tree;
}

function makeNodes(spans: readonly Span[], origin: bigint): SpanNode[] {
  const uses = new Map<string, number>();
  return spans
    .map((span): SpanNode => {
      const used = uses.get(span.spanId) ?? 0;
      uses.set(span.spanId, used + 1);
      return {
        key: used === 0 ? span.spanId : `${span.spanId}#${used + 1}`,
        span,
        children: [],
        depth: 0,
        start: Number(span.start - origin),
        duration: Math.max(0, Number(span.end - span.start)),
        self: 0,
        below: 0,
        errorsBelow: 0,
        critical: [],
      };
    })
    .toSorted(byStart);
}

function byStart(a: SpanNode, b: SpanNode): number {
  return a.start - b.start || b.duration - a.duration;
}

/** Numbers `top` and everything below it. Iterative: a trace may be one chain of ten thousand spans. */
function place(top: SpanNode, tree: TraceTree, placed: Set<SpanNode>): void {
  const stack = [top];
  for (let node = stack.pop(); node; node = stack.pop()) {
    if (placed.has(node)) continue;
    placed.add(node);
    node.depth = node.parent ? node.parent.depth + 1 : 0;
    tree.depth = Math.max(tree.depth, node.depth + 1);
    tree.nodes.push(node);
    stack.push(...node.children.toReversed());
  }
}

function earliestOfRing(node: SpanNode): SpanNode {
  // The first span met twice is on the ring; once around it finds the earliest.
  const seen = new Set<SpanNode>();
  let walk: SpanNode | undefined = node;
  while (walk && !seen.has(walk)) {
    seen.add(walk);
    walk = walk.parent;
  }
  let earliest = walk ?? node;
  for (let next = walk?.parent; next && next !== walk; next = next.parent) {
    if (byStart(next, earliest) < 0) earliest = next;
  }
  return earliest;
}

function selfTime(node: SpanNode): number {
  const end = node.start + node.duration;
  let busy = 0;
  let cursor = node.start;
  for (const child of node.children) {
    const from = Math.max(cursor, child.start);
    const to = Math.min(end, child.start + child.duration);
    if (to > from) {
      busy += to - from;
      cursor = to;
    }
  }
  return node.duration - busy;
}

function endOf(node: SpanNode): number {
  return node.start + node.duration;
}

/**
 * Marks the critical path: going back from the end of the root, at each moment the last child to finish is what the
 * parent was waiting for; where there is none, the parent itself was at work. The server computes the same: both are
 * held to query/services/testdata/criticalpath.json.
 */
function markCriticalPath(root: SpanNode): void {
  interface Frame {
    node: SpanNode;
    /** What of the node is still to be gone through. */
    from: number;
    until: number;
    /** Nothing of it has been gone through. */
    atEnd: boolean;
    /** Children by end, so that the last to finish is popped first. */
    waiting: SpanNode[];
  }
  const enter = (node: SpanNode, from: number, until: number): Frame => ({
    node,
    from,
    until,
    atEnd: true,
    waiting: node.children.toSorted((a, b) => endOf(a) - endOf(b)),
  });
  const stack = [enter(root, root.start, endOf(root))];
  for (let top = stack.at(-1); top; top = stack.at(-1)) {
    const child = top.waiting.pop();
    if (!child) {
      if (top.until > top.from) top.node.critical.push({ from: top.from, to: top.until });
      top.node.critical.reverse();
      stack.pop();
      continue;
    }
    const start = Math.max(child.start, top.from);
    // A child that goes on after its parent is cut there; one that was still running when what came next began was
    // not waited for.
    const end = top.atEnd ? Math.min(endOf(child), top.until) : endOf(child);
    if (child.duration === 0 || end > top.until || start >= end) continue;
    if (end < top.until) top.node.critical.push({ from: end, to: top.until });
    top.until = start;
    top.atEnd = false;
    stack.push(enter(child, start, end));
  }
}

export type Row =
  | { kind: "span"; key: string; node: SpanNode; level: number; expanded: boolean | undefined }
  | { kind: "orphans"; key: string; count: number; level: 0; expanded: boolean };

/** Key of the row above the spans whose parent is missing. */
export const ORPHAN_ROW = "orphans";

/** The rows to draw, those below a collapsed key left out. */
export function visibleRows(tree: TraceTree, collapsed: ReadonlySet<string>): Row[] {
  const rows: Row[] = [];
  const walk = (tops: readonly SpanNode[], shift: number) => {
    const stack = tops.toReversed();
    for (let node = stack.pop(); node; node = stack.pop()) {
      const open = !collapsed.has(node.key);
      const expanded = node.children.length === 0 ? undefined : open;
      rows.push({ kind: "span", key: node.key, node, level: node.depth + shift, expanded });
      if (!open) continue;
      stack.push(...node.children.toReversed());
    }
  };
  walk(tree.roots, 0);
  if (tree.orphans.length > 0) {
    const expanded = !collapsed.has(ORPHAN_ROW);
    rows.push({ kind: "orphans", key: ORPHAN_ROW, count: tree.orphans.length, level: 0, expanded });
    if (expanded) walk(tree.orphans, 1);
  }
  return rows;
}

/** Spans that mention `text` in name, service, status message, id, or a key or value of an attribute, in tree order. */
export function findSpans(tree: TraceTree, text: string): SpanNode[] {
  const needle = text.trim().toLowerCase();
  if (needle === "") return [];
  const has = (value: string) => value.toLowerCase().includes(needle);
  return tree.nodes.filter(({ span }) => {
    if (has(span.name) || has(span.service) || has(span.statusMessage) || has(span.spanId)) return true;
    const attributes = [...span.attributes, ...span.resource, ...span.events.flatMap((event) => event.attributes)];
    return attributes.some((attribute) => has(attribute.key) || has(attribute.value));
  });
}
