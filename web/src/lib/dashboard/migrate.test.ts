import { describe, expect, it, test } from "vitest";

import legacyText from "../../../testdata/dashboards/legacy-rows.json?raw";
import modernText from "../../../testdata/dashboards/modern.json?raw";
import { migrateMappings, migrateThresholds } from "./migrateFieldConfig";
import { migratePanel } from "./migratePanel";
import { gridHeight, minSpanToMaxPerRow } from "./migrateRows";
import type { Dashboard, PanelModel } from "./model";
import { parseDashboard } from "./parse";
import { readDashboard } from "./read";
import { obj, objs, type Obj } from "./json";

function open(text: string): Dashboard {
  const parsed = parseDashboard(text);
  if (parsed.error !== undefined) throw new Error(parsed.error);
  const before = JSON.stringify(parsed.raw);
  const dashboard = readDashboard(parsed.raw);
  expect(JSON.stringify(parsed.raw), "the JSON is not touched").toBe(before);
  return dashboard;
}

const legacy = open(legacyText);
const modern = open(modernText);
const panel = (of: Dashboard, id: number): PanelModel => of.sections.flatMap((section) => section.panels).find((one) => one.id === id)!;
const properties = (of: PanelModel, alias: string): Obj =>
  Object.fromEntries(objs(of.fieldConfig.overrides.find((one) => obj(one.matcher).options === alias)?.properties).map((one) => [one.id, one.value]));

describe("parsing", () => {
  test.each([
    ["[]", /JSON object/],
    ["{", /not JSON/],
    ['{"a":1}', /no dashboard/],
    ['{"apiVersion":"dashboard.grafana.app/v2beta1","spec":{}}', /schema v2/],
    ['{"elements":{},"layout":{}}', /schema v2/],
  ])("%s is refused with a reason", (text, reason) => {
    expect(parseDashboard(text)).toEqual({ error: expect.stringMatching(reason) });
  });

  test.each([
    ['{"panels":[],"schemaVersion":"36"}', 36],
    ['{"dashboard":{"title":"x","panels":[],"schemaVersion":14},"meta":{}}', 14],
    ['\uFEFF{"rows":[]}', 0],
  ])("%s opens", (text, version) => {
    expect(parseDashboard(text)).toMatchObject({ version });
  });

  it("tells of versions that are newer than what is known", () => {
    expect(parseDashboard('{"panels":[],"schemaVersion":77}')).toMatchObject({ notices: [expect.stringContaining("77")] });
  });
});

describe("rows of old dashboards", () => {
  it("become headings with their panels placed line by line", () => {
    expect(legacy.sections.map(({ row }) => [row?.title, row?.collapsed, row?.repeat])).toEqual([
      ["Numbers", false, ""],
      ["Graphs", false, ""],
      ["Per $job", true, "job"],
    ]);
    expect(panel(legacy, 1).gridPos).toEqual({ x: 0, y: 1, w: 6, h: 4 });
    expect(panel(legacy, 3).gridPos).toEqual({ x: 12, y: 1, w: 12, h: 4 });
    expect(panel(legacy, 4).gridPos).toEqual({ x: 0, y: 6, w: 16, h: 8 });
    expect(panel(legacy, 5).gridPos).toEqual({ x: 16, y: 6, w: 8, h: 8 });
    // A panel that does not fit stands on the next line; its own height wins.
    expect(panel(legacy, 6).gridPos).toEqual({ x: 0, y: 14, w: 24, h: 7 });
  });

  test.each([
    [250, 7],
    ["250px", 7],
    ["25px", 3],
    [undefined, 7],
    ["", 7],
    [1000, 27],
  ])("a height of %s is %s rows", (height, rows) => {
    expect(gridHeight(height)).toBe(rows);
  });

  test.each([
    [12, 2],
    [8, 3],
    [4, 6],
    [24, 1],
  ])("a minSpan of %s allows %s in a line", (minSpan, maxPerRow) => {
    expect(minSpanToMaxPerRow({ minSpan })).toEqual({ maxPerRow });
  });

  it("panels without a place or an id get both", () => {
    const dashboard = readDashboard({ panels: [{ type: "text" }, { type: "text", id: 1 }, { type: "text", id: 1 }] });
    const panels = dashboard.sections.flatMap((section) => section.panels);
    expect(new Set(panels.map((one) => one.id)).size).toBe(3);
    expect(panels.map((one) => one.gridPos)).toEqual([
      { x: 0, y: 0, w: 12, h: 8 },
      { x: 12, y: 0, w: 12, h: 8 },
      { x: 0, y: 8, w: 12, h: 8 },
    ]);
  });
});

