import { expect, test } from "vitest";

import { flatten, scalar, tables } from "./flatten";

const storage = {
  event: [
    { signal: "logs", parts: 3, part_bytes: 2048 },
    { signal: "spans", parts: 0, read_only: true },
  ],
  metric: { series: 12345, blocks_bytes: 1024, wal: { segments: [1, 2] } },
  nothing: null,
};

test("lists of objects are tables with every key of their rows", () => {
  expect(tables(storage)).toEqual([{ path: "event", rows: storage.event, keys: ["signal", "parts", "part_bytes", "read_only"] }]);
  expect(tables([{ a: 1 }])).toEqual([{ path: "", rows: [{ a: 1 }], keys: ["a"] }]);
  expect(tables([])).toEqual([]);
  expect(tables("text")).toEqual([]);
});

test("the rest is lines of path and text", () => {
  expect(flatten(storage).map(({ key, value }) => `${key}=${String(value).replaceAll("\u202f", " ")}`)).toEqual([
    "metric.series=12 345",
    "metric.blocks_bytes=1 KiB",
    "metric.wal.segments=1, 2",
  ]);
  expect(flatten(null)).toEqual([]);
  expect(flatten(true)).toEqual([{ key: "value", value: "yes" }]);
});

test.each([
  ["x", "", "–"],
  ["x", null, "–"],
  ["x", [], "none"],
  ["x", false, "no"],
  ["newest", "2026-11-22T05:46:49.004571797Z", "2026-11-22 05:46:49 UTC"],
  ["x", { a: 1 }, '{"a":1}'],
])("%s: %j is shown as %s", (key, value, want) => expect(scalar(key, value)).toBe(want));
