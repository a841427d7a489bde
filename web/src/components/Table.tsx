import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useEffectEvent, useMemo, useRef, useState, type CSSProperties, type ReactNode } from "react";

import { useShown } from "./shown";
import { usePrefs } from "./usePrefs";
import classes from "./Table.module.css";

/** One column of a Table. */
export interface TableColumn<Row> {
  key: string;
  header: ReactNode;
  /** Beside the header, not part of the button that sorts. */
  tool?: ReactNode;
  /** Numbers stand at the right, in figures of one width. */
  align?: "left" | "right" | "center";
  /** A CSS grid track: "120px", "minmax(160px, 2fr)". One fraction of the rest without it. */
  width?: string;
  cell: (row: Row) => ReactNode;
  /** Of a row's cell, e.g. a background that says something. */
  cellStyle?: (row: Row) => CSSProperties | undefined;
  /** Below the rows: a sum, a mean. */
  footer?: ReactNode;
  /** What sorting by this column compares; a column without it does not sort. */
  sort?: (row: Row) => string | number | null | undefined;
}

export interface TableProps<Row> {
  /** The accessible name. */
  label: string;
  columns: readonly TableColumn<Row>[];
  rows: readonly Row[];
  /** Stable identity of a row. */
  rowKey: (row: Row, index: number) => string;
  /** Key of the column sorted by at first; "-key" for descending. */
  initialSort?: string;
  /** The order where the page keeps it, in the same form; then `onSort` is told of another. */
  sort?: string;
  onSort?: (order: string) => void;
  /** Click or Enter on a row. */
  onRow?: (row: Row) => void;
  /** Marks rows, e.g. the open one. */
  selected?: (row: Row) => boolean;
  /** In pixels; taller content scrolls, and only the rows in sight are drawn. Without it all rows are drawn. */
  maxHeight?: number;
  /** Told which rows are drawn, at first and when others are. */
  onSight?: (rows: readonly Row[]) => void;
  /** In pixels; as the density that is preferred without it. Rows are one line high. */
  rowHeight?: number;
  /** Without a head the columns are named by what surrounds the table. */
  head?: boolean;
}

/** Columns with data rather than with controls. */
function dataColumns<Row>(columns: readonly TableColumn<Row>[]): TableColumn<Row>[] {
  return columns.filter(({ sort }) => sort !== undefined);
}

const rowHeights = { default: 32, compact: 24 } as const;

