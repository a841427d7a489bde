import { expect, test } from "vitest";

import { filterOn } from "./logFilter";
import type { LogLine } from "./logLines";
import { addFilter } from "./logqlEdit";

const line: LogLine = { id: "1", ts: "1", line: '{"order":8812,"pod":"inner","user":{"id":"u1"}}', labels: { service_name: "pay" }, metadata: { pod: "p1" }, parsed: {} };

test.each([
  ["service_name", "pay", '{service_name="pay"}'],
  ["pod", "p1", '{app="x"} | pod="p1"'],
  ["order", "8812", '{app="x"} | json | order="8812"'],
  ["user_id", "u1", '{app="x"} | json | user_id="u1"'],
  ["pod", "inner", '{app="x"} | json | pod_extracted="inner"'],
])("%s = %s is asked for where the line has it", (name, value, query) => {
  const before = name === "service_name" ? '{service_name=~".+"}' : '{app="x"}';
  expect(addFilter(before, filterOn(line, name, value, "="))).toBe(query);
});

test("a field that the query has parsed needs no other parser", () => {
  const parsed = { ...line, parsed: { order: "8812" } };
  expect(addFilter('{app="x"} | json', filterOn(parsed, "order", "8812", "!="))).toBe('{app="x"} | json | order!="8812"');
});
