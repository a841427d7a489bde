import { resolveSource, type Resolved, type Source, type SourceType } from "./datasource";
import { durationMs } from "./duration";
import { interpolate, type Scope } from "./interpolate";
import { bool, num, obj, objs, str, strs, type Obj } from "./json";
import type { AdhocFilter, DashboardInput, PanelModel, SourceRef, Target, VariableModel } from "./model";
import { stepScope } from "./scopes";
import { queryFormat } from "./sourceFormat";
import { niceStep, queryStep } from "./step";
import type { TimeRange } from "../time";

/** One request to a data source, with all variables and macros filled in. */
export type Query = { refId: string; source: Source } & (
  | {
      type: "prometheus";
      expr: string;
      instant: boolean;
      format: "time_series" | "table" | "heatmap";
      legend: string;
      exemplars: boolean;
      stepMs: number;
      filters: AdhocFilter[];
    }
  | { type: "loki"; expr: string; instant: boolean; legend: string; stepMs: number; limit: number; forward: boolean; filters: AdhocFilter[] }
  | { type: "tempo"; ask: "search" | "metrics" | "trace" | "serviceMap"; query: string; limit: number; stepMs: number }
  | { type: "jaeger"; ask: "search" | "trace"; query: string; service: string; operation: string; tags: string; minDuration: string; maxDuration: string; limit: number }
  | { type: "alertmanager"; active: boolean; silenced: boolean; inhibited: boolean; filters: string[] }
);

/** All that a panel asks, and what it computes from the answers. */
export interface Plan {
  range: TimeRange;
  queries: Query[];
  /** Targets that compute, in the order in which they can. */
  expressions: Target[];
  /** Answers that expressions need, but that are not shown. */
  hidden: Set<string>;
  /** Id of the panel whose answer this one shows. */
  fromPanel?: number;
  /** Asks what the server knows itself: its annotations, alerts or dashboards. */
  grafana: Target[];
  /** Targets that nothing can be asked for, and why. */
  refused: { refId: string; reason: string }[];
}

/** What a plan is made from beside the panel. */
export interface PlanContext {
  range: TimeRange;
  /** Inner scopes first: the copy's, the dashboard's, the page's. */
  scopes: readonly Scope[];
  variables: readonly VariableModel[];
  /** Ad hoc filters by the data source that they are for. */
  filters: readonly { datasource: SourceRef; filters: readonly AdhocFilter[] }[];
  sources: readonly Source[];
  inputs: readonly DashboardInput[];
  /** Points wanted at most when the panel does not say. */
  points: number;
}

/** Makes the requests of a panel. */
export function planPanel(panel: PanelModel, context: PlanContext): Plan {
  const plan: Plan = { range: context.range, queries: [], expressions: [], hidden: new Set(), grafana: [], refused: [] };
  const used = expressionInputs(panel.targets);
  for (const target of panel.targets) {
    if (target.hide && !used.has(target.refId)) continue;
    if (target.hide) plan.hidden.add(target.refId);
    const resolved = resolve(target.datasource, context);
    // A target of a mixed panel that names no source of its own.
    const of = resolved.kind === "mixed" ? resolve(null, context) : resolved;
    addTarget(plan, of, target, panel, context);
  }
  plan.expressions = inOrder(plan.expressions);
  return plan;
}

function resolve(ref: SourceRef, context: PlanContext): Resolved {
  return resolveSource(ref, { sources: context.sources, inputs: context.inputs, interpolate: (text) => interpolate(text, context.scopes, "raw") });
}

function addTarget(plan: Plan, of: Resolved, target: Target, panel: PanelModel, context: PlanContext): void {
  switch (of.kind) {
    case "expression":
      plan.expressions.push(target);
      return;
    case "dashboard":
      plan.fromPanel = num(target.panelId) ?? 0;
      return;
    case "grafana":
      plan.grafana.push(target);
      return;
    case "unknown":
      plan.refused.push({ refId: target.refId, reason: of.reason });
      return;
    case "mixed":
      return;
    case "source": {
      const queries = queriesOf(target, of.source, panel, context);
      if (typeof queries === "string") {
        if (queries !== "") plan.refused.push({ refId: target.refId, reason: queries });
      } else plan.queries.push(...queries);
    }
  }
}

