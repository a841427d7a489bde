import { describe, expect, it, test } from "vitest";

import { ruleSeed } from "./alertRule";
import type { Obj } from "./json";
import { mappingRows, mappingsOf } from "./mappingRows";
import type { Plan } from "./plan";
import { transformIds } from "./transform";
import { settingsFor, settingValue, transformKind, transformKinds, type TransformSetting } from "./transformSchema";
import { variableRequest, writeVariableQuery, type VariableRequest } from "./variableQuery";

describe("forms of transformations", () => {
  it("there is one for each that is executed, but the older name of one", () => {
    expect(transformIds.filter((id) => !transformKind(id))).toEqual(["filterFields"]);
    expect(transformKinds.filter(({ id }) => !transformIds.includes(id))).toEqual([]);
  });
  it("settings depend on others", () => {
    const form = transformKind("calculateField")?.form as readonly TransformSetting[];
    const labels = (options: Obj) => settingsFor(form, options).map((one) => one.label);
    expect(labels({})).toEqual(["Calculated", "Calculation", "Of the fields", "Named", "Instead of all fields"]);
    expect(labels({ mode: "binary" })).toEqual(["Calculated", "Left", "Operator", "Right", "Named", "Instead of all fields"]);
    expect(settingValue({}, form[0]!)).toBe("reduceRow");
    expect(settingValue({ mode: "index" }, form[0]!)).toBe("index");
  });
});

describe("mappings as lines", () => {
  const mappings = [
    { type: "value", options: { "1": { text: "up", color: "green", index: 0 }, "0": { text: "down", icon: "x", index: 1 } } },
    { type: "range", options: { from: 5, to: null, result: { text: "many", index: 2 } } },
    { type: "regex", options: { pattern: "/a(.*)/", result: { text: "$1", index: 3 } } },
    { type: "special", options: { match: "null+nan", result: { color: "red", index: 4 } } },
  ];
  it("come back as they were", () => {
    const back = mappingsOf(mappingRows(mappings));
    // A map of numbers is in their order, whichever was written first.
    expect(back).toEqual([{ type: "value", options: { "0": { text: "down", icon: "x", index: 0 }, "1": { text: "up", color: "green", index: 1 } } }, ...mappings.slice(1)]);
  });
  it("a range may be open at either end", () => {
    expect(mappingsOf([{ type: "range", of: "", to: "5", text: "few", color: "", rest: {} }])).toEqual([{ type: "range", options: { from: null, to: 5, result: { text: "few", index: 0 } } }]);
  });
});

describe("a variable's query from its form", () => {
  const requests: VariableRequest[] = [
    { ask: "labelValues", label: "job", match: "up" },
    { ask: "labelValues", label: "job", match: "" },
    { ask: "labelNames", match: "up" },
    { ask: "metrics", pattern: "go_.*" },
    { ask: "result", expr: "topk(5, up)" },
    { ask: "series", match: 'up{job="a"}' },
  ];
  test.each(requests)("%j reads back", (request) => {
    expect(variableRequest("prometheus", writeVariableQuery("prometheus", "", request), (text) => text)).toEqual(request);
    const kept = writeVariableQuery("prometheus", { refId: "Q", query: "old", qryType: 1 }, request);
    expect(kept).toMatchObject({ refId: "Q", qryType: 1 });
    expect(variableRequest("prometheus", kept, (text) => text)).toEqual(request);
  });
  test.each(["loki", "tempo"] as const)("%s keeps the object of its own editor", (type) => {
    const request: VariableRequest = { ask: "labelValues", label: "service_name", match: '{job="a"}' };
    expect(writeVariableQuery(type, "", request)).toEqual({ refId: "VariableQuery", type: 1, label: "service_name", stream: '{job="a"}' });
    expect(variableRequest(type, writeVariableQuery(type, "label_values(x)", request), (text) => text)).toEqual(request);
    expect(variableRequest(type, writeVariableQuery(type, "", { ask: "labelNames", match: "" }), (text) => text)).toEqual({ ask: "labelNames", match: "" });
  });
});

describe("an alert rule of a panel", () => {
  const panel = (steps: readonly Obj[] = [], mode = "absolute") => ({ fieldConfig: { defaults: { thresholds: { mode, steps } }, overrides: [] } });
  const red = [{ value: null, color: "green" }, { value: 80, color: "red" }];
  const plan = (query: Obj, base = ""): Plan => ({ range: { from: 0, to: 1 }, queries: [{ refId: "A", source: { uid: "x", name: "x", type: query.type, base, isDefault: true }, ...query } as never], expressions: [], hidden: new Set(), grafana: [], refused: [] });
  test.each([
    ["with the highest threshold", panel(red), plan({ type: "prometheus", expr: "sum(up)" }), { signal: "metrics", expr: "sum(up) > 80" }],
    ["in parentheses where an operator would take it apart", panel(red), plan({ type: "prometheus", expr: "a or b" }), { signal: "metrics", expr: "(a or b) > 80" }],
    ["without one", panel(), plan({ type: "prometheus", expr: "up == 0" }), { signal: "metrics", expr: "up == 0" }],
    ["not with shares of a range", panel(red, "percentage"), plan({ type: "prometheus", expr: "up" }), { signal: "metrics", expr: "up" }],
    ["of logs", panel(red), plan({ type: "loki", expr: 'sum(rate({a="b"} [5m]))' }), { signal: "logs", expr: '(sum(rate({a="b"} [5m]))) > 80' }],
    ["of traces", panel(), plan({ type: "tempo", ask: "search", query: "{ status = error }" }, "/tempo"), { signal: "traces", expr: "{ status = error } | count_over_time()" }],
  ] as const)("%s", (_, of, asked, expected) => {
    expect(ruleSeed(of, "CPU busy, %", asked, [])).toMatchObject({ ...expected, name: "CPUBusy" });
  });
  it("counts lines, which are no numbers", () => {
    expect(ruleSeed(panel(), "", plan({ type: "loki", expr: '{a="b"}' }), [{ refId: "A", name: "", fields: [], meta: { type: "logs" } }])?.expr).toBe('sum(count_over_time({a="b"} [5m])) > 0');
  });
  it("is not made of what another server answers, or is hidden", () => {
    expect(ruleSeed(panel(), "", plan({ type: "prometheus", expr: "up" }, "/proxy/1"), [])).toBeUndefined();
    expect(ruleSeed(panel(), "", { ...plan({ type: "prometheus", expr: "up" }), hidden: new Set(["A"]) }, [])).toBeUndefined();
  });
});
