import { expect, test } from "vitest";

import { comparePatterns } from "./patternDiff";

const p = (pattern: string, level: string, ...samples: [number, number][]) => ({ pattern, level, samples });

test("shapes of several severities are one, with what they were before", () => {
  const rows = comparePatterns([p("a <_>", "info", [100, 3], [120, 1]), p("a <_>", "ERROR", [110, 9]), p("b", "warn", [100, 1])], [p("a <_>", "info", [50, 2]), p("c", "info", [60, 7])], 100, 120, 10);
  expect(rows).toEqual([
    { pattern: "a <_>", levels: ["error", "info"], count: 13, before: 2, trend: [3, 9, 1], first: 100, last: 120, change: "" },
    { pattern: "b", levels: ["warn"], count: 1, before: 0, trend: [1, 0, 0], first: 100, last: 100, change: "new" },
    { pattern: "c", levels: ["info"], count: 0, before: 7, trend: [0, 0, 0], first: 0, last: 0, change: "gone" },
  ]);
});

test("with nothing before, nothing is called new", () => {
  expect(comparePatterns([p("a", "", [100, 1])], [], 100, 110, 10)[0]?.change).toBe("");
});

test("a sample outside the range counts at its end", () => {
  expect(comparePatterns([p("a", "", [90, 1], [500, 2])], [], 100, 120, 10)[0]?.trend).toEqual([1, 0, 2]);
});
