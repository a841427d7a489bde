import { formatLabels } from "../labels";
import { fieldName, fieldNames } from "./fieldname";
import type { Cell, DataLink, Field, FieldConfig, Frame } from "./frame";
import { bool, compact, isObj, num, obj, objs, str, strs, type Obj } from "./json";
import { parsePattern, readMappings } from "./mapping";
import { reduceValues } from "./reduce";

/** A panel's `fieldConfig`: settings for all fields, and those for some of them in the order they apply. */
export interface FieldSettings {
  defaults: Obj;
  overrides: readonly Obj[];
}

/**
 * `frames` with the panel's settings in each field's config. What a query or a transformation has set on a field holds
 * against the defaults, and overrides hold against both. Fields are matched by the names they have before.
 * `interpolate` fills in the dashboard's variables.
 */
export function applyFieldConfig(frames: readonly Frame[], settings: FieldSettings, interpolate: (text: string) => string): Frame[] {
  const names = fieldNames(frames);
  const defaults = readConfig(settings.defaults);
  const rules = settings.overrides.map((override) => ({ matches: matcher(obj(override.matcher), names), properties: objs(override.properties) }));
  return frames.map((frame) => ({
    ...frame,
    fields: frame.fields.map((field) => {
      let config = under(field.config, defaults);
      for (const rule of rules) if (rule.matches(field, frame)) config = rule.properties.reduce(withProperty, config);
      if (config.displayName) config = { ...config, displayName: fillName(config.displayName, field, frame, frames, interpolate) };
      return { ...field, config };
    }),
  }));
}

/** `config` with what it lacks from `defaults`. */
function under(config: FieldConfig, defaults: FieldConfig): FieldConfig {
  const custom = { ...defaults.custom, ...config.custom };
  return { ...defaults, ...config, ...(Object.keys(custom).length > 0 && { custom }) };
}

/** Settings as a dashboard's JSON has them, members of another type left out. */
export function readConfig(raw: Obj): FieldConfig {
  return compact({
    displayName: str(raw.displayName) || undefined,
    unit: str(raw.unit) || undefined,
    decimals: num(raw.decimals),
    min: num(raw.min),
    max: num(raw.max),
    noValue: str(raw.noValue) || undefined,
    color: readColour(raw.color),
    thresholds: readThresholds(raw.thresholds),
    mappings: raw.mappings === undefined ? undefined : readMappings(raw.mappings),
    links: raw.links === undefined ? undefined : readLinks(raw.links),
    filterable: typeof raw.filterable === "boolean" ? raw.filterable : undefined,
    custom: isObj(raw.custom) ? raw.custom : undefined,
  }) as FieldConfig;
}

function readColour(raw: unknown): FieldConfig["color"] {
  // A bare name, as the first overrides had it, is a fixed colour.
  if (typeof raw === "string" && raw !== "") return { mode: "fixed", fixedColor: raw };
  if (!isObj(raw)) return undefined;
  const fixedColor = str(raw.fixedColor);
  const seriesBy = str(raw.seriesBy);
  return {
    mode: str(raw.mode) || (fixedColor === "" ? "palette-classic" : "fixed"),
    ...(fixedColor !== "" && { fixedColor }),
    ...((seriesBy === "last" || seriesBy === "min" || seriesBy === "max") && { seriesBy }),
  };
}

function readThresholds(raw: unknown): FieldConfig["thresholds"] {
  if (!isObj(raw)) return undefined;
  const steps = objs(raw.steps).map((step) => ({ value: num(step.value) ?? null, color: str(step.color, "green") }));
  return { mode: raw.mode === "percentage" ? "percentage" : "absolute", steps };
}

function readLinks(raw: unknown): DataLink[] {
  return objs(raw).flatMap((link) => {
    const url = str(link.url);
    return url === "" ? [] : [{ title: str(link.title), url, targetBlank: bool(link.targetBlank) }];
  });
}

