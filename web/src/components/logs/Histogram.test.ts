import { expect, test } from "vitest";

import type { LogSeries } from "../../api/loki";
import { byLevel } from "./Histogram";

test("names of one severity are added up, mildest first, and no value is no lines", () => {
  const series: LogSeries[] = [
    { labels: { detected_level: "ERROR" }, points: [[20, 2], [10, 1]] },
    { labels: { detected_level: "err" }, points: [[20, 3]] },
    { labels: { detected_level: "info" }, points: [[10, 7], [15, 9]] },
    { labels: {}, points: [[30, 1]] },
  ];
  const times = [10, 20, 30];
  expect(byLevel(series, times)).toEqual([
    { level: "info", times, values: [7, 0, 0], total: 7 },
    { level: "error", times, values: [1, 5, 0], total: 6 },
    { level: "unknown", times, values: [0, 0, 1], total: 1 },
  ]);
});
