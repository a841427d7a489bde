import { describe, expect, it, test } from "vitest";

import type { Cell } from "./frame";
import { calcName, calcUnit, isCalc, reduceValues } from "./reduce";

describe("a calculation over a column", () => {
  const gaps: Cell[] = [null, 2, 4, null, 1, NaN, 8, null];
  const cases: [calc: string, values: Cell[], want: Cell][] = [
    ["first", gaps, null],
    ["firstNotNull", gaps, 2],
    ["last", gaps, null],
    ["lastNotNull", gaps, 8],
    ["min", gaps, 1],
    ["max", gaps, 8],
    ["sum", gaps, 15],
    ["mean", gaps, 3.75],
    ["count", gaps, 5],
    ["range", gaps, 7],
    ["diff", gaps, 6],
    ["diffperc", gaps, 3],
    ["diffperc", [-4, -2], 0.5],
    ["step", gaps, -3],
    ["delta", [1, 5, 2, 4], 8],
    ["logmin", [0, -3, 7, 0.5], 0.5],
    ["logmin", [0, -3], null],
    ["allIsZero", [0, 0, null], true],
    ["allIsZero", [0, 0], true],
    ["allIsZero", [0, 1], false],
    ["allIsNull", [null, null], true],
    ["allIsNull", [null, 0], false],
    ["changeCount", ["a", "a", "b", null, "b", "a"], 2],
    ["distinctCount", ["a", "b", "a", null], 3],
    ["uniqueValues", ["a", "b", "a"], ["a", "b"]],
    ["allValues", [1, 2], [1, 2]],
    ["median", [3, 1, 2], 2],
    ["p50", [1, 2, 3, 4], 2.5],
    ["p95", [0, 100], 95],
    ["p1", [0, 100], 1],
    ["variance", [2, 4, 4, 4, 5, 5, 7, 9], 4],
    ["stdDev", [2, 4, 4, 4, 5, 5, 7, 9], 2],
    ["lastNotNull", ["v1", "v2", null], "v2"],
    ["lastNotNull", [1, NaN], NaN],
    ["max", [NaN, NaN], NaN],
    ["max", [], null],
    ["mean", [null], null],
    ["sum", ["a"], null],
    ["sum", [true, false, true], 2],
    ["max", [Infinity, 1], Infinity],
    ["nonsense", [1], null],
    ["current", [1, 2, null], 2],
    ["avg", [1, 2], 1.5],
    ["total", [1, 2], 3],
  ];
  it.each(cases)("%s of %j is %j", (calc, values, want) => expect(reduceValues(values, calc)).toEqual(want));
});

test("names are those of Grafana's legends", () => {
  expect(["lastNotNull", "mean", "sum", "p95", "weird"].map(calcName)).toEqual(["Last *", "Mean", "Total", "95th %", "weird"]);
  expect(["lastNotNull", "p99", "avg", "weird", "p100"].map(isCalc)).toEqual([true, true, true, false, false]);
});

test("counts have no unit, ratios are in percent", () => {
  expect(calcUnit("count", "bytes")).toBe("none");
  expect(calcUnit("diffperc", "bytes")).toBe("percentunit");
  expect(calcUnit("max", "bytes")).toBe("bytes");
});
