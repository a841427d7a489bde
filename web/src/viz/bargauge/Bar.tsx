import { alongStops, scaleStops, thresholdAt, thresholdSteps, translucent } from "../../lib/dashboard/colour";
import { colourMode, type Look } from "../../lib/dashboard/display";
import type { FieldValue } from "../../lib/dashboard/fieldvalues";
import classes from "./bargauge.module.css";

export type BarMode = "basic" | "gradient" | "lcd";

interface BarProps {
  value: Pick<FieldValue, "display" | "field" | "range" | "colour">;
  mode: BarMode;
  upright: boolean;
  unfilled: boolean;
  /** Along the bar, pixels: decides how many cells a display of cells has. */
  length: number;
  look: Look;
}

/** A value's length on its scale: one plain bar, one whose colour runs along it, or cells as of a liquid crystal display. */
export function Bar({ value, mode, upright, unfilled, length, look }: BarProps) {
  const share = Number.isNaN(value.display.numeric) ? 0 : value.display.share;
  const size = `${Math.max(share * 100, 0.5)}%`;
  if (mode === "lcd") return <Cells value={value} share={share} upright={upright} count={Math.min(Math.max(Math.floor(length / 14), 8), 60)} unfilled={unfilled} look={look} />;
  const style = mode === "basic" ? { background: value.colour } : { background: gradient(value, upright, share, look) };
  return (
    <div className={classes.bar} data-upright={upright || undefined} data-unfilled={unfilled || undefined} aria-hidden="true">
      <div className={classes.fill} style={{ ...style, ...(upright ? { height: size } : { width: size }) }} />
    </div>
  );
}

function gradient({ colour, field, range }: BarProps["value"], upright: boolean, share: number, look: Look): string {
  const towards = upright ? "to top" : "to right";
  const stops = scaleStops(colourMode(field), look.scheme);
  const at = (place: number): string => `${share <= 0 ? 0 : Math.round((place / share) * 1000) / 10}%`;
  if (stops) return `linear-gradient(${towards}, ${stops.map((stop, index) => `${stop} ${at(index / (stops.length - 1))}`).join(", ")})`;
  if (colourMode(field) !== "thresholds") return `linear-gradient(${towards}, ${translucent(colour, 0.45)}, ${colour})`;
  const steps = thresholdSteps(field.config, look.scheme, range);
  const marks = steps.map((step, index) => {
    const begins = index === 0 ? 0 : (step.value - range.min) / (range.max - range.min || 1);
    return `${step.colour} ${at(Math.max(begins, 0))}`;
  });
  return marks.length > 1 ? `linear-gradient(${towards}, ${marks.join(", ")})` : (steps[0]?.colour ?? colour);
}

interface CellsProps {
  value: BarProps["value"];
  share: number;
  upright: boolean;
  count: number;
  unfilled: boolean;
  look: Look;
}

function Cells({ value: { field, range, colour }, share, upright, count, unfilled, look }: CellsProps) {
  const stops = scaleStops(colourMode(field), look.scheme);
  const steps = colourMode(field) === "thresholds" ? thresholdSteps(field.config, look.scheme, range) : [];
  const colourAt = (place: number): string => {
    if (stops) return alongStops(stops, place);
    return thresholdAt(steps, range.min + place * (range.max - range.min))?.colour ?? colour;
  };
  const lit = Math.round(share * count);
  return (
    <div className={classes.cells} data-upright={upright || undefined} aria-hidden="true">
      {Array.from({ length: count }, (_, index) => {
        const own = colourAt((index + 0.5) / count);
        const on = index < lit;
        // Cells never change places.
        // oxlint-disable-next-line react/no-array-index-key
        return <span key={index} className={classes.cell} style={{ background: on ? own : unfilled ? translucent(own, 0.14) : "transparent" }} />;
      })}
    </div>
  );
}
