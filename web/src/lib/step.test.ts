import { describe, expect, it, test } from "vitest";

import { alignRange, pickStep, stepText, coverRange, parseStep, pointsIn, ratesUntil, tooManyPoints } from "./step";

const hours = (n: number) => ({ from: 0, to: n * 3_600_000 });

describe("the step of a range", () => {
  it.each([
    [hours(1), 400, 10_000],
    [hours(1), 60, 60_000],
    [hours(6), 400, 60_000],
    [hours(24), 400, 300_000],
    [hours(24 * 7), 400, 1_800_000],
    [hours(24 * 365), 400, 86_400_000],
    [hours(24 * 365 * 40), 400, 37 * 86_400_000],
    [{ from: 0, to: 1000 }, 400, 1000],
    [hours(1), 0, 3_600_000],
  ])("%j in %d points", (range, points, want) => expect(pickStep(range, points)).toBe(want));

  it("is never finer than asked for", () => expect(pickStep(hours(1), 4000, 30_000)).toBe(30_000));

  it("never gives more points than asked for", () => {
    for (let n = 1; n < 2000; n += 13) expect((n * 3_600_000) / pickStep(hours(n), 240)).toBeLessThanOrEqual(240);
  });
});

test("an aligned range starts on a step and ends with the last whole one, one step long at least", () => {
  expect(alignRange({ from: 12_345, to: 61_000 }, 10_000)).toEqual({ from: 10_000, to: 60_000 });
  expect(alignRange({ from: 12_345, to: 13_000 }, 10_000)).toEqual({ from: 10_000, to: 20_000 });
  expect(alignRange({ from: 10_000, to: 60_000 }, 10_000)).toEqual({ from: 10_000, to: 60_000 });
});

test.each([
  [15_000, "15s"],
  [60_000, "1m"],
  [90_000, "90s"],
  [7_200_000, "2h"],
  [1500, "1500ms"],
])("%d ms is written %s", (ms, want) => expect(stepText(ms)).toBe(want));

test("steps that cover a range reach beyond its end; rates there are of the part that was over", () => {
  expect(coverRange({ from: 61_000, to: 179_000 }, 60_000)).toEqual({ from: 60_000, to: 180_000 });
  expect(coverRange({ from: 60_000, to: 120_000 }, 60_000)).toEqual({ from: 60_000, to: 120_000 });
  const points = [[120, 4], [180, 2], [240, 9]] as const;
  expect(ratesUntil(points, 60_000, 150_000)).toEqual([[120, 4], [180, 4]]);
  expect(ratesUntil(points, 60_000, 121_000), "a second of a minute tells nothing").toEqual([[120, 4]]);
});

describe("a step that is chosen", () => {
  it.each([["15s", 15_000], ["1h30m", 5_400_000], ["250ms", 250], ["", undefined], ["soon", undefined], ["0s", undefined], ["10ns", undefined]])("%s", (text, want) => expect(parseStep(text)).toBe(want));

  test("makes as many points of a range as there are steps in it, and its beginning", () => expect(pointsIn(hours(1), 60_000)).toBe(61));

  test("is too short when an answer would have more points than the server gives", () => {
    expect(tooManyPoints({ from: 0, to: 10_999_000 }, 1000)).toBe("");
    expect(tooManyPoints(hours(24 * 7), 1000)).toMatch(/^A step of 1s makes 604.801 points of this range, .* 11.000 of a series\. Choose 1m or more, or a shorter range\.$/);
  });
});
