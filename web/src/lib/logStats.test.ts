import { describe, expect, test } from "vitest";

import type { FieldSummary } from "./logFields";
import { readQuery } from "./logqlEdit";
import { logFunctions, readStat, statQuery, writeStat } from "./logStats";

const fields: FieldSummary[] = [
  { name: "ms", origin: "parsed", parser: "json", lines: 1, values: [] },
  { name: "app", origin: "label", lines: 1, values: [] },
];

describe("statQuery", () => {
  test.each([
    ["count", "", "app", 'sum by (app) (count_over_time({a="b"} [1m]))'],
    ["rate", "", "", 'sum (rate({a="b"} [1m]))'],
    ["bytes", "", "ms", 'sum by (ms) (bytes_over_time({a="b"} | json [1m]))'],
    ["p95", "ms", "app", 'quantile_over_time(0.95, {a="b"} | json | unwrap ms | __error__="" [1m]) by (app)'],
    ["avg", "ms", "", 'avg_over_time({a="b"} | json | unwrap ms | __error__="" [1m]) by ()'],
  ] as const)("%s of %j by %j", (fn, field, by, query) => {
    expect(statQuery('{a="b"}', { fn, field, by }, fields, "1m")).toBe(query);
  });

  test("a parser that is there already is not repeated", () => {
    expect(statQuery('{a="b"} | json', { fn: "max", field: "ms", by: "" }, fields, "1m")).toBe('max_over_time({a="b"} | json | unwrap ms | __error__="" [1m]) by ()');
  });

  test("what is no log query, or lacks its field, is none", () => {
    expect(statQuery('rate({a="b"}[1m])', { fn: "count", field: "", by: "" }, fields, "1m")).toBeUndefined();
    expect(statQuery('{a="b"}', { fn: "avg", field: "", by: "" }, fields, "1m")).toBeUndefined();
  });

  test("every function makes a metric query", () => {
    for (const fn of logFunctions) for (const by of ["", "app"]) expect(readQuery(statQuery('{a="b"}', { fn, field: "ms", by }, fields, "1m") ?? "").kind).toBe("metric");
  });
});

test("what is written reads back, and nonsense counts lines", () => {
  for (const fn of logFunctions) expect(readStat(writeStat({ fn, field: "x", by: "y" }))).toEqual({ fn, field: "x", by: "y" });
  expect(readStat("")).toEqual({ fn: "count", field: "", by: "detected_level" });
  expect(readStat("dance.x.")).toEqual({ fn: "count", field: "x", by: "" });
});
