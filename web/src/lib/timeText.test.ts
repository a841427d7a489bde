import { describe, expect, it } from "vitest";

import { resolveRange } from "./time";
import { parseRangeText, rangeLabel } from "./timeText";

const now = Date.UTC(2026, 2, 4, 10, 20, 30);
const ms = (text: string): string => String(Date.parse(text));

describe("a typed range", () => {
  const cases: [text: string, from: string, to: string][] = [
    ["15m", "now-15m", "now"],
    [" 45 min ", "now-45m", "now"],
    ["1h30m", "now-90m", "now"],
    ["1h 30s", "now-3630s", "now"],
    ["last 2 days", "now-2d", "now"],
    ["Last 1 hour", "now-1h", "now"],
    ["90s", "now-90s", "now"],
    ["1M", "now-1M", "now"],
    ["1m", "now-1m", "now"],
    ["2 months", "now-2M", "now"],
    ["yesterday", "now-1d/d", "now-1d/d"],
    ["Today", "now/d", "now"],
    ["this week", "now/w", "now"],
    ["now-6h", "now-6h", "now"],
    ["now-1d/d to now", "now-1d/d", "now"],
    ["now-2h to now-1h", "now-2h", "now-1h"],
    ["now - 2h to now - 1h", "now-2h", "now-1h"],
    ["2026-03-01 10:00 to 11:30", ms("2026-03-01T10:00:00Z"), ms("2026-03-01T11:30:00Z")],
    ["2026-03-01 10:00 - 2026-03-02 09:00", ms("2026-03-01T10:00:00Z"), ms("2026-03-02T09:00:00Z")],
    ["2026-03-01 to 2026-03-02", ms("2026-03-01T00:00:00Z"), ms("2026-03-03T00:00:00Z")],
    ["2026-03-01", ms("2026-03-01T00:00:00Z"), ms("2026-03-02T00:00:00Z")],
    ["2026-03-01T10:00:00Z/2026-03-01T11:00:00Z", ms("2026-03-01T10:00:00Z"), ms("2026-03-01T11:00:00Z")],
    ["1772360000 to 1772363600", ms("2026-03-01T10:13:20Z"), ms("2026-03-01T11:13:20Z")],
    ["1772360000000", ms("2026-03-01T09:58:20Z"), ms("2026-03-01T10:28:20Z")],
    ["1772360000000000000", ms("2026-03-01T09:58:20Z"), ms("2026-03-01T10:28:20Z")],
    ["2026-03-01 10:00 to now", ms("2026-03-01T10:00:00Z"), "now"],
  ];
  it.each(cases)("%s", (text, from, to) => {
    expect(parseRangeText(text, now, "UTC")).toEqual({ range: { from, to } });
  });

  it.each([
    ["", /Type a range/],
    ["soon", /"soon" is not a time range/],
    ["0m", /not a time range/],
    ["15 parsecs", /not a time range/],
    ["1M2d", /not a time range/],
    ["now-1h to whenever", /"whenever" is not a time/],
    ["whenever to now", /"whenever" is not a time/],
    ["2026-03-02 to 2026-03-01 00:00", /ends before it starts/],
    ["now+1h", /ends before it starts/],
    ["now-1h to now-2h", /ends before it starts/],
  ])("%j is refused with a reason", (text, reason) => {
    expect(parseRangeText(text, now, "UTC").error).toMatch(reason);
  });
});

describe("the name of a range", () => {
  const label = (from: string, to: string): string => rangeLabel({ from, to }, resolveRange({ from, to }, now, "UTC"), "UTC");

  it.each([
    ["now-1h", "now", "Last 1 hour"],
    ["now-7d", "now", "Last 7 days"],
    ["now-45m", "now", "now-45m to now"],
    ["now-1d/d", "now-1d/d", "Yesterday"],
    [ms("2026-03-01T10:00:00Z"), ms("2026-03-01T11:30:00Z"), "2026-03-01 10:00:00 to 11:30:00"],
    [ms("2026-03-01T10:00:00Z"), ms("2026-03-02T11:30:00Z"), "2026-03-01 10:00:00 to 2026-03-02 11:30:00"],
  ])("%s, %s", (from, to, want) => expect(label(from, to)).toBe(want));

  it.each([
    [ms("2026-03-01T10:00:00Z"), ms("2026-03-01T11:30:00Z")],
    [ms("2026-03-01T10:00:00Z"), ms("2026-03-02T11:30:00Z")],
    ["now-1h", "now"],
    ["now-1d/d", "now-1d/d"],
    ["now-45m", "now"],
  ])("reads back as the same range: %s, %s", (from, to) => {
    expect(parseRangeText(label(from, to), now, "UTC").range).toEqual({ from, to });
  });
});
