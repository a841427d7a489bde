import { expect, test } from "vitest";

import { bucketQuery } from "./bucketQuery";

test.each([
  ["histogram_quantile(0.95, sum by (le, job) (rate(x_bucket[5m])))", "sum by (le) (increase(x_bucket[5m]))"],
  ["histogram_quantile(0.95, sum(rate(native[$__rate_interval])))", "sum (increase(native[$__rate_interval]))"],
  ["histogram_quantile(0.9, rate(x_bucket[5m])) > 1", "sum by (le) (increase(x_bucket[5m]))"],
  ["x_bucket", "sum by (le) (increase(x_bucket[$__rate_interval]))"],
  ["sum by (le) (x_bucket)", "sum by (le) (x_bucket)"],
  ["up", "up"],
  ["sum(", "sum("],
])("the buckets of %s are %s", (query, buckets) => {
  expect(bucketQuery(query)).toBe(buckets);
});
