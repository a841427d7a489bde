import { useEffect, useRef } from "react";

import { Swatch } from "../../components/chart/Swatch";
import { CorrelateMenu } from "../../components/correlate/CorrelateMenu";
import { identify } from "../../lib/correlate/identity";
import type { Subject } from "../../lib/correlate/targets";
import type { Displayer, Look } from "../../lib/dashboard/display";
import { fieldLinks, type FieldLink } from "../../lib/dashboard/displayLinks";
import type { Frame } from "../../lib/dashboard/frame";
import type { Obj } from "../../lib/dashboard/json";
import { formatTime } from "../../lib/timeFormat";
import { joinValue } from "../../lib/units";
import { ValueLink } from "../FieldLinks";
import { CardRow, HoverCard } from "../HoverCard";
import type { PanelMark, PanelProps } from "../panel";
import type { Drawing, Exemplar } from "./decorate";
import { traceIdOf } from "./exemplars";
import type { Hover } from "./Plot";
import type { Chart } from "./prepare";
import classes from "../viz.module.css";

interface ChartCardProps {
  hover: Hover;
  chart: Chart;
  shown: readonly boolean[];
  shows: readonly Displayer[];
  drawing: Drawing;
  look: Look;
  /** The panel's `options.tooltip`. */
  tooltip: Obj;
  frames: readonly Frame[];
  interpolate: PanelProps["interpolate"];
  pinned: boolean;
  onClose(): void;
}

const maxRows = 20;
// How near the pointer has to be to a mark, in pixels.
const reach = 6;

/** The values under the crosshair, in the order the panel wants them, with what else happened there. */
export function ChartCard(props: ChartCardProps) {
  const { hover, chart, shows, drawing, look, pinned, onClose } = props;
  const card = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (!pinned) return undefined;
    const key = (event: KeyboardEvent): void => {
      if (event.key === "Escape") onClose();
    };
    const press = (event: MouseEvent): void => {
      // The menu of a card, and what it opens, are elsewhere in the document.
      if (!card.current?.contains(event.target as Node) && !(event.target as Element).closest("[role='menu'], [role='dialog']")) onClose();
    };
    addEventListener("keydown", key);
    addEventListener("mousedown", press);
    return () => {
      removeEventListener("keydown", key);
      removeEventListener("mousedown", press);
    };
  }, [pinned, onClose]);

  const rows = cardRows(props);
  const at = rows.findIndex((row) => row.line === hover.nearest);
  const first = Math.max(0, Math.min(at - maxRows / 2, rows.length - maxRows));
  const marks = drawing.marks.filter((mark) => touches(mark, hover));
  const exemplars = drawing.exemplars.filter((one) => Math.abs(one.time / 1000 - hover.time) <= reach * hover.perPixel).slice(0, 3);
  const time = chart.aligned.times[hover.index];
  if (rows.length === 0 && marks.length === 0 && exemplars.length === 0) return null;
  const links = pinned ? linksAt(props) : [];
  const subject = pinned ? subjectAt(props) : undefined;
  return (
    <HoverCard at={hover.spot} pinned={pinned}>
      <div ref={card} role={pinned ? "dialog" : undefined} aria-label={pinned ? "Values" : undefined}>
        {time !== undefined && <div className={classes.cardHead}>{formatTime(time * 1000, look.zone, hover.perPixel < 0.05)}</div>}
        {rows.slice(first, first + maxRows).map(({ line, value }) => (
          <CardRow
            key={chart.lines[line]?.key}
            mark={<Swatch stroke={chart.lines[line]?.stroke} />}
            name={chart.lines[line]?.name}
            value={valueText(shows[line], value)}
            strong={line === hover.nearest && rows.length > 1}
          />
        ))}
        {rows.length > maxRows && <div className={classes.cardHead}>{rows.length - maxRows} more</div>}
        {marks.map((mark) => (
          <div key={`${mark.time} ${mark.title} ${mark.text} ${mark.trace}`} className={classes.cardNote}>
            <strong>{mark.title}</strong> {mark.text}
            <div className={classes.cardHead}>{mark.tags.join(", ")}</div>
            {mark.trace && <TraceLink trace={mark.trace} pinned={pinned} />}
          </div>
        ))}
        {exemplars.map((one) => (
          <ExemplarNote key={JSON.stringify(one)} exemplar={one} look={look} pinned={pinned} show={shows[0]} />
        ))}
        {links.length > 0 && (
          <div className={classes.cardNote}>
            {links.map((link) => (
              <div key={`${link.title} ${link.href}`}>
                <ValueLink link={link} />
              </div>
            ))}
          </div>
        )}
        {subject && (
          <div className={classes.cardNote}>
            <CorrelateMenu
              label={`More about ${chart.lines[hover.nearest]?.name ?? "it"}`}
              subject={() => subject}
              button={
                <button type="button" className={classes.linked}>
                  Logs, traces and more at this time
                </button>
              }
            />
          </div>
        )}
      </div>
    </HoverCard>
  );
}

