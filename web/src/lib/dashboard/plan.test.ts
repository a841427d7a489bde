import { describe, expect, it, test } from "vitest";

import { filterLogQL, filterPromQL } from "./adhoc";
import { csvOf } from "./csv";
import { localSources } from "./datasource";
import { durationMs } from "./duration";
import { evaluate, framesOf, seriesIn, type Series } from "./expressions";
import { importReport, fillInputs, uidOf } from "./importReport";
import { dashboardHref, linkTarget, withParams } from "./links";
import { parseMath } from "./mathParse";
import type { Scope } from "./interpolate";
import { panelTime } from "./panelTime";
import { planPanel, type PlanContext, type Query } from "./plan";
import { heatmapFrames, legends, tableFrame, timeSeriesFrames } from "./promFrames";
import { readDashboard, readPanel } from "./read";
import { rawPanelOf } from "./rawPanel";
import { placeSections } from "./repeat";
import { pageScope } from "./scopes";
import { niceStep, queryStep } from "./step";

const hour = 3_600_000;
const range = { from: 1_700_000_000_000, to: 1_700_000_000_000 + hour };
const page = pageScope({ range, raw: { from: "now-1h", to: "now" }, zone: "UTC", dashboard: { uid: "u", title: "T" }, user: { login: "", email: "" } });
const variables: Scope = new Map([["job", { value: "api", text: "api" }]]);
const context: PlanContext = { range, scopes: [variables, page], variables: [], filters: [], sources: localSources, inputs: [], points: 400 };
const plan = (panel: Record<string, unknown>, more: Partial<PlanContext> = {}) => planPanel(readPanel({ id: 1, type: "timeseries", ...panel }), { ...context, ...more });
const queries = (targets: Record<string, unknown>[], panel: Record<string, unknown> = {}): Query[] => plan({ targets, ...panel }).queries;

describe("steps", () => {
  test.each([
    [1, 1000],
    [7000, 5000],
    [8000, 10_000],
    [14_000, 15_000],
    [90_000, 120_000],
    [hour * 5, hour * 6],
  ])("%s ms is rounded to %s", (ms, nice) => {
    expect(niceStep(ms)).toBe(nice);
  });

  test.each([
    [{ rangeMs: hour, points: 400, leastMs: 0, factor: 1 }, 10_000],
    [{ rangeMs: hour, points: 400, leastMs: 60_000, factor: 1 }, 60_000],
    [{ rangeMs: hour, points: 400, leastMs: 0, factor: 2 }, 20_000],
    [{ rangeMs: 365 * 24 * hour, points: 100_000, leastMs: 1000, factor: 1 }, 2_867_000],
  ])("%j is %s", (input, step) => {
    expect(queryStep(input)).toBe(step);
  });

  test.each([["30s", 30_000], [">1m", 60_000], ["1d", 86_400_000], ["1M", 2_592_000_000], ["15", 15_000], ["x", undefined], ["", undefined]])("%s is %s ms", (text, ms) => {
    expect(durationMs(text)).toBe(ms);
  });
});

