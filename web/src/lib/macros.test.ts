import { expect, test } from "vitest";

import { fillMacros, rateWindow } from "./macros";

const range = { from: 0, to: 3_600_000 };

test.each([
  ["rate(a[$__rate_interval])", "rate(a[1m])"],
  ["rate(a[${__rate_interval}])", "rate(a[1m])"],
  ["rate(a[$__interval])", "rate(a[10s])"],
  ["a * $__interval_ms", "a * 10000"],
  ["increase(a[$__range])", "increase(a[1h])"],
  ["a / $__range_s", "a / 3600"],
  ["a / $__range_ms", "a / 3600000"],
  ["rate(a[$__auto])", "rate(a[10s])"],
  ["a{b=\"$__unknown\"}", "a{b=\"$__unknown\"}"],
  ["a{b=\"$5\"}", "a{b=\"$5\"}"],
])("%s", (query, want) => expect(fillMacros(query, range, 10_000)).toBe(want));

test("the window of a rate covers four scrapes, and a step with one scrape before it", () => {
  expect(rateWindow(1000)).toBe(60_000);
  expect(rateWindow(300_000)).toBe(315_000);
});
