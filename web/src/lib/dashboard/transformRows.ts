import { fieldName, fieldNames } from "./fieldname";
import { compare } from "./fieldconfig";
import type { Cell, Field, Frame } from "./frame";
import { bool, num, obj, objs, str, strs, type Obj } from "./json";
import { parsePattern } from "./mapping";
import { calcUnit, isCalc, reduceValues } from "./reduce";
import { cellKey } from "./transformJoin";
import type { TransformScope } from "./transform";

/** A frame with the rows `rows` of it, in that order. */
function pick(frame: Frame, rows: readonly number[]): Frame {
  return { ...frame, fields: frame.fields.map((field) => ({ ...field, values: rows.map((row) => field.values[row] ?? null) })) };
}

function rowCount(frame: Frame): number {
  return frame.fields[0]?.values.length ?? 0;
}

function rowsOf(frame: Frame): number[] {
  return Array.from({ length: rowCount(frame) }, (_, row) => row);
}

const collator = new Intl.Collator("en", { numeric: true });

/** Ascending; what is no value comes last. */
export function compareCells(a: Cell, b: Cell): number {
  const absent = (cell: Cell): boolean => cell === null || Number.isNaN(cell);
  if (absent(a) || absent(b)) return Number(absent(a)) - Number(absent(b));
  if (typeof a === "number" && typeof b === "number") return a - b;
  return collator.compare(String(a), String(b));
}

/** Orders rows by fields, the first first. */
export function sortBy(frames: readonly Frame[], options: Obj): Frame[] {
  const keys = objs(options.sort);
  return frames.map((frame) => {
    const fields = keys.flatMap((key) => {
      const field = frame.fields.find((one) => fieldName(one, frame, frames) === str(key.field) || one.name === str(key.field));
      return field ? [{ values: field.values, down: bool(key.desc) }] : [];
    });
    if (fields.length === 0) return frame;
    const rows = rowsOf(frame).toSorted((a, b) => {
      for (const { values, down } of fields) {
        const by = compareCells(values[a] ?? null, values[b] ?? null);
        if (by !== 0) return down && values[a] !== null && values[b] !== null ? -by : by;
      }
      return 0;
    });
    return pick(frame, rows);
  });
}

/** The first rows of each frame. */
export function limit(frames: readonly Frame[], options: Obj, { interpolate }: TransformScope): Frame[] {
  const most = num(interpolate(str(options.limitField))) ?? 10;
  return frames.map((frame) => pick(frame, rowsOf(frame).slice(most < 0 ? most : 0, most < 0 ? undefined : most)));
}

/** Keeps, or leaves out, rows by conditions on their values. */
export function filterByValue(frames: readonly Frame[], options: Obj, { interpolate }: TransformScope): Frame[] {
  const names = fieldNames(frames);
  const filters = objs(options.filters).map((one) => ({ field: str(one.fieldName), holds: condition(obj(one.config), interpolate) }));
  const every = options.match === "all";
  const exclude = options.type === "exclude";
  return frames.map((frame) => {
    const applied = filters.flatMap(({ field: name, holds }) => {
      const field = frame.fields.find((one) => names.get(one) === name || one.name === name);
      return field ? [(row: number) => holds(field.values[row] ?? null)] : [];
    });
    if (applied.length === 0) return frame;
    const met = (row: number): boolean => (every ? applied.every((one) => one(row)) : applied.some((one) => one(row)));
    return pick(frame, rowsOf(frame).filter((row) => met(row) !== exclude));
  });
}

function condition(config: Obj, interpolate: (text: string) => string): (cell: Cell) => boolean {
  const { value, from, to } = obj(config.options);
  const wanted = typeof value === "string" ? interpolate(value) : value;
  const number = (raw: unknown): number => num(typeof raw === "string" ? interpolate(raw) : raw) ?? NaN;
  const op = str(config.id);
  switch (op) {
    case "isNull":
      return (cell) => cell === null;
    case "isNotNull":
      return (cell) => cell !== null;
    case "greater":
    case "greaterOrEqual":
    case "lower":
    case "lowerOrEqual": {
      const name = { greater: "gt", greaterOrEqual: "gte", lower: "lt", lowerOrEqual: "lte" }[op];
      return (cell) => compare(numeric(cell), name, number(wanted));
    }
    case "equal":
      return (cell) => String(cell) === String(wanted);
    case "notEqual":
      return (cell) => String(cell) !== String(wanted);
    case "substring":
      return (cell) => String(cell ?? "").toLowerCase().includes(str(wanted).toLowerCase());
    case "notSubstring":
      return (cell) => !String(cell ?? "").toLowerCase().includes(str(wanted).toLowerCase());
    case "regex": {
      const pattern = parsePattern(str(wanted));
      return (cell) => pattern?.test(String(cell ?? "")) ?? false;
    }
    case "range":
    case "between":
      return (cell) => compare(numeric(cell), "gte", number(from)) && compare(numeric(cell), "lte", number(to));
    default:
      return () => true;
  }
}

function numeric(cell: Cell): Cell {
  return typeof cell === "string" && cell.trim() !== "" ? Number(cell) : cell;
}

