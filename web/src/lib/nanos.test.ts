import { expect, test } from "vitest";

import { compareNanos, shiftNanos } from "./nanos";

test("nanoseconds keep every digit through a shift", () => {
  expect(shiftNanos("1732240000000000001", 1n)).toBe("1732240000000000002");
  expect(shiftNanos("1732240000000000000", -1n)).toBe("1732239999999999999");
});

test("timestamps that differ in the last digit are ordered", () => {
  const sorted = ["1732240000000000002", "999", "1732240000000000001"].toSorted(compareNanos);
  expect(sorted).toEqual(["999", "1732240000000000001", "1732240000000000002"]);
  expect(compareNanos("5", "5")).toBe(0);
});
