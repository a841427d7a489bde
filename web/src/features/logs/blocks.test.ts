import { expect, test } from "vitest";

import { firstBlock, nextBlock, shorterBlock } from "./blocks";

const hour = 3_600_000;

test("a short range is read at once, a long one block by block", () => {
  expect(firstBlock({ from: 0, to: 6 * hour })).toBeUndefined();
  expect(firstBlock({ from: 0, to: 7 * hour })).toBe(hour);
  expect(firstBlock({ from: 0, to: 32 * hour })).toBe(2 * hour);
});

test("blocks become longer as long as they are read quickly, and shorter when not", () => {
  expect(nextBlock(hour, 10)).toBe(8 * hour);
  expect(nextBlock(hour, 1000)).toBe(2 * hour);
  expect(nextBlock(hour, 1900)).toBe(2 * hour);
  expect(nextBlock(hour, 2500)).toBe(0.8 * hour);
  expect(nextBlock(hour, 60_000)).toBe(hour / 2);
});

test("what took too long is asked for in a quarter, down to a minute", () => {
  expect(shorterBlock(hour)).toBe(hour / 4);
  expect(shorterBlock(100_000)).toBe(60_000);
  expect(shorterBlock(60_000)).toBeUndefined();
});
