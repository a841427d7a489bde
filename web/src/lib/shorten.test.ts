import { expect, test } from "vitest";

import { shorten } from "./shorten";

test.each([
  ["abc", 3, "abc"],
  ["abcd", 3, "ab…"],
  ["", 3, ""],
  ["🚀🛒🚀", 3, "🚀🛒🚀"],
  ["a🚀🛒🚀", 3, "a🚀…"],
])("%s in %d characters is %s", (text, most, short) => expect(shorten(text, most)).toBe(short));