describe("Prometheus targets", () => {
  it("are asked over the range with variables and macros filled in", () => {
    expect(queries([{ refId: "A", expr: 'rate(x{job="$job"}[$__rate_interval]) / $__range_s', legendFormat: "{{pod}} of $job" }])).toEqual([
      expect.objectContaining({ type: "prometheus", expr: 'rate(x{job="api"}[1m]) / 3600', legend: "{{pod}} of api", instant: false, format: "time_series", stepMs: 15_000 }),
    ]);
  });

  test.each<[string, Record<string, unknown>, Record<string, unknown>, boolean[]]>([
    ["neither flag", {}, {}, [false]],
    ["instant", { instant: true }, {}, [true]],
    ["instant of old dashboards", { instant: true, range: false }, {}, [true]],
    ["both", { instant: true, range: true }, {}, [false, true]],
    ["hidden", { hide: true }, {}, []],
    ["no expression", { expr: " " }, {}, []],
  ])("%s", (_, target, panel, instants) => {
    expect(queries([{ refId: "A", expr: "up", ...target }], panel).map((query) => "instant" in query && query.instant)).toEqual(instants);
  });

  test.each<[string, Record<string, unknown>, Record<string, unknown>, number]>([
    ["of the target", { interval: "2m" }, {}, 120_000],
    ["of the panel", {}, { interval: ">1m" }, 60_000],
    ["of a variable", { interval: "$every" }, {}, 300_000],
    ["a macro is none", { interval: "$__interval" }, {}, 15_000],
    ["from fewer points", {}, { maxDataPoints: 10 }, 300_000],
    ["by factor", { intervalFactor: 4 }, {}, 60_000],
    ["kept by old dashboards", { step: 30 }, {}, 30_000],
    ["kept, but too long for the range", { step: 240 }, {}, 15_000],
  ])("a step %s", (_, target, panel, stepMs) => {
    const scoped = { scopes: [new Map([["every", { value: "5m", text: "5m" }]]), page] };
    expect(plan({ targets: [{ refId: "A", expr: "up", ...target }], ...panel }, scoped).queries[0]).toMatchObject({ stepMs });
  });

  it("carry the filters of their data source", () => {
    const filters = [{ key: "job", operator: "=", value: "a" }];
    const own = plan({ targets: [{ expr: "up" }] }, { filters: [{ datasource: { type: "prometheus", uid: "prometheus" }, filters }] });
    expect(own.queries[0]).toMatchObject({ filters });
    const other = plan({ targets: [{ expr: "up" }] }, { filters: [{ datasource: { type: "loki", uid: "loki" }, filters }] });
    expect(other.queries[0]).toMatchObject({ filters: [] });
  });
});

describe("other targets", () => {
  const loki = { type: "loki", uid: "loki" };
  const tempo = { type: "tempo", uid: "tempo" };
  test.each<[string, Record<string, unknown>, Record<string, unknown>]>([
    ["Loki", { datasource: loki, expr: '{a="$job"}', maxLines: 50 }, { type: "loki", expr: '{a="api"}', limit: 50, instant: false }],
    ["Loki at one instant", { datasource: loki, expr: "sum(rate({a=\"b\"}[5m]))", queryType: "instant" }, { instant: true }],
    ["TraceQL", { datasource: tempo, query: "{ status = error }", queryType: "traceql" }, { type: "tempo", ask: "search", query: "{ status = error }" }],
    ["TraceQL metrics", { datasource: tempo, query: "{} | rate() by (name)" }, { ask: "metrics" }],
    ["a trace by its id", { datasource: tempo, query: "0123456789abcdef0123456789abcdef" }, { ask: "trace" }],
    ["the map of services", { datasource: tempo, queryType: "serviceMap" }, { ask: "serviceMap" }],
    [
      "a search clicked together",
      { datasource: tempo, queryType: "traceqlSearch", filters: [{ tag: "service.name", scope: "resource", operator: "=", value: ["shop", "cart"] }, { tag: "status", operator: "=", value: "error", valueType: "keyword" }, { tag: "x", value: "" }] },
      { ask: "search", query: '{resource.service.name=~"shop|cart" && status=error}' },
    ],
    ["Jaeger's trace", { datasource: { type: "jaeger" }, query: "abc" }, { type: "jaeger", ask: "trace", query: "abc" }],
    ["Jaeger's search", { datasource: { type: "jaeger" }, queryType: "search", service: "$job", limit: 5 }, { ask: "search", service: "api", limit: 5 }],
  ])("%s", (_, target, query) => {
    expect(queries([{ refId: "A", ...target }])[0]).toMatchObject(query);
  });

  it("that nothing can be asked for are named with the reason", () => {
    expect(plan({ targets: [{ refId: "A", datasource: { type: "mysql", uid: "x" } }] })).toMatchObject({ queries: [], refused: [{ refId: "A", reason: expect.stringContaining("mysql") }] });
  });

  it("of another panel name it", () => {
    expect(plan({ datasource: { type: "datasource", uid: "-- Dashboard --" }, targets: [{ panelId: 7 }] }).fromPanel).toBe(7);
  });

  it("that only expressions need are asked, and not shown", () => {
    const expr = { type: "__expr__", uid: "__expr__" };
    const made = plan({ targets: [{ refId: "D", datasource: expr, type: "reduce", expression: "C" }, { refId: "C", datasource: expr, type: "math", expression: "$A * 2" }, { refId: "A", hide: true, expr: "up" }, { refId: "B", hide: true, expr: "down" }] });
    expect(made.queries.map((query) => query.refId)).toEqual(["A"]);
    expect([...made.hidden]).toEqual(["A"]);
    expect(made.expressions.map((target) => target.refId)).toEqual(["C", "D"]);
  });
});