/** The requests of one target; a sentence when it cannot be asked, "" when it asks nothing. */
function queriesOf(target: Target, source: Source, panel: PanelModel, context: PlanContext): Query[] | string {
  const { stepMs, scrapeMs } = stepOf(target, source.type, panel, context);
  const scopes = [...context.scopes.slice(0, -1), stepScope(stepMs, scrapeMs), ...context.scopes.slice(-1)];
  const format = queryFormat(source.type, context.variables);
  const fill = (text: unknown): string => interpolate(str(text), scopes, format);
  const base = { refId: target.refId, source };
  const filters = filtersFor(source, context);
  switch (source.type) {
    case "prometheus": {
      const expr = fill(target.expr ?? target.query).trim();
      if (expr === "") return "";
      const shape = target.format === "table" ? "table" : target.format === "heatmap" ? "heatmap" : "time_series";
      const query = { ...base, type: "prometheus" as const, expr, format: shape as "time_series" | "table" | "heatmap", legend: interpolate(str(target.legendFormat), scopes, "text"), exemplars: bool(target.exemplar), stepMs, filters };
      const instant = bool(target.instant);
      const range = target.range === undefined ? !instant : bool(target.range) || !instant;
      return [...(range ? [{ ...query, instant: false }] : []), ...(instant ? [{ ...query, instant: true, exemplars: false }] : [])];
    }
    case "loki": {
      const expr = fill(target.expr ?? target.query).trim();
      if (expr === "") return "";
      const instant = target.queryType === "instant" || (target.queryType === undefined && bool(target.instant));
      const limit = Math.min(5000, Math.max(1, num(fill(target.maxLines)) ?? 1000));
      return [{ ...base, type: "loki", expr, instant, legend: interpolate(str(target.legendFormat), scopes, "text"), stepMs: lokiStep(fill(target.step), stepMs), limit, forward: target.direction === "forward", filters }];
    }
    case "tempo":
      return tempoQuery(target, base, fill, stepMs);
    case "jaeger":
      return jaegerQuery(target, base, fill);
    case "alertmanager":
      return [{ ...base, type: "alertmanager", active: target.active !== false, silenced: bool(target.silenced), inhibited: bool(target.inhibited), filters: strs(target.filters) }];
  }
}

