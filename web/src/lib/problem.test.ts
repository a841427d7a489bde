import { expect, test } from "vitest";

import { placeInAsked, placeInQuery } from "./problem";

test.each([
  ['1:5: parse error: unexpected "x"', "sum(foo) y", { from: 4, to: 7 }],
  ["invalid parameter \"query\": 1:1: parse error: no expression", "foo", { from: 0, to: 3 }],
  ["1:5: parse error: unclosed left parenthesis", "sum(", { from: 3, to: 4 }],
  ["2:3: parse error: x", "sum(\n  foo)", { from: 7, to: 10 }],
  ["parse error at line 1, col 7: syntax error", '{a="b"}', { from: 6, to: 7 }],
  ["9:1: parse error: x", "sum(", undefined],
  ["the server is down", "up", undefined],
  ["1:1: parse error: empty", "", { from: 0, to: 0 }],
])("%s in %j is at %j", (message, query, place) => {
  expect(placeInQuery(message, query)).toEqual(place);
});

test("a place behind a macro is found in the query as it is written", () => {
  const range = { from: 0, to: 3_600_000 };
  const query = "rate(x[$__rate_interval]) + foo bar";
  // Asked as "rate(x[1m]) + foo bar".
  const place = placeInAsked('1:19: parse error: unexpected identifier "bar"', query, range, 15_000);
  expect(query.slice(place?.from, place?.to)).toBe("bar");
  const before = placeInAsked("1:6: parse error", query, range, 15_000);
  expect(query.slice(before?.from, before?.to)).toBe("x");
  const macro = placeInAsked("1:8: parse error", query, range, 15_000);
  expect(query.slice(macro?.from, macro?.to)).toBe("$__rate_interval");
  const end = placeInAsked("1:12: parse error: unclosed left parenthesis", "(rate(x[$__rate_interval])", range, 15_000);
  expect("(rate(x[$__rate_interval])".slice(end?.from, end?.to)).toBe(")");
});
