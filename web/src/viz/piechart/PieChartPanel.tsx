import { useMemo, useState } from "react";

import { Legend, type LegendItem } from "../../components/chart/Legend";
import { useSize } from "../../components/useSize";
import { textOn } from "../../lib/dashboard/colour";
import { hiddenFrom } from "../../lib/dashboard/displaySeries";
import { fieldValues } from "../../lib/dashboard/fieldvalues";
import { obj, str, strs } from "../../lib/dashboard/json";
import { formatValue, joinValue } from "../../lib/units";
import { CardRow, HoverCard, Mark, type Spot } from "../HoverCard";
import { legendLook } from "../legend/legendOptions";
import { useLook } from "../look";
import { NoData } from "../NoData";
import type { PanelProps } from "../panel";
import { textEm } from "../tiles";
import classes from "../viz.module.css";
import own from "./pie.module.css";
import { slicePath, slicesOf, type Slice } from "./slices";

const nothing: ReadonlySet<string> = new Set();

/** Values as parts of a whole. */
export function PieChartPanel({ title, frames, options, timeZone }: PanelProps) {
  const look = useLook(timeZone);
  const values = useMemo(() => fieldValues(frames, obj(options.reduceOptions), look, "palette-classic"), [frames, options.reduceOptions, look]);
  const [hidden, setHidden] = useState(nothing);
  const [hover, setHover] = useState<{ slice: Slice; spot: Spot } | null>(null);
  const { ref, width, height } = useSize();
  if (values.length === 0) return <NoData />;

  const slices = slicesOf(
    values.filter((value) => !hidden.has(value.key)),
    str(options.sort, "desc"),
  );
  const whole = slicesOf(values, str(options.sort, "desc"));
  const legend = legendLook(options);
  const shown = strs(obj(options.legend).values);
  const columns = shown.flatMap((one) => (one === "value" ? ["Value"] : one === "percent" ? ["Percent"] : []));
  const items = whole.flatMap(({ value }): LegendItem[] => {
    if (hiddenFrom(value.field, "legend")) return [];
    const share = slices.find((slice) => slice.value === value)?.share ?? 0;
    const cells = columns.map((column) => (column === "Value" ? { text: joinValue(value.display), value: value.display.numeric } : { text: formatValue(share, "percentunit"), value: share }));
    return [{ key: value.key, name: value.name, stroke: { colour: value.colour, dash: [] }, cells }];
  });
  const radius = Math.max(Math.min(width, height) / 2 - 6, 0);
  const inner = str(options.pieType) === "donut" ? radius * 0.62 : 0;
  return (
    <div className={classes.panel} data-legend={legend.form === "none" ? undefined : legend.place}>
      <div ref={ref} className={classes.plot} role="img" aria-label={describe(title, whole)}>
        <svg width={width} height={height} aria-hidden="true">
          <g transform={`translate(${width / 2} ${height / 2})`}>
            {radius > 0 &&
              slices.map((slice) => (
                <path
                  key={slice.value.key}
                  className={own.slice}
                  data-dim={(hover && hover.slice.value.key !== slice.value.key) || undefined}
                  d={slicePath(slice.from, slice.to, radius, inner)}
                  fill={slice.value.colour}
                  onMouseMove={(event) => setHover({ slice, spot: { x: event.clientX, y: event.clientY } })}
                  onMouseLeave={() => setHover(null)}
                />
              ))}
            {slices.map((slice) => (
              <SliceLabel key={slice.value.key} slice={slice} labels={strs(options.displayLabels)} radius={radius} inner={inner} />
            ))}
          </g>
        </svg>
      </div>
      <Legend items={items} look={{ ...legend, columns }} hidden={hidden} onHidden={setHidden} />
      {hover && str(obj(options.tooltip).mode) !== "none" && (
        <HoverCard at={hover.spot}>
          <CardRow mark={<Mark colour={hover.slice.value.colour} />} name={hover.slice.value.name} value={`${joinValue(hover.slice.value.display)} (${formatValue(hover.slice.share, "percentunit")})`} strong />
        </HoverCard>
      )}
    </div>
  );
}

function SliceLabel({ slice, labels, radius, inner }: { slice: Slice; labels: readonly string[]; radius: number; inner: number }) {
  // Where a part is too narrow its words would run over its neighbours'.
  if (labels.length === 0 || slice.share < 0.045) return null;
  const angle = ((slice.from + slice.to) / 2) * 2 * Math.PI - Math.PI / 2;
  const at = inner === 0 ? radius * 0.64 : (radius + inner) / 2;
  // Words have to stay on a ring; on a pie they have the room of the part.
  const room = inner === 0 ? Infinity : radius - inner + 6;
  const lines = [
    ...(labels.includes("name") ? [slice.value.name] : []),
    ...(labels.includes("value") ? [joinValue(slice.value.display)] : []),
    ...(labels.includes("percent") ? [formatValue(slice.share, "percentunit", slice.share < 0.1 ? 1 : 0)] : []),
  ].filter((line) => textEm(line) * 11 <= room);
  return (
    <text className={own.label} x={at * Math.cos(angle)} y={at * Math.sin(angle)} fill={textOn(slice.value.colour)}>
      {lines.map((line, index) => (
        <tspan key={line} x={at * Math.cos(angle)} dy={index === 0 ? `${-0.6 * (lines.length - 1)}em` : "1.2em"}>
          {line.length > 18 ? `${line.slice(0, 17)}…` : line}
        </tspan>
      ))}
    </text>
  );
}

function describe(title: string, slices: readonly Slice[]): string {
  const said = slices.slice(0, 6).map((slice) => `${slice.value.name} ${formatValue(slice.share, "percentunit")}`);
  return `${title === "" ? "Pie chart" : title}: ${said.join(", ")}${slices.length > 6 ? " and more" : ""}`;
}
