import { bool, compact, isObj, list, num, obj, objs, str, type Obj } from "./json";
import { reducerOf } from "./migrateCalcs";

interface Override extends Obj {
  matcher: Obj;
  properties: Obj[];
}

/** The `graph` panel as `timeseries`; with bars per series as `barchart`, as a histogram as `histogram`. */
export function migrateGraph(panel: Obj): Obj {
  const yaxes = objs(panel.yaxes);
  const [left = {}, right = {}] = yaxes;
  const mode = str(obj(panel.xaxis).mode);
  const overrides: Override[] = [
    ...Object.entries(obj(panel.aliasColors)).map(([name, colour]) => fixedColour(byName(name), str(colour))),
    ...objs(panel.seriesOverrides).flatMap((one) => seriesOverride(one, panel, right)),
  ];
  const { steps, style } = thresholdsOf(objs(panel.thresholds));
  const fieldConfig = {
    defaults: compact({
      unit: str(left.format) || undefined,
      decimals: num(left.decimals) ?? num(panel.decimals),
      min: num(left.min),
      max: num(left.max),
      color: { mode: "palette-classic" },
      links: dataLinks(panel),
      thresholds: steps.length > 1 ? { mode: "absolute", steps } : undefined,
      custom: customOf(panel, left, style),
    }),
    overrides,
  };
  const base = { ...dropGraphMembers(panel), fieldConfig };
  if (mode === "series") return { ...base, type: "barchart", options: { ...commonOptions(panel), xTickLabelRotation: 0, reduce: reducerOf(str(list(obj(panel.xaxis).values)[0])) } };
  if (mode === "histogram") return { ...base, type: "histogram", options: { ...commonOptions(panel), bucketCount: num(obj(panel.xaxis).buckets) ?? 30 } };
  return { ...base, type: "timeseries", options: commonOptions(panel) };
}

function customOf(panel: Obj, axis: Obj, thresholdsStyle: string): Obj {
  const lines = panel.lines === undefined || bool(panel.lines);
  const bars = bool(panel.bars);
  const points = bool(panel.points);
  const fill = num(panel.fill) ?? 1;
  const nulls = str(panel.nullPointMode);
  return compact({
    drawStyle: bars && !lines ? "bars" : !lines && points ? "points" : bars ? "bars" : "line",
    lineWidth: lines || bars ? (num(panel.linewidth) ?? 1) : 0,
    lineInterpolation: bool(panel.steppedLine) ? "stepAfter" : "linear",
    lineStyle: bool(panel.dashes) ? { fill: "dash", dash: [num(panel.dashLength) ?? 10, num(panel.spaceLength) ?? 10] } : undefined,
    // Bars of a graph were drawn at full strength.
    fillOpacity: bars ? 100 : Math.min(100, fill * 10),
    gradientMode: (num(panel.fillGradient) ?? 0) > 0 ? "opacity" : "none",
    showPoints: points ? "always" : "never",
    pointSize: Math.max(1, (num(panel.pointradius) ?? 2) * 2),
    spanNulls: nulls === "connected",
    nullValueMode: nulls === "null as zero" ? "null as zero" : undefined,
    stacking: { mode: bool(panel.stack) ? (bool(panel.percentage) ? "percent" : "normal") : "none", group: "A" },
    thresholdsStyle: { mode: thresholdsStyle },
    ...axisOf(axis, "left"),
  });
}

function axisOf(axis: Obj, placement: string): Obj {
  const base = num(axis.logBase) ?? 1;
  return {
    axisPlacement: axis.show === false ? "hidden" : placement,
    axisLabel: str(axis.label),
    scaleDistribution: base > 1 ? { type: "log", log: base === 32 || base === 1024 ? 2 : base } : { type: "linear" },
  };
}

function commonOptions(panel: Obj): Obj {
  const legend = obj(panel.legend);
  const calcs = legendCalcs.flatMap(([member, calc]) => (bool(legend[member]) ? [calc] : []));
  const shown = legend.show !== false;
  const tooltip = obj(panel.tooltip);
  const sort = num(tooltip.sort) ?? 0;
  return {
    legend: compact({
      showLegend: shown,
      displayMode: bool(legend.alignAsTable) ? "table" : "list",
      placement: bool(legend.rightSide) ? "right" : "bottom",
      calcs: legend.values === false ? [] : calcs,
      width: num(legend.sideWidth),
      ...sortOf(legend),
    }),
    tooltip: { mode: tooltip.shared === false ? "single" : "multi", sort: sort === 2 ? "desc" : sort === 1 ? "asc" : "none" },
  };
}

const legendCalcs: readonly (readonly [member: string, calc: string])[] = [
  ["min", "min"],
  ["max", "max"],
  ["avg", "mean"],
  ["current", "lastNotNull"],
  ["total", "sum"],
];
const sortNames: Record<string, string> = { min: "Min", max: "Max", avg: "Mean", current: "Last *", total: "Total" };

function sortOf(legend: Obj): Obj {
  const by = sortNames[str(legend.sort)];
  return by ? { sortBy: by, sortDesc: bool(legend.sortDesc) } : {};
}

