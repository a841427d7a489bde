import { lazy, type ComponentType } from "react";

import type { PanelProps, PanelType } from "./panel";

type Load = () => Promise<ComponentType<PanelProps>>;

/** A panel type whose code is loaded when the first panel of it is drawn. */
function type(id: string, name: string, load: Load, options: PanelType["defaults"]["options"] = {}, fieldConfig: PanelType["defaults"]["fieldConfig"] = {}): PanelType {
  return { id, name, load, component: lazy(async () => ({ default: await load() })), defaults: { options, fieldConfig: { defaults: fieldConfig, overrides: [] } } };
}

const reduceOptions = { calcs: ["lastNotNull"], fields: "", values: false };
const thresholds = { mode: "absolute", steps: [{ value: null, color: "green" }, { value: 80, color: "red" }] };
const byThresholds = { color: { mode: "thresholds" }, thresholds };
const byPalette = { color: { mode: "palette-classic" } };
const legend = { showLegend: true, displayMode: "list", placement: "bottom", calcs: [] };
const tooltip = { mode: "multi", sort: "desc" };

const all: readonly PanelType[] = [
  type("timeseries", "Time series", async () => (await import("./timeseries/TimeSeriesPanel")).TimeSeriesPanel, { legend, tooltip }, { ...byPalette, custom: { drawStyle: "line", lineWidth: 1, fillOpacity: 10, showPoints: "auto", spanNulls: false } }),
  type("stat", "Stat", async () => (await import("./stat/StatPanel")).StatPanel, { reduceOptions, graphMode: "area", colorMode: "value", textMode: "auto", justifyMode: "auto", orientation: "auto" }, byThresholds),
  type("gauge", "Gauge", async () => (await import("./gauge/GaugePanel")).GaugePanel, { reduceOptions, showThresholdMarkers: true, showThresholdLabels: false, orientation: "auto" }, byThresholds),
  type("bargauge", "Bar gauge", async () => (await import("./bargauge/BarGaugePanel")).BarGaugePanel, { reduceOptions, displayMode: "gradient", orientation: "auto", showUnfilled: true, valueMode: "color" }, byThresholds),
  type("table", "Table", async () => (await import("./table/TablePanel")).TablePanel, { showHeader: true, cellHeight: "sm", footer: { show: false, reducer: ["sum"] } }, { thresholds, custom: { align: "auto", cellOptions: { type: "auto" } } }),
  type("text", "Text", async () => (await import("./text/TextPanel")).TextPanel, { mode: "markdown", content: "" }),
  type("piechart", "Pie chart", async () => (await import("./piechart/PieChartPanel")).PieChartPanel, { reduceOptions, pieType: "pie", displayLabels: [], legend: { ...legend, displayMode: "table", placement: "right", values: ["value"] }, tooltip }, byPalette),
  type("barchart", "Bar chart", async () => (await import("./barchart/BarChartPanel")).BarChartPanel, { orientation: "auto", stacking: "none", showValue: "auto", groupWidth: 0.7, barWidth: 0.97, legend, tooltip }, { ...byPalette, custom: { lineWidth: 1, fillOpacity: 80 } }),
  type("histogram", "Histogram", async () => (await import("./histogram/HistogramPanel")).HistogramPanel, { bucketCount: 30, legend, tooltip }, { ...byPalette, custom: { lineWidth: 1, fillOpacity: 80 } }),
  type("heatmap", "Heatmap", async () => (await import("./heatmap/HeatmapPanel")).HeatmapPanel, { calculate: false, cellGap: 1, color: { mode: "scheme", scheme: "Oranges", steps: 64 }, legend: { show: true }, yAxis: {} }),
  type("state-timeline", "State timeline", async () => (await import("./states/StateTimelinePanel")).StateTimelinePanel, { mergeValues: true, showValue: "auto", alignValue: "left", rowHeight: 0.9, legend, tooltip }, { ...byThresholds, custom: { fillOpacity: 70, lineWidth: 0 } }),
  type("status-history", "Status history", async () => (await import("./states/StatusHistoryPanel")).StatusHistoryPanel, { showValue: "auto", rowHeight: 0.9, colWidth: 0.9, legend, tooltip }, { ...byThresholds, custom: { fillOpacity: 70, lineWidth: 1 } }),
  type("logs", "Logs", async () => (await import("./logs/LogsPanel")).LogsPanel, { showTime: true, wrapLogMessage: false, sortOrder: "Descending", enableLogDetails: true, dedupStrategy: "none" }),
  type("traces", "Traces", async () => (await import("./traces/TracesPanel")).TracesPanel),
  type("nodeGraph", "Node graph", async () => (await import("./nodegraph/NodeGraphPanel")).NodeGraphPanel),
  type("geomap", "Geomap", async () => (await import("./geomap/GeomapPanel")).GeomapPanel, { view: { id: "zero", lat: 0, lon: 0, zoom: 1 }, controls: { showZoom: true, mouseWheelZoom: false }, basemap: { type: "default", name: "World" }, layers: [{ type: "markers", name: "Markers", config: { showLegend: true, style: { size: { fixed: 5, min: 2, max: 15 }, color: { fixed: "dark-green" }, opacity: 0.4 } }, location: { mode: "auto" }, tooltip: true }], tooltip: { mode: "details" } }, byThresholds),
  type("dashlist", "Dashboard list", async () => (await import("./lists/DashListPanel")).DashListPanel, { showHeadings: true, showSearch: true, showStarred: false, maxItems: 10, query: "", tags: [] }),
  type("alertlist", "Alert list", async () => (await import("./lists/AlertListPanel")).AlertListPanel, { maxItems: 20, sortOrder: 1, stateFilter: { firing: true, pending: true } }),
  type("annolist", "Annotation list", async () => (await import("./lists/AnnoListPanel")).AnnoListPanel, { limit: 10, tags: [] }),
  type("grafana-polystat-panel", "Polystat", async () => (await import("./polystat/PolystatPanel")).PolystatPanel),
];

/** The panel types that are drawn, by their ids in dashboards, in the order they are offered. */
export const panelTypes: ReadonlyMap<string, PanelType> = new Map(all.map((one) => [one.id, one]));
