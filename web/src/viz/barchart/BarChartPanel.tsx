import { useMemo, useState } from "react";

import { Legend, type LegendItem } from "../../components/chart/Legend";
import { useSize } from "../../components/useSize";
import type { Scheme } from "../../lib/colour";
import { readable, translucent } from "../../lib/dashboard/colour";
import { hiddenFrom } from "../../lib/dashboard/displaySeries";
import { num, obj, str } from "../../lib/dashboard/json";
import { reduceValues } from "../../lib/dashboard/reduce";
import { formatParts, isBinary, joinValue } from "../../lib/units";
import axis from "../axis/axis.module.css";
import { roundTicks } from "../axis/ticks";
import { CardRow, HoverCard, Mark, type Spot } from "../HoverCard";
import { legendLook } from "../legend/legendOptions";
import { useLook } from "../look";
import { NoData } from "../NoData";
import type { PanelProps } from "../panel";
import { orientationOf, textEm } from "../tiles";
import classes from "../viz.module.css";
import { barRange, readBars, stackBars, type BarData, type BarSpan } from "./bars";

const nothing: ReadonlySet<string> = new Set();

/** Values of named things as bars, in groups or on each other. */
export function BarChartPanel({ title, frames, options, timeZone }: PanelProps) {
  const look = useLook(timeZone);
  const data = useMemo(() => readBars(frames, options, look), [frames, options, look]);
  const [hidden, setHidden] = useState(nothing);
  const [hover, setHover] = useState<{ group: number; spot: Spot } | null>(null);
  const { ref, width, height } = useSize();
  if (!data) return <NoData>{frames.some((frame) => frame.fields.length > 0) ? "The data has no names to draw bars for" : undefined}</NoData>;
  const legend = legendLook(options);
  const shown = data.series.map((one) => !hidden.has(one.key));
  const stacking = str(options.stacking, "none");
  const items = data.series.flatMap((one): LegendItem[] => {
    if (hiddenFrom(one.field, "legend")) return [];
    const cells = legend.calcs.map((calc) => {
      const value = reduceValues(one.field.values, calc);
      return { text: joinValue(one.show(value)), value: Number(value) };
    });
    return [{ key: one.key, name: one.name, stroke: one.stroke, cells }];
  });
  return (
    <div className={classes.panel} data-legend={legend.form === "none" ? undefined : legend.place}>
      <div ref={ref} className={classes.plot} role="img" aria-label={describe(title, data)}>
        {width > 0 && height > 0 && (
          <BarDrawing data={data} shown={shown} stacking={stacking} options={options} scheme={look.scheme} width={width} height={height} hovered={hover?.group} onHover={(group, spot) => setHover(group === undefined ? null : { group, spot })} />
        )}
      </div>
      <Legend items={items} look={legend} hidden={hidden} onHidden={setHidden} />
      {hover && str(obj(options.tooltip).mode) !== "none" && (
        <HoverCard at={hover.spot}>
          <div className={classes.cardHead}>{data.groups[hover.group]}</div>
          {data.series.map((one, index) =>
            shown[index] && !hiddenFrom(one.field, "tooltip") ? (
              <CardRow key={one.key} mark={<Mark colour={one.stroke.colour} />} name={one.name} value={joinValue(one.show(one.field.values[hover.group] ?? null))} />
            ) : null,
          )}
        </HoverCard>
      )}
    </div>
  );
}

interface BarDrawingProps {
  data: BarData;
  shown: readonly boolean[];
  stacking: string;
  options: PanelProps["options"];
  scheme: Scheme;
  width: number;
  height: number;
  hovered: number | undefined;
  onHover(group: number | undefined, spot: Spot): void;
}

