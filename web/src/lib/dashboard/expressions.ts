import type { Cell, Field, Frame } from "./frame";
import { num, obj, str, type Obj } from "./json";
import { durationMs } from "./duration";
import { parseMath, type MathNode } from "./mathParse";

/** Numbers over time with labels, or without time: what expressions compute with. */
export interface Series {
  labels: Record<string, string>;
  /** Unix milliseconds; a reduced series has one point without a time. */
  times: number[] | null;
  values: (number | null)[];
}

/** The series in frames: each number column with the time column of its frame. */
export function seriesIn(frames: readonly Frame[]): Series[] {
  return frames.flatMap((frame) => {
    const time = frame.fields.find((field) => field.type === "time");
    const texts = frame.fields.filter((field) => field.type === "string");
    return frame.fields
      .filter((field) => field.type === "number")
      .flatMap((field): Series[] => {
        const values = field.values.map(toNumber);
        if (time && texts.length === 0) return [{ labels: field.labels ?? {}, times: time.values.map((at) => Number(at)), values }];
        // A table's rows are a number each, its texts their labels.
        return values.map((value, row) => ({ labels: { ...field.labels, ...Object.fromEntries(texts.map((one) => [one.name, str(one.values[row])])) }, times: null, values: [value] }));
      });
  });
}

function toNumber(cell: Cell): number | null {
  return typeof cell === "number" ? cell : typeof cell === "boolean" ? Number(cell) : null;
}

/** What an expression target computes from the answers of others; throws an Error with a sentence when it cannot. */
export function evaluate(target: Obj, inputs: ReadonlyMap<string, Series[]>): Series[] {
  const expression = str(target.expression);
  switch (target.type) {
    case "math":
      return math(parseMath(expression), inputs);
    case "reduce":
      return named(expression, inputs).map((one) => reduce(one, str(target.reducer, "mean"), obj(target.settings)));
    case "resample":
      return named(expression, inputs).map((one) => resample(one, target));
    case "threshold":
      return threshold(named(expression, inputs), target);
    case "classic_conditions":
      throw new Error("Classic conditions belong to alert rules; a panel cannot draw them.");
    default:
      throw new Error(`Expressions of type "${str(target.type)}" are not known.`);
  }
}

function named(name: string, inputs: ReadonlyMap<string, Series[]>): Series[] {
  const plain = name.replace(/^\$\{?|\}$/g, "").trim();
  const found = inputs.get(plain);
  if (!found) throw new Error(`The expression names ${plain}, which no query here is called.`);
  return found;
}

/** Frames of the result, as a query would answer it. */
export function framesOf(refId: string, series: readonly Series[]): Frame[] {
  return series.map((one): Frame => {
    const value: Field = { name: refId, type: "number", values: one.values, labels: one.labels, config: {} };
    const fields: Field[] = one.times ? [{ name: "Time", type: "time", values: one.times, config: {} }, value] : [value];
    return { refId, name: "", fields, meta: { type: one.times ? "timeseries" : "table" } };
  });
}

function math(node: MathNode, inputs: ReadonlyMap<string, Series[]>): Series[] {
  switch (node.kind) {
    case "number":
      return [{ labels: {}, times: null, values: [node.value] }];
    case "ref":
      return named(node.name, inputs);
    case "call":
      return math(node.argument, inputs).map((one) => ({ ...one, values: one.values.map((value) => call(node.name, value)) }));
    case "unary":
      return math(node.operand, inputs).map((one) => ({ ...one, values: one.values.map((value) => (value === null ? null : node.operator === "-" ? -value : Number(value === 0))) }));
    case "binary":
      return join(math(node.left, inputs), math(node.right, inputs), (a, b) => operate(node.operator, a, b));
  }
}

/** Pairs of series of which one has all labels of the other. */
function join(left: readonly Series[], right: readonly Series[], combine: (a: number | null, b: number | null) => number | null): Series[] {
  return left.flatMap((a) =>
    right.flatMap((b): Series[] => {
      if (!within(a.labels, b.labels) && !within(b.labels, a.labels)) return [];
      const labels = Object.keys(a.labels).length >= Object.keys(b.labels).length ? a.labels : b.labels;
      if (a.times && b.times) {
        const at = new Map(b.times.map((time, index) => [time, b.values[index] ?? null]));
        const shared = a.times.flatMap((time, index) => (at.has(time) ? [{ time, value: combine(a.values[index] ?? null, at.get(time) ?? null) }] : []));
        return [{ labels, times: shared.map((one) => one.time), values: shared.map((one) => one.value) }];
      }
      if (a.times) return [{ labels, times: a.times, values: a.values.map((value) => combine(value, b.values[0] ?? null)) }];
      if (b.times) return [{ labels, times: b.times, values: b.values.map((value) => combine(a.values[0] ?? null, value)) }];
      return [{ labels, times: null, values: [combine(a.values[0] ?? null, b.values[0] ?? null)] }];
    }),
  );
}

