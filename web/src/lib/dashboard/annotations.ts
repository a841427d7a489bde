import { resolveSource, type Source } from "./datasource";
import { durationMs } from "./duration";
import type { AnsweredSeries } from "./promFrames";
import { interpolate, type Scope } from "./interpolate";
import { bool, num, obj, str, strs } from "./json";
import type { Line } from "./lokiFrames";
import type { AnnotationModel, DashboardInput, VariableModel } from "./model";
import { stepScope } from "./scopes";
import { queryFormat } from "./sourceFormat";
import { queryStep } from "./step";
import type { TimeRange } from "../time";

/** Something that happened, as charts mark it. Times are Unix milliseconds. */
export interface Mark {
  time: number;
  timeEnd?: number;
  title: string;
  text: string;
  tags: readonly string[];
  colour: string;
}

/** What an annotation asks, and of whom. */
export type AnnotationRequest = { key: string; model: AnnotationModel } & (
  | { kind: "prometheus"; source: Source; expr: string; stepMs: number }
  | { kind: "loki"; source: Source; expr: string; limit: number }
  | { kind: "own"; params: Record<string, string | number | string[] | undefined> }
  | { kind: "none" }
);

interface AnnotationContext {
  uid: string;
  sources: readonly Source[];
  inputs: readonly DashboardInput[];
  scopes: readonly Scope[];
  variables: readonly VariableModel[];
  range: TimeRange;
}

/** The request behind an annotation. */
export function annotationRequest(model: AnnotationModel, context: AnnotationContext): AnnotationRequest {
  const { query } = model;
  const resolved = resolveSource(model.datasource, { ...context, interpolate: (text) => interpolate(text, context.scopes, "raw") });
  if (model.builtIn || resolved.kind === "grafana") return ownRequest(model, context);
  if (resolved.kind !== "source") return { key: model.name, model, kind: "none" };
  const { source } = resolved;
  const rangeMs = context.range.to - context.range.from;
  const stepMs = queryStep({ rangeMs, points: 240, leastMs: durationMs(str(query.step)) ?? 1000, factor: 1 });
  const expr = interpolate(str(query.expr), [...context.scopes.slice(0, -1), stepScope(stepMs), ...context.scopes.slice(-1)], queryFormat(source.type, context.variables)).trim();
  const key = JSON.stringify([source.uid, expr, stepMs, model.name]);
  if (expr === "") return { key, model, kind: "none" };
  if (source.type === "prometheus") return { key, model, kind: "prometheus", source, expr, stepMs };
  if (source.type === "loki") return { key, model, kind: "loki", source, expr, limit: num(query.maxLines) ?? 1000 };
  return { key, model, kind: "none" };
}

function ownRequest(model: AnnotationModel, context: AnnotationContext): AnnotationRequest {
  const target = obj(model.query.target);
  const byTags = target.type === "tags" || (model.query.type === "tags" && !model.builtIn);
  const tags = (strs(target.tags).length > 0 ? strs(target.tags) : strs(model.query.tags)).map((tag) => interpolate(tag, context.scopes, "raw"));
  const params = byTags
    ? { tags, matchAny: bool(target.matchAny) ? "true" : undefined, limit: num(target.limit) ?? 100 }
    : { dashboardUid: context.uid, limit: num(target.limit) ?? 100 };
  return { key: JSON.stringify(["own", params]), model, kind: "own", params };
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
