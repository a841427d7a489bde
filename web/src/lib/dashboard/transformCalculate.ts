import { fieldName, fieldNames } from "./fieldname";
import type { Cell, Field, Frame } from "./frame";
import { num, obj, str, strs, type Obj } from "./json";
import { matcher } from "./fieldconfig";
import { calcName, calcUnit, isCalc, reduceValues } from "./reduce";
import { joinByField } from "./transformJoin";
import type { TransformScope } from "./transform";

/** Adds a field calculated from others: an operation on two, a calculation over each row, a function, the row's number, a window. */
export function calculateField(frames: readonly Frame[], options: Obj, { interpolate }: TransformScope): Frame[] {
  const mode = str(options.mode, "reduceRow");
  // Series of their own can only be calculated with side by side.
  const together = frames.length > 1 && frames.every((frame) => frame.fields.some((field) => field.type === "time")) && mode !== "index";
  const joined = together ? joinByField(frames, { mode: "outer" }) : [...frames];
  return joined.map((frame) => {
    const made = calculation(frame, mode, options, interpolate);
    if (made.length === 0) return frame;
    const alias = interpolate(str(options.alias));
    const named = made.map((field) => (alias !== "" && made.length === 1 ? { ...field, name: alias } : field));
    if (options.replaceFields !== true) return { ...frame, fields: [...frame.fields, ...named] };
    const times = frame.fields.filter((field) => field.type === "time");
    return { ...frame, fields: [...times.slice(0, 1), ...named] };
  });
}

function calculation(frame: Frame, mode: string, options: Obj, interpolate: (text: string) => string): Field[] {
  switch (mode) {
    case "binary":
      return binary(frame, obj(options.binary), interpolate);
    case "unary":
      return unary(frame, obj(options.unary));
    case "index": {
      const rows = frame.fields[0]?.values.length ?? 0;
      const share = obj(options.index).asPercentile === true;
      return [column("Row", Array.from({ length: rows }, (_, row) => (share ? row / rows : row)), share ? "percentunit" : undefined)];
    }
    case "windowFunctions":
      return windowed(frame, obj(options.window));
    case "cumulativeFunctions":
      return cumulative(frame, obj(options.cumulative));
    default:
      return overRow(frame, obj(options.reduce));
  }
}

function column(name: string, values: Cell[], unit?: string): Field {
  return { name, type: "number", values, config: unit === undefined ? {} : { unit } };
}

type Operation = (left: number, right: number) => number | null;

const operations: Record<string, Operation> = {
  "+": (left, right) => left + right,
  "-": (left, right) => left - right,
  "*": (left, right) => left * right,
  "/": (left, right) => left / right,
  "**": (left, right) => left ** right,
  "%": (left, right) => left % right,
  "==": (left, right) => Number(left === right),
  "!=": (left, right) => Number(left !== right),
  ">": (left, right) => Number(left > right),
  ">=": (left, right) => Number(left >= right),
  "<": (left, right) => Number(left < right),
  "<=": (left, right) => Number(left <= right),
};

function binary(frame: Frame, { left, right, operator }: Obj, interpolate: (text: string) => string): Field[] {
  const operation = operations[str(operator, "+")];
  if (!operation) return [];
  const operand = (raw: unknown): { name: string; at: (row: number) => Cell } | undefined => {
    // A field by its name, also in the form of today that tells names from matchers; else a number.
    const matched = obj(raw);
    const name = interpolate(str(matched.matcher === undefined ? raw : obj(matched.matcher).options) || str(matched.fixed));
    const field = frame.fields.find((one) => fieldName(one, frame) === name || one.name === name);
    if (field) return { name, at: (row) => field.values[row] ?? null };
    const fixed = num(name);
    return fixed === undefined ? undefined : { name, at: () => fixed };
  };
  const byType = obj(obj(left).matcher).id === "byType" ? frame.fields.filter((field) => field.type === "number") : undefined;
  const b = operand(right);
  if (!b) return [];
  const rows = frame.fields[0]?.values.length ?? 0;
  const calculate = (a: { name: string; at: (row: number) => Cell }): Field => {
    const values = Array.from({ length: rows }, (_, row): Cell => {
      const [x, y] = [a.at(row), b.at(row)];
      return x === null || y === null ? null : operation(Number(x), Number(y));
    });
    return column(`${a.name} ${str(operator, "+")} ${b.name}`, values);
  };
  if (byType) return byType.map((field) => calculate({ name: fieldName(field, frame), at: (row) => field.values[row] ?? null }));
  const a = operand(left);
  return a ? [calculate(a)] : [];
}

