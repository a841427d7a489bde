import { fieldName } from "./fieldname";
import type { Cell, Field, Frame } from "./frame";
import { bool, obj, str } from "./json";
import type { Line } from "./lokiFrames";
import type { AnnotationModel } from "./model";
import type { AnsweredSeries } from "./promFrames";

/** Something that happened, as charts mark it. Times are Unix milliseconds. */
export interface Mark {
  time: number;
  timeEnd?: number;
  title: string;
  text: string;
  tags: readonly string[];
  colour: string;
  /** Id of the trace that it is. */
  trace?: string;
}

/** `{{label}}` filled in, and what is written beside it. */
function fill(format: string, labels: Readonly<Record<string, string>>): string {
  return format.replace(/\{\{\s*([^}]+?)\s*\}\}/g, (_, name: string) => labels[name] ?? "");
}

function tagsOf(model: AnnotationModel, labels: Readonly<Record<string, string>>): string[] {
  return str(model.query.tagKeys)
    .split(",")
    .map((key) => labels[key.trim()])
    .filter((value): value is string => value !== undefined && value !== "");
}

// So many marks make a chart unreadable, and slow.
const mostMarks = 1000;

/**
 * Marks from a query over metrics: one for each stretch of samples above zero. With `useValueForTime` the values are the
 * times themselves, in milliseconds.
 */
export function seriesMarks(series: readonly AnsweredSeries[], model: AnnotationModel, stepMs: number): Mark[] {
  const byValue = bool(model.query.useValueForTime);
  const marks = series.flatMap((one): Mark[] => {
    const base = {
      title: fill(str(model.query.titleFormat), one.labels) || model.name,
      text: fill(str(model.query.textFormat), one.labels),
      tags: tagsOf(model, one.labels),
      colour: model.iconColor,
    };
    if (byValue) return [...new Set(one.values.filter((value) => value !== null && value > 0))].map((value) => ({ ...base, time: Number(value) }));
    const out: Mark[] = [];
    let start: number | undefined;
    let end = 0;
    one.times.forEach((time, index) => {
      const value = one.values[index];
      if (value === null || value === undefined || !(value > 0)) return;
      if (start !== undefined && time - end > stepMs * 1.5) {
        out.push(stretch(base, start, end));
        start = undefined;
      }
      start ??= time;
      end = time;
    });
    if (start !== undefined) out.push(stretch(base, start, end));
    return out;
  });
  return marks.slice(0, mostMarks);
}

function stretch(base: Omit<Mark, "time">, start: number, end: number): Mark {
  return end > start ? { ...base, time: start, timeEnd: end } : { ...base, time: start };
}

/** Marks from log lines. */
export function lineMarks(lines: readonly Line[], model: AnnotationModel): Mark[] {
  return lines.slice(0, mostMarks).map((one) => ({
    time: Number(one.ts.slice(0, -6)),
    title: fill(str(model.query.titleFormat), one.labels) || model.name,
    text: str(model.query.textFormat) === "" ? one.line : fill(str(model.query.textFormat), { ...one.labels, __line__: one.line }),
    tags: tagsOf(model, one.labels),
    colour: model.iconColor,
  }));
}

/**
 * Marks from the frames of a query: of a series as from metrics, of a table each row. Which columns are what, the annotation's
 * `mappings` say as Grafana writes them; without, columns are known by their names.
 */
export function frameMarks(frames: readonly Frame[], model: AnnotationModel, stepMs: number): Mark[] {
  return frames.flatMap((frame) => (frame.meta?.type === "timeseries" ? seriesOf(frame, model, stepMs) : rowMarks(frame, model))).slice(0, mostMarks);
}

function seriesOf(frame: Frame, model: AnnotationModel, stepMs: number): Mark[] {
  const times = frame.fields.find((field) => field.type === "time")?.values.map(Number) ?? [];
  const numbers = frame.fields.filter((field) => field.type === "number");
  return seriesMarks(numbers.map((field) => ({ labels: field.labels ?? {}, times, values: field.values.map((value) => (typeof value === "number" ? value : null)) })), model, stepMs);
}

function rowMarks(frame: Frame, model: AnnotationModel): Mark[] {
  const column = (name: string): Field | undefined => frame.fields.find((field) => field.name === name || fieldName(field, frame) === name);
  const mapped = (member: string, ...names: string[]): ((row: number) => Cell) => {
    const { source, value } = obj(obj(model.query.mappings)[member]);
    if (source === "text") return () => str(value);
    const field = source === "skip" ? undefined : ([str(value), member, ...names].flatMap((name) => (name === "" ? [] : (column(name) ?? [])))[0]);
    return (row) => field?.values[row] ?? null;
  };
  const start = mapped("time", "startTime");
  const end = mapped("timeEnd");
  const title = mapped("title");
  const text = mapped("text", "traceName");
  const tags = mapped("tags");
  const [trace, service, duration] = ["traceID", "traceService", "traceDuration"].map(column);
  return Array.from({ length: frame.fields[0]?.values.length ?? 0 }, (_, row): Mark | undefined => {
    const time = start(row);
    if (typeof time !== "number") return undefined;
    const labels = Object.fromEntries(frame.fields.map((field) => [field.name, str(field.values[row])]));
    const ended = end(row) ?? time + Number(duration?.values[row] ?? 0);
    // What took less than a second is a moment on a chart.
    const timeEnd = typeof ended === "number" && ended - time >= 1000 ? ended : undefined;
    return {
      time,
      ...(timeEnd !== undefined && { timeEnd }),
      title: str(title(row)) || fill(str(model.query.titleFormat), labels) || model.name,
      text: fill(str(model.query.textFormat), labels) || [str(service?.values[row]), str(text(row))].filter((one) => one !== "").join(": "),
      tags: [...str(tags(row)).split(",").map((tag) => tag.trim()).filter((tag) => tag !== ""), ...tagsOf(model, labels)],
      colour: model.iconColor,
      ...(trace && { trace: str(trace.values[row]) }),
    };
  }).filter((mark) => mark !== undefined);
}

interface Stored {
  time: number;
  timeEnd?: number | null | undefined;
  text?: string | undefined;
  title?: string | undefined;
  tags?: readonly string[] | null | undefined;
}

/** Marks from annotations that the server keeps. */
export function storedMarks(stored: readonly Stored[], model: AnnotationModel): Mark[] {
  return stored.slice(0, mostMarks).map((one) => ({
    time: one.time,
    ...(one.timeEnd && one.timeEnd > one.time ? { timeEnd: one.timeEnd } : {}),
    title: one.title || model.name,
    text: one.text ?? "",
    tags: one.tags ?? [],
    colour: model.iconColor,
  }));
}
