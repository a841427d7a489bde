import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useEffectEvent, useLayoutEffect, useRef, useState, type ReactNode } from "react";

import classes from "./LongList.module.css";

interface LongListProps<Row> {
  /** The accessible name. */
  label: string;
  rows: readonly Row[];
  rowKey: (row: Row) => string;
  children: (row: Row) => ReactNode;
  className?: string | undefined;
  itemClass?: ((row: Row) => string | undefined) | undefined;
  /** Height that a row is thought to have before it is seen, in pixels. */
  estimate?: number;
  /** Key of the row that the keyboard came to: it is scrolled to. */
  active?: string | undefined;
}

/** As many are all in the document, where the browser's own search finds them. */
export const few = 100;

/** A list whose rows have heights of their own. Of many, those in sight of the page alone are in the document. */
export function LongList<Row>(props: LongListProps<Row>) {
  return props.rows.length > few ? <Virtual {...props} /> : <Plain {...props} />;
}

function Plain<Row>({ label, rows, rowKey, children, className, itemClass, active }: LongListProps<Row>) {
  const list = useRef<HTMLUListElement>(null);
  useMoved(active, (key) => list.current?.children[rows.findIndex((row) => rowKey(row) === key)]?.scrollIntoView?.({ block: "nearest" }));
  return (
    <ul ref={list} className={className} aria-label={label}>
      {rows.map((row) => (
        <li key={rowKey(row)} className={itemClass?.(row)}>
          {children(row)}
        </li>
      ))}
    </ul>
  );
}

function Virtual<Row>({ label, rows, rowKey, children, className, itemClass, estimate = 64, active }: LongListProps<Row>) {
  const list = useRef<HTMLUListElement>(null);
  const scroller = (): HTMLElement | null => list.current?.closest("main") ?? document.documentElement;
  const [margin, setMargin] = useState(0);
  // What is above may have grown with any render, which is known once it is laid out.
  // oxlint-disable-next-line react-hooks/exhaustive-deps
  useLayoutEffect(() => {
    const around = scroller();
    if (list.current && around) setMargin(Math.round(list.current.getBoundingClientRect().top - around.getBoundingClientRect().top + around.scrollTop));
  });
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: scroller,
    estimateSize: () => estimate,
    getItemKey: (index) => (rows[index] === undefined ? index : rowKey(rows[index])),
    // What is not laid out has no height yet.
    measureElement: (item) => (item instanceof HTMLElement && item.offsetHeight) || estimate,
    scrollMargin: margin,
    overscan: 8,
  });
  useMoved(active, (key) => {
    const index = rows.findIndex((row) => rowKey(row) === key);
    if (index >= 0) virtual.scrollToIndex(index, { align: "auto" });
  });
  return (
    <ul ref={list} className={`${className ?? ""} ${classes.tall}`} style={{ height: virtual.getTotalSize() }} aria-label={label}>
      {virtual.getVirtualItems().map(({ key, index, start }) => {
        const row = rows[index];
        return row === undefined ? null : (
          <li key={key} ref={virtual.measureElement} data-index={index} aria-setsize={rows.length} aria-posinset={index + 1} className={`${itemClass?.(row) ?? ""} ${classes.placed}`} style={{ transform: `translateY(${start - margin}px)` }}>
            {children(row)}
          </li>
        );
      })}
    </ul>
  );
}

/** Calls `show` when another row becomes the active one; not for the one that the page was opened with. */
function useMoved(active: string | undefined, show: (key: string) => void): void {
  const before = useRef(active);
  const onMove = useEffectEvent(show);
  useEffect(() => {
    if (active !== undefined && before.current !== active) onMove(active);
    before.current = active;
  }, [active]);
}