const functions: Record<string, (value: number) => number> = {
  abs: Math.abs,
  exp: Math.exp,
  ln: Math.log,
  floor: Math.floor,
  ceil: Math.ceil,
  round: Math.round,
  percent: (value) => value * 100,
};

function unary(frame: Frame, { operator, fieldName: of }: Obj): Field[] {
  const apply = functions[str(operator, "abs")];
  const field = frame.fields.find((one) => fieldName(one, frame) === str(of) || one.name === str(of));
  if (!apply || !field) return [];
  return [column(`${str(operator, "abs")}(${str(of)})`, field.values.map((value) => (value === null ? null : apply(Number(value)))))];
}

/** The number fields that `include` names; all without it. */
function included(frame: Frame, include: unknown): Field[] {
  const names = strs(include);
  return frame.fields.filter((field) => field.type === "number" && (names.length === 0 || names.includes(fieldName(field, frame)) || names.includes(field.name)));
}

function overRow(frame: Frame, { reducer, include }: Obj): Field[] {
  const calc = str(reducer, "sum");
  const fields = included(frame, include);
  if (fields.length === 0 || !isCalc(calc)) return [];
  const rows = frame.fields[0]?.values.length ?? 0;
  const values = Array.from({ length: rows }, (_, row) =>
    reduceValues(
      fields.map((field) => field.values[row] ?? null),
      calc,
    ),
  );
  return [column(calcName(calc), values, calcUnit(calc, fields[0]?.config.unit))];
}

/** A mean, a variance or the like over the rows around each one. */
function windowed(frame: Frame, { field: of, reducer, windowSize, windowSizeMode, windowAlignment }: Obj): Field[] {
  const [field] = included(frame, of);
  const calc = str(reducer, "mean");
  if (!field || !isCalc(calc)) return [];
  const size = num(windowSize) ?? 0.1;
  const length = Math.max(1, Math.round(windowSizeMode === "fixed" ? size : size * field.values.length));
  const ahead = windowAlignment === "centered" ? Math.floor(length / 2) : 0;
  const values = field.values.map((_, row) => reduceValues(field.values.slice(Math.max(0, row + ahead - length + 1), row + ahead + 1), calc));
  return [column(`${fieldName(field, frame)} (${calcName(calc).toLowerCase()})`, values, field.config.unit)];
}

function cumulative(frame: Frame, { field: of, reducer }: Obj): Field[] {
  const [field] = included(frame, of);
  if (!field) return [];
  let sum = 0;
  let count = 0;
  const values = field.values.map((value): Cell => {
    if (value === null) return count === 0 ? null : reducer === "mean" ? sum / count : sum;
    sum += Number(value);
    count++;
    return reducer === "mean" ? sum / count : sum;
  });
  return [column(`cumulative ${reducer === "mean" ? "mean" : "total"}(${fieldName(field, frame)})`, values, field.config.unit)];
}

/** One row for each field with a column for each calculation, or one row for each frame with a calculation in each field. */
export function reduceFrames(frames: readonly Frame[], options: Obj): Frame[] {
  const calcs = strs(options.reducers).filter(isCalc);
  const used = calcs.length === 0 ? ["lastNotNull"] : calcs;
  const [calc = "lastNotNull"] = used;
  if (options.mode === "reduceFields") {
    return frames.map((frame) => ({
      ...frame,
      meta: { ...frame.meta, type: "table" as const },
      fields: frame.fields
        .filter((field) => field.type === "number" || (field.type === "time" && options.includeTimeField === true))
        .map((field) => ({ ...field, config: { ...field.config, displayName: fieldName(field, frame, frames) }, values: [reduceValues(field.values, calc)] })),
    }));
  }
  const names = fieldNames(frames);
  const series = frames.flatMap((frame) =>
    frame.fields.flatMap((field) => (field.type === "number" || (field.type === "time" && options.includeTimeField === true) ? [{ field, frame }] : [])),
  );
  const asLabels = options.labelsToFields === true;
  const labels = asLabels ? [...new Set(series.flatMap(({ field }) => Object.keys(field.labels ?? {})))] : [];
  const config = shared(series.map(({ field }) => field));
  return [
    {
      refId: frames[0]?.refId ?? "",
      name: "",
      meta: { type: "table" },
      fields: [
        ...(labels.length > 0
          ? labels.map((name): Field => ({ name, type: "string", values: series.map(({ field }) => field.labels?.[name] ?? null), config: {} }))
          : [{ name: "Field", type: "string" as const, values: series.map(({ field }) => names.get(field) ?? field.name), config: {} }]),
        ...used.map((one): Field => {
          const unit = calcUnit(one, config.unit);
          return { name: calcName(one), type: "number", values: series.map(({ field }) => reduceValues(field.values, one)), config: { ...config, ...(unit !== undefined && { unit }) } };
        }),
      ],
    },
  ];
}

