import { describe, expect, it, test } from "vitest";

import { age, axisLabels, clockOf, formatNano, formatTime, msToNano, nanoToMs } from "./timeFormat";

const ms = Date.UTC(2026, 2, 1, 10, 0, 5, 7);

test("times are written in the zone asked for", () => {
  expect(formatTime(ms, "UTC")).toBe("2026-03-01 10:00:05");
  expect(formatTime(ms, "UTC", true)).toBe("2026-03-01 10:00:05.007");
  expect(formatTime(ms, "Asia/Kolkata")).toBe("2026-03-01 15:30:05");
  expect(clockOf(ms, "UTC", true)).toBe("10:00:05.007");
});

test("nanoseconds keep all their digits", () => {
  expect(formatNano("1772359205007008009", "UTC")).toBe("2026-03-01 10:00:05.007008009");
  expect(formatNano(1772359205000000000n, "UTC")).toBe("2026-03-01 10:00:05.000000000");
  expect(nanoToMs("1772359205007999999")).toBe(1772359205007);
  expect(msToNano(1772359205007)).toBe("1772359205007000000");
  expect(msToNano(1772359205007.9)).toBe("1772359205007000000");
});

describe("age", () => {
  it.each([
    [400, "now"],
    [12_000, "12 s ago"],
    [59_999, "59 s ago"],
    [60_000, "1 min ago"],
    [3 * 3_600_000, "3 h ago"],
    [49 * 3_600_000, "2 d ago"],
    [-300_000, "in 5 min"],
  ])("%d ms", (before, want) => expect(age(ms - before, ms)).toBe(want));
});

describe("labels of a time axis", () => {
  const ticks = (start: string, stepSeconds: number, count: number): number[] =>
    Array.from({ length: count }, (_, index) => Date.parse(start) / 1000 + index * stepSeconds);

  it.each([
    ["2026-03-01T10:00:00Z", 300, ["10:00", "10:05", "10:10"]],
    ["2026-03-01T10:00:00Z", 15, ["10:00:00", "10:00:15", "10:00:30"]],
    ["2026-03-01T10:00:00Z", 0.5, ["10:00:00.000", "10:00:00.500", "10:00:01.000"]],
    ["2026-03-01T23:00:00Z", 3600, ["23:00", "03-02", "01:00"]],
    ["2026-03-01T00:00:00Z", 86_400, ["03-01", "03-02", "03-03"]],
    ["2026-01-01T00:00:00Z", 31 * 86_400, ["2026-01", "2026-02", "2026-03"]],
  ])("%s every %d s", (start, step, want) => expect(axisLabels(ticks(start, step, 3), "UTC")).toEqual(want));
});
