import { expect, test } from "vitest";

import { selectorOf } from "./pills";

test("a query of one selector is changed in its place", () => {
  const query = 'sum by (a) (rate(x_total{job="shop", code=~"5.."}[$__rate_interval])) > 1';
  const found = selectorOf(query);
  expect(found?.matchers.map(({ name }) => name)).toEqual(["job", "code"]);
  expect(found?.with(found.matchers.slice(1))).toBe('sum by (a) (rate(x_total{code=~"5.."}[$__rate_interval])) > 1');
});

test.each(["a / b", "1 + 2", "sum(", "", "up # note"])("%j is more than pills can show", (query) => expect(selectorOf(query)).toBeUndefined());
