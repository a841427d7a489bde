import { strokes } from "../colour";
import { uniqueNames } from "../uniqueNames";
import { displayer, fieldRange, type ColourFallback, type DisplayValue, type FieldRange, type Look } from "./display";
import { hiddenFrom, seriesOf } from "./displaySeries";
import { fieldName } from "./fieldname";
import type { Cell, Field, Frame } from "./frame";
import { num, str, strs, type Obj } from "./json";
import { parsePattern } from "./mapping";
import { calcName, calcUnit, reduceValues } from "./reduce";

/** One value of a panel that shows single values: a field by one calculation, or one row of it. */
export interface FieldValue {
  /** Stable as long as the same series are there. */
  key: string;
  name: string;
  field: Field;
  frame: Frame;
  /** Row of the frame that it was taken from; undefined for a calculation. */
  row: number | undefined;
  display: DisplayValue;
  /** Always one: of the display, or where that leaves it open of the series. */
  colour: string;
  range: FieldRange;
  /** The course of the field, where it has one. */
  trend: { times: readonly Cell[]; values: readonly Cell[] } | undefined;
  /** Last against first value of the course, as a ratio. */
  change: number | undefined;
}

const rowLimit = 25;

/**
 * What stat, gauge, bar gauge and pie show by the panel's `reduceOptions`. `fallback` is the colour mode of fields that have
 * none.
 */
export function fieldValues(frames: readonly Frame[], reduceOptions: Obj, look: Look, fallback: ColourFallback = "thresholds"): FieldValue[] {
  const calcs = strs(reduceOptions.calcs);
  const all = reduceOptions.values === true;
  const chosen = fieldChoice(str(reduceOptions.fields));
  const limit = num(reduceOptions.limit) ?? rowLimit;
  const colours = new Map(seriesOf(frames, look).map(({ field, stroke }) => [field, stroke.colour]));
  const values: FieldValue[] = [];
  for (const frame of frames) {
    for (const field of frame.fields) {
      const name = fieldName(field, frame, frames);
      if (!chosen(field, name) || hiddenFrom(field, "viz")) continue;
      const common = { field, frame, colour: colours.get(field) ?? "var(--o-text)" };
      if (all) values.push(...rows(common, name, { frames, look, fallback }).slice(0, Math.max(limit - values.length, 0)));
      else for (const calc of calcs.length === 0 ? ["lastNotNull"] : calcs) values.push(calculated(common, name, calc, calcs.length > 1, { frames, look, fallback }));
    }
  }
  // Series may share a name, and are still told apart.
  const keys = uniqueNames(values.map((value) => value.key));
  const keyed = values.map((value, index) => ({ ...value, key: keys[index] ?? value.key }));
  return all ? withPalette(keyed, look) : keyed;
}

/** Rows whose colour nothing decides have one each from the palette. */
function withPalette(values: FieldValue[], { scheme }: Look): FieldValue[] {
  const open = values.filter((value) => value.display.colour === undefined);
  const palette = strokes(
    open.map((value) => value.name),
    scheme,
  );
  const colours = new Map(open.map((value, index) => [value, palette[index]?.colour ?? value.colour]));
  return values.map((value) => ({ ...value, colour: colours.get(value) ?? value.colour }));
}

interface Setting {
  frames: readonly Frame[];
  look: Look;
  fallback: ColourFallback;
}

/** Which fields a `fields` option means: all numbers, one by its name, or those whose names match `/…/`. */
function fieldChoice(fields: string): (field: Field, name: string) => boolean {
  if (fields === "") return (field) => field.type === "number" || field.type === "bool";
  const pattern = fields.startsWith("/") ? parsePattern(fields) : undefined;
  return (field, name) => {
    if (pattern) return pattern.test(name) || pattern.test(field.name);
    return name === fields || field.name === fields;
  };
}

interface Common {
  field: Field;
  frame: Frame;
  colour: string;
}

function calculated(common: Common, name: string, calc: string, several: boolean, { frames, look, fallback }: Setting): FieldValue {
  const { field, frame } = common;
  const range = fieldRange(field, frames);
  const unit = calcUnit(calc, field.config.unit);
  const shown = unit === field.config.unit || unit === undefined ? field : { ...field, config: { ...field.config, unit } };
  const display = displayer(shown, look, range, fallback)(reduceValues(field.values, calc));
  const time = frame.fields.find((one) => one.type === "time");
  const trend = time && field.type === "number" && field.values.length > 1 ? { times: time.values, values: field.values } : undefined;
  const change = trend ? reduceValues(field.values, "diffperc") : null;
  return {
    ...common,
    key: `${frame.refId} ${name} ${calc}`,
    name: several ? `${name} ${calcName(calc).toLowerCase()}` : name,
    row: undefined,
    display,
    colour: display.colour ?? common.colour,
    range,
    trend,
    change: typeof change === "number" && Number.isFinite(change) ? change : undefined,
  };
}

function rows(common: Common, name: string, { frames, look, fallback }: Setting): FieldValue[] {
  const { field, frame } = common;
  const range = fieldRange(field, frames);
  const show = displayer(field, look, range, fallback);
  const labels = frame.fields.filter((one) => one.type === "string" && one !== field);
  const several = frame.fields.filter((one) => one.type === "number").length > 1;
  return field.values.map((value, row) => {
    const label = labels.map((one) => str(one.values[row])).filter((text) => text !== "");
    const text = label.length === 0 ? name : several ? `${label.join(" ")} ${name}` : label.join(" ");
    const display = show(value);
    return { ...common, key: `${frame.refId} ${name} ${row}`, name: text, row, display, colour: display.colour ?? common.colour, range, trend: undefined, change: undefined };
  });
}