/** Rows that agree in the fields to group by become one; of the other fields it has the calculations asked for. */
export function groupBy(frames: readonly Frame[], options: Obj): Frame[] {
  const wanted = obj(options.fields);
  return frames.flatMap((frame) => {
    const named = frame.fields.map((field) => ({ field, plan: obj(wanted[fieldName(field, frame, frames)] ?? wanted[field.name]) }));
    const keys = named.filter(({ plan }) => plan.operation === "groupby").map(({ field }) => field);
    if (keys.length === 0) return [];
    const groups = new Map<string, number[]>();
    for (const row of rowsOf(frame)) {
      const key = JSON.stringify(keys.map((field) => cellKey(field.values[row] ?? null)));
      const group = groups.get(key);
      if (group) group.push(row);
      else groups.set(key, [row]);
    }
    const all = [...groups.values()];
    const made = named.flatMap(({ field, plan }) => {
      if (plan.operation !== "aggregate") return [];
      // Later transformations name these fields by the calculation's id.
      return strs(plan.aggregations).filter(isCalc).map((calc) => aggregate(field, `${fieldName(field, frame, frames)} (${calc})`, calc, all));
    });
    const grouped = keys.map((field) => ({ ...field, values: all.map(([row = 0]) => field.values[row] ?? null) }));
    return [{ ...frame, meta: { ...frame.meta, type: "table" as const }, fields: [...grouped, ...made] }];
  });
}

function aggregate(field: Field, name: string, calc: string, groups: readonly number[][]): Field {
  const values = groups.map((rows) => reduceValues(rows.map((row) => field.values[row] ?? null), calc));
  const { displayName: _, displayNameFromDS: __, ...config } = field.config;
  const unit = calcUnit(calc, config.unit);
  const type = typeof values.find((value) => value !== null) === "number" && field.type !== "time" ? "number" : typeof values[0] === "boolean" ? "bool" : field.type;
  return { name, type: calc === "count" ? "number" : type, values, config: { ...config, ...(unit !== undefined && { unit }) } };
}

/** A row for each value of one field, a column for each of another, in the cells the values of a third. */
export function groupingToMatrix(frames: readonly Frame[], options: Obj): Frame[] {
  const [frame] = frames;
  if (!frame || frames.length > 1) return [...frames];
  const find = (name: string): Field | undefined => frame.fields.find((field) => fieldName(field, frame, frames) === name || field.name === name);
  const columnName = str(options.columnField) || "Time";
  const rowName = str(options.rowField) || "Time";
  const column = find(columnName);
  const row = find(rowName);
  const value = find(str(options.valueField) || "Value");
  if (!column || !row || !value) return [...frames];
  const columns = [...new Map(column.values.map((cell) => [cellKey(cell), cell])).values()];
  const rows = [...new Map(row.values.map((cell) => [cellKey(cell), cell])).values()];
  const empty: Cell = { empty: "", zero: 0, null: null, false: false, true: true }[str(options.emptyValue, "empty")] ?? null;
  const cells = new Map(value.values.map((cell, i) => [JSON.stringify([cellKey(row.values[i] ?? null), cellKey(column.values[i] ?? null)]), cell]));
  const { displayName: _, displayNameFromDS: __, ...config } = value.config;
  return [
    {
      refId: frame.refId,
      name: "",
      meta: { type: "table" },
      fields: [
        { ...row, name: `${rowName}\\${columnName}`, values: rows },
        ...columns.map(
          (at): Field => ({
            name: String(at ?? ""),
            type: value.type,
            values: rows.map((one) => cells.get(JSON.stringify([cellKey(one), cellKey(at)])) ?? empty),
            config,
          }),
        ),
      ],
    },
  ];
}

/** A frame for each set of values of the fields named. */
export function partitionByValues(frames: readonly Frame[], options: Obj): Frame[] {
  const wanted = strs(options.fields);
  const asLabels = obj(options.naming).asLabels !== false;
  return frames.flatMap((frame) => {
    const keys = frame.fields.filter((field) => wanted.includes(fieldName(field, frame, frames)) || wanted.includes(field.name));
    if (keys.length === 0) return [frame];
    const groups = new Map<string, number[]>();
    for (const row of rowsOf(frame)) {
      const key = JSON.stringify(keys.map((field) => cellKey(field.values[row] ?? null)));
      groups.set(key, [...(groups.get(key) ?? []), row]);
    }
    return [...groups.values()].map((rows) => {
      const labels = Object.fromEntries(keys.map((field) => [field.name, String(field.values[rows[0] ?? 0] ?? "")]));
      const part = pick(frame, rows);
      const fields = part.fields
        .filter((_, index) => options.keepFields === true || !keys.some((key) => key === frame.fields[index]))
        .map((field) => (asLabels && field.type === "number" ? { ...field, labels: { ...field.labels, ...labels } } : field));
      return { ...part, name: asLabels ? "" : Object.values(labels).join(" "), meta: { ...frame.meta, type: fields.some((one) => one.type === "time") ? ("timeseries" as const) : ("table" as const) }, fields };
    });
  });
}

