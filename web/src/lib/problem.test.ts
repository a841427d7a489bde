import { expect, test } from "vitest";

import { placeInQuery } from "./problem";

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
