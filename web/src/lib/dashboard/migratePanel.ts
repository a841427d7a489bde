import { bool, compact, isObj, list, num, obj, objs, str, type Obj } from "./json";
import { migrateFieldConfig } from "./migrateFieldConfig";
import { isOldGraph, migrateGraph } from "./migrateGraph";
import { migrateHeatmap, isOldHeatmap } from "./migrateHeatmap";
import { minSpanToMaxPerRow } from "./migrateRows";
import { migrateSinglestat } from "./migrateSinglestat";
import { isOldTable, migrateOldTable } from "./migrateTable";
import { reducerOf } from "./migrateCalcs";

/** One step of the migration: a panel in, a panel out; a panel that is not in the step's old form comes back as it is. */
type Step = (panel: Obj) => Obj;

// In the order in which Grafana's schema changed. Steps look at the form and not at the version: dashboards of version
// 14 hold panels of today.
const steps: readonly Step[] = [
  minSpanToMaxPerRow,
  (panel) => (isOldGraph(panel) ? migrateGraph(panel) : panel),
  (panel) => (panel.type === "singlestat" || panel.type === "grafana-singlestat-panel" ? migrateSinglestat(panel) : panel),
  (panel) => (isOldTable(panel) ? migrateOldTable(panel) : panel),
  (panel) => (isOldHeatmap(panel) ? migrateHeatmap(panel) : panel),
  migratePie,
  migrateText,
  migrateGaugeOptions,
  migrateFieldConfig,
  migrateLegend,
  migrateTransformations,
  migrateLinks,
];

/** A panel in the form of schema 42. What no step knows stays as it is. */
export function migratePanel(panel: Obj): Obj {
  return steps.reduce((before, step) => step(before), panel);
}

/** The plugin of before Grafana 8. */
function migratePie(panel: Obj): Obj {
  if (panel.type !== "grafana-piechart-panel") return panel;
  const legend = obj(panel.legend);
  return {
    ...panel,
    type: "piechart",
    fieldConfig: {
      defaults: compact({ unit: str(panel.format) || undefined, decimals: num(panel.decimals), color: { mode: "palette-classic" } }),
      overrides: Object.entries(obj(panel.aliasColors)).map(([name, colour]) => ({
        matcher: { id: "byName", options: name },
        properties: [{ id: "color", value: { mode: "fixed", fixedColor: colour } }],
      })),
    },
    options: {
      pieType: panel.pieType === "donut" ? "donut" : "pie",
      reduceOptions: { calcs: [reducerOf(str(panel.valueName, "current"))], fields: "", values: false },
      legend: {
        showLegend: legend.show !== false,
        displayMode: bool(legend.values) || bool(legend.percentage) ? "table" : "list",
        placement: str(panel.legendType).toLowerCase().startsWith("right") ? "right" : "bottom",
        values: [...(bool(legend.percentage) ? ["percent"] : []), ...(bool(legend.values) ? ["value"] : [])],
      },
      tooltip: { mode: "single" },
    },
  };
}

/** Text panels kept their content beside the options; `text2` was the name of the new one for a while. */
function migrateText(panel: Obj): Obj {
  if (panel.type !== "text" && panel.type !== "text2") return panel;
  const options = obj(panel.options);
  if (options.content !== undefined) return { ...panel, type: "text" };
  const { mode, content, ...rest } = panel;
  return { ...rest, type: "text", options: { ...options, mode: mode === "text" ? "markdown" : str(mode, "markdown"), content: str(content) } };
}

/** The gauge of Grafana 5 had its settings in `options-gauge`. */
function migrateGaugeOptions(panel: Obj): Obj {
  const old = panel["options-gauge"];
  if (!isObj(old)) return panel;
  const { "options-gauge": _, ...rest } = panel;
  const { options: _o, minValue, maxValue, decimals, unit, stat, prefix: _p, suffix: _s, thresholds, valueMappings, ...others } = { ...old, ...obj(old.options) };
  return {
    ...rest,
    options: {
      ...others,
      fieldOptions: {
        calcs: [reducerOf(str(stat, "avg"))],
        defaults: compact({ min: num(minValue), max: num(maxValue), decimals: num(decimals), unit: str(unit) || undefined }),
        thresholds: objs(thresholds),
        mappings: objs(valueMappings),
      },
    },
  };
}

/** A legend that is not shown was a display mode of its own before schema 37. */
function migrateLegend(panel: Obj): Obj {
  const options = obj(panel.options);
  const legend = options.legend;
  if (!isObj(legend)) return panel;
  const hidden = legend.displayMode === "hidden" || legend.showLegend === false;
  return { ...panel, options: { ...options, legend: { ...legend, displayMode: legend.displayMode === "hidden" ? "list" : legend.displayMode, showLegend: !hidden } } };
}

function migrateTransformations(panel: Obj): Obj {
  if (!Array.isArray(panel.transformations)) return panel;
  return {
    ...panel,
    transformations: objs(panel.transformations).flatMap((one): Obj[] => {
      const options = obj(one.options);
      switch (one.id) {
        case "seriesToColumns":
          return [{ ...one, id: "joinByField", options: { ...options, mode: "outer" } }];
        case "labelsToFields":
          // Before schema 31 it also joined the series of one query.
          return options.mode === undefined && options.keepLabels === undefined && options.valueLabel === undefined
            ? [one, ...(followedByMerge(panel, one) ? [] : [{ id: "merge", options: {} }])]
            : [one];
        default:
          return [one];
      }
    }),
  };
}

function followedByMerge(panel: Obj, one: Obj): boolean {
  const all = objs(panel.transformations);
  return all[all.indexOf(one) + 1]?.id === "merge";
}

/** Links of before schema 19 named a dashboard or an address, and what to hand over. */
function migrateLinks(panel: Obj): Obj {
  if (!Array.isArray(panel.links)) return panel;
  return {
    ...panel,
    links: list(panel.links)
      .filter(isObj)
      .map((link) => {
        if (link.type === undefined && link.url !== undefined) return link;
        const slug = str(link.dashboard).toLowerCase().replace(/[^a-z0-9]+/g, "-");
        const base = str(link.url) || (str(link.dashUri) === "" ? (slug === "" ? "" : `dashboard/db/${slug}`) : `dashboard/${str(link.dashUri)}`);
        const params = [
          ...(bool(link.keepTime) ? ["${__url_time_range}"] : []),
          ...(bool(link.includeVars) ? ["${__all_variables}"] : []),
          ...(str(link.params) === "" ? [] : [str(link.params)]),
        ];
        const url = params.length === 0 ? base : `${base}${base.includes("?") ? "&" : "?"}${params.join("&")}`;
        return { title: str(link.title), url, targetBlank: bool(link.targetBlank) };
      }),
  };
}
