import { describe, expect, it, test } from "vitest";

import { fieldName } from "./fieldname";
import type { Cell, Frame } from "./frame";
import type { Obj } from "./json";
import { series, table } from "./testFrames";
import { applyTransforms, transformIds } from "./transform";
import { trendOf, trendValue } from "./transformSeries";

const scope = { interpolate: (text: string) => text.replaceAll("$n", "2"), zone: "UTC" };
const run = (id: string, options: Obj, ...frames: Frame[]): Frame[] => applyTransforms(frames, [{ id, options }], scope).frames;
/** A frame as its columns by the names they are shown by. */
const shown = (frame: Frame | undefined, all?: Frame[]): Record<string, Cell[]> =>
  Object.fromEntries(frame?.fields.map((field) => [fieldName(field, frame, all ?? [frame]), field.values]) ?? []);
const t = (minute: number): number => 1_700_000_000_000 + minute * 60_000;

test("what is unknown or switched off changes nothing, and the unknown is told", () => {
  const frames = [table("A", { x: [1] })];
  expect(applyTransforms(frames, [{ id: "moon", options: {} }, { id: "limit", disabled: true, options: { limitField: 0 } }], scope)).toEqual({
    frames,
    notices: ['The transformation "moon" is not known: the data is shown without it.'],
  });
});

test("all that dashboards use are known", () => {
  const used = "organize merge joinByField groupBy renameByRegex filterFieldsByName calculateField reduce sortBy timeSeriesTable labelsToFields extractFields seriesToColumns prepareTimeSeries convertFieldType filterByValue limit groupingToMatrix seriesToRows joinByLabels formatTime concatenate histogram partitionByValues filterByRefId";
  expect(used.split(" ").filter((id) => !transformIds.includes(id))).toEqual([]);
});

test("a filter passes other frames by", () => {
  const [a, b] = [table("A", { x: [1, 2] }), table("B", { x: [1, 2] })];
  const limited = applyTransforms([a, b], [{ id: "limit", filter: { id: "byRefId", options: "A" }, options: { limitField: "1" } }], scope).frames;
  expect(limited.map((frame) => [frame.refId, frame.fields[0]?.values])).toEqual([["A", [1]], ["B", [1, 2]]]);
});

describe("organize", () => {
  const frame = table("A", { Time: [t(0)], pod: ["a"], "Value #A": [1], "Value #B": [2] });
  it("leaves out, orders and renames", () => {
    const options = { excludeByName: { Time: true, pod: false }, indexByName: { "Value #B": 0, pod: 1 }, renameByName: { "Value #A": "CPU", pod: "" } };
    const [out] = run("organize", options, frame);
    expect(Object.entries(shown(out))).toEqual([["Value #B", [2]], ["pod", ["a"]], ["CPU", [1]]]);
  });

  it("keeps only what is included where something is", () => {
    expect(Object.keys(shown(run("organize", { includeByName: { pod: true } }, frame)[0]))).toEqual(["pod"]);
  });

  it("finds columns numbered by a join", () => {
    const [joined] = run("joinByField", { byField: "pod" }, frame, table("B", { Time: [t(1)], pod: ["a"], "Value #C": [3] }));
    expect(Object.keys(shown(joined))).toEqual(["pod", "Time 1", "Value #A", "Value #B", "Time 2", "Value #C"]);
    expect(Object.keys(shown(run("organize", { excludeByName: { "Time 1": true } }, joined!)[0]))).toEqual(["pod", "Value #A", "Value #B", "Time 2", "Value #C"]);
  });
});

