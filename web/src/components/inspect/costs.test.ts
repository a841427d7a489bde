import { expect, test } from "vitest";

import { costs as made } from "./costs";

// Units stand behind a narrow space.
const costs = (body: unknown) => made(body).map(({ name, value }) => ({ name, value: value.replace(/\s/g, " ") }));

test("Prometheus' account: times in seconds, samples counted, what is 0 or a list left out", () => {
  const stats = { timings: { evalTotalTime: 0.0012, execQueueTime: 0 }, samples: { totalQueryableSamples: 900_000, totalQueryableSamplesPerStep: [[1, 2]] } };
  expect(costs({ status: "success", data: { resultType: "matrix", result: [], stats } })).toEqual([
    { name: "timings: eval total time", value: "1.2 ms" },
    { name: "samples: total queryable samples", value: "900 K" },
  ]);
});

test("Loki's account has bytes", () => expect(costs({ data: { stats: { summary: { totalBytesProcessed: 2048, execTime: 0.25 } } } })).toEqual([{ name: "summary: total bytes processed", value: "2 KiB" }, { name: "summary: exec time", value: "250 ms" }]));

test("an answer without an account has none", () => {
  expect(costs({ data: null })).toEqual([]);
  expect(costs("text")).toEqual([]);
});