/** Rows in columns, sortable by their headers. */
export function Table<Row>(props: TableProps<Row>) {
  const { label, columns, rows, rowKey, onRow, selected, maxHeight, head = true } = props;
  const [{ density }] = usePrefs();
  const rowHeight = props.rowHeight ?? rowHeights[density];
  const [own, setOwn] = useState(props.initialSort ?? "");
  const order = props.sort ?? own;
  const setOrder = props.onSort ?? setOwn;
  const sorted = useMemo(() => sortRows(rows, columns, order), [rows, columns, order]);
  useShown(() => ({ title: label, columns: dataColumns(columns).map(({ key, header }) => (typeof header === "string" && header !== "" ? header : key)), rows: sorted.map((row) => dataColumns(columns).map(({ sort }) => sort?.(row) ?? null)) }));
  const scroller = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: sorted.length,
    estimateSize: () => rowHeight,
    getScrollElement: () => scroller.current,
    overscan: 12,
    enabled: maxHeight !== undefined,
  });
  useEffect(() => virtual.measure(), [virtual, rowHeight]);
  const template = columns.map((column) => column.width ?? "minmax(72px, 1fr)").join(" ");
  const items =
    maxHeight === undefined
      ? sorted.map((_, index) => ({ index, start: index * rowHeight }))
      : virtual.getVirtualItems().map(({ index, start }) => ({ index, start }));

  const [first, last] = [items[0]?.index ?? 0, items.at(-1)?.index ?? -1];
  const sight = useEffectEvent(() => props.onSight?.(sorted.slice(first, last + 1)));
  useEffect(() => sight(), [sorted, first, last]);

  const sortable = head && columns.some(({ sort }) => sort !== undefined);

  return (
    // What scrolls does so by the keyboard too, where there is no header to go to.
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <div className={classes.scroller} ref={scroller} style={{ maxHeight }} tabIndex={maxHeight === undefined && sortable ? undefined : 0}>
      <div role="table" aria-label={label} aria-rowcount={sorted.length + 1} className={classes.table}>
        {head && (
          <div role="row" className={classes.head} style={{ gridTemplateColumns: template }} aria-rowindex={1}>
            {columns.map((column) => (
              <Header key={column.key} column={column} order={order} onOrder={setOrder} />
            ))}
          </div>
        )}
        <div role="rowgroup" className={classes.body} style={{ height: sorted.length * rowHeight }}>
          {items.map(({ index, start }) => {
            const row = sorted[index];
            if (row === undefined) return null;
            return (
              <div
                key={rowKey(row, index)}
                role="row"
                aria-rowindex={index + 2}
                aria-selected={selected?.(row)}
                tabIndex={onRow ? 0 : undefined}
                className={classes.row}
                data-clickable={onRow ? true : undefined}
                style={{ gridTemplateColumns: template, height: rowHeight, transform: `translateY(${start}px)` }}
                onClick={(event) => {
                  // What stands in a cell has its own way.
                  if (!(event.target instanceof Element && event.target.closest("a, button, input, [role='menu']"))) onRow?.(row);
                }}
                onKeyDown={(event) => {
                  if (event.key === "Enter" && event.target === event.currentTarget) onRow?.(row);
                }}
              >
                {columns.map((column) => (
                  <div key={column.key} role="cell" dir="auto" className={classes.cell} data-align={column.align} style={column.cellStyle?.(row)}>
                    {column.cell(row)}
                  </div>
                ))}
              </div>
            );
          })}
        </div>
        {columns.some((column) => column.footer !== undefined) && (
          <div role="row" className={classes.foot} style={{ gridTemplateColumns: template }}>
            {columns.map((column) => (
              <div key={column.key} role="cell" className={classes.cell} data-align={column.align}>
                {column.footer}
              </div>
            ))}
          </div>
        )}
      </div>
    </div>
  );
}

interface HeaderProps<Row> {
  column: TableColumn<Row>;
  order: string;
  onOrder: (order: string) => void;
}

function Header<Row>({ column, order, onOrder }: HeaderProps<Row>) {
  const state = order === column.key ? "ascending" : order === `-${column.key}` ? "descending" : "none";
  return (
    <div role="columnheader" className={classes.cell} data-align={column.align} aria-sort={column.sort ? state : undefined}>
      {column.sort ? (
        <button type="button" className={classes.sort} onClick={() => onOrder(state === "descending" ? column.key : `-${column.key}`)}>
          {column.header}
          <span aria-hidden="true">{state === "none" ? "" : state === "ascending" ? " ↑" : " ↓"}</span>
        </button>
      ) : (
        column.header
      )}
      {column.tool}
    </div>
  );
}

/** `rows` in `order`, a column's key or "-key"; rows without a value come last either way. */
export function sortRows<Row>(rows: readonly Row[], columns: readonly TableColumn<Row>[], order: string): readonly Row[] {
  const descending = order.startsWith("-");
  const value = columns.find((column) => column.key === order.replace(/^-/, ""))?.sort;
  if (!value) return rows;
  const keyed = rows.map((row) => ({ row, key: value(row) }));
  const ordered = keyed.toSorted((a, b) => {
    if (missing(a.key) || missing(b.key)) return Number(missing(a.key)) - Number(missing(b.key));
    const by = typeof a.key === "number" && typeof b.key === "number" ? a.key - b.key : collator.compare(String(a.key), String(b.key));
    return descending ? -by : by;
  });
  return ordered.map(({ row }) => row);
}

const collator = new Intl.Collator("en", { numeric: true });

function missing(key: string | number | null | undefined): boolean {
  return key === null || key === undefined || Number.isNaN(key);
}