describe("a graph becomes a time series", () => {
  const graph = panel(legacy, 4);
  const { defaults } = graph.fieldConfig;

  it("with its lines, axes and limits", () => {
    expect(graph).toMatchObject({ type: "timeseries", legacyType: "graph", timeFrom: "1h", timeShift: "1h" });
    expect(defaults).toMatchObject({
      unit: "percentunit",
      min: 0,
      color: { mode: "palette-classic" },
      thresholds: {
        mode: "absolute",
        steps: [
          { value: null, color: "transparent" },
          { value: 0.5, color: "orange" },
          { value: 0.8, color: "rgba(255,0,0,0.2)" },
        ],
      },
      custom: {
        drawStyle: "line",
        lineWidth: 2,
        fillOpacity: 20,
        gradientMode: "opacity",
        lineInterpolation: "stepAfter",
        showPoints: "never",
        stacking: { mode: "normal", group: "A" },
        nullValueMode: "null as zero",
        thresholdsStyle: { mode: "line+area" },
        axisLabel: "cores",
      },
    });
    expect(defaults).not.toHaveProperty("max");
  });

  it("with its overrides by name and by pattern", () => {
    expect(properties(graph, "cpu a")).toEqual({ color: { mode: "fixed", fixedColor: "#890F02" } });
    expect(properties(graph, "/^memory/")).toEqual({
      color: { mode: "fixed", fixedColor: "#1F60C4" },
      "custom.fillOpacity": 0,
      "custom.lineWidth": 1,
      "custom.lineStyle": { fill: "dash", dash: [4, 2] },
      "custom.stacking": { mode: "none", group: "A" },
      "custom.axisPlacement": "right",
      unit: "bytes",
      max: 1e9,
      "custom.axisLabel": "memory",
      "custom.scaleDistribution": { type: "log", log: 10 },
      "custom.hideFrom": { legend: true, tooltip: false, viz: false },
    });
    expect(graph.fieldConfig.overrides[1]).toMatchObject({ matcher: { id: "byRegexp" } });
    expect(properties(graph, "limit")).toMatchObject({
      "custom.transform": "negative-Y",
      "custom.showPoints": "always",
      "custom.pointSize": 4,
      "custom.fillBelowTo": "lower",
      "custom.spanNulls": true,
      "custom.hideFrom": { tooltip: true },
    });
    expect(properties(graph, "bars")).toMatchObject({ "custom.drawStyle": "bars", "custom.lineWidth": 0 });
  });

  it("with its legend, tooltip and links", () => {
    expect(graph.options).toEqual({
      legend: { showLegend: true, displayMode: "table", placement: "right", calcs: ["max", "mean", "lastNotNull", "sum"], width: 200, sortBy: "Last *", sortDesc: true },
      tooltip: { mode: "multi", sort: "desc" },
    });
    expect(graph.links).toEqual([{ title: "Other", url: "dashboard/db/other?${__url_time_range}&${__all_variables}&x=1", targetBlank: true }]);
  });

  it("or a bar chart or histogram, by its x axis", () => {
    expect(panel(legacy, 5)).toMatchObject({ type: "barchart", maxPerRow: 3, repeat: "job" });
    expect(panel(legacy, 6)).toMatchObject({ type: "histogram", options: { bucketCount: 12 } });
  });

  test.each<[string, Obj, Obj]>([
    ["points alone", { lines: false, points: true }, { drawStyle: "points", lineWidth: 0, showPoints: "always" }],
    ["bars", { bars: true, lines: false }, { drawStyle: "bars", fillOpacity: 100 }],
    ["percent", { stack: true, percentage: true }, { stacking: { mode: "percent", group: "A" } }],
    ["connected", { nullPointMode: "connected" }, { spanNulls: true }],
    ["dashes", { dashes: true, dashLength: 5, spaceLength: 3 }, { lineStyle: { fill: "dash", dash: [5, 3] } }],
    ["a log axis", { yaxes: [{ logBase: 32 }] }, { scaleDistribution: { type: "log", log: 2 } }],
    ["no axis", { yaxes: [{ show: false }] }, { axisPlacement: "hidden" }],
  ])("%s", (_, members, custom) => {
    expect(obj(migratePanel({ type: "graph", ...members }).fieldConfig).defaults).toMatchObject({ custom });
  });

  it("a limit from above colours what is below it", () => {
    const { fieldConfig } = migratePanel({ type: "graph", thresholds: [{ value: 10, op: "lt", colorMode: "critical", line: true }] });
    expect(obj(obj(fieldConfig).defaults).thresholds).toEqual({
      mode: "absolute",
      steps: [
        { value: null, color: "red" },
        { value: 10, color: "transparent" },
      ],
    });
  });
});