function ExemplarNote({ exemplar, look, pinned, show }: { exemplar: Exemplar; look: Look; pinned: boolean; show: Displayer | undefined }) {
  const trace = traceIdOf(exemplar);
  return (
    <div className={classes.cardNote}>
      <CardRow name={`Exemplar at ${formatTime(exemplar.time, look.zone, true)}`} value={valueText(show, exemplar.value)} />
      {Object.entries(exemplar.labels).map(([name, value]) => (
        <CardRow key={name} name={name} value={value} />
      ))}
      {trace && <TraceLink trace={trace} pinned={pinned} />}
    </div>
  );
}

function TraceLink({ trace, pinned }: { trace: string; pinned: boolean }) {
  return pinned ? <ValueLink link={{ title: "Open trace", href: `/trace/${trace}`, local: true, newTab: false }} /> : <div className={classes.cardHead}>Click to open its trace</div>;
}

function valueText(show: Displayer | undefined, value: number): string {
  return show ? joinValue(show(value)) : String(value);
}

interface CardValue {
  line: number;
  value: number;
}

function cardRows({ hover, chart, shown, tooltip }: ChartCardProps): CardValue[] {
  const rows = chart.lines.flatMap((line, index): CardValue[] => {
    const row = hover.rows[index] ?? hover.index;
    const value = chart.aligned.columns[index]?.[row];
    if (!shown[index] || !line.inTooltip || typeof value !== "number") return [];
    return tooltip.hideZeros === true && value === 0 ? [] : [{ line: index, value }];
  });
  if (tooltip.mode === "single") {
    return rows.filter((row) => (hover.nearest < 0 ? row === rows[0] : row.line === hover.nearest));
  }
  if (tooltip.sort === "asc") return rows.toSorted((a, b) => a.value - b.value);
  return tooltip.sort === "desc" ? rows.toSorted((a, b) => b.value - a.value) : rows;
}

function touches({ time, timeEnd }: PanelMark, hover: Hover): boolean {
  const room = reach * hover.perPixel;
  return hover.time >= time / 1000 - room && hover.time <= (timeEnd ?? time) / 1000 + room;
}

/** The nearest value as other signals are asked about it; undefined where its labels name nothing that they know. */
function subjectAt({ hover, chart }: ChartCardProps): Subject | undefined {
  const line = chart.lines[hover.nearest];
  const row = hover.rows[hover.nearest] ?? hover.index;
  const value = chart.aligned.columns[hover.nearest]?.[row];
  const time = chart.aligned.times[row];
  const labels = line?.field.labels ?? {};
  if (typeof value !== "number" || time === undefined || Object.keys(identify(labels)).length === 0) return undefined;
  const before = chart.aligned.times[row - 1];
  return { kind: "series", labels, time: time * 1000, value, stepMs: before === undefined ? undefined : (time - before) * 1000 };
}

function linksAt({ hover, chart, shows, look, frames, interpolate }: ChartCardProps): FieldLink[] {
  const line = chart.lines[hover.nearest];
  const row = hover.rows[hover.nearest] ?? hover.index;
  const value = chart.aligned.columns[hover.nearest]?.[row];
  const time = chart.aligned.times[row];
  if (!line || typeof value !== "number" || time === undefined) return [];
  // The chart's rows are those of all series together: its own row is found by its time.
  const times = line.frame.fields.find((field) => field.type === "time")?.values ?? [];
  const own = times.findIndex((one) => Math.abs(Number(one) - time * 1000) < 0.5);
  const display = shows[hover.nearest]?.(value);
  return fieldLinks({ field: line.field, frame: line.frame, frames, row: own < 0 ? undefined : own, ...(display && { display }) }, look, interpolate);
}
