import { useMemo, useState } from "react";

import { SpanDetail } from "../../features/traces/SpanDetail";
import { traceWindow } from "../../features/traces/traceWindow";
import { Waterfall } from "../../features/traces/Waterfall";
import { strokes } from "../../lib/colour";
import type { Cell, Frame } from "../../lib/dashboard/frame";
import { isObj } from "../../lib/dashboard/json";
import type { Span } from "../../lib/trace";
import { buildTree, visibleRows, type TraceTree } from "../../lib/traceTree";
import { formatNanoSpan, group } from "../../lib/units";
import { useLook } from "../look";
import { NoData } from "../NoData";
import type { PanelProps } from "../panel";
import { TablePanel } from "../table/TablePanel";
import classes from "./traces.module.css";

const noMatches: ReadonlySet<string> = new Set();

/** A trace as a waterfall; found traces as a table. */
export function TracesPanel(props: PanelProps) {
  const { frames } = props;
  const spans = useMemo(() => frames.flatMap(spansOf), [frames]);
  const tree = useMemo(() => buildTree(spans), [spans]);
  if (tree.nodes.length > 0) return <Trace tree={tree} {...props} />;
  return frames.some((frame) => frame.fields.length > 0) ? <TablePanel {...props} /> : <NoData>No trace</NoData>;
}

function spansOf(frame: Frame): Span[] {
  return frame.fields.filter((field) => field.type === "trace").flatMap((field) => field.values.filter(isSpan));
}

function isSpan(cell: Cell): cell is Span {
  return isObj(cell) && typeof cell.spanId === "string" && typeof cell.start === "bigint";
}

function Trace({ tree, timeZone }: { tree: TraceTree } & PanelProps) {
  const { scheme } = useLook(timeZone);
  const [collapsed, setCollapsed] = useState<ReadonlySet<string>>(new Set());
  const [open, setOpen] = useState("");
  const rows = useMemo(() => visibleRows(tree, collapsed), [tree, collapsed]);
  const colours = useMemo(() => new Map(strokes(tree.services, scheme).map((stroke, index) => [tree.services[index] ?? "", stroke.colour])), [tree, scheme]);
  const toggle = (key: string): void => {
    const next = new Set(collapsed);
    if (!next.delete(key)) next.add(key);
    setCollapsed(next);
  };
  const node = tree.nodes.find((one) => one.key === open);
  const [root] = tree.nodes;
  return (
    <div className={classes.panel}>
      <p className={classes.said}>
        {root?.span.service} {root?.span.name} · {formatNanoSpan(tree.duration)} · {group(tree.nodes.length)} spans · {tree.services.length === 1 ? "1 service" : `${tree.services.length} services`}
        {tree.errors > 0 ? ` · ${tree.errors} failed` : ""}
      </p>
      <div className={classes.body}>
        <Waterfall rows={rows} colours={colours} shown={{ from: 0, to: tree.duration }} active={open} open={open} matched={noMatches} path={false} onOpen={(key) => setOpen(key === open ? "" : key)} onToggle={toggle} />
        {node && <SpanDetail node={node} tree={tree} window={traceWindow(tree)} onClose={() => setOpen("")} onSpan={setOpen} />}
      </div>
    </div>
  );
}
