import { describe, expect, test } from "vitest";

import { writeTraces } from "./build";
import { readTraces } from "./read";
import { setUsual, unusual, usualIn, type Usual } from "./usual";

const conditions = (query: string) => readTraces(query)?.conditions ?? [];
const changed = (query: string, next: Partial<Usual>) => writeTraces({ join: "&&", conditions: setUsual(conditions(query), next), stages: [] });

describe("the usual conditions", () => {
  test("are found among others", () => {
    const some = conditions('{ resource.service.name = "cart" && .a = 1 && status = error && duration > 1s && duration <= 2s && nestedSetParent < 0 && name = "GET" }');
    expect(usualIn(some)).toEqual({ service: "cart", operation: "GET", status: "error", least: "1s", most: "2s", root: true });
    expect(unusual(some)).toEqual([{ one: { kind: "condition", field: ".a", op: "=", value: "1", quoted: false }, index: 1 }]);
  });

  test.each(['{ name =~ "GET.*" }', "{ status = unset }", "{ status != error }", "{ nestedSetParent < 5 }", "{ resource.service.name = $service }", "{ !(.a = 1) }"])("%s has none", (query) => {
    expect(usualIn(conditions(query))).toEqual({ service: "", operation: "", status: "", least: "", most: "", root: false });
    expect(unusual(conditions(query))).toHaveLength(1);
  });

  test("a second one of a kind is another condition", () => {
    expect(unusual(conditions("{ duration > 1s && duration >= 2s }"))).toMatchObject([{ index: 1 }]);
  });

  test.each<[string, Partial<Usual>, string]>([
    ["{}", { service: "cart" }, '{ resource.service.name = "cart" }'],
    ['{ resource.service.name = "cart" && status = error }', { service: "shop" }, '{ resource.service.name = "shop" && status = error }'],
    ["{ duration > 1s && .a = 1 }", { least: "2s" }, "{ duration >= 2s && .a = 1 }"],
    ["{ .a = 1 }", { root: true }, "{ .a = 1 && nestedSetParent < 0 }"],
    ["{ nestedSetParent < 0 && status = ok }", { root: false, status: "" }, "{}"],
    ["{ duration < 2s }", { most: "" }, "{}"],
  ])("%s with %j is %s", (query, next, want) => {
    expect(changed(query, next)).toBe(want);
  });
});
