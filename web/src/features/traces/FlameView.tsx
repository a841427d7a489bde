import { useMemo, useState, type KeyboardEvent } from "react";

import { layoutFlame, waysTo, type FlameBox } from "../../lib/traceFlame";
import { tracePaths, type TracePath } from "../../lib/tracePaths";
import type { TraceTree } from "../../lib/traceTree";
import { counted, formatNanoSpan, formatValue, group } from "../../lib/units";
import classes from "./FlameView.module.css";

const ROW = 22;
// About three pixels on a usual screen: narrower ones cannot be told apart, nor hit.
const NARROWEST = 1 / 400;
const MOST_ROWS = 80;

interface FlameViewProps {
  tree: TraceTree;
  /** Colour by service. */
  colours: ReadonlyMap<string, string>;
  /** Keys of the spans a search found. */
  matched: ReadonlySet<string>;
  /** Key of a span of the path that fills the width; empty for the whole trace. */
  top: string;
  onTop(key: string): void;
  onOpen(key: string): void;
}

/** Where the time of a trace went: spans of one operation side by side as one box, as wide as their share of the time. */
export function FlameView({ tree, colours, matched, top, onTop, onOpen }: FlameViewProps) {
  const paths = useMemo(() => tracePaths(tree), [tree]);
  const focus = useMemo(() => (top === "" ? undefined : paths.all.find((path) => path.spans.some((span) => span.key === top))), [paths, top]);
  const flame = useMemo(() => layoutFlame(focus ? [focus] : paths.tops, NARROWEST, MOST_ROWS), [focus, paths]);
  const above = waysTo(focus?.parent);
  const whole = paths.tops.reduce((sum, path) => sum + path.total, 0);
  const [active, setActive] = useState<TracePath>();
  const current = flame.boxes.find((box) => box.path === active) ?? flame.boxes[0];

  const zoom = (path: TracePath | undefined) => onTop(path?.spans[0]?.key ?? "");
  const onKey = (event: KeyboardEvent<HTMLElement>) => {
    const next = current && neighbour(flame.boxes, current, event.key);
    if (event.key === "Escape" && focus) zoom(focus.parent);
    else if (next) {
      setActive(next.path);
      event.currentTarget.querySelector<HTMLElement>(`[data-box="${flame.boxes.indexOf(next)}"]`)?.focus();
    } else return;
    event.preventDefault();
  };

  return (
    <div className={classes.scroller}>
      <p className={classes.said}>
        {above.length > 0 || focus ? (
          <>
            <button type="button" className={classes.up} onClick={() => zoom(undefined)}>
              Whole trace
            </button>
            {above.map((path) => (
              <button key={path.depth} type="button" className={classes.up} dir="auto" onClick={() => zoom(path)}>
                › {path.service} {path.name}
              </button>
            ))}
          </>
        ) : (
          "Spans of one operation under the same caller are one box, as wide as their time together. Click to zoom in; Shift+click opens the longest span."
        )}
        {flame.hidden > 0 && <span> {counted(flame.hidden, "more is", "more are")} too small to draw: zoom in, or see the table.</span>}
      </p>
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions */}
      <div role="tree" tabIndex={-1} aria-label="Flame graph" className={classes.flame} style={{ height: flame.rows * ROW }} onKeyDown={onKey}>
        {flame.boxes.map((box, index) => (
          <Box
            key={`${box.path.depth} ${box.path.spans[0]?.key}`}
            box={box}
            index={index}
            whole={whole}
            colour={colours.get(box.path.service)}
            reachable={box === current}
            matched={box.path.spans.some((span) => matched.has(span.key))}
            expanded={box.path.children.length > 0 ? true : undefined}
            onFocus={() => setActive(box.path)}
            onZoom={() => zoom(box.path)}
            onOpen={() => onOpen(longest(box.path))}
          />
        ))}
      </div>
    </div>
  );
}

interface BoxProps {
  box: FlameBox;
  index: number;
  /** The time of all that is at the top, nanoseconds. */
  whole: number;
  colour: string | undefined;
  reachable: boolean;
  matched: boolean;
  expanded: boolean | undefined;
  onFocus(): void;
  onZoom(): void;
  onOpen(): void;
}

function Box({ box, index, whole, colour, reachable, matched, expanded, onFocus, onZoom, onOpen }: BoxProps) {
  const { path } = box;
  const share = formatValue(whole === 0 ? 0 : path.total / whole, "percentunit");
  const count = path.spans.length === 1 ? "" : ` ×${group(path.spans.length)}`;
  const failed = path.errors > 0 ? `, ${group(path.errors)} failed` : "";
  const text = `${path.service} ${path.name}${count}: ${formatNanoSpan(path.total)} (${share}), self ${formatNanoSpan(path.self)}${failed}`;
  return (
    <button
      type="button"
      role="treeitem"
      data-box={index}
      aria-level={box.row + 1}
      aria-expanded={expanded}
      aria-selected={reachable}
      aria-label={text}
      title={text}
      tabIndex={reachable ? 0 : -1}
      className={classes.box}
      dir="auto"
      data-match={matched || undefined}
      style={{ left: `${box.left * 100}%`, width: `${box.width * 100}%`, top: box.row * ROW, background: `color-mix(in srgb, ${colour} 30%, var(--o-surface))`, borderLeftColor: colour }}
      onFocus={onFocus}
      onClick={(event) => (event.shiftKey ? onOpen() : onZoom())}
      onKeyDown={(event) => {
        if (event.key !== "o") return;
        event.preventDefault();
        onOpen();
      }}
    >
      {box.width > 0.03 && (
        <>
          {path.errors > 0 && <span className={classes.failed}>● </span>}
          <b>{path.service}</b> {path.name}
          {count} <span className={classes.time}>{formatNanoSpan(path.total)}</span>
        </>
      )}
    </button>
  );
}

function longest(path: TracePath): string {
  return path.spans.toSorted((a, b) => b.duration - a.duration)[0]?.key ?? "";
}

/** The box that an arrow key leads to. */
function neighbour(boxes: readonly FlameBox[], from: FlameBox, key: string): FlameBox | undefined {
  const level = (row: number) => boxes.filter((box) => box.row === row).toSorted((a, b) => a.left - b.left);
  switch (key) {
    case "ArrowUp":
      return boxes.find((box) => box.path === from.path.parent);
    case "ArrowDown":
      return level(from.row + 1).find((box) => box.path.parent === from.path);
    case "ArrowRight":
      return level(from.row).find((box) => box.left > from.left);
    case "ArrowLeft":
      return level(from.row).findLast((box) => box.left < from.left);
    default:
      return undefined;
  }
}
