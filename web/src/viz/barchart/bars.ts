import type { Look } from "../../lib/dashboard/display";
import { displayer, fieldRange, type Displayer } from "../../lib/dashboard/display";
import { seriesOf, type Series } from "../../lib/dashboard/displaySeries";
import { fieldName } from "../../lib/dashboard/fieldname";
import type { Frame } from "../../lib/dashboard/frame";
import { num, str, type Obj } from "../../lib/dashboard/json";
import { joinValue } from "../../lib/units";

/** A number field as the bars of one colour. */
export interface BarSeries extends Series {
  key: string;
  show: Displayer;
  fill: number;
}

/** A bar chart's groups and what stands in each. */
export interface BarData {
  /** Name of each group. */
  groups: string[];
  series: BarSeries[];
  frame: Frame;
}

/** The bars of the first frame that has a field of words, or of times, and one of numbers. */
export function readBars(frames: readonly Frame[], options: Obj, look: Look): BarData | undefined {
  const wanted = str(options.xField);
  for (const frame of frames) {
    const named = frame.fields.find((field) => wanted !== "" && (fieldName(field, frame, frames) === wanted || field.name === wanted));
    const words = named ?? frame.fields.find((field) => field.type === "string") ?? frame.fields.find((field) => field.type === "time");
    if (!words) continue;
    const series = seriesOf([frame], look).filter((one) => one.field !== words);
    if (series.length === 0) continue;
    const word = displayer(words, look, { min: 0, max: 1 });
    const longest = num(options.xTickLabelMaxLength) ?? 0;
    const groups = words.values.map((value) => {
      const text = joinValue(word(value));
      return longest > 0 && text.length > longest ? `${text.slice(0, longest)}…` : text;
    });
    return {
      groups,
      frame,
      series: series.map((one, index) => ({
        ...one,
        key: `${index} ${one.name}`,
        show: displayer(one.field, look, fieldRange(one.field, [frame]), "palette-classic"),
        fill: Math.min(Math.max((num(one.field.config.custom?.fillOpacity) ?? 80) / 100, 0.05), 1),
      })),
    };
  }
  return undefined;
}

/** A bar on the scale of values: from `from` to `to`. */
export interface BarSpan {
  series: number;
  group: number;
  value: number;
  from: number;
  to: number;
}

/** Where bars stand: from zero on, or on each other, as values or as shares of their group. */
export function stackBars({ groups, series }: BarData, shown: readonly boolean[], stacking: string): BarSpan[] {
  const spans: BarSpan[] = [];
  groups.forEach((_, group) => {
    let [above, below] = [0, 0];
    const number = (index: number): number => {
      const value = series[index]?.field.values[group];
      return typeof value === "number" && Number.isFinite(value) ? value : 0;
    };
    const total = series.reduce((sum, __, index) => sum + (shown[index] ? Math.abs(number(index)) : 0), 0);
    series.forEach(({ field }, index) => {
      const value = field.values[group];
      if (!shown[index] || typeof value !== "number" || !Number.isFinite(value)) return;
      const amount = stacking === "percent" ? (total === 0 ? 0 : value / total) : value;
      const base = stacking === "none" ? 0 : amount >= 0 ? above : below;
      if (amount >= 0) above = base + amount;
      else below = base + amount;
      spans.push({ series: index, group, value, from: base, to: base + amount });
    });
  });
  return spans;
}

/** The ends of the scale that `spans` stand on. */
export function barRange(spans: readonly BarSpan[], series: readonly BarSeries[], stacking: string): { min: number; max: number } {
  const numbers = (pick: "min" | "max"): number[] => series.flatMap(({ field }) => field.config[pick] ?? []);
  const low = Math.min(0, ...spans.map((span) => Math.min(span.from, span.to)));
  const high = Math.max(0, ...spans.map((span) => Math.max(span.from, span.to)));
  const own = stacking === "percent" ? [] : numbers("max");
  const room = (high - low || 1) * 0.06;
  return {
    min: stacking === "percent" || numbers("min").length === 0 ? (low < 0 ? low - room : 0) : Math.min(...numbers("min")),
    max: own.length > 0 ? Math.max(...own) : stacking === "percent" ? 1 : high > 0 ? high + room : Number(low === 0),
  };
}
