import { useMemo } from "react";

import { readable, scaleStops, alongStops, thresholdSteps } from "../../lib/dashboard/colour";
import { colourMode, shareOf, type Look } from "../../lib/dashboard/display";
import { fieldLinks, type FieldLink } from "../../lib/dashboard/displayLinks";
import { fieldValues, type FieldValue } from "../../lib/dashboard/fieldvalues";
import { num, obj } from "../../lib/dashboard/json";
import { formatParts, joinValue } from "../../lib/units";
import { LinkedValue } from "../LinkedValue";
import { useLook } from "../look";
import { NoData } from "../NoData";
import type { PanelProps } from "../panel";
import { fitText, orientationOf, textEm, tileGrid } from "../tiles";
import shared from "../viz.module.css";
import { arcPath, onArc } from "./arc";
import classes from "./gauge.module.css";

/** Values on arcs, with the thresholds around them. */
export function GaugePanel({ title, frames, options, timeZone, width, height, interpolate }: PanelProps) {
  const look = useLook(timeZone);
  const values = useMemo(() => fieldValues(frames, obj(options.reduceOptions), look), [frames, options.reduceOptions, look]);
  if (values.length === 0) return <NoData />;
  const grid = tileGrid(values.length, width, height, orientationOf(options.orientation), 1.15);
  const text = obj(options.text);
  return (
    <div className={shared.tiles} style={{ gridTemplateColumns: `repeat(${grid.columns}, minmax(0, 1fr))` }} role="group" aria-label={title === "" ? "Gauges" : title}>
      {values.map((value) => (
        <Gauge
          key={value.key}
          value={value}
          width={grid.width}
          height={Math.max(grid.height, num(options.minVizHeight) ?? 60)}
          look={look}
          links={fieldLinks({ ...value, frames }, look, interpolate)}
          named={values.length > 1}
          markers={options.showThresholdMarkers !== false}
          labels={options.showThresholdLabels === true}
          valueSize={num(text.valueSize)}
          titleSize={num(text.titleSize)}
        />
      ))}
    </div>
  );
}

interface GaugeProps {
  value: FieldValue;
  width: number;
  height: number;
  look: Look;
  links: readonly FieldLink[];
  named: boolean;
  markers: boolean;
  labels: boolean;
  valueSize: number | undefined;
  titleSize: number | undefined;
}

// The arc's lower ends reach this far below its middle, in parts of its radius.
const below = 0.6;

function Gauge({ value, width, height, look, links, named, markers, labels, valueSize, titleSize }: GaugeProps) {
  const { display, range, name } = value;
  const title = named ? (titleSize ?? fitText(name, width - 8, 14, 11)) : 0;
  const room = height - (named ? title * 1.5 : 0);
  const bands = bandsOf(value, look);
  const edge = labels ? 16 : 2;
  const beside = labels ? 11 * Math.max(...bands.slice(1).map((band) => textEm(endText(value, band.value)) + 1), 0) : 3;
  const radius = Math.max(Math.min(width / 2 - beside, (room - edge - 2) / (1 + below)), 10);
  const thick = radius * 0.24;
  const ring = markers ? Math.max(radius * 0.045, 2) : 0;
  const outer = radius - ring - (markers ? 2 : 0);
  const inner = outer - thick;
  const share = Number.isNaN(display.numeric) ? 0 : display.share;
  const em = textEm(`${display.prefix}${display.text}`) + 0.6 * textEm(display.suffix) + (display.suffix === "" ? 0 : 0.2);
  const size = valueSize ?? Math.max(11, Math.min(radius * 0.46, (inner * 1.72) / Math.max(em, 1)));
  const centre = { x: width / 2, y: edge + radius };
  return (
    <div className={classes.gauge} role="img" aria-label={`${name}: ${joinValue(display)}, between ${endText(value, range.min)} and ${endText(value, range.max)}`}>
      <div className={classes.drawing}>
        <svg width={width} height={Math.min(room, edge + radius * (1 + below) + 2)} aria-hidden="true">
          <g transform={`translate(${centre.x} ${centre.y})`}>
            <path className={classes.track} d={arcPath(0, 1, outer, inner)} />
            {share > 0 && <path d={arcPath(0, share, outer, inner)} fill={value.colour} />}
            {markers && bands.map((band) => <path key={band.from} d={arcPath(band.from, band.to, radius, radius - ring)} fill={band.colour} />)}
            {labels &&
              bands.slice(1).map((band) => {
                const [x, y] = onArc(band.from, radius + 9);
                return (
                  <text key={band.from} className={classes.label} x={x} y={y} textAnchor={x < -4 ? "end" : x > 4 ? "start" : "middle"}>
                    {endText(value, band.value)}
                  </text>
                );
              })}
          </g>
        </svg>
        <div className={classes.value} style={{ top: centre.y - size * 0.62, fontSize: size, color: readable(value.colour, look.scheme, size >= 24 ? 3 : 4.5) }}>
          <LinkedValue links={links}>
            {display.prefix !== "" && <span className={classes.unit}>{display.prefix}</span>}
            {display.text}
            {display.suffix !== "" && <span className={classes.unit}>{`\u202f${display.suffix}`}</span>}
          </LinkedValue>
        </div>
      </div>
      {named && (
        <div className={classes.name} style={{ fontSize: title }} title={name}>
          {name}
        </div>
      )}
    </div>
  );
}

function endText({ field }: FieldValue, value: number): string {
  return joinValue(formatParts(value, field.config.unit ?? "short", field.config.decimals));
}

interface Band {
  value: number;
  from: number;
  to: number;
  colour: string;
}

/** The ring's parts: one for each threshold, or the continuous scale in small steps. */
function bandsOf({ field, range }: FieldValue, look: Look): Band[] {
  const stops = scaleStops(colourMode(field), look.scheme);
  if (stops) {
    const steps = 32;
    return Array.from({ length: steps }, (_, i) => ({ value: NaN, from: i / steps, to: (i + 1) / steps, colour: alongStops(stops, (i + 0.5) / steps) }));
  }
  const steps = thresholdSteps(field.config, look.scheme, range);
  return steps.flatMap((step, index): Band[] => {
    const from = index === 0 ? 0 : shareOf(step.value, range);
    const to = shareOf(steps[index + 1]?.value ?? Infinity, range);
    return to > from ? [{ value: step.value, from, to, colour: step.colour }] : [];
  });
}
