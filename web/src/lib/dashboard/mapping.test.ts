import { describe, expect, it, test } from "vitest";

import type { Cell, ValueMapping } from "./frame";
import { mapValue, parsePattern, readMappings } from "./mapping";

describe("a value is mapped", () => {
  const value: ValueMapping = { type: "value", options: { "0": { text: "down", color: "red" }, "1.0": { text: "up" }, ok: { text: "fine" }, null: { text: "none" } } };
  const range: ValueMapping = { type: "range", options: { from: 10, to: 20, result: { text: "mid" } } };
  const below: ValueMapping = { type: "range", options: { from: null, to: 0, result: { text: "negative" } } };
  const regex: ValueMapping = { type: "regex", options: { pattern: "^(.*)\\.example\\.com$", result: { text: "$1" } } };
  const flags: ValueMapping = { type: "regex", options: { pattern: "/ERR/i", result: { color: "red" } } };
  const special = (match: "true" | "false" | "null" | "nan" | "null+nan" | "empty"): ValueMapping => ({ type: "special", options: { match, result: { text: match } } });
  const cases: [mapping: ValueMapping, value: Cell, want: unknown][] = [
    [value, 0, { text: "down", color: "red" }],
    [value, 1, { text: "up" }],
    [value, "ok", { text: "fine" }],
    [value, null, { text: "none" }],
    [value, 2, undefined],
    [range, 10, { text: "mid" }],
    [range, 20, { text: "mid" }],
    [range, 20.1, undefined],
    [range, "15", { text: "mid" }],
    [range, "", undefined],
    [range, null, undefined],
    [range, NaN, undefined],
    [below, -1, { text: "negative" }],
    [regex, "db.example.com", { text: "db" }],
    [regex, "db.example.org", undefined],
    [flags, "an error", { color: "red" }],
    [special("null"), null, { text: "null" }],
    [special("null"), 0, undefined],
    [special("nan"), NaN, { text: "nan" }],
    [special("null+nan"), null, { text: "null+nan" }],
    [special("null+nan"), NaN, { text: "null+nan" }],
    [special("empty"), "", { text: "empty" }],
    [special("true"), true, { text: "true" }],
    [special("false"), "false", { text: "false" }],
  ];
  it.each(cases)("by %j: %j", (mapping, cell, want) => expect(mapValue([mapping], cell)).toEqual(want));

  it("by the first mapping that it falls under", () => {
    expect(mapValue([value, range, below], 0)).toEqual({ text: "down", color: "red" });
    expect(mapValue([], 0)).toBeUndefined();
  });

  it("the same way twice by a pattern with the flag g", () => {
    const global: ValueMapping = { type: "regex", options: { pattern: "/a/g", result: { text: "b" } } };
    expect([1, 2].map(() => mapValue([global], "aa"))).toEqual([{ text: "bb" }, { text: "bb" }]);
  });
});

test("patterns are bare or between slashes; a broken one is none", () => {
  expect(parsePattern("/a.b/i")?.test("AxB")).toBe(true);
  expect(parsePattern("a.b")?.test("axb")).toBe(true);
  expect(parsePattern("(")).toBeUndefined();
});

test("what is no mapping is left out when it is read", () => {
  expect(
    readMappings([
      { type: "value", options: { "1": { text: "up", index: 0, color: "green" } } },
      { type: "range", options: { from: "1", to: null, result: { text: 5 } } },
      { type: "special", options: { match: "moon", result: {} } },
      { type: "other" },
      "text",
    ]),
  ).toEqual([
    { type: "value", options: { "1": { text: "up", index: 0, color: "green" } } },
    { type: "range", options: { from: 1, to: null, result: { text: "5" } } },
  ]);
});
