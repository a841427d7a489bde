import { formatLabels, seriesNames } from "../labels";
import type { Cell, Field, Frame } from "./frame";

/** One series of a Prometheus-like answer. */
export interface AnsweredSeries {
  labels: Record<string, string>;
  /** Unix milliseconds, ascending. */
  times: number[];
  values: (number | null)[];
}

export interface SeriesStyle {
  refId: string;
  /** `{{label}}` and plain text; "" for the whole name, "__auto" for what tells the series apart. */
  legend: string;
  /** The query as it was run. */
  query: string;
}

/** One frame per series, a time and a value column each. */
export function timeSeriesFrames(series: readonly AnsweredSeries[], style: SeriesStyle): Frame[] {
  const names = legends(series, style);
  return series.map((one, index) => {
    const name = names[index] ?? "";
    return {
      refId: style.refId,
      name,
      fields: [timeField(one.times), { name: "Value", type: "number", values: one.values, labels: one.labels, config: { displayNameFromDS: name } }],
      meta: { type: "timeseries", executedQuery: style.query },
    };
  });
}

/** What series are called in the legend. */
export function legends(series: readonly AnsweredSeries[], { legend, query }: Pick<SeriesStyle, "legend" | "query">): string[] {
  const labels = series.map((one) => one.labels);
  if (legend === "__auto") return seriesNames(labels, query);
  if (legend === "") return labels.map((one) => formatLabels(one) || query);
  return labels.map((one) => fillLegend(legend, one));
}

/** `{{label}}` replaced by its value; a label that is not there leaves nothing. */
export function fillLegend(pattern: string, labels: Readonly<Record<string, string>>): string {
  return pattern.replace(/\{\{\s*(.+?)\s*\}\}/g, (_, name: string) => labels[name] ?? "");
}

function timeField(times: number[]): Field {
  return { name: "Time", type: "time", values: times, config: {} };
}

/** One frame for all series: time, a column per label, the value. `several` numbers the value by its query. */
export function tableFrame(series: readonly AnsweredSeries[], { refId, query }: SeriesStyle, several: boolean): Frame[] {
  if (series.length === 0) return [];
  const names = [...new Set(series.flatMap((one) => Object.keys(one.labels)))].toSorted();
  const times: Cell[] = [];
  const values: Cell[] = [];
  const columns: Cell[][] = names.map(() => []);
  for (const one of series) {
    for (let i = 0; i < one.times.length; i++) {
      times.push(one.times[i] ?? null);
      values.push(one.values[i] ?? null);
      names.forEach((name, at) => columns[at]?.push(one.labels[name] ?? ""));
    }
  }
  const fields: Field[] = [
    { name: "Time", type: "time", values: times, config: {} },
    ...names.map((name, at): Field => ({ name, type: "string", values: columns[at] ?? [], config: { filterable: true } })),
    { name: several ? `Value #${refId}` : "Value", type: "number", values, config: {} },
  ];
  return [{ refId, name: refId, fields, meta: { type: "table", executedQuery: query } }];
}

/**
 * Buckets of a histogram by their upper bound `le`, each holding its own count instead of the sum up to it. One frame: time,
 * then a column per bucket, lowest first.
 */
export function heatmapFrames(series: readonly AnsweredSeries[], style: SeriesStyle): Frame[] {
  const sorted = series.toSorted((a, b) => bound(a.labels.le) - bound(b.labels.le));
  if (sorted.length === 0) return [];
  const times = [...new Set(sorted.flatMap((one) => one.times))].toSorted((a, b) => a - b);
  const dense = sorted.map((one) => {
    const at = new Map(one.times.map((time, index) => [time, one.values[index] ?? null]));
    return times.map((time) => at.get(time) ?? null);
  });
  const cumulative = sorted.every((one) => one.labels.le !== undefined);
  const fields = sorted.map((one, index): Field => {
    const below = index === 0 || !cumulative ? undefined : dense[index - 1];
    const values = (dense[index] ?? []).map((value, at) => (value === null ? null : below ? Math.max(0, value - (below[at] ?? 0)) : value));
    const name = style.legend === "" || style.legend === "__auto" ? (one.labels.le ?? formatLabels(one.labels)) : fillLegend(style.legend, one.labels);
    return { name, type: "number", values, labels: one.labels, config: {} };
  });
  return [{ refId: style.refId, name: "", fields: [timeField(times), ...fields], meta: { type: "heatmap", executedQuery: style.query } }];
}

function bound(le: string | undefined): number {
  return le === undefined ? NaN : le === "+Inf" ? Infinity : Number(le);
}
