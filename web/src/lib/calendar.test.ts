import { describe, expect, test } from "vitest";

import { monthAfter, monthOf } from "./calendar";

const berlin = "Europe/Berlin";

describe("a month", () => {
  test("has its days in weeks from Monday", () => {
    const { title, weeks } = monthOf(Date.UTC(2026, 10, 22, 12), "UTC");
    expect(title).toBe("November 2026");
    expect(weeks.map((week) => week.map((day) => day?.number ?? 0))).toEqual([
      [0, 0, 0, 0, 0, 0, 1],
      [2, 3, 4, 5, 6, 7, 8],
      [9, 10, 11, 12, 13, 14, 15],
      [16, 17, 18, 19, 20, 21, 22],
      [23, 24, 25, 26, 27, 28, 29],
      [30, 0, 0, 0, 0, 0, 0],
    ]);
  });
  test("is that of the zone", () => expect(monthOf(Date.UTC(2026, 9, 31, 23, 30), berlin).title).toBe("November 2026"));
  test("leaves no gap and no overlap between its days, also where clocks change", () => {
    for (const month of [2, 9]) {
      const { from, to, weeks } = monthOf(Date.UTC(2026, month, 15), berlin);
      const days = weeks.flat().filter((day) => day !== undefined);
      expect(days[0]?.from).toBe(from);
      expect(days.at(-1)?.to).toBe(to);
      days.slice(1).forEach((day, index) => expect(day.from).toBe(days[index]?.to));
      expect(new Set(days.map((day) => (day.to - day.from) / 3_600_000))).toEqual(new Set([24, month === 2 ? 23 : 25]));
    }
  });
});

test("months follow each other over the year", () => expect(monthOf(monthAfter(Date.UTC(2026, 11, 31), 2, "UTC"), "UTC").title).toBe("February 2027"));