function within(small: Record<string, string>, large: Record<string, string>): boolean {
  return Object.entries(small).every(([key, value]) => large[key] === value);
}

function operate(operator: string, a: number | null, b: number | null): number | null {
  if (a === null || b === null) return null;
  switch (operator) {
    case "+":
      return a + b;
    case "-":
      return a - b;
    case "*":
      return a * b;
    case "/":
      return a / b;
    case "%":
      return a % b;
    case "**":
      return a ** b;
    case "==":
      return Number(a === b);
    case "!=":
      return Number(a !== b);
    case ">":
      return Number(a > b);
    case ">=":
      return Number(a >= b);
    case "<":
      return Number(a < b);
    case "<=":
      return Number(a <= b);
    case "&&":
      return Number(a !== 0 && b !== 0);
    default:
      return Number(a !== 0 || b !== 0);
  }
}

function call(name: string, value: number | null): number | null {
  switch (name) {
    case "is_null":
      return Number(value === null);
    case "is_nan":
      return Number(value !== null && Number.isNaN(value));
    case "is_inf":
      return Number(value === Infinity || value === -Infinity);
    case "is_number":
      return Number(value !== null && Number.isFinite(value));
  }
  if (value === null) return null;
  switch (name) {
    case "abs":
      return Math.abs(value);
    case "log":
      return Math.log(value);
    case "round":
      return Math.round(value);
    case "ceil":
      return Math.ceil(value);
    case "floor":
      return Math.floor(value);
    default:
      return value;
  }
}

function reduce(series: Series, reducer: string, settings: Obj): Series {
  const drop = settings.mode === "dropNN";
  const replace = settings.mode === "replaceNN" ? (num(settings.replaceWithValue) ?? 0) : undefined;
  const broken = (value: number | null): boolean => value === null || !Number.isFinite(value);
  const values = series.values.flatMap((value) => (broken(value) ? (drop ? [] : [replace ?? value]) : [value]));
  return { labels: series.labels, times: null, values: [reduceNumbers(values, reducer)] };
}

function reduceNumbers(values: readonly (number | null)[], reducer: string): number | null {
  if (reducer === "count") return values.length;
  if (values.length === 0) return NaN;
  if (reducer === "last") return values.at(-1) ?? null;
  // One gap makes the whole a gap, unless gaps are dropped or replaced.
  if (values.some((value) => value === null || Number.isNaN(value))) return NaN;
  const numbers = values.map(Number);
  switch (reducer) {
    case "min":
      return numbers.reduce((least, one) => Math.min(least, one), Infinity);
    case "max":
      return numbers.reduce((most, one) => Math.max(most, one), -Infinity);
    case "sum":
      return numbers.reduce((sum, one) => sum + one, 0);
    case "median": {
      const sorted = numbers.toSorted((a, b) => a - b);
      const middle = sorted.length >> 1;
      return sorted.length % 2 === 1 ? (sorted[middle] ?? NaN) : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2;
    }
    default:
      return numbers.reduce((sum, one) => sum + one, 0) / numbers.length;
  }
}

/** The series on a grid of `window`; where a window has several points they are reduced, where it has none it is filled. */
function resample(series: Series, target: Obj): Series {
  const window = durationMs(str(target.window));
  if (!window || !series.times) throw new Error(`A resample needs a series over time and a window such as 1m; it has "${str(target.window)}".`);
  const first = series.times[0];
  const last = series.times.at(-1);
  if (first === undefined || last === undefined) return series;
  const times: number[] = [];
  const values: (number | null)[] = [];
  let at = 0;
  let before: number | null = null;
  for (let edge = Math.ceil(first / window) * window; edge <= last + window; edge += window) {
    const inside: (number | null)[] = [];
    while (at < series.times.length && (series.times[at] ?? 0) <= edge) inside.push(series.values[at++] ?? null);
    const value: number | null = inside.length > 0 ? reduceNumbers(inside, str(target.downsampler, "mean")) : fill(str(target.upsampler, "fillna"), before, series.values[at] ?? null);
    times.push(edge);
    values.push(value);
    before = value ?? before;
    if (at >= series.times.length) break;
  }
  return { labels: series.labels, times, values };
}

function fill(how: string, before: number | null, after: number | null): number | null {
  return how === "pad" ? before : how === "backfilling" ? after : null;
}

function threshold(series: readonly Series[], target: Obj): Series[] {
  const condition = obj((Array.isArray(target.conditions) ? target.conditions[0] : undefined) ?? {});
  const evaluator = obj(condition.evaluator);
  const [low = 0, high = 0] = (Array.isArray(evaluator.params) ? evaluator.params : []).map((one) => num(one) ?? 0);
  const passes = (value: number): boolean => {
    switch (evaluator.type) {
      case "lt":
        return value < low;
      case "within_range":
        return value > low && value < high;
      case "outside_range":
        return value < low || value > high;
      default:
        return value > low;
    }
  };
  return series.map((one) => ({ ...one, values: one.values.map((value) => (value === null ? null : Number(passes(value)))) }));
}