describe("frames", () => {
  const series = [
    { labels: { __name__: "up", job: "a" }, times: [1000, 2000], values: [1, null] },
    { labels: { __name__: "up", job: "b" }, times: [1000], values: [3] },
  ];
  test.each([
    ["{{job}}", ["a", "b"]],
    ["{{ job }} of {{nothing}}!", ["a of !", "b of !"]],
    ["", ['up{job="a"}', 'up{job="b"}']],
    ["__auto", ["a", "b"]],
    ["static", ["static", "static"]],
  ])("a legend %s", (legend, names) => {
    expect(legends(series, { legend, query: "up" })).toEqual(names);
  });

  it("of series have a time and a value each", () => {
    const [first] = timeSeriesFrames(series, { refId: "A", legend: "{{job}}", query: "up" });
    expect(first).toMatchObject({ refId: "A", name: "a", fields: [{ type: "time", values: [1000, 2000] }, { type: "number", values: [1, null], labels: { job: "a" } }] });
  });

  it("of a table have a column per label", () => {
    const [table] = tableFrame(series, { refId: "A", legend: "", query: "up" }, true);
    expect(table?.fields.map((field) => [field.name, field.values])).toEqual([
      ["Time", [1000, 2000, 1000]],
      ["__name__", ["up", "up", "up"]],
      ["job", ["a", "a", "b"]],
      ["Value #A", [1, null, 3]],
    ]);
    expect(tableFrame([], { refId: "A", legend: "", query: "" }, false)).toEqual([]);
  });

  it("of buckets hold what is between the bounds", () => {
    const bucket = (le: string, ...values: number[]) => ({ labels: { le }, times: [1, 2], values });
    const [heat] = heatmapFrames([bucket("+Inf", 5, 9), bucket("0.1", 1, 2), bucket("1", 4, 9)], { refId: "A", legend: "{{le}}", query: "" });
    expect(heat?.fields.map((field) => [field.name, field.values])).toEqual([
      ["Time", [1, 2]],
      ["0.1", [1, 2]],
      ["1", [3, 7]],
      ["+Inf", [1, 0]],
    ]);
  });

  it("are written as CSV, series side by side", () => {
    const frames = timeSeriesFrames(series, { refId: "A", legend: '{{job}}, "x"', query: "" });
    expect(csvOf(frames)).toBe('Time,"a, ""x""","b, ""x"""\r\n1970-01-01T00:00:01.000Z,1,3\r\n1970-01-01T00:00:02.000Z,,\r\n');
  });
});

