import { useCallback, useState } from "react";

import { Legend } from "../../components/chart/Legend";
import { useSize } from "../../components/useSize";
import { mix, namedColour, textOn } from "../../lib/dashboard/colour";
import type { Look } from "../../lib/dashboard/display";
import { num, obj, str } from "../../lib/dashboard/json";
import { formatTime } from "../../lib/timeFormat";
import { formatNanoSpan } from "../../lib/units";
import { TimeAxis } from "../axis/TimeAxis";
import { shareCrosshair } from "../crosshair";
import { CardRow, HoverCard, Mark, type Spot } from "../HoverCard";
import { legendLook, namesOnly } from "../legend/legendOptions";
import { NoData } from "../NoData";
import type { PanelProps } from "../panel";
import { textEm } from "../tiles";
import { TimeCursor } from "../TimeCursor";
import { useCanvas } from "../useCanvas";
import { useDragRange } from "../useDragRange";
import classes from "../viz.module.css";
import own from "./states.module.css";
import { statesOf, type StateCell, type StateRow } from "./stateRows";

interface StatesChartProps extends PanelProps {
  rows: readonly StateRow[];
  look: Look;
  /** What the drawing is called where the panel has no title. */
  what: string;
  /** Part of its step that a cell is wide. */
  cellWidth: number;
}

const nothing: ReadonlySet<string> = new Set();

/** Rows of states over time, each a bar in the colour of its value. */
export function StatesChart(props: StatesChartProps) {
  const { title, rows, options, what } = props;
  const { ref, width, height } = useSize();
  const [hidden, setHidden] = useState(nothing);
  if (rows.length === 0) return <NoData />;
  const legend = legendLook(options);
  const states = statesOf(rows);
  // A legend of more states than can be told apart by colour says nothing.
  const items = states.length > 24 ? [] : states.map(({ text, colour }) => ({ key: text, name: text, stroke: { colour, dash: [] }, cells: [] }));
  return (
    <div className={classes.panel} data-legend={legend.form === "none" || items.length === 0 ? undefined : legend.place}>
      <div ref={ref} className={classes.plot} role="img" aria-label={`${title === "" ? what : title}: ${said(rows)}`}>
        {width > 0 && height > 0 && <Drawing {...props} width={width} height={height} hidden={hidden} />}
      </div>
      <Legend items={items} look={{ ...namesOnly(legend), form: legend.form === "none" ? "none" : "list" }} hidden={hidden} onHidden={setHidden} />
    </div>
  );
}

function said(rows: readonly StateRow[]): string {
  const last = rows.slice(0, 6).map((row) => `${row.name} ${row.cells.at(-1)?.text ?? "–"}`);
  return `${rows.length} ${rows.length === 1 ? "row" : "rows"}, last ${last.join(", ")}${rows.length > 6 ? " and more" : ""}`;
}

interface Hover {
  row: StateRow;
  cell: StateCell;
  spot: Spot;
}

function Drawing({ id, rows, options, look, width, height, range, shared, onZoom, cellWidth, hidden }: StatesChartProps & { hidden: ReadonlySet<string> }) {
  const [hover, setHover] = useState<Hover | null>(null);
  const left = Math.min(Math.max(...rows.map((row) => textEm(row.name) * 12), 20) + 12, width * 0.35);
  const box = { width: width - left - 18, height: Math.max(height - 18, rows.length * 12) };
  const each = box.height / rows.length;
  const share = Math.min(num(options.rowHeight) ?? 0.9, 1);
  const showValue = str(options.showValue, "auto");
  const align = str(options.alignValue, "left");
  const surface = namedColour("panel-bg", look.scheme) ?? "#FFFFFF";
  const draw = useCallback(
    (ctx: CanvasRenderingContext2D, element: HTMLCanvasElement) => {
      const at = (ms: number): number => ((ms - range.from) / (range.to - range.from)) * box.width;
      ctx.font = `12px ${getComputedStyle(element).fontFamily}`;
      ctx.textBaseline = "middle";
      rows.forEach((row, index) => {
        const tall = each * share;
        const y = index * each + (each - tall) / 2;
        const fill = Math.min(Math.max((num(row.field.config.custom?.fillOpacity) ?? 70) / 100, 0.05), 1);
        const line = num(row.field.config.custom?.lineWidth) ?? 0;
        for (const cell of row.cells) {
          if (hidden.has(cell.text) || cell.to < range.from || cell.from > range.to) continue;
          const begin = Math.max(at(cell.from), 0);
          const whole = Math.min(at(cell.to), box.width) - begin;
          const wide = Math.max(whole * cellWidth, 1);
          const paint = mix(surface, cell.colour, fill);
          ctx.fillStyle = paint;
          ctx.fillRect(begin, y, wide, tall);
          if (line > 0 && wide > 4) {
            ctx.strokeStyle = cell.colour;
            ctx.lineWidth = line;
            ctx.strokeRect(begin + line / 2, y + line / 2, wide - line, tall - line);
          }
          if (showValue === "never" || tall < 12) continue;
          const length = ctx.measureText(cell.text).width;
          if (showValue === "auto" && length > wide - 8) continue;
          const x = align === "center" ? begin + (wide - length) / 2 : align === "right" ? begin + wide - length - 4 : begin + 5;
          ctx.fillStyle = textOn(paint);
          ctx.fillText(cell.text, x, y + tall / 2 + 0.5);
        }
      });
    },
    [rows, range, box.width, each, share, showValue, align, surface, hidden, cellWidth],
  );
  const canvas = useCanvas(box.width, box.height, draw);
  const drag = useDragRange(range, box.width, onZoom);
  return (
    <>
      <div className={own.body} style={{ height: height - 18 }}>
        <div className={own.names} style={{ width: left, height: box.height }} aria-hidden="true">
          {rows.map((row) => (
            <span key={row.key} title={row.name} style={{ height: each, lineHeight: `${each}px` }}>
              {row.name}
            </span>
          ))}
        </div>
        <div
          className={own.cells}
          {...drag.handlers}
          onMouseMove={(event) => {
            drag.handlers.onMouseMove(event);
            const { left: x0, top: y0 } = event.currentTarget.getBoundingClientRect();
            const time = range.from + ((event.clientX - x0) / box.width) * (range.to - range.from);
            const row = rows[Math.floor((event.clientY - y0) / each)];
            const cell = row?.cells.find((one) => time >= one.from && time < one.to);
            setHover(row && cell && !hidden.has(cell.text) ? { row, cell, spot: { x: event.clientX, y: event.clientY } } : null);
            shareCrosshair(time, id);
          }}
          onMouseLeave={() => {
            setHover(null);
            shareCrosshair(null, id);
          }}
        >
          <canvas ref={canvas} style={{ width: box.width, height: box.height }} />
          <TimeCursor id={id} range={range} shared={shared} />
          {drag.selection}
        </div>
      </div>
      <TimeAxis range={range} zone={look.zone} width={box.width} left={left} />
      {hover && str(obj(options.tooltip).mode) !== "none" && (
        <HoverCard at={hover.spot}>
          <div className={classes.cardHead}>
            {formatTime(hover.cell.from, look.zone)} for {formatNanoSpan(Math.round((hover.cell.to - hover.cell.from) * 1e6))}
          </div>
          <CardRow mark={<Mark colour={hover.cell.colour} />} name={hover.row.name} value={hover.cell.text} strong />
        </HoverCard>
      )}
    </>
  );
}
