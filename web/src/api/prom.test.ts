import { afterEach, expect, test, vi } from "vitest";

import { parseSample, queryInstant, queryRange } from "./prom";

const { signal } = new AbortController();
const answer = (data: unknown, more = {}) =>
  vi.stubGlobal(
    "fetch",
    vi.fn(async () => new Response(JSON.stringify({ status: "success", data, ...more }))),
  );

afterEach(() => vi.unstubAllGlobals());

test.each([
  ["1.5", 1.5],
  ["1.76e-01", 0.176],
  ["+Inf", Infinity],
  ["-Inf", -Infinity],
  ["NaN", NaN],
])("%s is a value", (text, value) => expect(parseSample(text)).toBe(value));

test("a range query's series stand on the grid of steps, gaps as nulls", async () => {
  answer(
    {
      resultType: "matrix",
      result: [
        { metric: { a: "x" }, values: [[10, "1"], [30, "3"]] },
        { metric: { a: "h" }, histograms: [[20, { count: "4", sum: "2" }]] },
      ],
    },
    { warnings: ["w"], infos: ["i"] },
  );
  const found = await queryRange({ query: "q", range: { from: 9_000, to: 30_500 }, points: 3, minStepMs: 10_000 }, signal);
  expect(found.stepMs).toBe(10_000);
  expect(found.notices).toEqual(["w", "i"]);
  expect(found.series.map(({ times, values }) => [times, values])).toEqual([
    [[0, 10, 20, 30], [null, 1, null, 3]],
    [[0, 10, 20, 30], [null, null, 0.5, null]],
  ]);
  expect(String(vi.mocked(fetch).mock.calls[0]?.[1]?.body)).toBe("query=q&start=0&end=30&step=10");
});

test.each([
  [{ resultType: "vector", result: [{ metric: { a: "x" }, value: [1, "2"] }] }, [{ labels: { a: "x" }, value: 2 }]],
  [{ resultType: "vector", result: [{ metric: {}, histogram: [1, { count: "2", sum: "6", buckets: [] }] }] }, [{ labels: {}, value: 3 }]],
  [{ resultType: "matrix", result: [{ metric: { a: "x" }, values: [[1, "2"], [2, "5"]] }] }, [{ labels: { a: "x" }, value: 5 }]],
  [{ resultType: "scalar", result: [1, "7"] }, [{ labels: {}, value: 7 }]],
])("an instant answer is rows: %j", async (data, rows) => {
  answer(data);
  expect(await queryInstant("q", 1000, signal)).toEqual(rows);
});
