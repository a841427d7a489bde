import { expect, test } from "vitest";

import type { LogLine } from "../../lib/logLines";
import { joiner, nextBound, PAGE_SIZE } from "./useLogPages";

const page = (count: number, oldest: string, end: string) => ({
  lines: Array.from({ length: count }, (): LogLine => ({ id: "", ts: oldest, line: "", labels: {}, metadata: {}, parsed: {} })),
  stats: { bytes: 0, lines: 0, seconds: 0, parts: 0 },
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

const line = (ts: string, text: string): LogLine => ({ id: `${ts} ${text}`, ts, line: text, labels: {}, metadata: {}, parsed: {} });
const texts = ({ lines }: { lines: LogLine[] }) => lines.map((one) => one.line).join("");

test("pages are one list, and what two of them have at their edge is in it once", () => {
  const join = joiner();
  const first = { lines: [line("300", "a"), line("200", "b"), line("200", "c")] };
  const second = { lines: [line("200", "b"), line("200", "c"), line("200", "d"), line("100", "e")] };
  expect(texts(join([first], false))).toBe("abc");
  expect(join([first, second], false)).toMatchObject({ text: 7 });
  expect(texts(join([first, second], false))).toBe("abcde");
});

test("read on from the oldest, each page is turned over", () => {
  const first = { lines: [line("200", "b"), line("100", "a")] };
  const second = { lines: [line("300", "c"), line("200", "b")] };
  expect(texts(joiner()([first, second], true))).toBe("abc");
});

test("other pages, or another direction, begin anew", () => {
  const join = joiner();
  const first = { lines: [line("200", "b"), line("100", "a")] };
  expect(texts(join([first], false))).toBe("ba");
  expect(texts(join([first], true))).toBe("ab");
  expect(texts(join([{ lines: [line("500", "z")] }], true))).toBe("z");
  expect(texts(join([], true))).toBe("");
});
