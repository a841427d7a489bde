import { expect, test } from "vitest";

import { outline } from "./outline";

test.each([
  [{ a: 1, b: "x", c: null }, "a: 1\nb: x\nc: null"],
  [{ a: { b: { c: true } } }, "a:\n  b:\n    c: true"],
  [{ a: {}, b: [], c: undefined }, "a: {}\nb: []"],
  [{ a: ["x", "y"] }, "a:\n  0: x\n  1: y"],
  [7, "7"],
])("%j", (value, want) => expect(outline(value)).toBe(want));