/** The config of fields that have one unit among them. */
function shared(fields: readonly Field[]): Field["config"] {
  const units = new Set(fields.map((field) => field.config.unit));
  const [unit] = units;
  return units.size === 1 && unit !== undefined ? { unit } : {};
}

/** How often values fall into buckets of one width: fields `xMin` and `xMax`, and a count for each number field. */
export function histogram(frames: readonly Frame[], options: Obj): Frame[] {
  const matches = matcher({ id: "numeric" }, new Map());
  const fields = frames.flatMap((frame) => frame.fields.filter((field) => matches(field, frame)).map((field) => ({ field, name: fieldName(field, frame, frames) })));
  const buckets = bucketsOf(fields.map(({ field }) => field.values), num(options.bucketSize), num(options.bucketOffset) ?? 0, num(options.bucketCount) ?? 30);
  if (!buckets) return [];
  const { size, first, count } = buckets;
  const config = shared(fields.map(({ field }) => field));
  const counts = fields.map(({ field, name }): Field => ({ name, type: "number", values: countInto(field.values, buckets), config: { ...field.config, unit: "none", displayName: name } }));
  const all: Field[] =
    options.combine === true && counts.length > 0
      ? [{ name: "count", type: "number", values: Array.from({ length: count }, (_, i) => counts.reduce((sum, one) => sum + Number(one.values[i]), 0)), config: { unit: "none" } }]
      : counts;
  const edge = (name: string, by: number): Field => ({ name, type: "number", values: Array.from({ length: count }, (_, i) => first + (i + by) * size), config });
  return [{ refId: frames[0]?.refId ?? "", name: "", meta: { type: "table" }, fields: [edge("xMin", 0), edge("xMax", 1), ...all] }];
}

/** Buckets of one width from `first` on. */
interface Buckets {
  size: number;
  first: number;
  count: number;
}

const mostBuckets = 1000;

/** Buckets that hold all numbers of `columns`, `size` wide or of a round width that makes about `about` of them. */
export function bucketsOf(columns: readonly (readonly Cell[])[], size: number | undefined, offset: number, about: number): Buckets | undefined {
  let min = Infinity;
  let max = -Infinity;
  for (const all of columns) {
    const values = all.filter(Number.isFinite);
    min = Math.min(min, Number(reduceValues(values, "min") ?? Infinity));
    max = Math.max(max, Number(reduceValues(values, "max") ?? -Infinity));
  }
  if (!Number.isFinite(min) || !Number.isFinite(max)) return undefined;
  let width = size !== undefined && size > 0 ? size : roundWidth((max - min) / Math.max(about, 1));
  while ((max - min) / width > mostBuckets) width *= 10;
  const first = Math.floor((min - offset) / width) * width + offset;
  return { size: width, first, count: Math.floor((max - first) / width + 1e-9) + 1 };
}

function roundWidth(least: number): number {
  if (least <= 0) return 1;
  const power = 10 ** Math.floor(Math.log10(least));
  return ([1, 2, 2.5, 5, 10].find((digit) => digit * power >= least * (1 - 1e-9)) ?? 10) * power;
}

function countInto(values: readonly Cell[], { size, first, count }: Buckets): number[] {
  const counts = Array<number>(count).fill(0);
  for (const value of values) {
    if (typeof value !== "number" || !Number.isFinite(value)) continue;
    const at = Math.min(Math.floor((value - first) / size + 1e-9), count - 1);
    counts[at] = (counts[at] ?? 0) + 1;
  }
  return counts;
}
