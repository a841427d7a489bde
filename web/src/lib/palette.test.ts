import { describe, expect, test } from "vitest";

import { rank, readInput, recognise, score, type Entry, type Kind } from "./palette";

const entry = (kind: Kind, title: string, more: Partial<Entry> = {}): Entry => ({ id: `${kind}:${title}`, kind, title, run: () => {}, ...more });
const titles = (entries: readonly Entry[]) => entries.map(({ title }) => title);

describe("score", () => {
  test("the whole name beats a beginning, that a part, that the middle, that letters in order", () => {
    const points = ["checkout", "checkouts", "shop checkout", "recheckout", "chXeXcXkXoXuXt"].map((title) => score("checkout", title));
    expect(points).toEqual(points.toSorted((a, b) => b - a));
    expect(new Set(points).size).toBe(points.length);
  });
  test("every word has to be found", () => {
    expect(score("http total", "http_requests_total")).toBeGreaterThan(0);
    expect(score("http nothing", "http_requests_total")).toBe(0);
  });
  test("a word may be in the note", () => expect(score("kafka", "orders", "topic of kafka")).toBeGreaterThan(0));
  test("a part is found though the letters stand before it too", () => expect(score("up", "cup_up")).toBeGreaterThan(score("up", "cupup_a")));
  test("nothing asked fits all alike", () => expect(score("", "a")).toBe(score("", "bcd")));
});

describe("rank", () => {
  const all = [entry("metric", "payment_total"), entry("service", "payment"), entry("dashboard", "Payments"), entry("page", "Metrics"), entry("action", "Refresh")];
  test("all kinds together, best first", () => expect(titles(rank(all, "payment"))).toEqual(["payment", "Payments", "payment_total"]));
  test.each([["@", ["payment"]], ["#pay", ["Payments"]], [":", ["payment_total"]], [">ref", ["Refresh"]]])("a prefix narrows to one kind: %s", (input, want) => expect(titles(rank(all, input))).toEqual(want));
  test("one kind does not crowd out the others", () => {
    const many = [...Array.from({ length: 50 }, (_, index) => entry("metric", `metric_${index}`)), entry("page", "my metrics")];
    const found = rank(many, "metric");
    expect(found.filter(({ kind }) => kind === "metric")).toHaveLength(6);
    expect(titles(found)).toContain("my metrics");
    expect(rank(many, ":metric")).toHaveLength(40);
  });
  test("nothing typed keeps the order of kinds", () => expect(rank(all, "").map(({ kind }) => kind)).toEqual(["action", "page", "service", "dashboard", "metric"]));
  test("a hundred thousand metrics are ranked", () => {
    const many = Array.from({ length: 100_000 }, (_, index) => entry("metric", `some_metric_name_${index}_total`));
    expect(rank(many, "name 4711 total")[0]?.title).toContain("4711");
  });
});

test("readInput", () => {
  expect(readInput("> silence")).toEqual({ kind: "action", words: "silence" });
  expect(readInput("silence")).toEqual({ kind: undefined, words: "silence" });
});

describe("recognise", () => {
  const now = Date.UTC(2024, 10, 22, 2);
  const read = (text: string) => recognise(text, now, "UTC", "https://oriel.test", "");
  test.each([
    ["4BF92F3577B34DA6A3CE929D0E0E4736", "4bf92f3577b34da6a3ce929d0e0e4736"],
    ["00f067aa0ba902b7", "00f067aa0ba902b7"],
    ["00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", "4bf92f3577b34da6a3ce929d0e0e4736"],
  ])("a trace: %s", (text, id) => expect(read(text)).toEqual({ kind: "trace", id }));
  test.each([
    ["1732240800", now],
    ["1732240800000", now],
    ["1732240800000000", now],
    ["1732240800000000000", now],
    ["2024-11-22T02:00:00Z", now],
    ["2024-11-22 02:00", now],
    ["2024-11-22T03:00:00+01:00", now],
  ])("a time: %s", (text, ms) => expect(read(text)).toEqual({ kind: "time", ms }));
  test.each([
    ['rate(http_requests_total{code="500"}[5m])', "promql"],
    ["sum by (job) (up)", "promql"],
    ['up{job="a"}', "promql"],
    ['{__name__="up"}', "promql"],
    ['{service_name="payment"}', "logql"],
    ['{app="a"} |= "timeout" | json', "logql"],
    ['sum(count_over_time({app="a"}[5m]))', "logql"],
    ["{ status = error }", "traceql"],
    ['{ resource.service.name = "a" && duration > 1s }', "traceql"],
    ["{}", "traceql"],
    ['{ name = "GET /" }', "traceql"],
  ] as const)("a query: %s", (query, language) => expect(read(query)).toEqual({ kind: "query", language, query }));
  test("a link of another tool", () => expect(read("http://prom:9090/graph?g0.expr=up")).toEqual({ kind: "link", to: "/explore/metrics?q=up" }));
  test.each(["payment", "high error ratio", "up", "http://example.com/", "deadbeef", "42", "node-1 (eu)"])("words to look for: %s", (text) => expect(read(text)).toBeUndefined());
});
