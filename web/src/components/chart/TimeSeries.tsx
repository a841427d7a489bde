import "uplot/dist/uPlot.min.css";

import { useComputedColorScheme } from "@mantine/core";
import { lazy, Suspense, useMemo, useState, type ReactNode } from "react";

import { align, summarise, type Aligned } from "../../lib/align";
import { strokes, type Stroke } from "../../lib/colour";
import type { TimeRange } from "../../lib/time";
import { uniqueNames } from "../../lib/uniqueNames";
import { ofSeries } from "../../lib/tabular";
import { formatTime } from "../../lib/timeFormat";
import { formatValue } from "../../lib/units";
import { useShown } from "../shown";
import { usePrefs } from "../usePrefs";
import { useSize } from "../useSize";
import { Legend, type LegendItem, type LegendLook } from "./Legend";
import { Plot } from "./Plot";
import { stepRow } from "./stepRow";
import classes from "./chart.module.css";

const DataTable = lazy(() => import("./DataTable").then((loaded) => ({ default: loaded.DataTable })));

/** How values are drawn; the stacked kinds put each series on the one before. */
export type ChartKind = "lines" | "area" | "stacked" | "bars" | "stackedBars";

/** One series of a chart. */
export interface ChartSeries {
  /** Shown in legend and tooltip; also decides the colour, so one name has one colour on a page. */
  name: string;
  /** Unix seconds, ascending. */
  times: ArrayLike<number>;
  /** As many as `times`; null is a gap. */
  values: ArrayLike<number | null>;
  /** Name of the series down to which the room is filled: p95 above p50, the largest above the smallest. Not where series are stacked. */
  above?: string | undefined;
  /** It is read off the axis at the right, whose unit is `rightUnit`. Not where series are stacked. */
  right?: boolean | undefined;
  /** Hex colour, where it has a meaning (levels); otherwise one is chosen. */
  colour?: string;
}

/** A horizontal line to compare with. */
export interface Threshold {
  value: number;
  colour?: string;
}

/** A moment at which something happened, such as a deploy. */
export interface Mark {
  /** Unix seconds. */
  time: number;
  label: string;
}

/** A stretch of time to shade, such as that in which an alert fired; "info" is of what is looked at. */
export interface Stretch {
  /** Unix seconds. */
  from: number;
  to: number;
  level: "info" | "warn" | "error";
}

/** A single observation on top of the series, such as an exemplar. */
export interface Dot {
  /** Unix seconds. */
  time: number;
  value: number;
  /** Handed back when it is clicked. */
  id: string;
}

export interface TimeSeriesProps {
  /** What the chart shows, for people who cannot see it. */
  label: string;
  series: readonly ChartSeries[];
  /** Ends of the time axis. */
  range: TimeRange;
  /** IANA name of the zone of the time axis. */
  zone: string;
  /** Unit id of lib/units. */
  unit?: string;
  /** Of the series at the right, if there are any. */
  rightUnit?: string;
  kind?: ChartKind;
  thresholds?: readonly Threshold[];
  marks?: readonly Mark[] | undefined;
  stretches?: readonly Stretch[] | undefined;
  /** Drawn as diamonds, no more than a few hundred. */
  dots?: readonly Dot[] | undefined;
  /** A click on one of the dots. */
  onDot?: (dot: Dot) => void;
  /** The y axis in powers of ten; values that are not positive are left out. */
  log?: boolean;
  /** Of the plot without its legend, in pixels. */
  height?: number;
  legend?: "list" | "table" | "none";
  /** A stretch of time dragged with the mouse. */
  onZoom?: (range: TimeRange) => void;
  /** A stretch of time dragged with Shift held. */
  onSelect?: ((range: TimeRange) => void) | undefined;
  /** Beside a series' name in the legend. */
  seriesMenu?: ((index: number) => ReactNode) | undefined;
  /** A click on the plot, at the time of the nearest value and at that of the pointer itself, in Unix seconds. */
  onPick?: (seconds: number, pointer: number) => void;
  /** Charts with the same key share their crosshair. */
  syncKey?: string;
}

const noThresholds: readonly Threshold[] = [];
const noMarks: readonly Mark[] = [];
const noStretches: readonly Stretch[] = [];
const noDots: readonly Dot[] = [];