/** One entry of seriesOverrides. What it says of the right axis stands in `right`. */
function seriesOverride(one: Obj, panel: Obj, right: Obj): Override[] {
  const alias = str(one.alias);
  if (alias === "") return [];
  const matcher = alias.startsWith("/") ? { id: "byRegexp", options: alias } : byName(alias);
  const properties: Obj[] = [];
  const put = (id: string, value: unknown): void => {
    properties.push({ id, value });
  };
  for (const [key, value] of Object.entries(one)) {
    switch (key) {
      case "color":
        put("color", { mode: "fixed", fixedColor: str(value) });
        break;
      case "lines":
        if (!bool(value)) put("custom.lineWidth", 0);
        else if (bool(panel.bars)) put("custom.drawStyle", "line");
        break;
      case "bars":
        put("custom.drawStyle", bool(value) ? "bars" : "line");
        if (bool(value)) put("custom.fillOpacity", 100);
        break;
      case "points":
        put("custom.showPoints", bool(value) ? "always" : "never");
        if (bool(value) && one.lines === false) put("custom.drawStyle", "points");
        break;
      case "fill":
        put("custom.fillOpacity", Math.min(100, (num(value) ?? 1) * 10));
        break;
      case "fillGradient":
        put("custom.gradientMode", (num(value) ?? 0) > 0 ? "opacity" : "none");
        break;
      case "fillBelowTo":
        put("custom.fillBelowTo", str(value));
        break;
      case "linewidth":
        put("custom.lineWidth", num(value) ?? 1);
        break;
      case "pointradius":
        put("custom.pointSize", (num(value) ?? 2) * 2);
        break;
      case "steppedLine":
        put("custom.lineInterpolation", bool(value) ? "stepAfter" : "linear");
        break;
      case "dashes":
        if (bool(value)) put("custom.lineStyle", { fill: "dash", dash: [num(one.dashLength) ?? 10, num(one.spaceLength) ?? 10] });
        else put("custom.lineStyle", { fill: "solid" });
        break;
      case "nullPointMode":
        put("custom.spanNulls", value === "connected");
        break;
      case "stack":
        put("custom.stacking", stackOf(value, bool(panel.percentage)));
        break;
      case "transform":
        if (value === "negative-Y") put("custom.transform", "negative-Y");
        if (value === "constant") put("custom.transform", "constant");
        break;
      case "yaxis":
        if (num(value) === 2) properties.push(...rightAxis(right));
        break;
      default:
    }
  }
  const hidden = { legend: one.legend === false, tooltip: bool(one.hideTooltip), viz: bool(one.hiddenSeries) };
  if (hidden.legend || hidden.tooltip || hidden.viz) put("custom.hideFrom", hidden);
  return properties.length === 0 ? [] : [{ matcher, properties }];
}

function stackOf(value: unknown, percentage: boolean): Obj {
  if (value === false) return { mode: "none", group: "A" };
  return { mode: percentage ? "percent" : "normal", group: value === true ? "A" : str(value, "A") };
}

function rightAxis(right: Obj): Obj[] {
  const axis = axisOf(right, "right");
  const properties: Obj[] = [{ id: "custom.axisPlacement", value: axis.axisPlacement }];
  const put = (id: string, value: unknown): void => {
    if (value !== undefined && value !== "") properties.push({ id, value });
  };
  put("unit", str(right.format));
  put("decimals", num(right.decimals));
  put("min", num(right.min));
  put("max", num(right.max));
  put("custom.axisLabel", axis.axisLabel);
  if ((num(right.logBase) ?? 1) > 1) put("custom.scaleDistribution", axis.scaleDistribution);
  return properties;
}

const levelColours: Record<string, string> = { critical: "red", warning: "orange", ok: "green" };

/** Steps from `{value, op, colorMode, fill, line}`; the lowest step is what holds below all of them. */
function thresholdsOf(thresholds: readonly Obj[]): { steps: Obj[]; style: string } {
  const edges = thresholds
    .flatMap((one) => {
      const value = num(one.value);
      if (value === undefined) return [];
      const colour = levelColours[str(one.colorMode)] ?? (str(one.fillColor) || str(one.lineColor) || "red");
      return [{ value, colour, below: str(one.op) === "lt" }];
    })
    .toSorted((a, b) => a.value - b.value);
  if (edges.length === 0) return { steps: [], style: "off" };
  const steps: { value: number | null; color: string }[] = [{ value: null, color: edges[0]?.below ? edges[0].colour : "transparent" }];
  edges.forEach((edge, index) => {
    const next = edges[index + 1];
    steps.push({ value: edge.value, color: edge.below ? (next?.below ? next.colour : "transparent") : edge.colour });
  });
  const fill = thresholds.some((one) => bool(one.fill));
  const line = thresholds.some((one) => bool(one.line));
  return { steps, style: fill && line ? "line+area" : fill ? "area" : line ? "line" : "off" };
}

function dataLinks(panel: Obj): Obj[] | undefined {
  const links = objs(obj(panel.options).dataLinks);
  return links.length === 0 ? undefined : links;
}

function byName(name: string): Obj {
  return { id: "byName", options: name };
}

function fixedColour(matcher: Obj, colour: string): Override {
  return { matcher, properties: [{ id: "color", value: { mode: "fixed", fixedColor: colour } }] };
}

// What the migration has read; the rest of the panel stays.
const graphMembers = [
  "aliasColors", "bars", "dashLength", "dashes", "fill", "fillGradient", "grid", "hiddenSeries", "legend", "lines", "linewidth", "nullPointMode",
  "percentage", "pointradius", "points", "renderer", "seriesOverrides", "spaceLength", "stack", "steppedLine", "thresholds", "timeRegions",
  "tooltip", "xaxis", "yaxes", "yaxis", "decimals", "fieldConfig", "options",
]; // prettier-ignore

export function dropGraphMembers(panel: Obj): Obj {
  return Object.fromEntries(Object.entries(panel).filter(([key]) => !graphMembers.includes(key)));
}

/** True for a `graph` in the old form; one that somebody only renamed keeps its field config. */
export function isOldGraph(panel: Obj): boolean {
  return panel.type === "graph" || (panel.type === "timeseries" && Array.isArray(panel.yaxes) && !isObj(panel.fieldConfig));
}
