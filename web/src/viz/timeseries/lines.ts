import type { Stroke } from "../../lib/colour";
import type { Look } from "../../lib/dashboard/display";
import { hiddenFrom, seriesOf } from "../../lib/dashboard/displaySeries";
import type { Field, Frame } from "../../lib/dashboard/frame";
import { list, num, obj, str, type Obj } from "../../lib/dashboard/json";
import { uniqueNames } from "../../lib/uniqueNames";

/** One series with all that its field's settings say of how it is drawn. */
export interface Line {
  /** Unique in the panel. */
  key: string;
  name: string;
  field: Field;
  frame: Frame;
  stroke: Stroke;
  draw: "line" | "bars" | "points";
  curve: "linear" | "smooth" | "stepBefore" | "stepAfter";
  /** Pixels. */
  width: number;
  /** 0 is empty, 1 is solid. */
  fill: number;
  gradient: "none" | "opacity" | "hue" | "scheme";
  points: "auto" | "always" | "never";
  pointSize: number;
  /** True joins values across gaps; a number does across gaps shorter than so many milliseconds. */
  span: boolean | number;
  /** Gaps longer than this many milliseconds break the line though nothing says that a value is missing; false for none. */
  breakAfter: number | false;
  stack: { group: string; percent: boolean } | undefined;
  negative: boolean;
  bar: { align: -1 | 0 | 1; share: number; max: number };
  /** Name of the series that the fill goes down to. */
  below: string;
  inLegend: boolean;
  inTooltip: boolean;
}

const curves = ["linear", "smooth", "stepBefore", "stepAfter"] as const;
const gradients = ["none", "opacity", "hue", "scheme"] as const;
const draws = ["line", "bars", "points"] as const;

function oneOf<T extends string>(value: unknown, known: readonly T[], fallback: T): T {
  return known.find((one) => one === value) ?? fallback;
}

/** The series of `frames` that have times, as a time series panel draws them. */
export function readLines(frames: readonly Frame[], look: Look): Line[] {
  const drawn = seriesOf(
    frames.filter((frame) => frame.meta?.type !== "exemplars" && frame.fields.some((field) => field.type === "time")),
    look,
  );
  const keys = uniqueNames(drawn.map(({ name }) => name));
  return drawn.map(({ field, frame, name, stroke }, index) => {
    const custom = obj(field.config.custom);
    const draw = oneOf(custom.drawStyle, draws, "line");
    return {
      key: keys[index] ?? name,
      name,
      field,
      frame,
      stroke: { colour: stroke.colour, dash: dashOf(obj(custom.lineStyle), stroke.dash) },
      draw,
      curve: oneOf(custom.lineInterpolation, curves, "linear"),
      width: draw === "points" ? 0 : (num(custom.lineWidth) ?? 1),
      fill: Math.min(Math.max((num(custom.fillOpacity) ?? 0) / 100, 0), 1),
      gradient: oneOf(custom.gradientMode, gradients, "none"),
      points: draw === "points" ? "always" : oneOf(custom.showPoints, ["auto", "always", "never"] as const, "auto"),
      pointSize: num(custom.pointSize) ?? 5,
      span: custom.spanNulls === true || (num(custom.spanNulls) ?? false),
      breakAfter: num(custom.insertNulls) ?? false,
      stack: stackOf(obj(custom.stacking)),
      negative: custom.transform === "negative-Y",
      bar: { align: alignOf(custom.barAlignment), share: num(custom.barWidthFactor) ?? 0.6, max: num(custom.barMaxWidth) ?? 200 },
      below: str(custom.fillBelowTo),
      inLegend: !hiddenFrom(field, "legend"),
      inTooltip: !hiddenFrom(field, "tooltip"),
    };
  });
}

function dashOf(style: Obj, own: readonly number[]): readonly number[] {
  if (style.fill === "dash") return lengths(style.dash, [10, 10]);
  if (style.fill === "dot") return lengths(style.dash, [0.5, 6]);
  return own;
}

function lengths(raw: unknown, fallback: readonly number[]): readonly number[] {
  const read = list(raw).flatMap((one) => num(one) ?? []);
  return read.length > 0 ? read.map((one) => Math.max(one, 0.5)) : fallback;
}

function stackOf(stacking: Obj): Line["stack"] {
  if (stacking.mode !== "normal" && stacking.mode !== "percent") return undefined;
  // Some dashboards write the group as false: a stack of its own.
  return { group: stacking.group === false ? "false" : str(stacking.group, "A"), percent: stacking.mode === "percent" };
}

function alignOf(raw: unknown): -1 | 0 | 1 {
  const value = num(raw) ?? 0;
  return value < 0 ? -1 : value > 0 ? 1 : 0;
}
