import { describe, expect, test } from "vitest";

import { writeTraces } from "./build";
import { readTraces } from "./read";

describe("the builder of TraceQL", () => {
  test.each([
    "{}",
    '{ resource.service.name = "cart" && duration > 100ms && status = error }',
    '{ span.http.status_code >= 500 || name =~ "GET .*" }',
    '{ span."odd name" != nil && .n > -2 && kind = server && trace:duration > 1.5s }',
    '{ name = "$name" && duration > $least }',
    "{} | rate()",
    "{ status = error } | count_over_time() by (resource.service.name, name)",
    "{} | quantile_over_time(duration, 0.5, 0.99) by (name) | topk(5)",
    "{} | histogram_over_time(span.http.size)",
    "{} | count() > 2",
    "{} | avg(duration) > 1s | select(.b, name)",
    "{} | by(resource.service.name) | count() > 1",
    "{ (.a = 1 || .b = 2) && .c = 3 }",
    "{ !(.a = 1) && .b }",
    "{ 5 < duration }",
    "{ status = error && nestedSetParent < 0 }",
    '{ name = "nestedSetParent" }',
    "{} | compare({status = error}, 10)",
    "{ status = error } | { duration > 1s }",
    '{ name = `a "quoted" \\d+` }',
  ])("%s reads and writes back as it was", (query) => {
    expect(writeTraces(readTraces(query) ?? never())).toBe(query);
  });

  test.each([
    "{ .a = 1 } && { .b = 2 }",
    "{ .a = 1 } >> { .b = 2 }",
    "({} | rate()) / ({} | rate())",
    "({} | rate())",
    "{ .a = 1",
    "{ .a = 1 /* why */ }",
    "rate()",
    "nonsense",
  ])("%s stays text", (query) => {
    expect(readTraces(query)).toBeUndefined();
  });

  test("words that are mixed without parentheses are one text", () => {
    expect(readTraces("{ .a = 1 || .b = 2 && .c = 3 }")?.conditions).toEqual([{ kind: "text", text: ".a = 1 || .b = 2 && .c = 3" }]);
  });

  test("conditions are told from text", () => {
    expect(readTraces('{ .a = "1" && !(.b = 2) }')?.conditions).toEqual([
      { kind: "condition", field: ".a", op: "=", value: "1", quoted: true },
      { kind: "text", text: "!(.b = 2)" },
    ]);
  });

  test("what is not filled in yet is left out, or asks for something sensible", () => {
    expect(
      writeTraces({
        join: "&&",
        conditions: [{ kind: "condition", field: "duration", op: ">", value: "", quoted: false }, { kind: "condition", field: "name", op: "=", value: "", quoted: true }],
        stages: [{ kind: "metrics", fn: "quantile_over_time", attribute: "", params: [], by: [] }, { kind: "top", fn: "topk", limit: "" }, { kind: "select", attributes: [] }],
      }),
    ).toBe('{ name = "" } | quantile_over_time(duration, 0.95) | topk(10)');
  });
});

function never(): never {
  throw new Error("does not read");
}
