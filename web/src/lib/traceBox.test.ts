import { describe, expect, test } from "vitest";

import { durationGrid } from "./durationGrid";
import { structureRows } from "./structureRows";
import { boxConditions, narrowed, readBox, writeBox, type TraceBox } from "./traceBox";

const box: TraceBox = { of: "span", from: 1000, to: 2000, low: 1_000_000, high: 4_000_000 };

describe("a box", () => {
  test.each<[TraceBox, string]>([
    [box, "1000-2000,1000000-4000000"],
    [{ ...box, high: Infinity }, "1000-2000,1000000-"],
    [{ ...box, of: "trace", low: 0 }, "trace,1000-2000,0-4000000"],
  ])("%j is %s in a URL, and back", (one, text) => {
    expect(writeBox(one)).toBe(text);
    expect(readBox(text)).toEqual(one);
  });

  test.each(["", "x", "2000-1000,0-", "1-2,5-4", "1-2", "1-2,,"])("%j is none", (text) => {
    expect(readBox(text)).toBeUndefined();
  });

  test("narrows a filter by conditions, and other queries by a stage", () => {
    const conditions = boxConditions(box);
    expect(narrowed('{ name = "a" }', conditions)).toBe('{ name = "a" && duration >= 1000000ns && duration < 4000000ns }');
    expect(narrowed("{} >> {}", conditions)).toBe("{} >> {} | { duration >= 1000000ns && duration < 4000000ns }");
    expect(narrowed("{}", boxConditions({ ...box, low: 0, high: Infinity }))).toBe("{}");
    expect(narrowed("{}", boxConditions({ ...box, of: "trace", low: 0 }))).toBe("{ traceDuration < 4000000ns }");
  });
});

describe("the grid of durations", () => {
  const series = (bucket: string, points: [number, number][]) => ({ labels: { __bucket: bucket }, points });

  test("has a row for each power of two between the shortest and the longest, and a column for each step", () => {
    // Values stand at the ends of their columns, seconds.
    const grid = durationGrid([series("0.000001024", [[10, 1], [20, 2]]), series("0.000004096", [[30, 5]])], [series("0.000004096", [[30, 4]])], 0, 30_000, 10_000);
    expect(grid).toEqual({
      times: [10_000, 20_000, 30_000],
      step: 10_000,
      bounds: [1024, 2048, 4096],
      counts: [
        [1, 2, 0],
        [0, 0, 0],
        [0, 0, 5],
      ],
      failed: [
        [0, 0, 0],
        [0, 0, 0],
        [0, 0, 4],
      ],
      most: 5,
      total: 8,
    });
  });

  test("spans at the very start belong to the first column; what lies before is left out", () => {
    expect(durationGrid([series("1.073741824", [[0, 2], [-10, 7]])], [], 0, 20_000, 10_000)?.counts).toEqual([[2, 0]]);
  });

  test("of no spans there is none", () => {
    expect(durationGrid([], [], 0, 1000, 100)).toBeUndefined();
    expect(durationGrid([{ labels: { __name__: "rate" }, points: [[1, 1]] }], [], 0, 1000, 100)).toBeUndefined();
  });
});

describe("the structure of traces", () => {
  const path = (parent: number, name: string, self: number, total: number, errors = 0) => ({ parent, name, self, total, errors });
  const paths = [path(-1, "root", 10, 100, 4), path(0, "small", 10, 10), path(0, "large", 60, 80, 4), path(2, "leaf", 20, 20, 3), path(-1, "other", 0, 5)];

  test("is in the order of a tree, most time first, and says where time and errors are from", () => {
    const rows = structureRows(paths, new Set());
    expect(rows.map(({ path: { name }, depth, expanded, selfShare, began, hot }) => [name, depth, expanded, selfShare, began, hot])).toEqual([
      ["root", 0, true, 0.1, 0, false],
      ["large", 1, true, 0.6, 1, true],
      ["leaf", 2, undefined, 0.2, 3, true],
      ["small", 1, undefined, 0.1, 0, false],
      ["other", 0, undefined, 0, 0, false],
    ]);
  });

  test("what is below a folded path is left out", () => {
    const rows = structureRows(paths, new Set([2]));
    expect(rows.map((row) => row.path.name)).toEqual(["root", "large", "small", "other"]);
    expect(rows[1]?.expanded).toBe(false);
  });
});
