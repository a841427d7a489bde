import { describe, expect, it, test } from "vitest";

import { applyFieldConfig, compare, readConfig } from "./fieldconfig";
import { fieldName } from "./fieldname";
import type { Field, Frame } from "./frame";
import type { Obj } from "./json";
import { series, table } from "./testFrames";

const same = (text: string): string => text.replaceAll("$cluster", "eu");
const value = (frame: Frame | undefined): Field => frame!.fields.at(-1)!;
const override = (matcher: Obj, ...properties: [string, unknown][]): Obj => ({ matcher, properties: properties.map(([id, of]) => ({ id, value: of })) });

test("defaults fill what a field lacks", () => {
  const frames = [series("A", "a", [1], { config: { unit: "bytes", custom: { width: 5 } } })];
  const [frame] = applyFieldConfig(frames, { defaults: { unit: "s", decimals: "2", min: 0, custom: { width: 9, align: "left" } }, overrides: [] }, same);
  expect(value(frame).config).toEqual({ unit: "bytes", decimals: 2, min: 0, custom: { width: 5, align: "left" } });
  expect(frames[0]?.fields[1]?.config.decimals).toBeUndefined();
});

describe("an override means fields", () => {
  const frames = [series("A", "api errors", [1, 5]), series("B", "db", [9, 2])];
  it.each([
    ["by name", { id: "byName", options: "db" }, [false, true]],
    ["by pattern", { id: "byRegexp", options: "/ERR/i" }, [true, false]],
    ["by query", { id: "byFrameRefID", options: "B" }, [false, true]],
    ["by type", { id: "byType", options: "number" }, [true, true]],
    ["by several names", { id: "byNames", options: { names: ["db", "x"] } }, [false, true]],
    ["by all names but some", { id: "byNames", options: { mode: "exclude", names: ["db"] } }, [true, false]],
    ["by value", { id: "byValue", options: { reducer: "max", op: "gte", value: 9 } }, [false, true]],
    ["not at all when the matcher is unknown", { id: "byMoon" }, [false, false]],
    ["not at all when the pattern is broken", { id: "byRegexp", options: "(" }, [false, false]],
  ])("%s", (_, matcher, want) => {
    const applied = applyFieldConfig(frames, { defaults: {}, overrides: [override(matcher, ["unit", "s"])] }, same);
    expect(applied.map((frame) => value(frame).config.unit === "s")).toEqual(want);
  });
});

test("later overrides win, and reach into a panel's own settings", () => {
  const all = { id: "byType", options: "number" };
  const overrides = [
    override(all, ["unit", "s"], ["custom.stacking", { mode: "normal", group: "A" }], ["color", { mode: "fixed", fixedColor: "red" }]),
    override(all, ["unit", "ms"], ["custom.stacking.group", "B"], ["links", [{ title: "t", url: "/d/x" }, { title: "no url" }]]),
    override(all, ["thresholds", { mode: "percentage", steps: [{ value: null, color: "green" }] }], ["mappings", []]),
  ];
  const [frame] = applyFieldConfig([series("A", "a", [1])], { defaults: { max: 3 }, overrides: [...overrides, override(all, ["max", null])] }, same);
  expect(value(frame).config).toEqual({
    unit: "ms",
    color: { mode: "fixed", fixedColor: "red" },
    custom: { stacking: { mode: "normal", group: "B" } },
    links: [{ title: "t", url: "/d/x", targetBlank: false }],
    thresholds: { mode: "percentage", steps: [{ value: null, color: "green" }] },
    mappings: [],
  });
});

describe("a display name is filled in", () => {
  const frames = [series("A", "legend", [1], { labels: { pod: "web-1", job: "api" } })];
  it.each([
    ["${__field.labels.pod} in $cluster", "web-1 in eu"],
    ['${__field.labels["job"]}', "api"],
    ["${__series.name}!", "legend!"],
    ["${__field.displayName}", "legend"],
    ["${__field.name}", "Value"],
    ["${__field.labels}", '{job="api", pod="web-1"}'],
    ["plain", "plain"],
  ])("%s is %s", (template, want) => {
    const [frame] = applyFieldConfig(frames, { defaults: { displayName: template }, overrides: [] }, same);
    expect(fieldName(value(frame), frame!)).toBe(want);
  });
});

describe("a field's name", () => {
  it("is the legend of its series", () => expect(fieldName(value(series("A", "legend", [])), series("A", "legend", []))).toBe("legend"));

  it("is the label that tells series apart, bare where there is but one", () => {
    const one = [series("A", "", [1], { labels: { pod: "a" } }), series("A", "", [1], { labels: { pod: "b" } })];
    expect(one.map((frame) => fieldName(value(frame), frame, one))).toEqual(["a", "b"]);
    const two = [series("A", "", [1], { labels: { pod: "a", job: "x" } })];
    expect(two.map((frame) => fieldName(value(frame), frame, two))).toEqual(['{job="x", pod="a"}']);
  });

  it("is numbered where columns share it", () => {
    const frame: Frame = { ...table("A", {}), fields: [1, 2].map((by): Field => ({ name: "Time", type: "time", values: [by], config: {} })) };
    expect(frame.fields.map((field) => fieldName(field, frame))).toEqual(["Time 1", "Time 2"]);
  });

  it("of a table is its column", () => expect(table("A", { pod: ["a"], "Value #A": [1] }).fields.map((field) => fieldName(field, table("A", {})))).toEqual(["pod", "Value #A"]));
});

test("members of another type are left out when settings are read", () => {
  expect(readConfig({ unit: 5, min: "x", color: "red", thresholds: 7, links: "no", filterable: "yes", decimals: null })).toEqual({
    unit: "5",
    color: { mode: "fixed", fixedColor: "red" },
    links: [],
  });
});

test("comparisons have two names each", () => {
  expect([compare(1, "eq", 1), compare(1, "!=", 1), compare(2, ">", 1), compare(1, "lte", 1), compare("2", "gt", 1), compare(1, "?", 1)]).toEqual([true, false, true, true, false, false]);
});