describe("fields by their names", () => {
  const frame = table("A", { Time: [1], "cpu used": [1], "cpu total": [2], mem: [3] });
  it.each([
    ["a list", { include: { names: ["Time", "mem"] } }, ["Time", "mem"]],
    ["a pattern", { include: { pattern: "/^cpu/" } }, ["cpu used", "cpu total"]],
    ["either", { include: { pattern: "used$", names: ["mem"] } }, ["cpu used", "mem"]],
    ["all but some", { exclude: { pattern: "/total/" } }, ["Time", "cpu used", "mem"]],
    ["a variable", { byVariable: true, include: { variable: "{Time,mem}" } }, ["Time", "mem"]],
  ])("are kept by %s", (_, options, want) => expect(Object.keys(shown(run("filterFieldsByName", options, frame)[0]))).toEqual(want));

  it("are renamed by a pattern", () => {
    expect(Object.keys(shown(run("renameByRegex", { regex: "cpu (.*)", renamePattern: "$1 cores" }, frame)[0]))).toEqual(["Time", "used cores", "total cores", "mem"]);
  });

  it("rename series by their legend", () => {
    const [out] = run("renameByRegex", { regex: "^api-", renamePattern: "" }, series("A", "api-get", [1]));
    expect(Object.keys(shown(out))).toEqual(["Time", "get"]);
  });
});

test("frames are kept by their query", () => {
  expect(run("filterByRefId", { include: "A|C" }, table("A", {}), table("B", {}), table("C", {})).map((frame) => frame.refId)).toEqual(["A", "C"]);
});

test("merge makes one row of those that agree in what they share", () => {
  const a = table("A", { Time: [t(0), t(0)], pod: ["x", "y"], "Value #A": [1, 2] });
  const b = table("B", { Time: [t(0), t(0)], pod: ["y", "z"], "Value #B": [20, 30] });
  const [out] = run("merge", {}, a, b);
  expect(shown(out)).toEqual({ Time: [t(0), t(0), t(0)], pod: ["x", "y", "z"], "Value #A": [1, 2, null], "Value #B": [null, 20, 30] });
});

test("merge keeps rows apart that differ in a column they both have", () => {
  const [out] = run("merge", {}, table("A", { pod: ["x"], Value: [1] }), table("B", { pod: ["x"], Value: [2] }));
  expect(shown(out)).toEqual({ pod: ["x", "x"], Value: [1, 2] });
});

describe("joinByField", () => {
  const a = table("A", { pod: ["x", "y"], "Value #A": [1, 2] });
  const b = table("B", { pod: ["y", "z"], "Value #B": [20, 30] });
  it.each([
    ["outer", { pod: ["x", "y", "z"], "Value #A": [1, 2, null], "Value #B": [null, 20, 30] }],
    ["inner", { pod: ["y"], "Value #A": [2], "Value #B": [20] }],
  ])("%s", (mode, want) => expect(shown(run("joinByField", { byField: "pod", mode }, a, b)[0])).toEqual(want));

  it("without a field joins series by time, each by its name", () => {
    const [out] = run("seriesToColumns", {}, series("A", "api", [1, 2]), series("B", "db", [3, 4, 5]));
    expect(shown(out)).toEqual({ Time: [t(0), t(1), t(2)], api: [1, 2, null], db: [3, 4, 5] });
  });

  it("leaves frames alone that have no such field", () => expect(run("joinByField", { byField: "moon" }, a, b)).toHaveLength(2));
});

test("seriesToRows puts series below each other, newest first", () => {
  const [out] = run("seriesToRows", {}, series("A", "api", [1, 2]), series("B", "db", [3]));
  expect(shown(out)).toEqual({ Time: [t(1), t(0), t(0)], Metric: ["api", "api", "db"], Value: [2, 1, 3] });
});

test("concatenate puts frames side by side", () => {
  expect(shown(run("concatenate", {}, table("A", { a: [1, 2] }), table("B", { b: [3] }))[0])).toEqual({ a: [1, 2], b: [3, null] });
});

test("joinByLabels makes columns of one label's values", () => {
  const of = (mode: string, pod: string, value: number) => series("A", "", [0, value], { labels: { mode, pod } });
  const [out] = run("joinByLabels", { value: "mode" }, of("read", "a", 1), of("write", "a", 2), of("read", "b", 3));
  expect(shown(out)).toEqual({ pod: ["a", "b"], read: [1, 3], write: [2, null] });
});

