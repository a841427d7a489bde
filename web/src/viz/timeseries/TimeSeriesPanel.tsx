import "uplot/dist/uPlot.min.css";

import { useCallback, useMemo, useState } from "react";

import { Legend, type LegendItem } from "../../components/chart/Legend";
import { stepRow } from "../../components/chart/stepRow";
import { useSize } from "../../components/useSize";
import { displayer, fieldRange, type Displayer, type Look } from "../../lib/dashboard/display";
import { obj, str } from "../../lib/dashboard/json";
import { calcUnit, reduceValues } from "../../lib/dashboard/reduce";
import { formatTime } from "../../lib/timeFormat";
import { joinValue } from "../../lib/units";
import { legendLook } from "../legend/legendOptions";
import { useLook } from "../look";
import { NoData } from "../NoData";
import type { PanelProps } from "../panel";
import { ChartCard } from "./ChartCard";
import { readExemplars } from "./exemplars";
import type { Line } from "./lines";
import { Plot, type Hover } from "./Plot";
import { prepareChart, type Chart } from "./prepare";
import classes from "../viz.module.css";

const nothing: ReadonlySet<string> = new Set();
const noMarks: NonNullable<PanelProps["marks"]> = [];

/** Series over time: lines, bars or points, on one or two axes, with a legend that calculates. */
export function TimeSeriesPanel(props: PanelProps) {
  const { id, title, frames, options, range, shared, interpolate, onZoom, marks = noMarks } = props;
  const look = useLook(props.timeZone);
  const chart = useMemo(() => prepareChart(frames, look), [frames, look]);
  const shows = useMemo(() => displayersOf(chart, look), [chart, look]);
  const exemplars = useMemo(() => readExemplars(frames), [frames]);
  const drawing = useMemo(() => ({ marks, exemplars }), [marks, exemplars]);
  const [hidden, setHidden] = useState(nothing);
  const [hover, setHover] = useState<Hover | null>(null);
  const [pinned, setPinned] = useState<Hover | null>(null);
  const [pointed, setPointed] = useState<string | undefined>();
  // Where the keyboard has the crosshair, as a row of the times.
  const [row, setRow] = useState<number | null>(null);
  const { ref, width, height } = useSize();

  // What a move of the pointer does not change stays the same object: legend and plot are not drawn again for it.
  const legend = useMemo(() => legendLook(options), [options]);
  const shown = useMemo(() => chart.lines.map((line) => !hidden.has(line.key)), [chart, hidden]);
  const items = useMemo(() => legendItems(chart, legend.calcs, look), [chart, legend, look]);
  const label = useMemo(() => describe(title, chart, shows), [title, chart, shows]);
  const pin = useCallback((at: Hover) => setPinned((before) => (before ? null : at)), []);
  const tooltip = obj(options.tooltip);
  const card = pinned ?? (str(tooltip.mode) === "none" ? null : hover);
  if (chart.lines.length === 0) return <NoData>{frames.some((frame) => frame.fields.length > 0) ? "The data has no times to draw it by" : undefined}</NoData>;

  return (
    <div className={classes.panel} data-legend={legend.form === "none" ? undefined : legend.place}>
      {/* The arrows move the crosshair, whose values are read out. */}
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions */}
      <div
        ref={ref}
        className={classes.plot}
        role="img"
        aria-label={label}
        // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
        tabIndex={0}
        onKeyDown={(event) => {
          const next = stepRow(event.key, row, chart.aligned.times.length);
          if (next === undefined) return;
          event.preventDefault();
          setRow(next);
        }}
        onBlur={() => setRow(null)}
      >
        {width > 0 && height > 0 && (
          <Plot
            id={id}
            chart={chart}
            shown={shown}
            look={look}
            range={range}
            width={width}
            height={height}
            shared={shared}
            drawing={drawing}
            row={row}
            pointed={chart.lines.findIndex((line) => line.key === pointed)}
            onHover={setHover}
            onClick={pin}
            onZoom={onZoom}
          />
        )}
      </div>
      <output className={classes.spoken}>{row === null ? "" : rowText(chart, shows, row, look)}</output>
      <Legend items={items} look={legend} hidden={hidden} onHidden={setHidden} onPoint={setPointed} />
      {card && (
        <ChartCard
          hover={card}
          chart={chart}
          shown={shown}
          shows={shows}
          drawing={drawing}
          look={look}
          tooltip={tooltip}
          frames={frames}
          interpolate={interpolate}
          pinned={pinned !== null}
          onClose={() => setPinned(null)}
        />
      )}
    </div>
  );
}

/** A moment and its largest values, to be read out. */
function rowText({ aligned, lines }: Chart, shows: readonly Displayer[], row: number, look: Look): string {
  const values = aligned.columns.flatMap((column, index) => {
    const value = column[row];
    return typeof value === "number" ? [{ index, value }] : [];
  });
  const said = values
    .toSorted((a, b) => b.value - a.value)
    .slice(0, 5)
    .map(({ index, value }) => `${lines[index]?.name} ${shows[index] ? joinValue(shows[index](value)) : value}`);
  return `${formatTime((aligned.times[row] ?? 0) * 1000, look.zone)}: ${said.length === 0 ? "no values" : said.join(", ")}`;
}

function displayersOf(chart: Chart, look: Look): Displayer[] {
  const frames = [...new Set(chart.lines.map((line) => line.frame))];
  return chart.lines.map(({ field }) => displayer(field, look, fieldRange(field, field.config.color?.mode.startsWith("continuous") ? frames : []), "palette-classic"));
}

function legendItems(chart: Chart, calcs: readonly string[], look: Look): LegendItem[] {
  return chart.lines.flatMap((line, index) => {
    if (!line.inLegend) return [];
    const cells = calcs.map((calc) => {
      const value = reduceValues(line.field.values, calc);
      return { text: calcText(line, calc, value, look), value: typeof value === "number" ? value : NaN };
    });
    return [{ key: line.key, name: line.name, stroke: line.stroke, right: chart.scales[chart.scaleOf[index] ?? 0]?.side === "right", cells }];
  });
}

function calcText({ field }: Line, calc: string, value: ReturnType<typeof reduceValues>, look: Look): string {
  const unit = calcUnit(calc, field.config.unit);
  const shown = unit === undefined ? field : { ...field, config: { ...field.config, unit } };
  return joinValue(displayer(shown, look, { min: 0, max: 1 }, "palette-classic")(value));
}

/** A sentence with what the picture says. */
function describe(title: string, { lines }: Chart, shows: readonly Displayer[]): string {
  const name = title === "" ? "Chart" : title;
  const text = (index: number, calc: string): string => {
    const show = shows[index];
    return show ? joinValue(show(reduceValues(lines[index]?.field.values ?? [], calc))) : "";
  };
  const [only] = lines;
  if (lines.length === 1 && only) return `${name}: ${only.name}, from ${text(0, "min")} to ${text(0, "max")}, last ${text(0, "lastNotNull")}`;
  const said = lines.slice(0, 5).map((line, index) => `${line.name} ${text(index, "lastNotNull")}`);
  return `${name}: ${lines.length} series, last ${said.join(", ")}${lines.length > 5 ? " and more" : ""}`;
}
