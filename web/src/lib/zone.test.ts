import { describe, expect, it } from "vitest";

import { add, instant, resolveZone, startOf, wallClock } from "./zone";

const ms = (text: string): number => Date.parse(text);

describe("resolveZone", () => {
  it.each([
    ["utc", "UTC"],
    ["UTC", "UTC"],
    ["Asia/Kolkata", "Asia/Kolkata"],
    ["Mars/Olympus", "UTC"],
  ])("%s is %s", (tz, zone) => expect(resolveZone(tz)).toBe(zone));

  it("takes the browser's zone by default", () => {
    const own = new Intl.DateTimeFormat().resolvedOptions().timeZone;
    expect(resolveZone("browser")).toBe(own);
    expect(resolveZone("")).toBe(own);
  });
});

describe("wall clocks", () => {
  it("read midnight as hour 0", () => {
    expect(wallClock(ms("2026-03-04T00:00:00Z"), "UTC")).toEqual({ year: 2026, month: 3, day: 4, hour: 0, minute: 0, second: 0, milli: 0 });
  });

  it("keep milliseconds, before 1970 too", () => {
    expect(wallClock(-1, "UTC").milli).toBe(999);
    expect(wallClock(1234, "Asia/Kolkata").milli).toBe(234);
  });

  it.each(["UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "Pacific/Apia"])("give back their instant in %s", (zone) => {
    // Every 7 hours through a year, over both switches.
    for (let at = ms("2026-01-01T00:00:00Z"); at < ms("2027-01-01T00:00:00Z"); at += 7 * 3_600_000) {
      const back = instant(wallClock(at, zone), zone);
      // A reading that occurs twice means its first occurrence.
      expect(wallClock(back, zone)).toEqual(wallClock(at, zone));
      expect(at - back === 0 || at - back === 3_600_000 || at - back === 1_800_000).toBe(true);
    }
  });

  it("take the first of a reading that occurs twice", () => {
    const clock = { year: 2026, month: 10, day: 25, hour: 2, minute: 30, second: 0, milli: 0 };
    expect(instant(clock, "Europe/Berlin")).toBe(ms("2026-10-25T00:30:00Z"));
  });

  it("move a skipped reading on by the gap", () => {
    const clock = { year: 2026, month: 3, day: 29, hour: 2, minute: 30, second: 0, milli: 0 };
    expect(instant(clock, "Europe/Berlin")).toBe(ms("2026-03-29T01:30:00Z"));
  });
});

describe("calendar arithmetic", () => {
  it("starts weeks on Monday", () => {
    expect(startOf("w", ms("2026-03-01T12:00:00Z"), "UTC")).toBe(ms("2026-02-23T00:00:00Z"));
    expect(startOf("w", ms("2026-03-02T00:00:00Z"), "UTC")).toBe(ms("2026-03-02T00:00:00Z"));
  });

  it("starts hours by the zone's clock", () => {
    expect(startOf("h", ms("2026-03-01T12:10:00Z"), "Asia/Kolkata")).toBe(ms("2026-03-01T11:30:00Z"));
  });

  it("ends months on their last day", () => {
    expect(add(ms("2026-03-31T12:00:00Z"), -1, "M", "UTC")).toBe(ms("2026-02-28T12:00:00Z"));
    expect(add(ms("2028-02-29T12:00:00Z"), -1, "y", "UTC")).toBe(ms("2027-02-28T12:00:00Z"));
    expect(add(ms("2026-11-30T00:00:00Z"), 1, "Q", "UTC")).toBe(ms("2027-02-28T00:00:00Z"));
  });

  it("keeps the clock's reading when a day has 23 hours", () => {
    expect(add(ms("2026-03-28T11:00:00Z"), 1, "d", "Europe/Berlin")).toBe(ms("2026-03-29T10:00:00Z"));
  });
});
