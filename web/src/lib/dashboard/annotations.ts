import { resolveSource, type Source } from "./datasource";
import { durationMs } from "./duration";
import { interpolate, type Scope } from "./interpolate";
import { bool, num, obj, str, strs } from "./json";
import type { AnnotationModel, DashboardInput, VariableModel } from "./model";
import { traceQuery, type Query } from "./plan";
import { stepScope } from "./scopes";
import { queryFormat } from "./sourceFormat";
import { queryStep } from "./step";
import type { TimeRange } from "../time";

/** What an annotation asks, and of whom. */
export type AnnotationRequest = { key: string; model: AnnotationModel } & (
  | { kind: "prometheus"; source: Source; expr: string; stepMs: number }
  | { kind: "loki"; source: Source; expr: string; limit: number }
  | { kind: "traces"; query: Query; stepMs: number }
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
  const scopes = [...context.scopes.slice(0, -1), stepScope(stepMs), ...context.scopes.slice(-1)];
  const filled = (text: unknown): string => interpolate(str(text), scopes, queryFormat(source.type, context.variables));
  if (source.type === "tempo" || source.type === "jaeger") {
    const asked = traceQuery({ limit: 100, ...query, ...obj(query.target), refId: "Anno", hide: false, datasource: null }, source, filled, stepMs);
    return asked ? { key: JSON.stringify([asked, model.name]), model, kind: "traces", query: asked, stepMs } : { key: model.name, model, kind: "none" };
  }
  const expr = filled(query.expr).trim();
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
