import { expect, test } from "vitest";

import { readFilters, writeFilters, type LabelFilter } from "./filterState";

test("what is written reads back, whatever the characters", () => {
  const filters: LabelFilter[] = [
    { name: "service.name", op: "=", value: "checkout" },
    { name: "a:b", op: "!~", value: "x~y:z%7E|1" },
    { name: "empty", op: "!=", value: "" },
  ];
  expect(readFilters(writeFilters(filters))).toEqual(filters);
  expect(writeFilters(filters.slice(0, 1))).toBe("service.name:eq:checkout");
});

test("what is no filter is left out", () => {
  expect(readFilters("")).toEqual([]);
  expect(readFilters("nonsense~a:eq:b~:eq:x~c:like:d")).toEqual([{ name: "a", op: "=", value: "b" }]);
});
