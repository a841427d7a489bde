import { expect, test } from "vitest";

import type { LogLine } from "../../lib/logLines";
import { nextBound, PAGE_SIZE } from "./useLogPages";

const page = (count: number, oldest: string, end: string) => ({
  lines: Array.from({ length: count }, (): LogLine => ({ id: "", ts: oldest, line: "", labels: {}, metadata: {}, parsed: {} })),
  stats: { bytes: 0, lines: 0, seconds: 0 },
  end,
});

test("a page that is not full is the last one", () => {
  expect(nextBound(page(PAGE_SIZE - 1, "100", "200"))).toBeUndefined();
  expect(nextBound(page(0, "100", "200"))).toBeUndefined();
});

test("the next page takes in the oldest nanosecond again", () => {
  expect(nextBound(page(PAGE_SIZE, "100", "200"))).toBe("101");
});

test("a page of one nanosecond alone is not asked for again", () => {
  expect(nextBound(page(PAGE_SIZE, "100", "101"))).toBe("100");
});
