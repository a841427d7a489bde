import { expect, test } from "vitest";

import { align, drawable, stack, summarise } from "./align";

test("a line has gaps where its values are no finite numbers", () => {
  expect(drawable([1, NaN, Infinity, null, -Infinity, 2])).toEqual([1, null, null, null, null, 2]);
  const whole = [1, null, 0];
  expect(drawable(whole)).toBe(whole);
});

test("columns of one time axis stay as they are", () => {
  const times = [1, 2];
  expect(
    align([
      { times, values: [1, null] },
      { times, values: [3, 4] },
    ]),
  ).toEqual({
    times: [1, 2],
    columns: [
      [1, null],
      [3, 4],
    ],
  });
});

test("columns of different times meet on the union, with gaps", () => {
  expect(
    align([
      { times: [1, 3], values: [1, 3] },
      { times: [2, 3], values: [20, 30] },
    ]),
  ).toEqual({
    times: [1, 2, 3],
    columns: [
      [1, null, 3],
      [null, 20, 30],
    ],
  });
});

test("nothing aligned is nothing", () => expect(align([])).toEqual({ times: [], columns: [] }));

test("a stack adds up from the first column; a gap adds nothing and stays a gap", () => {
  expect(
    stack([
      [1, 2, null],
      [10, null, 30],
      [100, 200, 300],
    ]),
  ).toEqual([
    [1, 2, null],
    [11, null, 30],
    [111, 202, 330],
  ]);
});

test("a summary leaves out gaps and NaN", () => {
  expect(summarise([null, 4, NaN, 2, null])).toEqual({ min: 2, max: 4, mean: 3, last: 2 });
  expect(summarise([null, NaN])).toEqual({ min: null, max: null, mean: null, last: null });
});