describe("groupBy", () => {
  const frame = table("A", { ns: ["x", "y", "x"], Value: [1, 2, 5], image: ["i", "j", "k"] });
  it("calculates over each group", () => {
    const fields = { ns: { operation: "groupby" }, Value: { operation: "aggregate", aggregations: ["sum", "lastNotNull"] }, image: { operation: "aggregate", aggregations: ["count"] } };
    const [out] = run("groupBy", { fields }, frame);
    expect(shown(out)).toEqual({ ns: ["x", "y"], "Value (sum)": [6, 2], "Value (lastNotNull)": [5, 2], "image (count)": [2, 1] });
  });

  it("has nothing to say of frames without its fields", () => expect(run("groupBy", { fields: { moon: { operation: "groupby" } } }, frame)).toEqual([]));
});

test("groupingToMatrix spreads one field's values over columns", () => {
  const frame = table("A", { day: ["mon", "mon", "tue"], kind: ["a", "b", "a"], Value: [1, 2, 3] });
  const [out] = run("groupingToMatrix", { columnField: "kind", rowField: "day", valueField: "Value", emptyValue: "zero" }, frame);
  expect(shown(out)).toEqual({ "day\\kind": ["mon", "tue"], a: [1, 3], b: [2, 0] });
});

test("partitionByValues makes a frame of each value, labelled with it", () => {
  const frame = table("A", { Time: [t(0), t(0), t(1)], pod: ["a", "b", "a"], Value: [1, 2, 3] });
  const out = run("partitionByValues", { fields: ["pod"] }, frame);
  expect(out.map((one) => shown(one, out))).toEqual([{ Time: [t(0), t(1)], "a": [1, 3] }, { Time: [t(0)], "b": [2] }]);
});

test("sortBy orders all columns, what is no value last either way", () => {
  const frame = table("A", { n: [2, null, 10], s: ["b", "x", "a10"] });
  expect(run("sortBy", { sort: [{ field: "n" }] }, frame)[0]?.fields[0]?.values).toEqual([2, 10, null]);
  expect(run("sortBy", { sort: [{ field: "n", desc: true }] }, frame)[0]?.fields[1]?.values).toEqual(["a10", "b", "x"]);
});

test("limit keeps the first rows, a negative one the last", () => {
  const frame = table("A", { n: [1, 2, 3] });
  expect(run("limit", { limitField: "$n" }, frame)[0]?.fields[0]?.values).toEqual([1, 2]);
  expect(run("limit", { limitField: -1 }, frame)[0]?.fields[0]?.values).toEqual([3]);
});

describe("filterByValue", () => {
  const frame = table("A", { n: [1, null, 3, 10], s: ["api", "db", null, "api-2"] });
  const filter = (of: string, id: string, options: Obj) => ({ fieldName: of, config: { id, options } });
  it.each([
    ["greater", filter("n", "greater", { value: 2 }), [3, 10]],
    ["lower or equal", filter("n", "lowerOrEqual", { value: "3" }), [1, 3]],
    ["equal", filter("n", "equal", { value: "10" }), [10]],
    ["is null", filter("n", "isNull", {}), [null]],
    ["is not null", filter("n", "isNotNull", {}), [1, 3, 10]],
    ["pattern", filter("s", "regex", { value: "^api" }), [1, 10]],
    ["range", filter("n", "range", { from: 2, to: 5 }), [3]],
    ["substring", filter("s", "substring", { value: "DB" }), [null]],
  ])("%s", (_, one, want) => expect(run("filterByValue", { type: "include", match: "any", filters: [one] }, frame)[0]?.fields[0]?.values).toEqual(want));

  it("needs all where told, and leaves out where told", () => {
    const filters = [filter("n", "greater", { value: 2 }), filter("s", "regex", { value: "api" })];
    expect(run("filterByValue", { type: "include", match: "all", filters }, frame)[0]?.fields[0]?.values).toEqual([10]);
    expect(run("filterByValue", { type: "exclude", match: "all", filters }, frame)[0]?.fields[0]?.values).toEqual([1, null, 3]);
  });
});

