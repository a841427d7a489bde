import { formatClock } from "../clockFormat";
import { resolveZone } from "../zone";
import { jsonText } from "./displayJson";
import { fieldNames } from "./fieldname";
import type { Cell, Field, FieldType, Frame } from "./frame";
import { isObj, list, num, obj, objs, str, strs, type Obj } from "./json";
import { parsePattern } from "./mapping";
import type { TransformScope } from "./transform";

/** Leaves out, orders and renames fields by their names. */
export function organize(frames: readonly Frame[], options: Obj): Frame[] {
  const excluded = obj(options.excludeByName);
  const included = obj(options.includeByName);
  const order = obj(options.indexByName);
  const renamed = obj(options.renameByName);
  const names = fieldNames(frames);
  const only = Object.keys(included).length > 0;
  return frames.map((frame) => {
    const kept = frame.fields.flatMap((field) => {
      const name = names.get(field) ?? field.name;
      if (excluded[name] === true || (only && included[name] !== true)) return [];
      const to = str(renamed[name]);
      // A number that stood for one of several alike keeps its name when the others go.
      const shown = to === "" ? (name === field.name ? undefined : pinned(field, name)) : to;
      return [{ field: shown === undefined ? field : { ...field, config: { ...field.config, displayName: shown } }, at: num(order[name]) ?? Infinity }];
    });
    const sorted = Object.keys(order).length > 0 ? kept.toSorted((a, b) => (a.at === b.at ? 0 : a.at - b.at)) : kept;
    return { ...frame, fields: sorted.map(({ field }) => field) };
  });
}

function pinned(field: Field, name: string): string | undefined {
  return field.config.displayName === undefined && name.startsWith(`${field.name} `) && /^\d+$/.test(name.slice(field.name.length + 1)) ? name : undefined;
}

/** Keeps the fields that a list of names, a pattern or a variable includes, without those excluded. */
export function filterFieldsByName(frames: readonly Frame[], options: Obj, { interpolate }: TransformScope): Frame[] {
  const names = fieldNames(frames);
  const include = selection(options.include, options.byVariable === true, interpolate);
  const exclude = selection(options.exclude, options.byVariable === true, interpolate);
  const kept = (field: Field): boolean => {
    const name = names.get(field) ?? field.name;
    return (include ? include(name) : true) && !(exclude?.(name) ?? false);
  };
  return frames.map((frame) => ({ ...frame, fields: frame.fields.filter(kept) })).filter((frame) => frame.fields.length > 0);
}

function selection(raw: unknown, byVariable: boolean, interpolate: (text: string) => string): ((name: string) => boolean) | undefined {
  const { names, pattern, variable } = obj(raw);
  if (byVariable && str(variable) !== "") {
    const listed = interpolate(str(variable)).replace(/^\{(.*)\}$/, "$1").split(",");
    return (name) => listed.includes(name);
  }
  const listed = new Set(strs(names).map(interpolate));
  const regex = str(pattern) === "" ? undefined : parsePattern(interpolate(str(pattern)));
  if (listed.size === 0 && !regex) return undefined;
  return (name) => listed.has(name) || (regex !== undefined && tests(regex, name));
}

function tests(regex: RegExp, text: string): boolean {
  regex.lastIndex = 0;
  return regex.test(text);
}

/** Keeps the frames of the queries that `include` names. */
export function filterByRefId(frames: readonly Frame[], options: Obj): Frame[] {
  const wanted = strs(options.include).flatMap((one) => one.split("|"));
  return wanted.length === 0 ? [...frames] : frames.filter((frame) => wanted.includes(frame.refId));
}

/** Replaces what `regex` finds in the fields' names. */
export function renameByRegex(frames: readonly Frame[], options: Obj, { interpolate }: TransformScope): Frame[] {
  const regex = parsePattern(interpolate(str(options.regex)));
  if (!regex || str(options.regex) === "") return [...frames];
  const names = fieldNames(frames);
  const to = interpolate(str(options.renamePattern));
  return frames.map((frame) => ({
    ...frame,
    fields: frame.fields.map((field) => {
      const name = names.get(field) ?? field.name;
      regex.lastIndex = 0;
      const renamed = field.type === "time" && frame.meta?.type !== "table" ? name : name.replace(regex, to);
      return renamed === name ? field : { ...field, config: { ...field.config, displayName: renamed } };
    }),
  }));
}

/** Reads the values of fields as another type. */
export function convertFieldType(frames: readonly Frame[], options: Obj): Frame[] {
  const names = fieldNames(frames);
  const conversions = objs(options.conversions);
  return frames.map((frame) => ({
    ...frame,
    fields: frame.fields.map((field) => {
      const wanted = conversions.find((one) => str(one.targetField) === (names.get(field) ?? field.name));
      const type = fieldType(str(wanted?.destinationType));
      if (!wanted || !type) return field;
      return { ...field, type, values: field.values.map((value) => convert(value, type, str(wanted.joinWith, ","))) };
    }),
  }));
}

