import { describe, expect, test } from "vitest";

import { addMatcher, readBuilt, writeBuilt } from "./build";
import { explain, explainParts } from "./explain";
import { firstMistake, readPromQL, selectorsIn, writeSelector } from "./tree";

describe("readPromQL", () => {
  test.each([
    ["up", "selector"],
    ["rate(a[$__rate_interval])", "call"],
    ["rate(a[${__interval}])", "call"],
    ["sum(rate(a[5m])) / on(b) group_left(c) sum(d) > 5", "binary"],
    ["a offset 1h", "shifted"],
    ["a @ end()", "shifted"],
    ["-a", "unary"],
    ["(a)", "paren"],
    ["1", "number"],
  ])("%s is a %s", (query, kind) => {
    expect(readPromQL(query)?.kind).toBe(kind);
  });

  test.each(["", "sum(rate(", "a b", "a{b=}", "sum(,a)"])("what the grammar refuses is nothing: %s", (query) => {
    expect(readPromQL(query)).toBeUndefined();
  });

  test("parts keep their own words, macros and all", () => {
    const root = readPromQL('sum(rate(a{b=~"c"}[$__rate_interval]))');
    expect(root?.kind === "aggregate" && root.inner.text).toBe('rate(a{b=~"c"}[$__rate_interval])');
  });

  test("names and labels in quotes are read as what they name", () => {
    const [selector] = selectorsIn(readPromQL('{"http.duration", "service.name"="x\\"y", a!~\'b\'}') ?? never());
    expect(selector).toMatchObject({ metric: "http.duration", matchers: [{ name: "service.name", op: "=", value: 'x"y' }, { name: "a", op: "!~", value: "b" }] });
  });

  test("matching stays with its operator", () => {
    expect(readPromQL("a > bool on(x) b")).toMatchObject({ kind: "binary", op: ">", matching: "bool on(x)" });
  });
});

test.each([
  ["up", undefined],
  ["", undefined],
  ["$A / ${B}", undefined],
  ["rate(a[$__rate_interval])", undefined],
  ["sum by ($label) (rate($metric{a=~\"$a\"}[$interval])) > $limit", undefined],
  ["sum(rate(", { from: 8, to: 9 }],
  ["a b", { from: 2, to: 3 }],
])("the first mistake of %j is %j", (query, place) => {
  expect(firstMistake(query)).toEqual(place);
});

function never(): never {
  throw new Error("does not parse");
}

describe("writeSelector", () => {
  test.each([
    ["up", [], "up"],
    ["http.duration", [], '{"http.duration"}'],
    ["", [{ name: "a", op: "=", value: 'b"' }], '{a="b\\""}'],
    ["up", [{ name: "service.name", op: "!=", value: "x" }], 'up{"service.name"!="x"}'],
  ] as const)("%s %j is %s", (metric, matchers, text) => {
    expect(writeSelector(metric, matchers)).toBe(text);
  });
});

