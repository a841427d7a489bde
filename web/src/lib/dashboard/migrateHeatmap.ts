import { bool, compact, num, obj, str, type Obj } from "./json";

/** The heatmap of before Grafana 9.1 has its settings beside the options. */
export function isOldHeatmap(panel: Obj): boolean {
  return panel.type === "heatmap" && (panel.dataFormat !== undefined || panel.cards !== undefined || panel.yBucketBound !== undefined);
}

/** The old heatmap in the form of today. */
export function migrateHeatmap(panel: Obj): Obj {
  const rest = Object.fromEntries(Object.entries(panel).filter(([key]) => !members.includes(key)));
  const y = obj(panel.yAxis);
  const colour = obj(panel.color);
  const calculate = panel.dataFormat !== "tsbuckets";
  const base = num(y.logBase) ?? 1;
  return {
    ...rest,
    options: compact({
      calculate,
      calculation: calculate
        ? {
            xBuckets: num(panel.xBucketSize) === undefined && num(panel.xBucketNumber) === undefined ? undefined : axis(panel.xBucketSize, panel.xBucketNumber),
            yBuckets: { ...axis(panel.yBucketSize, panel.yBucketNumber), ...(base > 1 ? { scale: { type: "log", log: base } } : {}) },
          }
        : undefined,
      cellGap: num(obj(panel.cards).cardPadding) ?? 2,
      color: compact({
        mode: colour.mode === "opacity" ? "opacity" : "scheme",
        scheme: str(colour.colorScheme, "interpolateOranges").replace(/^interpolate/, ""),
        fill: str(colour.cardColor, "dark-orange"),
        scale: str(colour.colorScale) === "linear" ? "linear" : "exponential",
        exponent: num(colour.exponent) ?? 0.5,
        steps: 64,
        min: num(colour.min),
        max: num(colour.max),
        reverse: false,
      }),
      filterValues: { le: bool(panel.hideZeroBuckets) ? 1e-9 : undefined },
      legend: { show: bool(obj(panel.legend).show) },
      rowsFrame: { layout: panel.yBucketBound === "upper" ? "le" : panel.yBucketBound === "lower" ? "ge" : panel.yBucketBound === "middle" ? "unknown" : "auto" },
      showValue: "never",
      tooltip: { mode: obj(panel.tooltip).show === false ? "none" : "single", yHistogram: bool(obj(panel.tooltip).showHistogram) },
      yAxis: compact({
        unit: str(y.format) || undefined,
        decimals: num(y.decimals),
        min: num(y.min),
        max: num(y.max),
        axisPlacement: y.show === false ? "hidden" : "left",
        reverse: bool(panel.reverseYBuckets),
      }),
    }),
    fieldConfig: { defaults: {}, overrides: [] },
  };
}

function axis(size: unknown, count: unknown): Obj {
  if (num(size) !== undefined) return { mode: "size", value: String(num(size)) };
  if (num(count) !== undefined) return { mode: "count", value: String(num(count)) };
  return {};
}

const members = [
  "cards", "color", "dataFormat", "heatmap", "hideZeroBuckets", "highlightCards", "legend", "reverseYBuckets", "tooltip", "xAxis", "xBucketNumber",
  "xBucketSize", "yAxis", "yBucketBound", "yBucketNumber", "yBucketSize", "options", "fieldConfig",
]; // prettier-ignore
