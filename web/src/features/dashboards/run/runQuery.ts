import { callMap } from "../../../api/services";
import { promExemplars, promInstant, promRange } from "../../../api/sourceProm";
import { lokiQuery } from "../../../api/sourceLoki";
import { jaegerSearch, jaegerTrace } from "../../../api/sourceTraces";
import { fetchTrace, searchTraces, traceMetrics } from "../../../api/tempo";
import { activeAlerts } from "../../../api/rules";
import { exemplarFrame } from "../../../lib/dashboard/exemplarFrames";
import { alertFrame } from "../../../lib/dashboard/alertFrames";
import type { Frame } from "../../../lib/dashboard/frame";
import { logFrame } from "../../../lib/dashboard/lokiFrames";
import type { Query } from "../../../lib/dashboard/plan";
import { heatmapFrames, tableFrame, timeSeriesFrames, type AnsweredSeries } from "../../../lib/dashboard/promFrames";
import { graphFrames, traceFrame, traceTable } from "../../../lib/dashboard/traceFrames";
import { alignRange } from "../../../lib/step";
import type { TimeRange } from "../../../lib/time";
import type { Span } from "../../../lib/trace";

/** An answer from which each panel that asked makes frames of its own; `several` when it has more than one query. */
export interface Answered {
  frames: (query: Query, several: boolean) => Frame[];
  notices: string[];
  hints?: string[];
}

// Its grammar is only fetched when a dashboard has filters set.
const loadFilters = () => import("../../../lib/dashboard/adhoc");

/** Sends one request. */
export async function runQuery(query: Query, range: TimeRange, signal: AbortSignal): Promise<Answered> {
  switch (query.type) {
    case "prometheus":
      return runProm(query, range, signal);
    case "loki":
      return runLoki(query, range, signal);
    case "tempo":
      return runTempo(query, range, signal);
    case "jaeger":
      return runJaeger(query, range, signal);
    case "alertmanager": {
      const alerts = await activeAlerts(signal);
      return plain((asked) => [alertFrame(alerts, asked.refId)]);
    }
  }
}

type Of<Type extends Query["type"]> = Extract<Query, { type: Type }>;

async function runProm(query: Of<"prometheus">, range: TimeRange, signal: AbortSignal): Promise<Answered> {
  const expr = query.filters.length === 0 ? query.expr : (await loadFilters()).filterPromQL(query.expr, query.filters);
  const grid = alignRange(range, query.stepMs);
  const [answer, exemplars] = await Promise.all([
    query.instant ? promInstant(query.source.base, expr, range.to, signal) : promRange(query.source.base, expr, grid, query.stepMs, signal),
    // Exemplars are an extra: a server without them still has the series.
    query.exemplars ? promExemplars(query.source.base, expr, range, signal).catch(() => []) : [],
  ]);
  const sparse = query.instant || query.format === "table" ? answer.series : answer.series.map((series) => withGaps(series, query.stepMs));
  return {
    notices: answer.notices,
    hints: answer.hints,
    frames: (asked, several) => {
      if (asked.type !== "prometheus") return [];
      const style = { refId: asked.refId, legend: asked.legend, query: expr };
      const frames =
        asked.format === "table" ? tableFrame(sparse, style, several) : asked.format === "heatmap" ? heatmapFrames(sparse, style) : timeSeriesFrames(sparse, style);
      return exemplars.length === 0 ? frames : [...frames, exemplarFrame(exemplars, asked.refId)];
    },
  };
}

/** Where steps are missing between two samples there is a gap, of which one null tells. */
function withGaps(series: AnsweredSeries, stepMs: number): AnsweredSeries {
  const { times, values } = series;
  const gaps = times.findIndex((time, index) => index > 0 && time - (times[index - 1] ?? time) > stepMs * 1.5);
  if (gaps === -1) return series;
  const filledTimes: number[] = [];
  const filledValues: (number | null)[] = [];
  times.forEach((time, index) => {
    const before = times[index - 1];
    if (before !== undefined && time - before > stepMs * 1.5) {
      filledTimes.push(before + stepMs);
      filledValues.push(null);
    }
    filledTimes.push(time);
    filledValues.push(values[index] ?? null);
  });
  return { ...series, times: filledTimes, values: filledValues };
}

async function runLoki(query: Of<"loki">, range: TimeRange, signal: AbortSignal): Promise<Answered> {
  const expr = query.filters.length === 0 ? query.expr : (await loadFilters()).filterLogQL(query.expr, query.filters);
  const answer = await lokiQuery(query.source.base, { ...query, query: expr, range }, signal);
  if (answer.kind === "lines") {
    const cut = answer.lines.length >= query.limit ? [`The ${query.forward ? "first" : "last"} ${query.limit} lines; there may be more.`] : [];
    return { notices: cut, frames: (asked) => [logFrame(answer.lines, asked.refId, expr)] };
  }
  const series = query.instant ? answer.series : answer.series.map((one) => withGaps(one, query.stepMs));
  return plain((asked) => timeSeriesFrames(series, { refId: asked.refId, legend: asked.type === "loki" ? asked.legend : "", query: expr }));
}

async function runTempo(query: Of<"tempo">, range: TimeRange, signal: AbortSignal): Promise<Answered> {
  const base = query.source.base;
  const asked = { query: query.query, start: Math.floor(range.from / 1000), end: Math.ceil(range.to / 1000) };
  switch (query.ask) {
    case "search": {
      const rows = await searchTraces(asked, query.limit, signal, base);
      return plain(({ refId }) => [traceTable(rows, refId, query.query)]);
    }
    case "metrics": {
      const series = await traceMetrics(asked, Math.max(1, Math.round(query.stepMs / 1000)), signal, base);
      const all = series.map((one): AnsweredSeries => ({ labels: one.labels, times: one.points.map(([at]) => at * 1000), values: one.points.map(([, value]) => value) }));
      return plain(({ refId }) => timeSeriesFrames(all, { refId, legend: "__auto", query: query.query }));
    }
    case "trace": {
      const trace = await fetchTrace(query.query, signal, base);
      return { notices: trace.partial ? [trace.partial] : [], frames: ({ refId }) => [traceFrame(trace.spans, refId, query.query)] };
    }
    case "serviceMap": {
      const { edges } = await callMap(undefined, range, signal);
      return plain(({ refId }) => graphFrames(edges, refId));
    }
  }
}

async function runJaeger(query: Of<"jaeger">, range: TimeRange, signal: AbortSignal): Promise<Answered> {
  if (query.ask === "trace") {
    const spans = await jaegerTrace(query.source.base, query.query, signal);
    return plain(({ refId }) => [traceFrame(spans, refId, query.query)]);
  }
  const traces = await jaegerSearch(query.source.base, query, range, signal);
  return plain(({ refId }) => [traceTable(traces.flatMap(rowOf), refId, query.service)]);
}

function rowOf(spans: readonly Span[]) {
  const root = spans.find((span) => span.parentId === "") ?? spans[0];
  if (!root) return [];
  const start = spans.reduce((least, span) => (span.start < least ? span.start : least), root.start);
  const end = spans.reduce((most, span) => (span.end > most ? span.end : most), root.end);
  return [{ traceId: root.traceId, rootService: root.service, rootName: root.name, start, durationMs: Number(end - start) / 1e6, services: [], matched: spans.length, firstMatch: undefined }];
}

function plain(frames: Answered["frames"]): Answered {
  return { frames, notices: [] };
}
