import { TextInput } from "@mantine/core";
import { memo, useEffect, useMemo, useState, type MouseEvent, type ReactNode } from "react";

import type { Stroke } from "../../lib/colour";
import { Swatch } from "./Swatch";
import classes from "./legend.module.css";

/** One name of a legend. */
export interface LegendItem {
  /** Unique within the legend, and the same after the next answer. */
  key: string;
  name: string;
  stroke: Stroke;
  /** At the other axis. */
  right?: boolean;
  /** For each column its text and what it is ordered by. */
  cells: readonly { text: string; value: number }[];
}

/** Index of the column that a legend is ordered by; -1 for the name. */
export interface LegendOrder {
  by: number;
  descending: boolean;
}

/** How the names of what a chart draws are shown. */
export interface LegendLook {
  form: "list" | "table" | "none";
  place: "bottom" | "right";
  /** Heads of the columns, as many as an item has cells. */
  columns: readonly string[];
  /** Before anybody orders it otherwise; as the items come without it. */
  order?: LegendOrder | undefined;
  /** In pixels, where it stands at the right. */
  width?: number | undefined;
  /** In pixels; a share of the panel without it. */
  maxHeight?: number;
}

interface LegendProps {
  items: readonly LegendItem[];
  look: LegendLook;
  /** Keys of what is not drawn. */
  hidden: ReadonlySet<string>;
  onHidden(hidden: ReadonlySet<string>): void;
  /** The pointer is at an item, or at none. */
  onPoint?(key: string | undefined): void;
  /** Beside an item's name. */
  menu?: ((key: string) => ReactNode) | undefined;
}

// Names among which one is looked for by eye.
const findable = 20;
// More than a legend shows before it is scrolled: the chart is drawn before the others come.
const atOnce = 30;

/** Names of what a chart draws. Click shows one alone (and all again), Ctrl-click switches one on or off. */
export const Legend = memo(function Legend({ items, look, hidden, onHidden, onPoint, menu }: LegendProps) {
  const [chosen, setOrder] = useState<LegendOrder>();
  const order = chosen ?? look.order;
  const sorted = useMemo(() => (order ? items.toSorted((a, b) => compare(a, b, order)) : items), [items, order]);
  const [find, setFind] = useState("");
  const words = find.toLowerCase().split(/\s+/).filter(Boolean);
  const found = words.length === 0 ? sorted : sorted.filter(({ name }) => words.every((word) => name.toLowerCase().includes(word)));
  const [whole, setWhole] = useState(false);
  const first = whole ? found : found.slice(0, atOnce);
  const more = first.length < found.length;
  useEffect(() => (more ? afterFrame(() => setWhole(true)) : undefined), [more]);
  const { form, columns } = look;
  if (form === "none" || items.length === 0) return null;
  const entry = (item: LegendItem) => (
    <span className={classes.item}>
      <button
        type="button"
        className={classes.entry}
        aria-pressed={!hidden.has(item.key)}
        title={item.name}
        onClick={(event: MouseEvent) => onHidden(event.ctrlKey || event.metaKey || event.shiftKey ? flip(hidden, item.key) : solo(items, hidden, item.key))}
        onMouseEnter={() => onPoint?.(item.key)}
        onMouseLeave={() => onPoint?.(undefined)}
      >
        <Swatch stroke={item.stroke} />
        <span className={classes.name} dir="auto">{item.name}</span>
        {item.right && <span className={classes.side}> (right)</span>}
        {form === "list" &&
          item.cells.map((cell, index) => (
            // The columns never change places.
            // oxlint-disable-next-line react/no-array-index-key
            <span key={index} className={classes.inline}>
              {columns[index]}: {cell.text}
            </span>
          ))}
      </button>
      {menu?.(item.key)}
    </span>
  );
  const style = { ...(look.place === "right" && look.width ? { width: look.width } : {}), ...(look.maxHeight ? { maxHeight: look.maxHeight } : {}) };
  const finder = items.length > findable && (
    <TextInput size="xs" className={classes.find} aria-label="Find a series" placeholder={`Find one of ${items.length} series`} value={find} onChange={(event) => setFind(event.currentTarget.value)} />
  );
  const frame = { className: classes.legend, "data-place": look.place, "data-form": form, style };
  if (form === "list") {
    return (
      <div {...frame} role="group" aria-label="Series">
        {finder}
        {first.map((item) => (
          <span key={item.key} className={classes.place}>
            {entry(item)}
          </span>
        ))}
      </div>
    );
  }
  return (
    <div {...frame}>
      {finder}
      <table>
        <thead>
          <tr>
            {["Name", ...columns].map((head, index) => (
              <Head key={head} name={head} by={index - 1} order={order} onOrder={setOrder} />
            ))}
          </tr>
        </thead>
        <tbody>
          {first.map((item) => (
            <tr key={item.key} data-hidden={hidden.has(item.key) || undefined}>
              <td>{entry(item)}</td>
              {item.cells.map((cell, index) => (
                // oxlint-disable-next-line react/no-array-index-key
                <td key={index}>{cell.text}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
});

function Head({ name, by, order, onOrder }: { name: string; by: number; order: LegendOrder | undefined; onOrder(order: LegendOrder): void }) {
  const state = order?.by !== by ? "none" : order.descending ? "descending" : "ascending";
  return (
    <th scope="col" aria-sort={state}>
      <button type="button" className={classes.sort} onClick={() => onOrder({ by, descending: order?.by === by ? !order.descending : by >= 0 })}>
        {name}
        <span aria-hidden="true">{state === "none" ? "" : state === "ascending" ? " ↑" : " ↓"}</span>
      </button>
    </th>
  );
}

const collator = new Intl.Collator("en", { numeric: true });

function compare(a: LegendItem, b: LegendItem, { by, descending }: LegendOrder): number {
  if (by < 0) return (descending ? -1 : 1) * collator.compare(a.name, b.name);
  const [x, y] = [a.cells[by]?.value ?? NaN, b.cells[by]?.value ?? NaN];
  if (Number.isNaN(x) || Number.isNaN(y)) return Number(Number.isNaN(x)) - Number(Number.isNaN(y));
  return descending ? y - x : x - y;
}

/** Runs `then` once the next frame has been drawn, unless what it returns is called before. */
function afterFrame(then: () => void): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const frame = requestAnimationFrame(() => {
    timer = setTimeout(then);
  });
  return () => {
    cancelAnimationFrame(frame);
    clearTimeout(timer);
  };
}

function flip(hidden: ReadonlySet<string>, key: string): ReadonlySet<string> {
  const next = new Set(hidden);
  if (!next.delete(key)) next.add(key);
  return next;
}

function solo(items: readonly LegendItem[], hidden: ReadonlySet<string>, key: string): ReadonlySet<string> {
  const others = new Set(items.map((item) => item.key).filter((one) => one !== key));
  const alone = !hidden.has(key) && [...others].every((other) => hidden.has(other));
  return alone ? new Set() : others;
}