describe("expressions", () => {
  const over = (labels: Record<string, string>, ...values: (number | null)[]): Series => ({ labels, times: values.map((_, index) => index * 60_000), values });
  const inputs = new Map<string, Series[]>([
    ["A", [over({ job: "a" }, 1, 2, 3), over({ job: "b" }, 4, null, 6)]],
    ["B", [over({}, 2, 2, 2)]],
    ["C", [{ labels: {}, times: null, values: [10] }]],
  ]);
  test.each<[string, (number | null)[][]]>([
    ["$A * 2", [[2, 4, 6], [8, null, 12]]],
    ["${A} / $B", [[0.5, 1, 1.5], [2, null, 3]]],
    ["$A + $C", [[11, 12, 13], [14, null, 16]]],
    ["$C - 1 - 2", [[7]]],
    ["2 + 3 * 4 ** 2", [[50]]],
    ["-(1 + 2) * 2", [[-6]]],
    ["$C > 5 && !0", [[1]]],
    ["abs(-3) + round(1.6)", [[5]]],
    ["is_null($A)", [[0, 0, 0], [0, 1, 0]]],
    ["$C % 3 == 1 || 0", [[1]]],
  ])("%s", (expression, values) => {
    expect(evaluate({ type: "math", expression }, inputs).map((series) => series.values)).toEqual(values);
  });

  test.each(["$A +", "(1", "1 2", "foo(1)", "@", "$Z", `${"(".repeat(300)}1${")".repeat(300)}`])("%s is refused", (expression) => {
    expect(() => evaluate({ type: "math", expression }, inputs)).toThrow();
  });

  test.each<[string, string, number | null]>([
    ["mean", "", 2],
    ["last", "", 3],
    ["sum", "", 6],
    ["count", "", 3],
    ["median", "", 2],
  ])("reduces to the %s", (reducer, mode, value) => {
    expect(evaluate({ type: "reduce", expression: "A", reducer, settings: { mode } }, inputs)[0]?.values).toEqual([value]);
  });

  it("reduces gaps away, or to a value", () => {
    expect(evaluate({ type: "reduce", expression: "$A", reducer: "sum", settings: { mode: "dropNN" } }, inputs)[1]?.values).toEqual([10]);
    expect(evaluate({ type: "reduce", expression: "A", reducer: "sum", settings: { mode: "replaceNN", replaceWithValue: 1 } }, inputs)[1]?.values).toEqual([11]);
    expect(evaluate({ type: "reduce", expression: "A", reducer: "sum" }, inputs)[1]?.values).toEqual([NaN]);
  });

  it("resamples to a grid, and compares with a threshold", () => {
    expect(evaluate({ type: "resample", expression: "A", window: "30s", upsampler: "pad" }, inputs)[0]).toMatchObject({ values: [1, 1, 2, 2, 3] });
    expect(evaluate({ type: "resample", expression: "A", window: "2m", downsampler: "max" }, inputs)[0]).toMatchObject({ values: [1, 3] });
    expect(evaluate({ type: "threshold", expression: "A", conditions: [{ evaluator: { type: "gt", params: [2] } }] }, inputs)[0]?.values).toEqual([0, 0, 1]);
  });

  it("read frames and make frames", () => {
    const frames = framesOf("D", evaluate({ type: "math", expression: "$A" }, inputs));
    expect(seriesIn(frames)).toEqual(inputs.get("A"));
    expect(parseMath("1")).toEqual({ kind: "number", value: 1 });
  });
});

describe("ad hoc filters", () => {
  const filters = [{ key: "job", operator: "=", value: 'a"b' }, { key: "x", operator: "=|", value: "1" }];
  test.each([
    ["up", 'up{job="a\\"b",x=~"1"}'],
    ['sum(rate(x{a="b"}[5m])) / y', 'sum(rate(x{job="a\\"b",x=~"1",a="b"}[5m])) / y{job="a\\"b",x=~"1"}'],
    ["{}", '{job="a\\"b",x=~"1"}'],
    ["1 + 1", "1 + 1"],
  ])("%s", (expr, filtered) => {
    expect(filterPromQL(expr, filters)).toBe(filtered);
  });
  it("in LogQL too, but not within texts", () => {
    expect(filterLogQL('{a="{"} |= "{" | line_format `{{.x}}`', [{ key: "j", operator: "=", value: "1" }])).toBe('{j="1",a="{"} |= "{" | line_format `{{.x}}`');
  });
});