describe("a singlestat becomes", () => {
  it("a stat with its colours, sparkline and mappings", () => {
    expect(panel(legacy, 1)).toMatchObject({
      type: "stat",
      options: { colorMode: "background", graphMode: "area", textMode: "value", reduceOptions: { calcs: ["lastNotNull"] } },
      fieldConfig: {
        defaults: {
          unit: "suffix: up",
          thresholds: { steps: [{ value: null, color: "#d44a3a" }, { value: 1, color: "rgba(237, 129, 40, 0.89)" }, { value: 3, color: "#299c46" }] },
          mappings: [
            { type: "value", options: { 0: { text: "none", index: 0 } } },
            { type: "special", options: { match: "null+nan", result: { text: "N/A" } } },
          ],
        },
      },
    });
  });

  it("a gauge where it was one", () => {
    expect(panel(legacy, 2)).toMatchObject({
      type: "gauge",
      options: { showThresholdLabels: true, reduceOptions: { calcs: ["mean"] } },
      fieldConfig: { defaults: { min: 0, max: 100, unit: "percent", decimals: 1 } },
    });
  });

  it("a name where it showed one", () => {
    expect(panel(legacy, 3)).toMatchObject({ options: { textMode: "name", reduceOptions: { fields: "/^version$/" } } });
  });
});

describe("an old table", () => {
  const table = panel(legacy, 7);

  it("keeps its styles as overrides", () => {
    expect(table).toMatchObject({ type: "table", transformations: [{ id: "merge" }], fieldConfig: { defaults: { unit: "short", decimals: 1 } } });
    expect(properties(table, "Time")).toEqual({ displayName: "When", unit: "time:YYYY-MM-DD HH:mm:ss" });
    expect(properties(table, "Value #A")).toEqual({
      displayName: "Load",
      unit: "percentunit",
      decimals: 2,
      "custom.cellOptions": { type: "color-background", mode: "basic" },
      color: { mode: "thresholds" },
      thresholds: { mode: "absolute", steps: [{ value: null, color: "green" }, { value: 0.5, color: "orange" }, { value: 0.8, color: "red" }] },
      links: [{ title: "to $__cell_1", url: "/d/other?var-job=${__data.fields[1]}&v=${__value.text}", targetBlank: true }],
    });
    expect(properties(table, "/instance|pod/")).toEqual({ "custom.hidden": true });
    expect(properties(table, "state")).toMatchObject({ mappings: [{ type: "value", options: { 1: { text: "up" } } }] });
  });

  it("has its aggregations as a reduction", () => {
    expect(panel(legacy, 8).transformations).toEqual([{ id: "reduce", options: { includeTimeField: false, reducers: ["mean", "lastNotNull"], mode: "seriesToRows" } }]);
  });
});