function fieldType(name: string): FieldType | undefined {
  const types: Record<string, FieldType> = { time: "time", number: "number", string: "string", boolean: "bool", other: "json", enum: "string" };
  return types[name];
}

function convert(value: Cell, type: FieldType, joinWith: string): Cell {
  if (value === null) return null;
  switch (type) {
    case "time": {
      const ms = typeof value === "number" ? value : /^\d+$/.test(String(value)) ? Number(value) : Date.parse(String(value));
      return Number.isNaN(ms) ? null : ms;
    }
    case "number": {
      const text = typeof value === "string" ? value.trim() : value;
      const number = typeof text === "object" || text === "" ? NaN : Number(text);
      return Number.isNaN(number) && value !== "NaN" ? null : number;
    }
    case "bool":
      return value === true || value === "true" || value === "1" || (typeof value === "number" && value !== 0);
    case "string":
      return Array.isArray(value) ? value.join(joinWith) : typeof value === "object" ? jsonText(value) : String(value);
    default:
      return typeof value === "string" ? parsed(value) : value;
  }
}

function parsed(text: string): Cell {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" ? value : text;
  } catch {
    return text;
  }
}

/** Writes the times of a field as text. */
export function formatTime(frames: readonly Frame[], options: Obj, { zone }: TransformScope): Frame[] {
  const names = fieldNames(frames);
  const wanted = str(options.timeField);
  const own = str(options.timezone);
  const clock = own === "" || own === "browser" ? zone : resolveZone(own);
  const format = str(options.outputFormat, "YYYY-MM-DD HH:mm:ss");
  return frames.map((frame) => ({
    ...frame,
    fields: frame.fields.map((field) =>
      (names.get(field) ?? field.name) !== wanted
        ? field
        : { ...field, type: "string" as const, values: field.values.map((value) => (value === null ? null : formatClock(Number(value), format, clock))) },
    ),
  }));
}

/** Makes fields of what the texts of one field hold: JSON, or key=value pairs. */
export function extractFields(frames: readonly Frame[], options: Obj): Frame[] {
  const source = str(options.source);
  const names = fieldNames(frames);
  return frames.map((frame) => {
    const field = frame.fields.find((one) => names.get(one) === source || one.name === source);
    if (!field) return frame;
    const rows = field.values.map((value) => extract(value, str(options.format, "auto"), options));
    const paths = objs(options.jsonPaths).map(({ path, alias }) => ({ path: str(path), name: str(alias) || str(path) }));
    const columns = paths.length > 0 ? paths : [...new Set(rows.flatMap((row) => Object.keys(row)))].map((path) => ({ path, name: path }));
    const made = columns.map(({ path, name }): Field => {
      const values = rows.map((row) => cellOf(paths.length > 0 ? atPath(row, path) : row[path]));
      return { name, type: typeOf(values), values, config: {} };
    });
    const kept = options.replace === true ? frame.fields.filter((one) => options.keepTime === true && one.type === "time") : frame.fields;
    return { ...frame, meta: { ...frame.meta, type: "table" as const }, fields: [...kept, ...made] };
  });
}

function extract(value: Cell, format: string, options: Obj): Obj {
  if (isObj(value)) return value;
  const text = str(value);
  if (format === "kvp") return pairs(text);
  if (format === "regexp") return { ...parsePattern(str(options.regExp))?.exec(text)?.groups };
  if (format === "delimiter") return Object.fromEntries(text.split(str(options.delimiter) || ",").map((part) => [part.trim(), true]));
  const json = parsed(text);
  if (isObj(json)) return json;
  return format === "json" ? {} : pairs(text);
}

function pairs(text: string): Obj {
  const found = text.matchAll(/([\w.-]+)\s*[=:]\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,;]+))/g);
  return Object.fromEntries(Array.from(found, ([, key = "", quoted, bare]) => [key, quoted ?? bare ?? ""]));
}

function atPath(value: unknown, path: string): unknown {
  let at = value;
  for (const [, dotted, quoted] of path.matchAll(/([^.[\]]+)|\["?([^\]"]+)"?\]/g)) {
    const key = dotted ?? quoted ?? "";
    at = Array.isArray(at) ? list(at)[Number(key)] : obj(at)[key];
  }
  return at;
}

function cellOf(value: unknown): Cell {
  if (value === undefined || value === null) return null;
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean" || typeof value === "object" ? value : String(value);
}

/** The type of a column by its first value; text where there is none. */
export function typeOf(values: readonly Cell[]): FieldType {
  const first = values.find((value) => value !== null);
  if (typeof first === "number") return "number";
  if (typeof first === "boolean") return "bool";
  return typeof first === "object" && first !== null ? "json" : "string";
}