describe("explain", () => {
  const says = (query: string): string => explain(readPromQL(query) ?? never());
  test.each([
    ["up", "All series of up"],
    ['up{job="a",x!~"b.*",y=""}', "All series of up where job is “a” and x does not match “b.*” and y is empty"],
    ["rate(a[5m])", "How much each counter grows per second, on average"],
    ["a[5m]", "The samples of the last 5m before each point"],
    ["sum by (a, b) (c)", "Added up, for each a and b"],
    ["sum without (a) (c)", "Added up, whatever their a"],
    ["count(c)", "How many there are, into one series"],
    ["topk(5, c)", "The 5 series with the largest values"],
    ["histogram_quantile(0.95, a)", "The value that 95 % stay at or below: the 95th percentile of the observations in the buckets"],
    ["quantile(0.5, a)", "The median of them, into one series"],
    ["a > 5", "Only what is above 5"],
    ["a > bool 5", "1 where the left is above 5, else 0"],
    ["a / on(x) group_left(y) b", "The left divided by the right, in pairs with the same labels in x, several at the left for one at the right"],
    ["a unless b", "The left where the right has no series"],
    ["a offset 1h", "As it was 1h earlier"],
    ["a offset -5m", "As it was 5m later"],
    ["a @ end()", "Always at the end of the range"],
    ["-a", "The values with their sign turned around"],
    ["acosh(a)", "The function acosh of it"],
  ])("%s: %s", (query, sentence) => {
    expect(says(query)).toBe(sentence);
  });

  test("the tree has the whole first, and says which parts can be drawn", () => {
    expect(explainParts(readPromQL("(sum(rate(a[5m]))) > 5") ?? never()).map(({ node, depth, evaluates }) => [node.text, depth, evaluates])).toEqual([
      ["(sum(rate(a[5m]))) > 5", 0, true],
      ["sum(rate(a[5m]))", 1, true],
      ["rate(a[5m])", 2, true],
      ["a[5m]", 3, false],
      ["a", 4, true],
    ]);
  });
});

describe("the builder", () => {
  test.each([
    "up",
    'up{job="a"}',
    'sum by (service) (rate(http_requests_total{code=~"5.."}[$__rate_interval]))',
    "histogram_quantile(0.95, sum by (le) (rate(x_bucket[5m])))",
    "topk by (a) (5, x)",
    "sum(rate(a[5m])) / sum(rate(b[5m]))",
    "sum without (pod) (a) > 5",
    "clamp_max(sum(a), 5)",
    "max_over_time(rate(a[1m])[5m:1m])",
    "sum(a offset 1h) * 2",
    '{"http.duration"}',
    "a and on(x) b",
    "clamp(a, -1, 5)",
    'label_replace(sum by (a) (x), "b", "$1", "a", "(.*)")',
    'sum by ($label) (rate($metric{job=~"$job"}[$interval])) > $limit',
    "topk($n, $metric)",
    "histogram_quantile($q, rate(a_${suffix}[5m] offset $past))",
  ])("%s reads and writes back as it was", (query) => {
    expect(writeBuilt(readBuilt(query) ?? never())).toBe(query);
  });

  test("what it has no controls for stays as text", () => {
    expect(readBuilt("day_of_week(sum(a))")?.steps).toEqual([{ kind: "aggregate", op: "sum", param: "", grouping: "", labels: [] }, { kind: "text", before: "day_of_week(", after: ")" }]);
  });

  test("functions come with their other arguments", () => {
    expect(readBuilt("clamp(a, -1, 5)")?.steps).toEqual([{ kind: "call", fn: "clamp", args: ["-1", "5"] }]);
  });

  test.each(["sum(", "1 + 1", "time()", "sum(a) # why", "$limit * 2"])("%s is not for it", (query) => {
    expect(readBuilt(query)).toBeUndefined();
  });

  test("an unfinished step asks for something sensible", () => {
    expect(writeBuilt({ metric: "a", matchers: [], steps: [{ kind: "window", fn: "rate", window: "" }, { kind: "aggregate", op: "topk", param: "", grouping: "", labels: [] }, { kind: "binary", op: "/", right: "" }] })).toBe("topk(10, rate(a[$__rate_interval]))");
  });
});

describe("addMatcher", () => {
  test.each([
    ["up", { name: "job", op: "=", value: "a" }, 'up{job="a"}'],
    ['sum(rate(x{job="b",z="1"}[5m])) / sum(y)', { name: "job", op: "=", value: "a" }, 'sum(rate(x{z="1",job="a"}[5m])) / sum(y{job="a"})'],
    ['x{job!="b"}', { name: "job", op: "!=", value: "a" }, 'x{job!="b",job!="a"}'],
    ["sum(", { name: "job", op: "=", value: "a" }, "sum("],
  ] as const)("%s with %j is %s", (query, matcher, text) => {
    expect(addMatcher(query, matcher)).toBe(text);
  });
});