describe("calculateField", () => {
  const frame = table("A", { Time: [t(0), t(1)], used: [1, 3], total: [2, 4] });
  const added = (options: Obj, ...frames: Frame[]) => Object.entries(shown(run("calculateField", options, ...(frames.length > 0 ? frames : [frame]))[0])).at(-1);
  it.each<[string, Obj, [string, Cell[]]]>([
    ["an operation on two", { mode: "binary", binary: { left: "used", operator: "/", right: "total" }, alias: "ratio" }, ["ratio", [0.5, 0.75]]],
    ["an operation with a number", { mode: "binary", binary: { left: "used", operator: "*", right: "100" } }, ["used * 100", [100, 300]]],
    ["today's form of operands", { mode: "binary", binary: { left: { matcher: { id: "byName", options: "used" } }, operator: "-", right: { fixed: "1" } } }, ["used - 1", [0, 2]]],
    ["a sum over each row", { mode: "reduceRow", reduce: { reducer: "sum" } }, ["Total", [3, 7]]],
    ["a mean of some", { reduce: { reducer: "mean", include: ["used"] }, alias: "m" }, ["m", [1, 3]]],
    ["a function", { mode: "unary", unary: { operator: "round", fieldName: "used" } }, ["round(used)", [1, 3]]],
    ["the row's number", { mode: "index" }, ["Row", [0, 1]]],
    ["a running total", { mode: "cumulativeFunctions", cumulative: { field: "used", reducer: "sum" } }, ["cumulative total(used)", [1, 4]]],
    ["a moving mean", { mode: "windowFunctions", window: { field: "used", reducer: "mean", windowSizeMode: "fixed", windowSize: 2 } }, ["used (mean)", [1, 2]]],
  ])("%s", (_, options, want) => expect(added(options)).toEqual(want));

  it("alone where the others are replaced", () => {
    const [out] = run("calculateField", { mode: "reduceRow", reduce: { reducer: "max" }, replaceFields: true }, frame);
    expect(shown(out)).toEqual({ Time: [t(0), t(1)], Max: [2, 4] });
  });

  it("over series puts them side by side first", () => {
    expect(added({ mode: "binary", binary: { left: "err", operator: "/", right: "all" }, alias: "share" }, series("A", "err", [1]), series("B", "all", [4]))).toEqual(["share", [0.25]]);
  });

  it("changes nothing where an operand is missing", () => expect(run("calculateField", { mode: "binary", binary: { left: "moon", operator: "+", right: "used" } }, frame)).toEqual([frame]));
});

describe("reduce", () => {
  const frames = [series("A", "api", [1, 3], { labels: { pod: "x" }, config: { unit: "s" } }), series("B", "db", [2, null], { labels: { pod: "y" }, config: { unit: "s" } })];
  it("makes a row of each series", () => {
    const [out] = run("reduce", { reducers: ["max", "lastNotNull"] }, ...frames);
    expect(shown(out)).toEqual({ Field: ["api", "db"], Max: [3, 2], "Last *": [3, 2] });
    expect(out?.fields[1]?.config.unit).toBe("s");
  });

  it("has labels for columns where asked for", () => expect(shown(run("reduce", { reducers: ["sum"], labelsToFields: true }, ...frames)[0])).toEqual({ pod: ["x", "y"], Total: [4, 2] }));

  it("leaves one value in each field where asked for", () => expect(run("reduce", { mode: "reduceFields", reducers: ["mean"] }, ...frames).map((frame) => shown(frame))).toEqual([{ api: [2] }, { db: [2] }]));
});

test("histogram counts values into buckets of a round width", () => {
  const [out] = run("histogram", { bucketSize: 10 }, table("A", { ms: [1, 5, 12, 30, null] }));
  expect(shown(out)).toEqual({ xMin: [0, 10, 20, 30], xMax: [10, 20, 30, 40], ms: [2, 1, 0, 1] });
  const [own] = run("histogram", { bucketCount: 4 }, table("A", { ms: [0, 100] }));
  expect(own?.fields[0]?.values).toEqual([0, 25, 50, 75, 100]);
  expect(run("histogram", { bucketSize: 10 }, table("A", { ms: [1, 12, Infinity, -Infinity, NaN] }))[0]?.fields[2]?.values).toEqual([1, 1]);
  expect(run("histogram", {}, table("A", { s: ["x"] }))).toEqual([]);
});