describe("a panel's own time", () => {
  const pageTime = { raw: { from: "now-1h", to: "now" }, range, now: range.to, zone: "UTC" };
  test.each([
    ["", "", range, ""],
    ["24h", "", { from: range.to - 24 * hour, to: range.to }, "Last 24 hours"],
    ["1h", "", { from: range.to - hour, to: range.to }, "Last 1 hour"],
    ["", "1d", { from: range.from - 24 * hour, to: range.to - 24 * hour }, "shifted back by 1d"],
    ["2h", "1h", { from: range.to - 3 * hour, to: range.to - hour }, "Last 2 hours, shifted back by 1h"],
    ["now/d", "", { from: Date.UTC(2023, 10, 14), to: Date.UTC(2023, 10, 15) }, "now/d"],
    ["nonsense", "", range, ""],
  ])("%s shifted by %s", (timeFrom, timeShift, own, label) => {
    expect(panelTime({ timeFrom, timeShift }, pageTime)).toEqual({ range: own, label });
  });
});

describe("repeats", () => {
  const make = (panels: Record<string, unknown>[]) => readDashboard({ panels }).sections;
  const values = (name: string) => (name === "job" ? { value: ["a", "b", "c"], text: ["A", "B", "C"] } : undefined);
  const grid = { x: 6, y: 0, w: 6, h: 4 };
  const below = { id: 2, type: "stat", gridPos: { x: 0, y: 4, w: 24, h: 2 } };

  it.each([
    ["h", 2, [{ x: 0, y: 0, w: 12, h: 4 }, { x: 12, y: 0, w: 12, h: 4 }, { x: 0, y: 4, w: 12, h: 4 }], 8],
    ["h", undefined, [{ x: 0, y: 0, w: 8, h: 4 }, { x: 8, y: 0, w: 8, h: 4 }, { x: 16, y: 0, w: 8, h: 4 }], 4],
    ["v", undefined, [{ x: 6, y: 0, w: 6, h: 4 }, { x: 6, y: 4, w: 6, h: 4 }, { x: 6, y: 8, w: 6, h: 4 }], 12],
  ])("of a panel in direction %s, %s in a line", (repeatDirection, maxPerRow, places, after) => {
    const [section] = placeSections(make([{ id: 1, type: "stat", gridPos: grid, repeat: "job", repeatDirection, maxPerRow }, below]), values);
    expect(section?.panels.slice(0, 3).map(({ pos }) => pos)).toEqual(places);
    expect(section?.panels.map(({ scope }) => scope.get("job"))).toEqual([{ value: "a", text: "A" }, { value: "b", text: "B" }, { value: "c", text: "C" }, undefined]);
    expect(section?.panels[3]?.pos.y).toBe(after);
    expect(new Set(section?.panels.map(({ key }) => key)).size).toBe(4);
  });

  it("of a row repeat its panels, also folded ones", () => {
    const row = { id: 1, type: "row", collapsed: true, repeat: "job", gridPos: { x: 0, y: 0, w: 24, h: 1 }, panels: [{ ...below, gridPos: { x: 0, y: 9, w: 12, h: 3 } }] };
    const placed = placeSections(make([row]), values);
    expect(placed.map(({ scope, panels, height }) => [scope.get("job"), panels[0]?.pos, height])).toEqual(
      [["a", "A"], ["b", "B"], ["c", "C"]].map(([value, text]) => [{ value, text }, { x: 0, y: 0, w: 12, h: 3 }, 3]),
    );
  });

  it("for a variable without values leave one", () => {
    expect(placeSections(make([{ id: 1, type: "stat", gridPos: grid, repeat: "nothing" }]), values)[0]?.panels).toHaveLength(1);
  });

  it("closes gaps above panels", () => {
    const [section] = placeSections(make([{ id: 1, type: "stat", gridPos: { x: 0, y: 10, w: 12, h: 2 } }, { id: 2, type: "stat", gridPos: { x: 0, y: 20, w: 12, h: 2 } }]), values);
    expect(section?.panels.map(({ pos }) => pos.y)).toEqual([0, 2]);
  });
});

