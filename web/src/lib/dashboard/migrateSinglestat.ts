import { bool, compact, num, obj, objs, str, strs, type Obj } from "./json";
import { reducerOf } from "./migrateCalcs";

/** The `singlestat` panel as `stat`, or as `gauge` when it showed one. */
export function migrateSinglestat(panel: Obj): Obj {
  const gauge = obj(panel.gauge);
  const showsGauge = bool(gauge.show);
  const colours = strs(panel.colors);
  const coloured = bool(panel.colorBackground) || bool(panel.colorValue) || showsGauge;
  const name = str(panel.valueName) === "name";
  const format = str(panel.format);
  const column = str(panel.tableColumn);
  const fieldConfig = {
    defaults: compact({
      unit: unitWith(format, str(panel.prefix), str(panel.postfix)) || undefined,
      decimals: num(panel.decimals),
      noValue: str(panel.nullText) || undefined,
      min: showsGauge ? (num(gauge.minValue) ?? 0) : undefined,
      max: showsGauge ? (num(gauge.maxValue) ?? 100) : undefined,
      color: coloured ? { mode: "thresholds" } : { mode: "fixed", fixedColor: "text" },
      thresholds: { mode: "absolute", steps: stepsOf(str(panel.thresholds), colours) },
      mappings: oldValueMaps(panel),
    }),
    overrides: [],
  };
  const reduceOptions = compact({
    values: false,
    calcs: [reducerOf(str(panel.valueName, "avg"))],
    fields: column === "" ? "" : `/^${column.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&")}$/`,
  });
  const base = { ...Object.fromEntries(Object.entries(panel).filter(([key]) => !members.includes(key))), fieldConfig };
  if (showsGauge) {
    return {
      ...base,
      type: "gauge",
      options: { reduceOptions, showThresholdLabels: bool(gauge.thresholdLabels), showThresholdMarkers: gauge.thresholdMarkers !== false },
    };
  }
  return {
    ...base,
    type: "stat",
    options: {
      reduceOptions,
      colorMode: bool(panel.colorBackground) ? "background" : bool(panel.colorValue) ? "value" : "none",
      graphMode: bool(obj(panel.sparkline).show) ? "area" : "none",
      justifyMode: "auto",
      textMode: name ? "name" : "value",
      orientation: "horizontal",
    },
  };
}

/** The unit; a plain number with a prefix or postfix gets that one as its unit, which is what was read off the panel. */
function unitWith(format: string, prefix: string, postfix: string): string {
  if (format !== "none" && format !== "short" && format !== "") return format;
  if (postfix.trim() !== "") return `suffix:${postfix}`;
  if (prefix.trim() !== "") return `prefix:${prefix}`;
  return format;
}

/** "50,80" and three colours as steps. */
export function stepsOf(thresholds: string, colours: readonly string[]): { value: number | null; color: string }[] {
  const edges = thresholds.split(",").flatMap((one) => num(one) ?? []);
  const fallback = ["green", "orange", "red"];
  return [null, ...edges].map((value, index) => ({ value, color: colours[index] ?? fallback[index] ?? "red" }));
}

/** `valueMaps` or `rangeMaps`, whichever `mappingType` chooses, as mappings in today's form. */
export function oldValueMaps(panel: Obj): Obj[] | undefined {
  const mappings: Obj[] = [];
  if ((num(panel.mappingType) ?? 1) === 2) {
    objs(panel.rangeMaps).forEach((one, index) => {
      if (str(one.from) === "null" && str(one.to) === "null") mappings.push(nullMapping(str(one.text)));
      else mappings.push({ type: "range", options: { from: num(one.from) ?? null, to: num(one.to) ?? null, result: { text: str(one.text), index } } });
    });
  } else {
    const values: Obj = {};
    objs(panel.valueMaps).forEach((one, index) => {
      const value = str(one.value);
      if (value === "null") mappings.push(nullMapping(str(one.text)));
      else if (value !== "") values[value] = { text: str(one.text), index };
    });
    if (Object.keys(values).length > 0) mappings.unshift({ type: "value", options: values });
  }
  return mappings.length === 0 ? undefined : mappings;
}

function nullMapping(text: string): Obj {
  return { type: "special", options: { match: "null+nan", result: { text } } };
}

const members = [
  "aliasColors", "bars", "cacheTimeout", "colorBackground", "colorPostfix", "colorPrefix", "colorValue", "colors", "dashLength", "dashes", "decimals",
  "fill", "format", "gauge", "legend", "lines", "linewidth", "mappingType", "mappingTypes", "nullPointMode", "nullText", "percentage", "pointradius",
  "points", "postfix", "postfixFontSize", "prefix", "prefixFontSize", "rangeMaps", "renderer", "seriesOverrides", "spaceLength", "sparkline", "stack",
  "steppedLine", "tableColumn", "thresholds", "tooltip", "valueFontSize", "valueMaps", "valueName", "xaxis", "yaxes",
]; // prettier-ignore
