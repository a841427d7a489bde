import { expect, test } from "vitest";

import { hideMacros } from "./hideMacros";

test("macros give way to what parses, and come back", () => {
  const query = 'sum(rate(a{b="$c"}[$__rate_interval]))/$__range_s + max_over_time(x[${w:raw}:$__interval])';
  const { text, back } = hideMacros(query);
  expect(text).toBe('sum(rate(a{b="$c"}[101y]))/918273001 + max_over_time(x[103y:104y])');
  expect(back(text)).toBe(query);
});

test("a query without any stays as it is", () => expect(hideMacros("up").text).toBe("up"));
