import { describe, expect, it, test } from "vitest";

import { absolute, isRelative, resolveInstant, resolveRange, shift, zoomOut } from "./time";

// Wednesday 2026-03-04 10:20:30.500 in UTC.
const now = Date.UTC(2026, 2, 4, 10, 20, 30, 500);
const at = (text: string): number => Date.parse(text);

describe("an end of a range", () => {
  const cases: [expr: string, start: string, end?: string][] = [
    ["now", "2026-03-04T10:20:30.500Z"],
    ["now-1s", "2026-03-04T10:20:29.500Z"],
    ["now-15m", "2026-03-04T10:05:30.500Z"],
    ["now-1h", "2026-03-04T09:20:30.500Z"],
    ["now+30m", "2026-03-04T10:50:30.500Z"],
    ["now - 2d", "2026-03-02T10:20:30.500Z"],
    ["now-1w", "2026-02-25T10:20:30.500Z"],
    ["now-1M", "2026-02-04T10:20:30.500Z"],
    ["now-1Q", "2025-12-04T10:20:30.500Z"],
    ["now-1y", "2025-03-04T10:20:30.500Z"],
    ["now/m", "2026-03-04T10:20:00Z", "2026-03-04T10:21:00Z"],
    ["now/h", "2026-03-04T10:00:00Z", "2026-03-04T11:00:00Z"],
    ["now/d", "2026-03-04T00:00:00Z", "2026-03-05T00:00:00Z"],
    ["now-1d/d", "2026-03-03T00:00:00Z", "2026-03-04T00:00:00Z"],
    ["now/w", "2026-03-02T00:00:00Z", "2026-03-09T00:00:00Z"],
    ["now/M", "2026-03-01T00:00:00Z", "2026-04-01T00:00:00Z"],
    ["now/Q", "2026-01-01T00:00:00Z", "2026-04-01T00:00:00Z"],
    ["now/y", "2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z"],
    ["1772619630", "2026-03-04T10:20:30Z"],
    ["1772619630500", "2026-03-04T10:20:30.500Z"],
    ["1772619630500123", "2026-03-04T10:20:30.500Z"],
    ["1772619630500123456", "2026-03-04T10:20:30.500Z"],
    ["2026-03-01", "2026-03-01T00:00:00Z", "2026-03-02T00:00:00Z"],
    ["2026-03-01 10:00", "2026-03-01T10:00:00Z"],
    ["2026-3-1 9:05:07", "2026-03-01T09:05:07Z"],
    ["2026-03-01T10:00:00.123Z", "2026-03-01T10:00:00.123Z"],
    ["2026-03-01T10:00:00.123456789Z", "2026-03-01T10:00:00.123Z"],
    ["2026-03-01T10:00:00+02:00", "2026-03-01T08:00:00Z"],
    ["2026-03-01T10:00:00-0530", "2026-03-01T15:30:00Z"],
  ];
  it.each(cases)("reads %s", (expr, start, end) => {
    expect(resolveInstant(expr, now, "UTC")).toBe(at(start));
    expect(resolveInstant(expr, now, "UTC", true)).toBe(at(end ?? start));
  });

  it.each(["", "later", "now-", "now-1", "now-1x", "now-1h/x", "nowish", "12", "2026-13-01", "2026-02-30", "2026-03-01 25:00", "2026-03-01 10:75"])(
    "refuses %j",
    (expr) => expect(resolveInstant(expr, now, "UTC")).toBeUndefined(),
  );

  it("follows the zone's calendar", () => {
    expect(resolveInstant("now/d", now, "America/New_York")).toBe(at("2026-03-04T05:00:00Z"));
    expect(resolveInstant("2026-07-01 12:00", now, "Europe/Berlin")).toBe(at("2026-07-01T10:00:00Z"));
  });

  it("knows that a day of 23 hours is a day", () => {
    // New York goes from 02:00 to 03:00 on 2026-03-08.
    const after = at("2026-03-09T12:00:00Z");
    const start = resolveInstant("now-1d/d", after, "America/New_York") ?? 0;
    const end = resolveInstant("now-1d/d", after, "America/New_York", true) ?? 0;
    expect((end - start) / 3_600_000).toBe(23);
  });
});

describe("a range", () => {
  it("is resolved at both ends", () => {
    expect(resolveRange({ from: "now-1d/d", to: "now-1d/d" }, now, "UTC")).toEqual({ from: at("2026-03-03T00:00:00Z"), to: at("2026-03-04T00:00:00Z") });
  });

  it.each([
    { from: "nonsense", to: "now" },
    { from: "now", to: "now-1h" },
    { from: "now", to: "now" },
  ])("that means nothing becomes the last hour: %j", (raw) => {
    expect(resolveRange(raw, now, "UTC")).toEqual({ from: now - 3_600_000, to: now });
  });

  it("moves by half its length", () => {
    expect(shift({ from: 100, to: 200 }, -1)).toEqual({ from: 50, to: 150 });
    expect(shift({ from: 100, to: 200 }, 1)).toEqual({ from: 150, to: 250 });
  });

  it("zooms out around its middle, up to now", () => {
    expect(zoomOut({ from: 100, to: 200 }, 1000)).toEqual({ from: 50, to: 250 });
    expect(zoomOut({ from: 100, to: 200 }, 200)).toEqual({ from: 0, to: 200 });
    expect(zoomOut({ from: 100, to: 200 }, 150)).toEqual({ from: 0, to: 200 });
  });

  it("is written whole milliseconds wide, never losing an end", () => {
    expect(absolute({ from: 1.9, to: 2.1 })).toEqual({ from: "1", to: "3" });
  });
});

test("a range is relative as soon as one end is", () => {
  expect(isRelative({ from: "now-1h", to: "now" })).toBe(true);
  expect(isRelative({ from: "1772619630000", to: "now" })).toBe(true);
  expect(isRelative({ from: "1", to: "2" })).toBe(false);
});
