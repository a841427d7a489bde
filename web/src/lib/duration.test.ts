import { expect, test } from "vitest";

import { parseDuration } from "./duration";

test.each([
  ["250ms", 250e6],
  ["1h30m", 5400e9],
  ["1.5s", 1.5e9],
  [" 10us ", 10e3],
  ["", undefined],
  ["5", undefined],
  ["5 ms", undefined],
  ["soon", undefined],
])("parseDuration(%j) is %d", (text, nanos) => {
  expect(parseDuration(text)).toBe(nanos);
});
