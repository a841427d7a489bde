import { expect, test } from "vitest";

import { numberStats } from "./numberStats";

const values = (...all: [string, number][]) => all.map(([value, lines]) => ({ value, lines }));

test("numbers have a middle and ends, each value as often as lines have it", () => {
  expect(numberStats(values(["1", 90], ["10", 5], ["100", 5]))).toEqual({ count: 100, min: 1, p50: 1, p95: 10, max: 100, unit: "" });
  expect(numberStats(values(["2.5ms", 1], ["-1ms", 1]))).toEqual({ count: 2, min: -1, p50: -1, p95: 2.5, max: 2.5, unit: "ms" });
});

test.each([[values()], [values(["a", 1])], [values(["1", 1], ["x", 1])], [values(["1ms", 1], ["1s", 1])]])("%j are no numbers", (all) => {
  expect(numberStats(all)).toBeUndefined();
});