const traceId = /^[0-9a-f]{16}([0-9a-f]{16})?$/i;
const traceMetric = /\|\s*(rate|count_over_time|min_over_time|max_over_time|avg_over_time|sum_over_time|quantile_over_time|histogram_over_time|compare)\s*\(/;

/** What a target asks of a data source of traces, if anything. */
export function traceQuery(target: Target, source: Source, fill: Fill, stepMs: number): Query | undefined {
  const base = { refId: target.refId, source };
  const [query] = source.type === "jaeger" ? jaegerQuery(target, base, fill) : tempoQuery(target, base, fill, stepMs);
  return typeof query === "object" ? query : undefined;
}

type Base = { refId: string; source: Source };
type Fill = (text: unknown) => string;

function tempoQuery(target: Target, base: Base, fill: Fill, stepMs: number): Query[] | string {
  const limit = Math.min(1000, Math.max(1, num(target.limit) ?? 20));
  const common = { ...base, type: "tempo" as const, limit, stepMs };
  if (target.queryType === "serviceMap") return [{ ...common, ask: "serviceMap", query: fill(target.serviceMapQuery) }];
  const query = target.queryType === "traceqlSearch" || target.queryType === "nativeSearch" ? builtTraceQL(target, fill) : fill(target.query).trim();
  if (query === "") return "";
  if (target.queryType === "traceId" || traceId.test(query)) return [{ ...common, ask: "trace", query }];
  return [{ ...common, ask: traceMetric.test(query) ? "metrics" : "search", query }];
}

/** The TraceQL of a search that was clicked together. */
export function builtTraceQL(target: Obj, fill: Fill): string {
  const filters = objs(target.filters).flatMap((filter) => {
    const values = strs(filter.value).map(fill).filter((one) => one !== "");
    const tag = fill(filter.tag);
    if (tag === "" || values.length === 0) return [];
    const scope = str(filter.scope);
    const name = scope === "intrinsic" || intrinsics.has(tag) ? tag : scope === "resource" || scope === "span" ? `${scope}.${tag}` : `.${tag}`;
    const operator = str(filter.operator, "=");
    const bare = ["keyword", "duration", "int", "float"].includes(str(filter.valueType)) || intrinsics.get(tag) === "bare";
    if (values.length > 1) return [`${name}${operator === "!=" ? "!~" : "=~"}"${values.join("|")}"`];
    return [`${name}${operator}${bare ? (values[0] ?? "") : JSON.stringify(values[0])}`];
  });
  const native = [
    ...(fill(target.serviceName) === "" ? [] : [`resource.service.name=${JSON.stringify(fill(target.serviceName))}`]),
    ...(fill(target.spanName) === "" ? [] : [`name=${JSON.stringify(fill(target.spanName))}`]),
    ...(fill(target.minDuration) === "" ? [] : [`duration>=${fill(target.minDuration)}`]),
    ...(fill(target.maxDuration) === "" ? [] : [`duration<=${fill(target.maxDuration)}`]),
  ];
  return `{${[...filters, ...native].join(" && ")}}`;
}

const intrinsics: ReadonlyMap<string, "quoted" | "bare"> = new Map([
  ["name", "quoted"],
  ["status", "bare"],
  ["kind", "bare"],
  ["duration", "bare"],
  ["traceDuration", "bare"],
  ["rootName", "quoted"],
  ["rootServiceName", "quoted"],
  ["statusMessage", "quoted"],
]);

function jaegerQuery(target: Target, base: Base, fill: Fill): Query[] | string {
  const common = {
    ...base,
    type: "jaeger" as const,
    service: fill(target.service),
    operation: fill(target.operation),
    tags: fill(target.tags),
    minDuration: fill(target.minDuration),
    maxDuration: fill(target.maxDuration),
    limit: num(target.limit) ?? 20,
  };
  if (target.queryType === "search") return common.service === "" ? "" : [{ ...common, ask: "search", query: "" }];
  if (target.queryType === "dependencyGraph") return "Jaeger's dependency graph is the service map here.";
  const query = fill(target.query).trim();
  return query === "" ? "" : [{ ...common, ask: "trace", query }];
}

// Samples are seldom closer than this; a finer step only repeats them.
const usualScrapeMs = 15_000;

/** The step of a target, and the shortest time between samples that is known. */
function stepOf(target: Target, type: SourceType, panel: PanelModel, context: PlanContext): { stepMs: number; scrapeMs?: number } {
  const rangeMs = context.range.to - context.range.from;
  const given = shortest(str(target.interval), context.scopes) ?? shortest(panel.interval, context.scopes);
  const points = panel.maxDataPoints ?? context.points;
  // Old dashboards keep the step they once had; it holds where it still leaves a picture.
  const kept = (num(target.step) ?? 0) * 1000;
  const leastMs = Math.max(given ?? (type === "prometheus" ? usualScrapeMs : 0), kept <= rangeMs / 100 ? kept : 0, 1000);
  const stepMs = queryStep({ rangeMs, points, leastMs, factor: num(target.intervalFactor) ?? 1 });
  return given === undefined ? { stepMs } : { stepMs, scrapeMs: given };
}

function shortest(interval: string, scopes: readonly Scope[]): number | undefined {
  if (interval === "" || /^\$\{?__/.test(interval)) return undefined;
  return durationMs(interpolate(interval, scopes, "raw"));
}

function lokiStep(step: string, fallback: number): number {
  return (step === "" ? undefined : durationMs(step)) ?? niceStep(fallback);
}

function filtersFor(source: Source, context: PlanContext): AdhocFilter[] {
  return context.filters.flatMap((one) => {
    const of = resolve(one.datasource, context);
    return of.kind === "source" && of.source.uid === source.uid ? one.filters.filter((filter) => filter.key !== "") : [];
  });
}

/** Names of the targets that expressions compute with. */
function expressionInputs(targets: readonly Target[]): Set<string> {
  const names = new Set(targets.map((one) => one.refId));
  const used = new Set<string>();
  for (const target of targets.filter(isExpression)) {
    for (const name of wordsOf(target)) if (names.has(name)) used.add(name);
  }
  return used;
}

export function isExpression(target: Target): boolean {
  const of = target.datasource;
  return of === "__expr__" || (typeof of === "object" && of !== null && (of.uid === "__expr__" || of.type === "__expr__"));
}

function wordsOf(target: Target): string[] {
  return str(target.expression).match(/\w+/g) ?? [];
}

/** Expressions, each after the ones it computes with. */
function inOrder(expressions: readonly Target[]): Target[] {
  const names = new Set(expressions.map((one) => one.refId));
  const done = new Set<string>();
  const ordered: Target[] = [];
  let left = [...expressions];
  while (left.length > 0) {
    const ready = left.filter((one) => wordsOf(one).every((name) => !names.has(name) || done.has(name) || name === one.refId));
    const round = ready.length > 0 ? ready : left;
    for (const one of round) {
      ordered.push(one);
      done.add(one.refId);
    }
    left = left.filter((one) => !round.includes(one));
  }
  return ordered;
}

/** The members of a plan that decide its answer, as a key. */
export function planKey(plan: Plan): string {
  return JSON.stringify([plan.queries.map(({ source, ...rest }) => ({ ...rest, source: source.uid })), plan.expressions.map((one) => obj(one)), [...plan.hidden], plan.fromPanel ?? null, plan.grafana]);
}
