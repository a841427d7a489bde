import { describe, expect, test } from "vitest";

import type { MetricMeta } from "../../api/prom";
import { readPromQL } from "../../lib/promql/tree";
import { browseQuery, defaultQuery, familiesOf, familySelector, kindOf } from "./defaultQuery";

const meta = (type: string): MetricMeta => ({ type, help: "", unit: "" });

test.each([
  ["x_total", undefined, "counter"],
  ["x", undefined, "gauge"],
  ["x", meta("counter"), "counter"],
  ["x_total", meta("unknown"), "counter"],
  ["x", meta("stateset"), "info"],
  ["target_info", meta("gauge"), "info"],
] as const)("%s with %j is a %s", (name, known, kind) => {
  expect(kindOf(name, known)).toBe(kind);
});

test("a name that is no identifier goes into the braces", () => {
  expect(defaultQuery("http.duration", meta("gauge"))).toBe('{"http.duration"}');
});

describe("families", () => {
  const metas = new Map([["h", meta("histogram")], ["s", meta("summary")], ["n", meta("histogram")], ["c_total", meta("counter")]]);
  const names = ["c_total", "h_bucket", "h_count", "h_sum", "n", "s", "s_count", "s_sum", "lone_count", "u_bucket"];
  const families = familiesOf(names, metas);

  test("parts of a histogram or summary are one metric", () => {
    expect(families.map(({ name, kind, classic }) => [name, kind, classic])).toEqual([
      ["c_total", "counter", false],
      ["h", "histogram", true],
      ["n", "histogram", false],
      ["s", "summary", false],
      ["lone_count", "counter", false],
      ["u", "histogram", true],
    ]);
  });

  test("every query is PromQL, broken down or not", () => {
    for (const family of families) {
      for (const by of ["", "job", "service.name"]) {
        const { query } = browseQuery(family, [{ name: "a", op: "=", value: "b" }], by);
        expect(readPromQL(query), query).toBeDefined();
        expect(query).toContain('a="b"');
      }
    }
  });

  test("each kind is asked for in its own way", () => {
    const query = (name: string, by = ""): string => browseQuery(families.find((one) => one.name === name) ?? families[0]!, [], by).query;
    expect(query("c_total", "job")).toBe("sum by (job) (rate(c_total[$__rate_interval]))");
    expect(query("h", "job")).toBe("histogram_quantile(0.95, sum by (le, job) (rate(h_bucket[$__rate_interval])))");
    expect(query("n", "job")).toBe("histogram_quantile(0.95, sum by (job) (rate(n[$__rate_interval])))");
    expect(query("s", "job")).toBe("sum by (job) (rate(s_sum[$__rate_interval])) / sum by (job) (rate(s_count[$__rate_interval]))");
    expect(query("h")).toContain('"stat", "p99"');
    expect(familySelector(families[1]!, [])).toBe("h_count");
    expect(familySelector(families[2]!, [])).toBe("n");
  });
});
