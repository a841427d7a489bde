import { expect, test } from "vitest";

import { backoff, passing } from "./backoff";

test("waits grow, and stay at the last one", () => {
  expect([0, 1, 2, 3, 4, 40].map((n) => backoff(n))).toEqual([1000, 2000, 5000, 15_000, 15_000, 15_000]);
});

test("a server that asks for more time gets it, one that asks for less is not asked sooner", () => {
  expect(backoff(0, 30)).toBe(30_000);
  expect(backoff(2, 1)).toBe(5000);
});

test.each([
  [0, true],
  [400, false],
  [401, false],
  [403, false],
  [404, false],
  [422, false],
  [429, true],
  [500, true],
  [501, false],
  [502, true],
  [503, true],
  // The query's own time was over: once more it would be again.
  [504, false],
  [507, false],
])("%d passes: %s", (status, passes) => expect(passing(status)).toBe(passes));
