import { expect, it } from "vitest";

import { formatClock } from "./clockFormat";

const at = Date.UTC(2026, 2, 1, 14, 5, 9, 42);

it.each([
  ["YYYY-MM-DD HH:mm:ss.SSS", "UTC", "2026-03-01 14:05:09.042"],
  ["dddd, MMMM Do YYYY", "UTC", "Sunday, March 1st 2026"],
  ["ddd D MMM YY h:mm A", "UTC", "Sun 1 Mar 26 2:05 PM"],
  ["[at] H:m:s a", "UTC", "at 14:5:9 pm"],
  ["HH:mm Z", "Asia/Kolkata", "19:35 +05:30"],
  ["X x", "UTC", `${Math.floor(at / 1000)} ${at}`],
  ["L LT", "UTC", "2026-03-01 14:05"],
])("%s in %s is %s", (format, zone, want) => expect(formatClock(at, format, zone)).toBe(want));

it.each([
  [11, "11th"],
  [2, "2nd"],
  [23, "23rd"],
])("day %i is the %s", (day, want) => expect(formatClock(Date.UTC(2026, 0, day), "Do", "UTC")).toBe(want));

it("has no text for what is no time", () => expect(formatClock(NaN, "YYYY", "UTC")).toBe(""));