test("timeSeriesTable has a row and a small frame for each series", () => {
  const [out] = run("timeSeriesTable", { A: { stat: "max" } }, series("A", "api", [1, 3, 2], { labels: { pod: "x" } }), series("A", "db", [5], { labels: { pod: "y" } }));
  expect(shown(out)["pod"]).toEqual(["x", "y"]);
  const [trend] = shown(out)["Trend #A"] ?? [];
  expect(trendValue(trendOf(trend ?? null)!, "max")).toBe(3);
});

test("labelsToFields makes columns of labels, or rows", () => {
  const frames = [series("A", "", [1], { labels: { pod: "x", job: "j" } }), series("A", "", [2], { labels: { pod: "y", job: "j" } })];
  expect(shown(run("labelsToFields", { keepLabels: ["pod"] }, ...frames)[0])).toEqual({ Time: [t(0), t(0)], pod: ["x", "y"], Value: [1, 2] });
  expect(shown(run("labelsToFields", { valueLabel: "pod", keepLabels: ["pod"] }, ...frames)[0])).toEqual({ Time: [t(0)], x: [1], y: [2] });
  expect(shown(run("labelsToFields", { mode: "rows" }, frames[0]!)[0])).toEqual({ label: ["pod", "job"], value: ["x", "j"] });
});

describe("prepareTimeSeries", () => {
  const long = table("A", { Time: [t(0), t(0), t(1)], pod: ["x", "y", "x"], Value: [1, 2, 3] });
  it("makes a series of each set of texts", () => {
    const out = run("prepareTimeSeries", { format: "multi" }, long);
    expect(out.map((one) => shown(one, out))).toEqual([{ Time: [t(0), t(1)], x: [1, 3] }, { Time: [t(0)], y: [2] }]);
  });

  it("makes one wide frame", () => expect(shown(run("prepareTimeSeries", { format: "wide" }, long)[0])).toEqual({ Time: [t(0), t(1)], x: [1, 3], y: [2, null] }));

  it("makes one long one", () =>
    expect(shown(run("prepareTimeSeries", { format: "long" }, series("A", "", [1], { labels: { pod: "x" } }))[0])).toEqual({ Time: [t(0)], pod: ["x"], Value: [1] }));
});

test("extractFields reads JSON, pairs and patterns", () => {
  const frame = table("A", { Line: ['{"a":{"b":1},"c":"x"}', '{"c":"y"}'] });
  expect(shown(run("extractFields", { source: "Line", format: "json", replace: true }, frame)[0])).toEqual({ a: [{ b: 1 }, null], c: ["x", "y"] });
  expect(shown(run("extractFields", { source: "Line", replace: true, jsonPaths: [{ path: "a.b", alias: "b" }] }, frame)[0])).toEqual({ b: [1, null] });
  expect(shown(run("extractFields", { source: "Line", format: "kvp", replace: true }, table("A", { Line: ['lvl=info msg="a b"'] }))[0])).toEqual({ lvl: ["info"], msg: ["a b"] });
  const regExp = "/(?<code>\\d+)/";
  expect(shown(run("extractFields", { source: "Line", format: "regexp", regExp, replace: true }, table("A", { Line: ["got 42"] }))[0])).toEqual({ code: ["42"] });
  expect(run("extractFields", { source: "moon" }, frame)).toEqual([frame]);
});

describe("convertFieldType", () => {
  it.each<[string, Cell[], Cell[]]>([
    ["number", ["1.5", "x", null, "NaN", true], [1.5, null, null, NaN, 1]],
    ["string", [1, null, { a: 1 }, [1, 2]], ["1", null, '{"a":1}', "1,2"]],
    ["boolean", ["true", 0, 1, "no"], [true, false, true, false]],
    ["time", ["2026-03-01T10:00:05Z", 5, "7", "x"], [1_772_359_205_000, 5, 7, null]],
  ])("to %s", (destinationType, values, want) => {
    const [out] = run("convertFieldType", { conversions: [{ targetField: "v", destinationType }] }, table("A", { v: values }));
    expect(out?.fields[0]?.values).toEqual(want);
  });
});

test("formatTime writes times as text", () => {
  const [out] = run("formatTime", { timeField: "Time", outputFormat: "YYYY-MM-DD" }, table("A", { Time: [1_772_359_205_000, null] }));
  expect(out?.fields[0]).toMatchObject({ type: "string", values: ["2026-03-01", null] });
});
