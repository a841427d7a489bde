import { expect, test } from "vitest";

import { bound, degradedBy } from "./degraded";
import type { Red } from "./red";

const flat = (value: number) => Array.from({ length: 20 }, (_, index) => value * (1 + (index % 3) / 100));
const red = (rate: number, errors: number, p95: number): Red => ({ rate: flat(rate), errors: flat(errors), p50: [], p95: flat(p95), labels: {}, source: "spans" });

test("as yesterday is not degraded", () => expect(degradedBy(red(10, 0.1, 0.2), red(10, 0.1, 0.2), [])).toEqual([]));
test("more failures than yesterday", () => expect(degradedBy(red(10, 1, 0.2), red(10, 0.1, 0.2), [])).toEqual([expect.stringMatching(/^10 % of requests fail; at this time yesterday up to 1\.0 % did$/)]));
test("slower than yesterday", () => expect(degradedBy(red(10, 0, 0.5), red(10, 0, 0.2), [])).toEqual([expect.stringMatching(/^p95 is 5\d\d ms/)]));
test("a few failures are noise", () => expect(degradedBy(red(10, 0.03, 0.2), red(10, 0, 0.2), [])).toEqual([]));
test("without a yesterday only alerts tell", () => {
  expect(degradedBy(red(10, 5, 9), undefined, [])).toEqual([]);
  expect(degradedBy(undefined, undefined, ["Down"])).toEqual(["alert Down fires"]);
});
test("one outlier does not move the bound, and few values have none", () => {
  expect(bound([...flat(1), 1000])).toBeLessThan(1.2);
  expect(bound([1, 2, null])).toBeUndefined();
});