/** `config` with one property of an override; a property that nothing reads is kept among the panel's own. */
function withProperty(config: FieldConfig, property: Obj): FieldConfig {
  const id = str(property.id);
  const value = property.value;
  if (id.startsWith("custom.")) return { ...config, custom: withPath(config.custom ?? {}, id.slice(7).split("."), value) };
  if (value === undefined || value === null) return id in config ? compact({ ...config, [id]: undefined }) : config;
  return { ...config, ...readConfig({ [id]: value }) };
}

function withPath(target: Obj, [key = "", ...rest]: readonly string[], value: unknown): Obj {
  return { ...target, [key]: rest.length === 0 ? value : withPath(obj(target[key]), rest, value) };
}

type Matches = (field: Field, frame: Frame) => boolean;

/** Whether a field is one that a matcher of a dashboard means; a matcher of unknown kind means none. */
export function matcher(raw: Obj, names: ReadonlyMap<Field, string>): Matches {
  const options = raw.options;
  const name = (field: Field): string => names.get(field) ?? field.name;
  switch (raw.id) {
    case "byName": {
      const wanted = str(options);
      return (field) => name(field) === wanted || field.name === wanted;
    }
    case "byRegexp": {
      const pattern = parsePattern(str(options));
      return (field) => pattern !== undefined && matchesPattern(pattern, name(field));
    }
    case "byFrameRefID":
      return (_, frame) => frame.refId === str(options);
    case "byType":
      return (field) => field.type === (options === "boolean" ? "bool" : str(options));
    case "byTypes":
      return (field) => strs(options).includes(field.type);
    case "numeric":
      return (field) => field.type === "number";
    case "byNames": {
      const listed = new Set(strs(isObj(options) ? options.names : options));
      const outside = isObj(options) && options.mode === "exclude";
      // What is meant by "all but these" are series: their times stay.
      return (field) => (outside ? field.type !== "time" && !listed.has(name(field)) : listed.has(name(field)));
    }
    case "byValue": {
      const { reducer, op, value } = obj(options);
      return (field) => field.type === "number" && compare(reduceValues(field.values, str(reducer, "lastNotNull")), str(op, "gte"), num(value) ?? 0);
    }
    default:
      return () => false;
  }
}

function matchesPattern(pattern: RegExp, text: string): boolean {
  pattern.lastIndex = 0;
  return pattern.test(text);
}

/** A comparison by Grafana's names of them; false where there is no number to compare. */
export function compare(left: Cell, op: string, right: number): boolean {
  const value = typeof left === "boolean" ? Number(left) : left;
  if (typeof value !== "number") return false;
  switch (op) {
    case "eq":
    case "==":
      return value === right;
    case "neq":
    case "!=":
      return value !== right;
    case "gt":
    case ">":
      return value > right;
    case "gte":
    case ">=":
      return value >= right;
    case "lt":
    case "<":
      return value < right;
    case "lte":
    case "<=":
      return value <= right;
    default:
      return false;
  }
}

/** A name's own tokens, `${__field.labels.pod}` and `${__series.name}`, then the dashboard's variables. */
function fillName(template: string, field: Field, frame: Frame, frames: readonly Frame[], interpolate: (text: string) => string): string {
  if (!template.includes("$")) return template;
  const { displayName: _, ...config } = field.config;
  const series = fieldName({ ...field, config }, { ...frame, fields: frame.fields.map((one) => (one === field ? { ...one, config } : one)) }, frames);
  const filled = template.replace(/\$\{__(field|series)((?:\.[\w-]+|\["[^"]+"\])*)\}/g, (token, root: string, path: string) => {
    const [first = "", second] = Array.from(path.matchAll(/\.([\w-]+)|\["([^"]+)"\]/g), ([, dotted, quoted]) => dotted ?? quoted ?? "");
    if (root === "series") return first === "name" ? series : token;
    switch (first) {
      case "labels":
        return second === undefined ? formatLabels(field.labels ?? {}) : (field.labels?.[second] ?? "");
      case "name":
        return field.name;
      case "displayName":
        return series;
      default:
        return token;
    }
  });
  return interpolate(filled);
}
