import type { Scheme } from "../colour";
import { formatParts, type ValueText } from "../units";
import { alongStops, namedColour, scaleStops, shadeOf, thresholdAt, thresholdSteps, type ThresholdStep } from "./colour";
import { jsonText } from "./displayJson";
import type { Cell, Field, Frame } from "./frame";
import { mapValue } from "./mapping";
import { reduceValues } from "./reduce";

/** What the same value may look different by. */
export interface Look {
  scheme: Scheme;
  /** Whether series are told apart by dashes too. */
  distinct?: boolean;
  /** IANA name of the zone of times. */
  zone: string;
}

/** A value ready to be shown. */
export interface DisplayValue extends ValueText {
  /** The value as a number; NaN where it is none. */
  numeric: number;
  /** By mapping, thresholds or scale; undefined where the field's colour is that of its series. */
  colour: string | undefined;
  /** Where the value stands between the field's least and largest, 0 to 1. */
  share: number;
}

/** Ends of a field's scale. */
export interface FieldRange {
  min: number;
  max: number;
}

const absent = "–";

/**
 * Ends of the scale that a field's values stand on: its settings, else what its unit has by nature, else the smallest and
 * largest value of all number fields.
 */
export function fieldRange(field: Field, frames: readonly Frame[]): FieldRange {
  const { min, max, unit } = field.config;
  const whole = unit === "percent" ? 100 : unit === "percentunit" ? 1 : undefined;
  const low = min ?? (whole === undefined ? undefined : 0);
  const high = max ?? whole;
  if (low !== undefined && high !== undefined) return { min: low, max: high };
  let least = Infinity;
  let largest = -Infinity;
  for (const one of frames.flatMap((frame) => frame.fields)) {
    if (one.type !== "number") continue;
    least = Math.min(least, Number(reduceValues(one.values, "min") ?? Infinity));
    largest = Math.max(largest, Number(reduceValues(one.values, "max") ?? -Infinity));
  }
  const from = low ?? (Number.isFinite(least) ? least : 0);
  const to = high ?? (Number.isFinite(largest) ? largest : 100);
  return { min: Math.min(from, to), max: Math.max(from, to) };
}

/** Where `value` stands in `range`, 0 to 1. */
export function shareOf(value: number, { min, max }: FieldRange): number {
  if (Number.isNaN(value)) return 0;
  if (max <= min) return value >= max ? 1 : 0;
  return Math.min(Math.max((value - min) / (max - min), 0), 1);
}

/** Colour mode of fields that have none: of panels of series, and of panels of single values. */
export type ColourFallback = "palette-classic" | "thresholds";

/** A field's colour mode; `fallback` is what its panel type has without one. */
export function colourMode(field: Field, fallback: ColourFallback = "thresholds"): string {
  return field.config.color?.mode ?? fallback;
}

/** How values of one field are shown. What all of them share is worked out once, when the displayer is made. */
export type Displayer = (value: Cell) => DisplayValue;

/** The displayer of `field`, whose scale ends at `range`. */
export function displayer(field: Field, look: Look, range: FieldRange, fallback?: ColourFallback): Displayer {
  const { unit, decimals, noValue, mappings } = field.config;
  const colour = colourer(field, look.scheme, range, fallback);
  const missing: ValueText = { prefix: "", text: noValue ?? absent, suffix: "" };
  return (value) => {
    const numeric = numberOf(value, field);
    const mapped = mapValue(mappings, value);
    const own = mapped?.text === undefined ? undefined : { prefix: "", text: mapped.text, suffix: "" };
    return {
      ...(own ?? textOf(value, field, unit, decimals, look.zone, missing)),
      numeric,
      colour: namedColour(mapped?.color, look.scheme) ?? colour(numeric),
      share: shareOf(numeric, range),
    };
  };
}

function numberOf(value: Cell, field: Field): number {
  if (typeof value === "number") return value;
  if (typeof value === "boolean") return Number(value);
  if (typeof value === "string" && field.type !== "string" && value.trim() !== "") return Number(value);
  return NaN;
}

function textOf(value: Cell, field: Field, unit: string | undefined, decimals: number | undefined, zone: string, missing: ValueText): ValueText {
  if (value === null || value === "" || (typeof value === "number" && Number.isNaN(value))) return missing;
  if (typeof value === "string") return { prefix: "", text: value, suffix: "" };
  if (typeof value === "object") return { prefix: "", text: jsonText(value), suffix: "" };
  if (field.type === "time") return formatParts(Number(value), isDateUnit(unit) ? unit : "dateTimeAsIso", undefined, { zone });
  if (typeof value === "boolean") return formatParts(Number(value), unit?.startsWith("bool") ? unit : "bool");
  return formatParts(value, unit ?? "short", decimals, { zone });
}

function isDateUnit(unit: string | undefined): unit is string {
  return unit !== undefined && (unit.startsWith("dateTime") || unit.startsWith("time:"));
}

/** The colour of a value by the field's mode; none where that goes by the series. */
function colourer(field: Field, scheme: Scheme, range: FieldRange, fallback?: ColourFallback): (value: number) => string | undefined {
  const mode = colourMode(field, fallback);
  if (mode === "fixed") {
    const fixed = fixedColour(field, scheme);
    return () => fixed;
  }
  if (mode === "thresholds") {
    const steps: ThresholdStep[] = thresholdSteps(field.config, scheme, range);
    return (value) => (Number.isNaN(value) ? steps[0]?.colour : thresholdAt(steps, value)?.colour);
  }
  const stops = scaleStops(mode, scheme);
  if (stops) return (value) => alongStops(stops, shareOf(value, range));
  return () => undefined;
}

/** The colour of mode "fixed" and "shades". */
function fixedColour(field: Field, scheme: Scheme): string | undefined {
  return namedColour(field.config.color?.fixedColor, scheme);
}

/** The colour of a whole series that its mode decides; undefined where the palette does. `index` is its place among all. */
export function modeColour(field: Field, index: number, look: Look, range: FieldRange): string | undefined {
  const mode = colourMode(field, "palette-classic");
  if (mode === "shades") {
    const fixed = fixedColour(field, look.scheme);
    return fixed === undefined ? undefined : shadeOf(fixed, index);
  }
  const by = { last: "lastNotNull", min: "min", max: "max" }[field.config.color?.seriesBy ?? "last"];
  return colourer(field, look.scheme, range, "palette-classic")(Number(reduceValues(field.values, by) ?? NaN));
}