describe("links", () => {
  test.each([
    ["https://example.com/x", { href: "https://example.com/x", local: false }],
    ["/d/abc?x=1", { href: "/d/abc?x=1", local: true }],
    ["d/abc", { href: "/d/abc", local: true }],
    ["javascript:alert(1)", undefined],
    ["data:text/html,x", undefined],
    ["//evil.example", undefined],
    ["", undefined],
  ])("%s", (url, target) => {
    expect(linkTarget(url)).toEqual(target);
  });

  it("hand over time and variables", () => {
    expect(withParams("/d/x?a=1#h", ["b=2", "", "c=3"])).toBe("/d/x?a=1&b=2&c=3#h");
    const link = { type: "link" as const, title: "", tooltip: "", url: "", tags: [], asDropdown: false, keepTime: true, includeVars: true, targetBlank: false };
    expect(dashboardHref(link, "/d/x", { time: "from=1&to=2", variables: "var-a=b" })).toBe("/d/x?from=1&to=2&var-a=b");
    expect(dashboardHref({ ...link, keepTime: false }, "/d/x", { time: "from=1", variables: "" })).toBe("/d/x");
  });
});

describe("import", () => {
  const known = { panelTypes: new Set(["timeseries", "table"]), transformations: new Set(["merge"]), sources: localSources };
  const text = JSON.stringify({
    title: "My Board!",
    uid: "x",
    __inputs: [{ name: "DS", type: "datasource", pluginId: "prometheus", label: "P" }],
    templating: { list: [{ name: "ds", type: "datasource", query: "prometheus" }] },
    panels: [
      { id: 1, type: "timeseries", datasource: "${DS}", targets: [{ expr: "up" }] },
      { id: 2, type: "vendor", datasource: "$ds", targets: [{ expr: "up" }] },
      { id: 3, type: "table", datasource: { type: "mysql", uid: "m" }, targets: [{ rawSql: "x" }] },
      { id: 4, type: "table", transformations: [{ id: "merge" }, { id: "odd" }], targets: [{ expr: "up" }] },
    ],
  });

  it("tells what is drawn and what is not", () => {
    const report = importReport(text, known);
    expect(report).toMatchObject({ drawn: 1, degraded: 1, missing: 2, inputs: [{ name: "DS" }] });
    expect("problems" in report && report.problems.map((problem) => problem.text)).toEqual([
      'Panels of type "vendor" are shown as a table.',
      'Data sources of type "mysql" are not spoken here.',
      'The transformation "odd" is left out.',
    ]);
    expect(importReport("nope", known)).toHaveProperty("error");
  });

  it("fills placeholders and names what has no uid", () => {
    expect(fillInputs({ __inputs: [], a: { b: ["${DS} ${other}"] }, n: 1 }, { DS: "prometheus" })).toEqual({ a: { b: ["prometheus ${other}"] }, n: 1 });
    const untouched = { a: 1 };
    expect(fillInputs(untouched, {})).toBe(untouched);
    expect(uidOf("My Board! / (x)")).toBe("my-board-x");
  });

  it("finds a panel's JSON wherever it is", () => {
    const raw = { panels: [{ id: 1 }, { id: 2, type: "row", panels: [{ id: 3 }] }], rows: [{ panels: [{ id: 4 }] }] };
    expect([1, 3, 4, 5].map((id) => rawPanelOf(raw, id)?.id)).toEqual([1, 3, 4, undefined]);
  });
});