function BarDrawing({ data, shown, stacking, options, scheme, width, height, hovered, onHover }: BarDrawingProps) {
  const { groups, series } = data;
  const lying = orientationOf(options.orientation) === "horizontal";
  const spans = stackBars(data, shown, stacking);
  const range = barRange(spans, series, stacking);
  const unit = stacking === "percent" ? "percentunit" : (series[0]?.field.config.unit ?? "short");
  const tickText = (value: number): string => joinValue(formatParts(value, unit));

  const names = Math.max(0, ...groups.map((name) => textEm(name) * 11));
  const ticks = roundTicks(range.min, range.max, Math.max(2, Math.floor((lying ? width : height) / (lying ? 90 : 44))), isBinary(unit));
  const tickRoom = Math.max(...ticks.map((tick) => textEm(tickText(tick)) * 11), 16) + 8;
  const step = (lying ? height - 20 : width - tickRoom - 8) / Math.max(groups.length, 1);
  // Names that have no room side by side are turned, and those that still have none are left out.
  const turned = !lying && (num(options.xTickLabelRotation) ?? 0) !== 0 ? true : !lying && names > step - 4;
  const nameRoom = lying ? Math.min(names + 10, width * 0.4) : turned ? Math.min(names * 0.72 + 12, height * 0.4) : 18;
  const box = { left: lying ? nameRoom : tickRoom, top: 6, width: width - (lying ? nameRoom + 12 : tickRoom + 8), height: height - 6 - (lying ? 18 : nameRoom) };
  const along = lying ? box.width : box.height;
  const at = (value: number): number => ((value - range.min) / (range.max - range.min || 1)) * along;
  const each = (lying ? box.height : box.width) / Math.max(groups.length, 1);
  const used = each * Math.min(num(options.groupWidth) ?? 0.7, 1);
  const bySeries = stacking === "none" ? shown.flatMap((on, index) => (on ? [index] : [])) : [0];
  const thick = (used / Math.max(bySeries.length, 1)) * Math.min(num(options.barWidth) ?? 0.97, 1);
  const place = (span: BarSpan): { x: number; y: number; width: number; height: number } => {
    const slot = stacking === "none" ? bySeries.indexOf(span.series) : 0;
    const across = span.group * each + (each - used) / 2 + (slot + 0.5) * (used / Math.max(bySeries.length, 1)) - thick / 2;
    const [low, high] = [at(Math.min(span.from, span.to)), at(Math.max(span.from, span.to))];
    const length = Math.max(high - low, 0.5);
    return lying ? { x: box.left + low, y: box.top + across, width: length, height: thick } : { x: box.left + across, y: box.top + box.height - high, width: thick, height: length };
  };
  const every = Math.ceil((lying ? 14 : turned ? 17 : names + 6) / each);
  const showValue = str(options.showValue, "auto");
  return (
    <svg
      width={width}
      height={height}
      aria-hidden="true"
      onMouseMove={(event) => {
        const { left, top } = event.currentTarget.getBoundingClientRect();
        const group = Math.floor((lying ? event.clientY - top - box.top : event.clientX - left - box.left) / each);
        onHover(group >= 0 && group < groups.length ? group : undefined, { x: event.clientX, y: event.clientY });
      }}
      onMouseLeave={() => onHover(undefined, { x: 0, y: 0 })}
    >
      {ticks.map((tick) => {
        const line = lying ? { x1: box.left + at(tick), x2: box.left + at(tick), y1: box.top, y2: box.top + box.height } : { x1: box.left, x2: box.left + box.width, y1: box.top + box.height - at(tick), y2: box.top + box.height - at(tick) };
        return (
          <g key={tick}>
            <line className={axis.grid} {...line} />
            <text className={axis.tick} {...(lying ? { x: line.x1, y: height - 4, textAnchor: "middle" } : { x: box.left - 6, y: line.y1 + 4, textAnchor: "end" })}>
              {tickText(tick)}
            </text>
          </g>
        );
      })}
      {hovered !== undefined && <rect {...(lying ? { x: box.left, y: box.top + hovered * each, width: box.width, height: each } : { x: box.left + hovered * each, y: box.top, width: each, height: box.height })} fill="var(--o-hover)" />}
      {spans.map((span) => {
        const one = series[span.series];
        if (!one) return null;
        const spot = place(span);
        const display = one.show(span.value);
        const colour = display.colour ?? one.stroke.colour;
        const text = joinValue(display);
        const fits = showValue === "always" || (showValue === "auto" && stacking === "none" && (lying ? thick >= 12 : thick >= textEm(text) * 10));
        return (
          <g key={`${span.series} ${span.group}`}>
            <rect {...spot} rx={Math.min(2, thick / 4)} fill={translucent(colour, one.fill)} stroke={colour} strokeWidth={num(one.field.config.custom?.lineWidth) ?? 1} />
            {fits && (
              <text
                className={axis.tick}
                style={{ fill: readable(colour, scheme) }}
                {...(lying ? { x: Math.min(spot.x + spot.width + 4, width - textEm(text) * 11), y: spot.y + spot.height / 2 + 4 } : { x: spot.x + spot.width / 2, y: Math.max(spot.y - 4, 10), textAnchor: "middle" })}
              >
                {text}
              </text>
            )}
          </g>
        );
      })}
      {groups.map((name, index) =>
        index % every === 0 ? (
          <text
            // The groups never change places.
            // oxlint-disable-next-line react/no-array-index-key
            key={index}
            className={axis.tick}
            {...(lying
              ? { x: box.left - 8, y: box.top + (index + 0.5) * each + 4, textAnchor: "end" }
              : turned
                ? { transform: `translate(${box.left + (index + 0.5) * each + 4} ${box.top + box.height + 12}) rotate(-45)`, textAnchor: "end" }
                : { x: box.left + (index + 0.5) * each, y: height - 4, textAnchor: "middle" })}
          >
            {cut(name, lying ? nameRoom - 10 : turned ? (nameRoom - 12) / 0.72 : Infinity)}
          </text>
        ) : null,
      )}
    </svg>
  );
}

function cut(text: string, width: number): string {
  if (textEm(text) * 11 <= width + 1) return text;
  let end = text.length;
  while (end > 1 && textEm(text.slice(0, end)) * 11 > width - 8) end--;
  return `${text.slice(0, end)}…`;
}

function describe(title: string, { groups, series }: BarData): string {
  const said = series.slice(0, 3).map((one) => `${one.name} from ${joinValue(one.show(reduceValues(one.field.values, "min")))} to ${joinValue(one.show(reduceValues(one.field.values, "max")))}`);
  return `${title === "" ? "Bar chart" : title}: ${groups.length} groups, ${said.join(", ")}${series.length > 3 ? " and more" : ""}`;
}
