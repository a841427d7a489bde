import { describe, expect, it, test } from "vitest";

import { joinValue } from "../units";
import { displayer, fieldRange, shareOf } from "./display";
import { hiddenFrom, seriesOf } from "./displaySeries";
import { fieldValues } from "./fieldvalues";
import type { Cell, Field, FieldConfig } from "./frame";
import { series, table } from "./testFrames";

const look = { scheme: "dark", zone: "UTC" } as const;
const plain = (text: string): string => text.replaceAll("\u202f", " ");
const field = (config: FieldConfig, type: Field["type"] = "number", values: Cell[] = []): Field => ({ name: "Value", type, values, config });
const range = { min: 0, max: 100 };

describe("a value is shown", () => {
  const cases: [what: string, config: FieldConfig, type: Field["type"], value: Cell, want: string][] = [
    ["in its unit", { unit: "bytes" }, "number", 1536, "1.5 KiB"],
    ["with the decimals set", { unit: "percent", decimals: 2 }, "number", 12, "12.00 %"],
    ["as its mapping says", { mappings: [{ type: "value", options: { "1": { text: "up" } } }] }, "number", 1, "up"],
    ["formatted where the mapping has only a colour", { unit: "s", mappings: [{ type: "value", options: { "1": { color: "red" } } }] }, "number", 1, "1 s"],
    ["as a dash where it is none", {}, "number", null, "–"],
    ["as the panel says where it is none", { noValue: "No backups" }, "number", null, "No backups"],
    ["mapped though it is none", { mappings: [{ type: "special", options: { match: "null+nan", result: { text: "N/A" } } }] }, "number", NaN, "N/A"],
    ["as text where it is text", { unit: "s" }, "string", "12", "12"],
    ["as a date where it is a time", { unit: "s" }, "time", 1_772_359_205_000, "2026-03-01 10:00:05"],
    ["as its own date unit says", { unit: "time:HH:mm" }, "time", 1_772_359_205_000, "10:00"],
    ["as true or false", {}, "bool", true, "true"],
    ["as the truth unit says", { unit: "bool_yes_no" }, "bool", false, "No"],
    ["as JSON where it holds 64-bit numbers", {}, "trace", { start: 5n }, '{"start":"5"}'],
    ["as JSON where it is an object", {}, "json", { a: 1 }, '{"a":1}'],
  ];
  it.each(cases)("%s", (_, config, type, value, want) => expect(plain(joinValue(displayer(field(config, type), look, range)(value)))).toBe(want));

  it.each([
    ["by thresholds", {}, 90, "#F2495C"],
    ["by its mapping first", { mappings: [{ type: "value", options: { "90": { color: "blue" } } }] } as FieldConfig, 90, "#5794F2"],
    ["fixed", { color: { mode: "fixed", fixedColor: "purple" } }, 90, "#B877D9"],
    ["along a scale", { color: { mode: "continuous-GrYlRd" } }, 50, "#FADE2A"],
    ["as its series where the palette gives it", { color: { mode: "palette-classic" } }, 50, undefined],
  ])("coloured %s", (_, config, value, want) => expect(displayer(field(config), look, range)(value).colour).toBe(want));
});

test("a scale ends at what is set, at its unit's ends, or at the data", () => {
  const a = series("A", "a", [5, 10]);
  const b = series("B", "b", [1, 20]);
  const of = (config: FieldConfig) => fieldRange({ ...a.fields[1]!, config }, [a, b]);
  expect(of({})).toEqual({ min: 1, max: 20 });
  expect(of({ min: 0 })).toEqual({ min: 0, max: 20 });
  expect(of({ unit: "percentunit" })).toEqual({ min: 0, max: 1 });
  expect(of({ unit: "percent", max: 200 })).toEqual({ min: 0, max: 200 });
  expect(fieldRange(field({}), [])).toEqual({ min: 0, max: 100 });
  expect([5, -5, 500, NaN].map((value) => shareOf(value, { min: 0, max: 10 }))).toEqual([0.5, 0, 1, 0]);
});

test("series keep their colour by name, and settings decide before the palette", () => {
  const frames = [series("A", "api", [1]), series("B", "db", [2], { config: { color: { mode: "fixed", fixedColor: "red" } } })];
  const [api, db] = seriesOf(frames, look);
  expect(db?.stroke.colour).toBe("#F2495C");
  expect(seriesOf([frames[0]!], look)[0]?.stroke).toEqual(api?.stroke);
});

test("a series hidden from the plot is not drawn", () => {
  const hidden = series("A", "api", [1], { config: { custom: { hideFrom: { viz: true, legend: false } } } });
  expect(seriesOf([hidden], look)).toEqual([]);
  expect(hiddenFrom(hidden.fields[1]!, "legend")).toBe(false);
});

describe("single values", () => {
  const frames = [series("A", "api", [1, 2, 4]), series("B", "db", [8, 6, null])];
  it("are the last of each series without options", () => {
    expect(fieldValues(frames, {}, look).map(({ name, display }) => [name, display.text])).toEqual([["api", "4"], ["db", "6"]]);
  });

  it("are one for each calculation", () => {
    expect(fieldValues([frames[0]!], { calcs: ["min", "max"] }, look).map(({ name, display }) => [name, display.text])).toEqual([["api min", "1"], ["api max", "4"]]);
  });

  it("have their course and its change", () => {
    const [api] = fieldValues(frames, { calcs: ["lastNotNull"] }, look);
    expect(api?.trend?.values).toEqual([1, 2, 4]);
    expect(api?.change).toBe(3);
  });

  it("are fields by a pattern, also of text", () => {
    const versions = table("A", { version: ["1.2", "1.3"], Value: [1, 1] });
    expect(fieldValues([versions], { fields: "/^version$/", calcs: ["lastNotNull"] }, look).map(({ display }) => display.text)).toEqual(["1.3"]);
  });

  it("are all rows where asked for, named by their texts", () => {
    const rows = table("A", { pod: ["a", "b", "c"], Value: [1, 2, 3] });
    expect(fieldValues([rows], { values: true, limit: 2 }, look).map(({ name, display }) => [name, display.text])).toEqual([["a", "1"], ["b", "2"]]);
  });

  it("that count have no unit", () => {
    const bytes = series("A", "api", [1024, 2048], { config: { unit: "bytes" } });
    expect(fieldValues([bytes], { calcs: ["count"] }, look).map(({ display }) => joinValue(display))).toEqual(["2"]);
  });
});
