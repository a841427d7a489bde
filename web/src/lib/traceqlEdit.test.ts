import { describe, expect, test } from "vitest";

import { addCondition, attributeField, isMetricsQuery, readConditions, writeConditions } from "./traceqlEdit";

describe("readConditions", () => {
  test("reads a conjunction", () => {
    expect(readConditions('{ resource.service.name = "check && out" && status=error && duration > 100ms }')).toEqual([
      { field: "resource.service.name", op: "=", value: "check && out", quoted: true },
      { field: "status", op: "=", value: "error", quoted: false },
      { field: "duration", op: ">", value: "100ms", quoted: false },
    ]);
  });

  test.each(["", "{}", "{  }"])("%j has no conditions", (query) => {
    expect(readConditions(query)).toEqual([]);
  });

  test.each([
    "{ a = 1 || b = 2 }",
    "{ .a = 1 } | rate()",
    "{ .a = 1 } && { .b = 2 }",
    "{ !(.a = 1) }",
    "{ .a = 1 + 2 }",
    "{ true }",
    "{ .a = 1",
    "nonsense",
  ])("%j is more than that", (query) => {
    expect(readConditions(query)).toBeUndefined();
  });

  test("writing and reading are inverse, also for awkward values", () => {
    const conditions = [
      { field: "name", op: "=~" as const, value: 'a "quoted" \\d+ }&&{', quoted: true },
      { field: "span.http.status_code", op: ">=" as const, value: "500", quoted: false },
    ];
    expect(readConditions(writeConditions(conditions))).toEqual(conditions);
  });
});

test("addCondition extends a simple query and narrows a rich one", () => {
  const slow = { field: "duration", op: ">" as const, value: "1s", quoted: false };
  expect(addCondition("{}", slow)).toBe("{ duration > 1s }");
  expect(addCondition("{ status = error }", slow)).toBe("{ status = error && duration > 1s }");
  expect(addCondition("{ duration > 1s }", slow)).toBe("{ duration > 1s }");
  expect(addCondition("{} | count() > 2", slow)).toBe("{} | count() > 2 | { duration > 1s }");
});

test("attributeField quotes names that would end early", () => {
  expect(attributeField("span", "http.status_code")).toBe("span.http.status_code");
  expect(attributeField("resource", "odd name")).toBe('resource."odd name"');
  expect(attributeField("span", 'a "b" \\c\nd')).toBe('span."a \\"b\\" \\\\c\nd"');
});

test.each([
  ["{} | rate()", true],
  ["{ status = error } | count_over_time() by (name)", true],
  ["({} | rate()) / ({} | rate())", true],
  ["{} | count() > 2", false],
  ['{ name = "x | rate()" }', false],
])("%j asks for series: %s", (query, want) => {
  expect(isMetricsQuery(query)).toBe(want);
});
