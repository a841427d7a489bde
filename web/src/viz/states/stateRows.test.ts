import { describe, expect, it } from "vitest";

import { series } from "../../lib/dashboard/testFrames";
import { stateRows } from "./stateRows";

const start = 1_700_000_000_000;
const minute = 60_000;
const look = { scheme: "light", distinct: false, zone: "UTC" } as const;
const ends = (values: (number | null)[], until: number, steps = false) =>
  stateRows([series("A", "up", values)], look, { merge: true, steps, until: start + until * minute })[0]?.cells.map(({ text, from, to }) => [text, (from - start) / minute, (to - start) / minute]);

describe("a state", () => {
  it("holds until the next one, and the last until the end of what is drawn", () => {
    expect(ends([1, 1, 0], 4)).toEqual([["1", 0, 2], ["0", 2, 4]]);
  });

  it("ends with its samples where they came regularly and come no more", () => {
    expect(ends([0, 1, 1, 1], 30)).toEqual([["0", 0, 1], ["1", 1, 4]]);
  });

  it("of two samples alone is not known to come regularly", () => {
    expect(ends([0, 1], 30)).toEqual([["0", 0, 1], ["1", 1, 30]]);
  });

  it("is not there while a value is missing", () => {
    expect(ends([1, null, 1, 1], 4)).toEqual([["1", 0, 1], ["1", 2, 4]]);
  });

  it("has a step of its own in a history", () => {
    expect(ends([1, 1], 9, true)).toEqual([["1", 0, 2]]);
  });
});
