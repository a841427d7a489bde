import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useEffectEvent, useLayoutEffect, useMemo, useRef, useState } from "react";

import type { LogLine } from "../../lib/logLines";
import { tallest } from "../../lib/rowScroll";
import { formatTime, nanoToMs } from "../../lib/timeFormat";
import type { OnCellFilter } from "./CellFilter";
import { LogRow, rowId, type RowLook } from "./LogRow";
import { useRowScroll } from "./useRowScroll";
import classes from "./LogList.module.css";

const ROW = 20;
// A wrapped line that takes more is rare.
const WRAPPED = 300;
const KEYED = 10_000;
const none: readonly string[] = [];

export interface LogListProps {
  lines: readonly LogLine[];
  /** How many lines each stands for, where same ones are folded. */
  counts?: readonly number[];
  /** Fields in columns of their own, before the text. */
  columns?: readonly string[];
  terms: readonly RegExp[];
  wrap: boolean;
  /** False leaves the lines' times out. */
  times?: boolean;
  /** IANA name of the zone of the timestamps. */
  zone: string;
  /** Id of the line under the keyboard, or "". */
  active: string;
  /** Id of the line whose detail is open, or "". */
  open: string;
  onOpen(line: LogLine): void;
  /** A value in a column was chosen to filter by. */
  onFilter?: OnCellFilter;
  /** The reader is near the end: time for another page. */
  onEnd?(): void;
  /** What is in sight stays there when lines are put before it; otherwise the list stays at its beginning. */
  anchored?: boolean;
  /** Whether the newest line is in sight. */
  onTop?(atTop: boolean): void;
}

/** Log lines in their order, only those in sight in the document; of however many the last can be reached. */
export function LogList(props: LogListProps) {
  const { lines, counts, columns = none, terms, wrap, times = true, zone, active, open, onOpen, onFilter, onEnd, anchored = false, onTop } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const endless = lines.length * (wrap ? WRAPPED : ROW) > tallest;
  const rows = useRowScroll(scroller, { on: endless, rows: lines.length, row: ROW, tall: wrap });
  const virtual = useVirtualizer({
    count: endless ? 0 : lines.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW,
    // Of very many lines none is put before the others, and the key of each would be asked for with every page.
    ...(wrap || lines.length <= KEYED ? { getItemKey: (index: number) => lines[index]?.id ?? index } : {}),
    overscan: 20,
  });
  const items = endless ? from(rows.first, Math.min(rows.first + rows.sight + 1, lines.length)) : virtual.getVirtualItems();
  const last = items.at(-1)?.index ?? 0;
  useEffect(() => {
    if (lines.length > 0 && last >= lines.length * 0.8) onEnd?.();
  }, [last, lines.length, onEnd]);

  const activeIndex = useMemo(() => (active === "" ? -1 : lines.findIndex((line) => line.id === active)), [lines, active]);
  const show = useEffectEvent((index: number) => {
    if (endless) rows.show(index);
    else virtual.scrollToIndex(index, { align: "auto" });
  });
  useEffect(() => {
    if (activeIndex >= 0) show(activeIndex);
  }, [activeIndex]);

  useEffect(() => {
    virtual.measure();
  }, [wrap, virtual]);

  const [head, setHead] = useState(lines[0]);
  const [before, setBefore] = useState(0);
  if (head !== lines[0]) {
    setHead(lines[0]);
    setBefore(anchored && head ? Math.max(0, lines.findIndex(({ id }) => id === head.id)) : 0);
  }
  const stay = useEffectEvent(() => {
    if (before === 0 || endless || !scroller.current) return;
    if (wrap) virtual.scrollToIndex(before, { align: "start" });
    else scroller.current.scrollTop += before * ROW;
  });
  useLayoutEffect(() => stay(), [head]);

  const look: RowLook = {
    columns,
    terms,
    wrap,
    times,
    zone,
    days: lines.length > 0 && dayOf(lines[0], zone) !== dayOf(lines.at(-1), zone),
    services: new Set(lines.slice(0, 500).map((line) => line.labels["service_name"] ?? "")).size > 1,
  };

  return (
    <div
      ref={scroller}
      className={classes.scroller}
      data-wrap={wrap || undefined}
      role="grid"
      aria-label="Log lines"
      aria-rowcount={lines.length}
      aria-activedescendant={activeIndex >= 0 ? rowId(active) : undefined}
      tabIndex={0}
      onScroll={(event) => {
        rows.onScroll();
        onTop?.(event.currentTarget.scrollTop < ROW);
      }}
    >
      <div className={classes.sizer} style={{ height: endless ? tallest : virtual.getTotalSize() }}>
        <div className={endless ? classes.window : undefined} style={endless ? { height: rows.height } : undefined}>
          {items.map(({ key, index, start }) => {
            const line = lines[index];
            if (!line) return null;
            return (
              <LogRow
                key={key}
                ref={wrap && !endless ? virtual.measureElement : undefined}
                line={line}
                index={index}
                top={endless ? undefined : start}
                height={wrap ? undefined : ROW}
                count={counts?.[index] ?? 1}
                look={look}
                active={line.id === active}
                open={line.id === open}
                onOpen={onOpen}
                onFilter={onFilter}
              />
            );
          })}
        </div>
      </div>
    </div>
  );
}

/** Rows in their order, which need no place of their own. */
function from(first: number, end: number): { key: number; index: number; start: undefined }[] {
  return Array.from({ length: Math.max(0, end - first) }, (_, row) => ({ key: row, index: first + row, start: undefined }));
}

function dayOf(line: LogLine | undefined, zone: string): string {
  return line ? formatTime(nanoToMs(line.ts), zone).slice(0, 10) : "";
}
