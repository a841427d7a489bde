import { expect, test } from "vitest";

import type { LogSeries } from "../../api/loki";
import { byLabel, byLevel } from "./Histogram";

test("names of one severity are added up, mildest first, and no value is no lines", () => {
  const series: LogSeries[] = [
    { labels: { detected_level: "ERROR" }, points: [[20, 2], [10, 1]] },
    { labels: { detected_level: "err" }, points: [[20, 3]] },
    { labels: { detected_level: "info" }, points: [[10, 7], [15, 9]] },
    { labels: {}, points: [[30, 1]] },
  ];
  const times = [10, 20, 30];
  expect(byLevel(series, times)).toEqual([
    { name: "info", values: [7, 0, 0], total: 7 },
    { name: "error", values: [1, 5, 0], total: 6 },
    { name: "unknown", values: [0, 0, 1], total: 1 },
  ]);
});

test("by a label the most frequent values come first, and those beyond ten are one", () => {
  const series = Array.from({ length: 12 }, (_, index): LogSeries => ({ labels: index === 0 ? {} : { pod: `p${index}` }, points: [[10, index + 1]] }));
  const found = byLabel(series, "pod", [10, 20]);
  expect(found[0]).toEqual({ name: "p11", values: [12, 0], total: 12 });
  expect(found).toHaveLength(11);
  expect(found.at(-1)).toEqual({ name: "2 others", values: [3, 0], total: 3 });
  expect(byLabel(series.slice(0, 1), "pod", [10])).toEqual([{ name: "without pod", values: [1], total: 1 }]);
});
