import { expect, test } from "vitest";

import { oddness } from "./shape";

const order = (all: (number | null)[][]): number[] => {
  const odd = oddness(all);
  return odd.map((_, index) => index).toSorted((a, b) => (odd[b] ?? 0) - (odd[a] ?? 0));
};

test("the course that is unlike the others comes first, whatever the amounts", () => {
  expect(order([[1, 1, 1, 1], [100, 101, 99, 100], [1, 1, 9, 9], [5, 5, 5, 5]])[0]).toBe(2);
});

test("of two the one that moves is the odd one", () => {
  expect(order([[3, 3, 3, 3], [1, 1, 8, 8]])[0]).toBe(1);
});

test("gaps and zeros are no difference by themselves", () => {
  expect(oddness([[null, null], [0, 0], [0, 0]])).toEqual([0, 0, 0]);
  expect(oddness([])).toEqual([]);
  expect(oddness([[1, Infinity, 1]])[0]).toBe(0);
});
