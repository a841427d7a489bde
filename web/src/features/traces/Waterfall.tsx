import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useRef, type CSSProperties } from "react";

import { isAsync } from "../../lib/traceSkew";
import type { Row, SpanNode, Stretch } from "../../lib/traceTree";
import { formatNanoSpan } from "../../lib/units";
import { Divider, useNamesWidth } from "./Divider";
import classes from "./Waterfall.module.css";

const ROW = 24;
// Deeper levels are not indented further.
const MAX_INDENT = 24;
const TICKS = 4;

interface WaterfallProps {
  rows: readonly Row[];
  /** Colour by service. */
  colours: ReadonlyMap<string, string>;
  /** The part of the trace's time that is shown. */
  shown: Stretch;
  /** Key of the row under the keyboard. */
  active: string;
  /** Key of the span whose detail is open. */
  open: string;
  /** Keys of the spans a search found. */
  matched: ReadonlySet<string>;
  /** Draws the critical path. */
  path: boolean;
  onOpen(key: string): void;
  onToggle(key: string): void;
}

/** The spans of a trace below each other, each a bar where it stands in time; only rows in sight are drawn. */
export function Waterfall({ rows, colours, shown, active, open, matched, path, onOpen, onToggle }: WaterfallProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW,
    overscan: 16,
  });
  const activeIndex = rows.findIndex((row) => row.key === active);
  useEffect(() => {
    if (activeIndex >= 0) virtual.scrollToIndex(activeIndex, { align: "auto" });
  }, [activeIndex, virtual]);

  const [names, setNames] = useNamesWidth();
  const length = Math.max(shown.to - shown.from, 1);
  const ticks = Array.from({ length: TICKS + 1 }, (_, i) => i / TICKS);
  return (
    <div ref={scroller} className={classes.scroller}>
      <div
        role="treegrid"
        aria-label="Spans"
        aria-rowcount={rows.length + 1}
        aria-activedescendant={activeIndex >= 0 ? rowId(active) : undefined}
        tabIndex={0}
        className={classes.grid}
        {...(names === null ? {} : { style: { "--names": `${names}px` } as CSSProperties })}
      >
        <div role="row" className={classes.head} aria-rowindex={1}>
          <div role="columnheader" className={classes.label}>
            Service and operation
            <Divider width={names} onWidth={setNames} />
          </div>
          <div role="columnheader" className={classes.timeline} aria-label="Time">
            {ticks.map((share) => (
              <span key={share} className={classes.tick} style={{ left: `${share * 100}%` }} data-edge={share === 1 ? "end" : undefined}>
                {formatNanoSpan(shown.from + share * length)}
              </span>
            ))}
          </div>
        </div>
        <div role="rowgroup" className={classes.rows} style={{ height: virtual.getTotalSize() }}>
          {virtual.getVirtualItems().map(({ index, start }) => {
            const row = rows[index];
            if (!row) return null;
            return (
              // The page's useListKeys moves and opens.
              // oxlint-disable-next-line jsx-a11y/click-events-have-key-events
              <div
                key={row.key}
                id={rowId(row.key)}
                role="row"
                aria-rowindex={index + 2}
                aria-level={row.level + 1}
                aria-expanded={row.expanded}
                aria-selected={row.key === open}
                className={classes.row}
                data-active={row.key === active || undefined}
                data-match={matched.has(row.key) || undefined}
                style={{ transform: `translateY(${start}px)`, height: ROW }}
                onClick={() => (row.kind === "orphans" ? onToggle(row.key) : onOpen(row.key))}
              >
                <div role="gridcell" className={classes.label} style={{ paddingLeft: 4 + Math.min(row.level, MAX_INDENT) * 12 }}>
                  <Fold row={row} onToggle={onToggle} />
                  {row.kind === "orphans" ? (
                    <span className={classes.orphans}>missing parent: {row.count === 1 ? "1 span" : `${row.count} spans`} apart from the tree</span>
                  ) : (
                    <Label node={row.node} colour={colours.get(row.node.span.service)} hidden={row.expanded === false ? row.node.below : 0} />
                  )}
                </div>
                <div role="gridcell" className={classes.timeline}>
                  {row.kind === "span" && <Bar node={row.node} colour={colours.get(row.node.span.service)} shown={shown} length={length} path={path} />}
                </div>
              </div>
            );
          })}
        </div>
      </div>
    </div>
  );
}

function Fold({ row, onToggle }: { row: Row; onToggle(key: string): void }) {
  if (row.expanded === undefined) return <span className={classes.fold} />;
  return (
    <button
      type="button"
      tabIndex={-1}
      className={classes.fold}
      aria-label={row.expanded ? "Collapse" : "Expand"}
      onClick={(event) => {
        event.stopPropagation();
        onToggle(row.key);
      }}
    >
      {row.expanded ? "▾" : "▸"}
    </button>
  );
}

function Label({ node, colour, hidden }: { node: SpanNode; colour: string | undefined; hidden: number }) {
  const { span } = node;
  return (
    <>
      <span className={classes.service} dir="auto" style={{ borderColor: colour }} title={span.service}>
        {span.service}
      </span>
      <span className={classes.name} dir="auto" title={`${span.service} ${span.name}`}>
        {span.name}
      </span>
      {isAsync(node) && (
        <span className={classes.hidden} title="Began after its parent had ended: nobody waited for it">
          async
        </span>
      )}
      {hidden > 0 && <span className={classes.hidden}>+{hidden}</span>}
      {span.status === "error" ? (
        <span className={classes.error} title={span.statusMessage || "failed"}>
          ● <span className={classes.spoken}>failed</span>
        </span>
      ) : (
        hidden > 0 && node.errorsBelow > 0 && <span className={classes.error}>●{node.errorsBelow}</span>
      )}
    </>
  );
}

interface BarProps {
  node: SpanNode;
  colour: string | undefined;
  shown: Stretch;
  length: number;
  path: boolean;
}

function Bar({ node, colour, shown, length, path }: BarProps) {
  const share = (at: number) => Math.min(Math.max((at - shown.from) / length, 0), 1);
  const place = (from: number, to: number) => ({ left: `${share(from) * 100}%`, width: `${(share(to) - share(from)) * 100}%` });
  const end = node.start + node.duration;
  if (end < shown.from || node.start > shown.to) return null;
  const text = formatNanoSpan(node.duration);
  return (
    <>
      <span
        className={classes.bar}
        style={{ ...place(node.start, end), background: colour }}
        title={`${text}, self ${formatNanoSpan(node.self)}, starts at ${formatNanoSpan(node.start)}`}
      />
      {path &&
        node.critical.map((part) => (
          <span key={part.from} className={classes.critical} style={place(part.from, part.to)} title="On the critical path" />
        ))}
      <span className={classes.length} {...lengthPlace(share(node.start), share(end))}>
        {text}
      </span>
    </>
  );
}

// The part of the timeline a bar's length needs beside it.
const TEXT_SHARE = 0.14;

/** Where a bar's length is written: after it, before it, or on it when neither side has room. */
function lengthPlace(left: number, right: number) {
  if (1 - right > TEXT_SHARE) return { style: { left: `calc(${right * 100}% + 4px)` } };
  if (left > TEXT_SHARE) return { style: { right: `calc(${(1 - left) * 100}% + 4px)` } };
  return { style: { right: `calc(${(1 - right) * 100}% + 12px)` }, "data-inside": true };
}

function rowId(key: string): string {
  return `span-${key}`;
}