/** Series over time on a canvas, with crosshair, tooltip, legend and zoom by dragging. */
export function TimeSeries(props: TimeSeriesProps) {
  const { series, unit = "short", rightUnit = "short", kind = "lines", height = 220, legend = "list" } = props;
  const scheme = useComputedColorScheme("light");
  const distinct = usePrefs()[0].series === "distinct";
  const { ref, width } = useSize();
  const [hidden, setHidden] = useState<ReadonlySet<string>>(new Set());
  // Where the keyboard has the crosshair, as a row of the times.
  const [row, setRow] = useState<number | null>(null);
  const [table, setTable] = useState(false);
  const [pointed, setPointed] = useState("");

  const names = series.map((one) => one.name);
  const nameKey = JSON.stringify(names);
  const colours = series.map((one) => one.colour ?? "").join();
  const look = useMemo(
    () => strokes(names, scheme, distinct).map((stroke, i) => (series[i]?.colour ? { colour: series[i].colour, dash: [] } : stroke)),
    // Names and colours are what the strokes depend on; `series` itself is new with every answer.
    // oxlint-disable-next-line react/exhaustive-deps
    [nameKey, colours, scheme, distinct],
  );
  const keys = uniqueNames(names);
  const right = series.map((one) => isRight(one, kind));
  const above = series.map((one) => (isStacked(kind) || one.above === undefined ? -1 : names.indexOf(one.above)));
  const units = right.map((there) => (there ? rightUnit : unit));
  const shown = keys.map((key) => !hidden.has(key));
  const items = useMemo(() => legendItems(series, look, { kind, unit, rightUnit }, legend), [series, look, kind, unit, rightUnit, legend]);
  const menu = props.seriesMenu;
  const log = props.log ?? false;
  const aligned = useMemo(() => (log ? positive(align(series)) : align(series)), [series, log]);

  useShown(() => ofSeries(props.label, series));

  return (
    <div className={classes.chart}>
      {/* The arrows move the crosshair, whose values are read out; Enter opens all of them in rows. */}
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions */}
      <div
        ref={ref}
        className={classes.plot}
        style={{ height }}
        role="img"
        aria-label={describe(props)}
        // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
        tabIndex={0}
        onKeyDown={(event) => {
          if (event.target !== event.currentTarget || event.ctrlKey || event.metaKey || event.altKey) return;
          const next = stepRow(event.key, row, aligned.times.length);
          if (next === undefined && event.key !== "Enter") return;
          event.preventDefault();
          if (next === undefined) setTable(true);
          else setRow(next);
        }}
        onBlur={() => setRow(null)}
      >
        {width > 0 && (
          <Plot
            aligned={aligned}
            names={names}
            shown={shown}
            strokes={look}
            above={above}
            right={right}
            scheme={scheme}
            kind={kind}
            unit={unit}
            rightUnit={rightUnit}
            zone={props.zone}
            range={props.range}
            thresholds={props.thresholds ?? noThresholds}
            marks={props.marks ?? noMarks}
            stretches={props.stretches ?? noStretches}
            dots={props.dots ?? noDots}
            log={props.log ?? false}
            width={width}
            height={height}
            syncKey={props.syncKey}
            row={row}
            onZoom={props.onZoom}
            onPick={props.onPick}
            onDot={props.onDot}
            onSelect={props.onSelect}
            pointed={keys.indexOf(pointed)}
            menu={menu}
          />
        )}
      </div>
      <output className={classes.spoken}>{row === null ? "" : rowText(aligned, names, shown, row, units, props.zone)}</output>
      <Suspense fallback={null}>{table && <DataTable label={props.label} aligned={aligned} names={names} units={units} zone={props.zone} onClose={() => setTable(false)} />}</Suspense>
      <Legend items={items} look={series.length > crowd ? byLast(looks[legend]) : looks[legend]} hidden={hidden} onHidden={setHidden} onPoint={(key = "") => setPointed(key)} menu={menu && ((key) => menu(keys.indexOf(key)))} />
    </div>
  );
}

const looks: Record<NonNullable<TimeSeriesProps["legend"]>, LegendLook> = {
  list: { form: "list", place: "bottom", columns: [], maxHeight: 72 },
  table: { form: "table", place: "bottom", columns: ["Min", "Mean", "Max", "Last"], maxHeight: 220 },
  none: { form: "none", place: "bottom", columns: [] },
};

// Of more lines than that the largest are looked for.
const crowd = 12;

function byLast(look: LegendLook): LegendLook {
  return look.form === "table" ? { ...look, order: lastFirst } : look;
}

const lastFirst = { by: 3, descending: true };

function legendItems(series: readonly ChartSeries[], look: readonly Stroke[], { kind, unit, rightUnit }: { kind: ChartKind; unit: string; rightUnit: string }, form: LegendLook["form"]): LegendItem[] {
  const keys = uniqueNames(series.map(({ name }) => name));
  return series.map((one, index) => {
    const { name, values } = one;
    const right = isRight(one, kind);
    const { min, mean, max, last } = form === "table" ? summarise(values) : { min: 0, mean: 0, max: 0, last: 0 };
    const cells = form === "table" ? [min, mean, max, last].map((value) => ({ text: formatValue(value, right ? rightUnit : unit), value: value ?? NaN })) : [];
    return { key: keys[index] ?? name, name, stroke: look[index] ?? { colour: "", dash: [] }, right, cells };
  });
}

function isStacked(kind: ChartKind): boolean {
  return kind === "stacked" || kind === "stackedBars";
}

/** Sums need one scale. */
function isRight({ right = false }: ChartSeries, kind: ChartKind): boolean {
  return right && !isStacked(kind);
}

/** A logarithm has no place for what is not positive. */
function positive({ times, columns }: Aligned): Aligned {
  return { times, columns: columns.map((column) => column.map((value) => (value !== null && value > 0 ? value : null))) };
}

/** A moment and its largest values, to be read out. */
function rowText({ times, columns }: Aligned, names: readonly string[], shown: readonly boolean[], row: number, units: readonly string[], zone: string): string {
  const values = columns.flatMap((column, index) => {
    const value = column[row];
    return shown[index] && typeof value === "number" && !Number.isNaN(value) ? [{ name: names[index] ?? "", value, unit: units[index] }] : [];
  });
  const said = values
    .toSorted((a, b) => b.value - a.value)
    .slice(0, 5)
    .map(({ name, value, unit }) => `${name} ${formatValue(value, unit)}`);
  return `${formatTime((times[row] ?? 0) * 1000, zone)}: ${said.length === 0 ? "no values" : said.join(", ")}`;
}

/** A sentence with what the picture says. */
function describe({ label, series, kind = "lines", unit = "short", rightUnit = "short" }: TimeSeriesProps): string {
  const [only] = series;
  if (!only) return `${label}: no data`;
  if (series.length > 1) return `${label}: ${series.length} series`;
  const { min, max, last } = summarise(only.values);
  const [low, high, now] = [min, max, last].map((value) => formatValue(value, isRight(only, kind) ? rightUnit : unit));
  return `${label}: from ${low} to ${high}, last ${now}`;
}