describe("forms within panels", () => {
  test.each<[string, unknown, unknown]>([
    ["a bare list", [{ value: null, color: "green" }, { value: 80, color: "red" }], [{ value: null, color: "green" }, { value: 80, color: "red" }]],
    ["values as text", { mode: "absolute", steps: [{ color: "green" }, { value: "80", color: "red" }] }, [{ value: null, color: "green" }, { value: 80, color: "red" }]],
    ["minus infinity", { steps: [{ value: "-Infinity", color: "green" }] }, [{ value: null, color: "green" }]],
    ["none", undefined, []],
  ])("thresholds: %s", (_, given, steps) => {
    expect(migrateThresholds(given)).toEqual({ mode: "absolute", steps });
  });

  it("mappings of before Grafana 8", () => {
    expect(
      migrateMappings([
        { id: 0, type: 1, value: "1", text: "on" },
        { type: 2, from: "5", to: "10", text: "many" },
        { type: 1, value: "null", text: "none" },
        { type: "regex", options: { pattern: "x", result: { text: "y" } } },
      ]),
    ).toEqual([
      { type: "value", options: { 1: { text: "on", index: 0 } } },
      { type: "range", options: { from: 5, to: 10, result: { text: "many", index: 1 } } },
      { type: "special", options: { match: "null", result: { text: "none", index: 2 } } },
      { type: "regex", options: { pattern: "x", result: { text: "y" } } },
    ]);
  });

  it("stat and gauge of Grafana 6", () => {
    const given = { type: "gauge", options: { fieldOptions: { calcs: ["mean"], values: false, defaults: { unit: "percent", max: 100, title: "Used" }, thresholds: [{ value: null, color: "green" }], mappings: [{ type: 1, value: "1", text: "a" }] } } };
    expect(migratePanel(given)).toMatchObject({
      options: { reduceOptions: { calcs: ["mean"], values: false } },
      fieldConfig: { defaults: { unit: "percent", max: 100, displayName: "Used", thresholds: { steps: [{ value: null, color: "green" }] }, mappings: [{ type: "value" }] } },
    });
  });

  it("cell kinds, in defaults and overrides", () => {
    const given = { type: "table", fieldConfig: { defaults: { custom: { displayMode: "color-background-solid" } }, overrides: [{ matcher: { id: "byName", options: "x" }, properties: [{ id: "custom.displayMode", value: "lcd-gauge" }] }] } };
    expect(migratePanel(given).fieldConfig).toEqual({
      defaults: { custom: { cellOptions: { type: "color-background", mode: "basic" } } },
      overrides: [{ matcher: { id: "byName", options: "x" }, properties: [{ id: "custom.cellOptions", value: { type: "gauge", mode: "lcd" } }] }],
    });
  });

  it("legends, joins, texts and pies", () => {
    expect(panel(modern, 5).options.legend).toEqual({ displayMode: "list", placement: "bottom", showLegend: false });
    expect(migratePanel({ type: "table", transformations: [{ id: "seriesToColumns", options: { byField: "x" } }] }).transformations).toEqual([{ id: "joinByField", options: { byField: "x", mode: "outer" } }]);
    expect(panel(legacy, 9)).toMatchObject({ type: "text", options: { mode: "html", content: "<b>Notes</b> on $job" } });
    expect(migratePanel({ type: "grafana-piechart-panel", pieType: "donut", valueName: "total", legend: { show: true, percentage: true } })).toMatchObject({ type: "piechart", options: { pieType: "donut", reduceOptions: { calcs: ["sum"] }, legend: { displayMode: "table", values: ["percent"] } } });
  });

  it("heatmaps of before Grafana 9", () => {
    const given = { type: "heatmap", dataFormat: "tsbuckets", cards: {}, color: { mode: "spectrum", colorScheme: "interpolateSpectral", exponent: 0.7 }, hideZeroBuckets: true, yAxis: { format: "s", decimals: 0 }, yBucketBound: "upper" };
    expect(migratePanel(given).options).toMatchObject({ calculate: false, color: { mode: "scheme", scheme: "Spectral", exponent: 0.7 }, yAxis: { unit: "s", decimals: 0 }, rowsFrame: { layout: "le" }, filterValues: { le: 1e-9 } });
  });

  it("what no step knows stays", () => {
    const given = { type: "some-panel", vendor: { keeps: [1] }, options: { x: 1 } };
    expect(migratePanel(given)).toMatchObject(given);
  });
});

describe("the dashboard", () => {
  it("has its time, tooltip, variables, links and annotations", () => {
    expect(legacy).toMatchObject({ uid: "legacy-rows", graphTooltip: 1, time: { from: "now-3h", to: "now" }, refresh: "30s", timezone: "utc", schemaVersion: 14 });
    expect(legacy.variables.map((one) => [one.name, one.type, one.hide, one.multi, one.allValue])).toEqual([
      ["job", "query", "none", true, ".*"],
      ["target", "constant", "variable", false, ""],
      ["interval", "interval", "none", false, ""],
    ]);
    expect(legacy.links[0]).toMatchObject({ type: "dashboards", asDropdown: true, keepTime: true, includeVars: true });
    expect(legacy.annotations.map((one) => [one.name, one.builtIn, one.enable])).toEqual([
      ["Annotations & Alerts", true, true],
      ["Restarts", false, true],
    ]);
    expect(modern.annotations[1]?.filter).toEqual({ exclude: false, ids: [1] });
  });

  it("gives folded and open rows their panels", () => {
    expect(modern.sections.map(({ row, panels }) => [row?.title, row?.collapsed, panels.map((one) => one.id)])).toEqual([
      [undefined, undefined, [1, 2, 8, 3, 4, 5, 6, 7]],
      ["Per $job", true, [10]],
      ["Repeats", false, [12, 13, 14, 15, 16]],
    ]);
  });

  it("takes library panels from the export", () => {
    const dashboard = readDashboard({ __elements: { lib: { model: { type: "stat", title: "Shared", targets: [{ expr: "up" }] } } }, panels: [{ id: 5, gridPos: { x: 0, y: 0, w: 4, h: 4 }, libraryPanel: { uid: "lib", name: "Shared stat" } }] });
    expect(dashboard.sections[0]?.panels[0]).toMatchObject({ id: 5, type: "stat", title: "Shared", library: "Shared stat", targets: [{ refId: "A", expr: "up" }] });
  });

  it.each([{}, { panels: "x" }, { panels: [null, 1, "a", {}] }, { rows: [{}, { panels: [{ span: "wide" }] }] }, { templating: [], annotations: 3, links: {}, time: "x" }])("opens whatever is in %j", (raw) => {
    expect(() => readDashboard(raw)).not.toThrow();
  });
});
