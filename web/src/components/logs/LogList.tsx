import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useMemo, useRef } from "react";

import { levelToken } from "../../lib/colour";
import { fieldOf } from "../../lib/logFields";
import { levelOf, type LogLine } from "../../lib/logLines";
import { clockOf, formatTime, nanoToMs } from "../../lib/timeFormat";
import { LogText } from "./LogText";
import classes from "./LogList.module.css";

const ROW = 20;
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
  /** The reader is near the end: time for another page. */
  onEnd?(): void;
  /** Whether the newest line is in sight. */
  onTop?(atTop: boolean): void;
}

/** Log lines in their order, only those in sight in the document. */
export function LogList(props: LogListProps) {
  const { lines, counts, columns = none, terms, wrap, times = true, zone, active, open, onOpen, onEnd, onTop } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: lines.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW,
    // Of very many lines none is put before the others, and the key of each would be asked for with every page.
    ...(wrap || lines.length <= KEYED ? { getItemKey: (index: number) => lines[index]?.id ?? index } : {}),
    overscan: 20,
  });
  const items = virtual.getVirtualItems();
  const last = items.at(-1)?.index ?? 0;
  useEffect(() => {
    if (lines.length > 0 && last >= lines.length * 0.8) onEnd?.();
  }, [last, lines.length, onEnd]);

  const activeIndex = useMemo(() => (active === "" ? -1 : lines.findIndex((line) => line.id === active)), [lines, active]);
  useEffect(() => {
    if (activeIndex >= 0) virtual.scrollToIndex(activeIndex, { align: "auto" });
  }, [activeIndex, virtual]);

  useEffect(() => {
    virtual.measure();
  }, [wrap, virtual]);

  const days = lines.length > 0 && dayOf(lines[0], zone) !== dayOf(lines.at(-1), zone);
  const services = new Set(lines.slice(0, 500).map((line) => line.labels["service_name"] ?? "")).size > 1;

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
      onScroll={(event) => onTop?.(event.currentTarget.scrollTop < ROW)}
    >
      <div className={classes.sizer} style={{ height: virtual.getTotalSize() }}>
        {items.map((item) => {
          const line = lines[item.index];
          if (!line) return null;
          const level = levelOf(line);
          const ms = nanoToMs(line.ts);
          return (
            // The page's useListKeys moves and opens.
            // oxlint-disable-next-line jsx-a11y/click-events-have-key-events
            <div
              key={item.key}
              id={rowId(line.id)}
              ref={wrap ? virtual.measureElement : undefined}
              data-index={item.index}
              role="row"
              aria-rowindex={item.index + 1}
              aria-selected={line.id === open}
              className={classes.row}
              data-active={line.id === active || undefined}
              style={{ transform: `translateY(${item.start}px)`, height: wrap ? undefined : ROW }}
              onClick={() => {
                // Selecting text to copy is not opening.
                if (window.getSelection()?.isCollapsed ?? true) onOpen(line);
              }}
            >
              <span role="gridcell" className={classes.level} style={{ background: levelToken(level) }} data-level={level} title={level}>
                <span className={classes.spoken}>{level}</span>
              </span>
              {times && (
                <span role="gridcell" className={classes.time}>
                  <time dateTime={new Date(ms).toISOString()} title={formatTime(ms, zone, true)}>
                    {days ? formatTime(ms, zone, true).slice(5) : clockOf(ms, zone, true)}
                  </time>
                </span>
              )}
              {services && (
                <span role="gridcell" className={classes.service} title={line.labels["service_name"]}>
                  {line.labels["service_name"]}
                </span>
              )}
              {columns.map((name) => (
                <span key={name} role="gridcell" className={classes.column} title={`${name}: ${fieldOf(line, name)}`}>
                  {fieldOf(line, name)}
                </span>
              ))}
              {(counts?.[item.index] ?? 1) > 1 && (
                <span role="gridcell" className={classes.count} title={`${counts?.[item.index]} lines in a row are the same`}>
                  ×{counts?.[item.index]}
                </span>
              )}
              <span role="gridcell" className={classes.text}>
                <LogText text={line.line} terms={terms} single={!wrap} />
              </span>
            </div>
          );
        })}
      </div>
    </div>
  );
}

function rowId(lineId: string): string {
  return `line-${lineId}`;
}

function dayOf(line: LogLine | undefined, zone: string): string {
  return line ? formatTime(nanoToMs(line.ts), zone).slice(0, 10) : "";
}
