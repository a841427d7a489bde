import { expect, test } from "vitest";

import { daysIn, rangesOf } from "./week";

test("days are written as ranges from Sunday on, and read back", () => {
  const back = (chosen: string[]) => [rangesOf(chosen), daysIn(rangesOf(chosen))];
  expect(back(["monday", "tuesday", "wednesday", "thursday", "friday"])).toEqual([["monday:friday"], ["monday", "tuesday", "wednesday", "thursday", "friday"]]);
  expect(back(["saturday", "sunday"])).toEqual([["sunday", "saturday"], ["saturday", "sunday"]]);
  expect(back([])).toEqual([[], []]);
});
