import type { MatrixSeries } from "../../api/prom";
import type { ChartSeries } from "../../components/chart/TimeSeries";
import { summarise } from "../../lib/align";
import { fillLegend } from "../../lib/dashboard/promFrames";
import { seriesNames } from "../../lib/labels";
import { unitOf } from "../../lib/units";
import type { QueryAnswer } from "./usePaneData";

/** A series of the chart, and what it is. */
export interface PaneSeries {
  chart: ChartSeries;
  of: MatrixSeries;
  answer: QueryAnswer;
}

/** The series of all queries that are shown, each with a name that tells it apart. */
export function paneSeries(answers: readonly QueryAnswer[]): PaneSeries[] {
  const shown = answers.filter(({ query }) => !query.hidden);
  return shown.flatMap((answer) => {
    const names = seriesNames(
      answer.series.map((one) => one.labels),
      answer.query.text,
    );
    return answer.series.map((one, index): PaneSeries => {
      const own = answer.query.legend === "" ? (names[index] ?? "") : fillLegend(answer.query.legend, one.labels);
      const name = shown.length > 1 && answer.query.legend === "" ? `${answer.query.name}: ${own}` : own;
      return { chart: { name, times: one.times, values: one.values }, of: one, answer };
    });
  });
}

/** The `most` series with the largest last value, in the order they had. */
export function largest(series: readonly PaneSeries[], most: number): readonly PaneSeries[] {
  if (series.length <= most) return series;
  const ranked = series.map((one) => ({ one, value: summarise(one.of.values).last ?? -Infinity }));
  return ranked
    .toSorted((a, b) => b.value - a.value)
    .slice(0, most)
    .map(({ one }) => one);
}

/** The unit of a query's values as far as the metrics in it tell. */
export function guessUnit(query: string): string {
  // What falls into a bucket is counted; its bounds have the metric's unit.
  if (/_bucket\b/.test(query) && !/\bhistogram_(quantile|avg)\b/.test(query)) return "short";
  return boundUnit(query);
}

/** The units of a pane's axes: that of its first query at the left, and the next that is another at the right. */
export function axisUnits(unit: string, answers: readonly QueryAnswer[]): { unit: string; rightUnit: string | undefined } {
  if (unit !== "auto") return { unit, rightUnit: undefined };
  const units = answers.filter(({ query }) => !query.hidden).map(({ query }) => guessUnit(query.text));
  const [first = "short"] = units;
  return { unit: first, rightUnit: units.find((one) => one !== first) };
}

/** The unit of the bounds of the buckets that a query asks for. */
export function boundUnit(query: string): string {
  const names = query.match(/[a-zA-Z_:][\w:]*(?=\s*[{[]|\s*$|\s*\))/g) ?? [];
  const unit = names.map(unitOf).find((one) => one !== "short") ?? "short";
  const rate = /\b(rate|irate|deriv)\s*\(/.test(query) && !/histogram_(quantile|avg)/.test(query) && !query.includes("/");
  if (!rate) return unit;
  // Bytes per second; seconds per second are a plain number.
  return unit === "bytes" ? "binBps" : "short";
}
