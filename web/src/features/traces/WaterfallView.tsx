import { useMemo } from "react";

import { useListKeys } from "../../components/useListKeys";
import { readStretch, writeStretch } from "../../lib/traceStretch";
import { visibleRows, type TraceTree } from "../../lib/traceTree";
import { Minimap } from "./Minimap";
import type { TraceState } from "./state";
import { Waterfall } from "./Waterfall";
import classes from "./trace.module.css";

interface WaterfallViewProps {
  tree: TraceTree;
  /** Colour by service. */
  colours: ReadonlyMap<string, string>;
  state: TraceState;
  set(patch: Partial<TraceState>, options?: { replace?: boolean }): void;
  /** Keys of the spans a search found. */
  matched: ReadonlySet<string>;
  collapsed: ReadonlySet<string>;
  onToggle(key: string): void;
  /** Key of the row under the keyboard. */
  active: string;
  onActive(key: string): void;
  onOpen(key: string): void;
}

/** The whole trace at a glance, and below it span by span, with the keys that go through it. */
export function WaterfallView({ tree, colours, state, set, matched, collapsed, onToggle, active, onActive, onOpen }: WaterfallViewProps) {
  const rows = useMemo(() => visibleRows(tree, collapsed), [tree, collapsed]);
  const shown = readStretch(state.zoom, tree.duration) ?? { from: 0, to: tree.duration };
  const open = state.span;
  const activeRow = rows.findIndex((row) => row.key === active);

  const go = (index: number) => {
    const next = rows[Math.min(Math.max(index, 0), rows.length - 1)];
    if (!next) return;
    onActive(next.key);
    if (open !== "" && next.kind === "span") set({ span: next.key }, { replace: true });
  };
  const fold = (close: boolean) => {
    const row = rows[activeRow];
    if (!row) return;
    if (row.expanded === close) onToggle(row.key);
    else if (close && row.kind === "span" && row.node.parent) onActive(row.node.parent.key);
  };
  useListKeys({
    onMove: (by) => go(activeRow < 0 ? 0 : activeRow + by),
    onOpen: () => (rows[activeRow]?.kind === "orphans" ? onToggle(active) : onOpen(active)),
    onCopy: () => {
      const row = rows[activeRow];
      return row?.kind === "span" ? { text: JSON.stringify(row.node.span, plain, 2), what: "Span" } : undefined;
    },
    extra: {
      ArrowLeft: () => fold(true),
      ArrowRight: () => fold(false),
      c: () => rows[activeRow]?.expanded !== undefined && onToggle(active),
      p: () => set({ path: !state.path }, { replace: true }),
      Home: () => go(0),
      End: () => go(rows.length - 1),
      "[": () => go(activeRow - 1),
      "]": () => go(activeRow + 1),
    },
  });

  return (
    <div className={classes.view}>
      <Minimap tree={tree} colours={colours} shown={shown} onShow={(stretch) => set({ zoom: writeStretch(stretch) })} />
      <Waterfall rows={rows} colours={colours} shown={shown} active={active} open={open} matched={matched} path={state.path} onOpen={onOpen} onToggle={onToggle} />
    </div>
  );
}

// JSON has no 64-bit numbers: nanoseconds are digits.
function plain(_: string, value: unknown): unknown {
  return typeof value === "bigint" ? String(value) : value;
}
