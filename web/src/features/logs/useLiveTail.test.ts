import { expect, test } from "vitest";

import { sample } from "./useLiveTail";

const lines = (count: number) => Array.from({ length: count }, (_, index) => index);

test("as many lines as can be followed are all shown", () => expect(sample(lines(125), 250)).toEqual({ shown: lines(125), oneIn: 1 }));

test("of more than 500 a second an even sample is shown, and its share is known", () => {
  const { shown, oneIn } = sample(lines(1000), 250);
  expect(oneIn).toBe(8);
  expect(shown).toHaveLength(125);
  expect(shown.slice(0, 3)).toEqual([0, 8, 16]);
});

test("a pause of the page lets more through, and no lines are no problem", () => {
  expect(sample(lines(1000), 2000).oneIn).toBe(1);
  expect(sample([], 250)).toEqual({ shown: [], oneIn: 1 });
});
