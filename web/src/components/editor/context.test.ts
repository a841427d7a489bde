import { expect, test } from "vitest";

import { contextAt } from "./context";

const cases: [before: string, kind: string | undefined, from?: number, name?: string][] = [
  ["", "function", 0],
  ["ra", "function", 0],
  ["sum(cou", "function", 4],
  ["{", "name", 1],
  ["{ser", "name", 1],
  ['{a="b",', "name", 7],
  ['{a="b", ser', "name", 8],
  ["{ resource.ser", "name", 2],
  ['{ name = "x" && .fo', "name", 16],
  ['{service_name="', "value", 15, "service_name"],
  ['{service_name="pay', "value", 15, "service_name"],
  ['{service_name=~"pay', "value", 16, "service_name"],
  ["{service_name=", "value", 14, "service_name"],
  ["{ resource.service.name = ", "value", 26, "resource.service.name"],
  ["{ status = er", "value", 11, "status"],
  ['{a="b"', undefined],
  ['{a="b"} |', "stage", 9],
  ['{a="b"} | js', "stage", 10],
  ['{a="b"} |= "te', undefined],
  ['{a="}"', undefined],
  ['{a="\\"', "value", 4, "a"],
  ["{ } | ra", "stage", 6],
];

test.each(cases)("%j offers %s", (before, kind, from, name) => {
  const found = contextAt(before);
  expect(found?.kind).toBe(kind);
  if (from !== undefined) expect(found?.from).toBe(from);
  if (name !== undefined) expect(found).toMatchObject({ name });
});

test.each([
  ['{a="b", c="', '{a="b"}'],
  ['{ resource.x = "1" && name = "', '{resource.x = "1"}'],
  ['{ name = "1" || status = ', ""],
  ['{a="$var", c="', ""],
  ['{c="', ""],
  ['sum(rate({a="b", d!="e", c=~"x', '{a="b", d!="e"}'],
])("values in %j are those of %j", (before, scope) => expect(contextAt(before)).toMatchObject({ kind: "value", scope }));
