import { describe, expect, it, test } from "vitest";

import { localSources, resolveSource } from "./datasource";
import { formatSelection } from "./formats";
import { interpolate, mentioned, type Scope, type ScopeValue } from "./interpolate";
import type { VariableModel } from "./model";
import { readVariables } from "./readVariables";
import { pageScope, stepScope } from "./scopes";
import { queryFormat } from "./sourceFormat";
import { customOptions, filterOptions, intervalOptions, sortOptions, sourceOptions } from "./variableOptions";
import { plainOptions, resultText, variableRequest } from "./variableQuery";
import { choose, inRounds, parseFilter, selectionOf, urlParams, variableScope, writeFilter } from "./variables";

const range = { from: 1_700_000_000_000, to: 1_700_003_600_000 };
const variable = (members: Record<string, unknown>): VariableModel => readVariables([{ name: "v", type: "query", ...members }])[0]!;
const scope = (values: Record<string, ScopeValue>): Scope => new Map(Object.entries(values));
const one = { value: "a.b", text: "A" };
const two = { value: ["a.b", "c|d"], text: ["A", "C"] };

describe("formats", () => {
  test.each([
    ["csv", two, "a.b,c|d"],
    ["raw", two, "a.b,c|d"],
    ["pipe", two, "a.b|c|d"],
    ["regex", two, "(a\\.b|c\\|d)"],
    ["regex", one, "a\\.b"],
    ["regex", { value: ["a.b"], text: ["A"] }, "a\\.b"],
    ["glob", two, "{a.b,c|d}"],
    ["glob", one, "a.b"],
    ["json", two, '["a.b","c|d"]'],
    ["json", one, '"a.b"'],
    ["text", two, "A + C"],
    ["singlequote", two, "'a.b','c|d'"],
    ["doublequote", two, '"a.b","c|d"'],
    ["sqlstring", { value: "it's", text: "" }, "'it''s'"],
    ["lucene", two, '("a.b" OR "c\\|d")'],
    ["distributed", two, "a.b,v=c|d"],
    ["html", { value: "<b>", text: "" }, "&#60;b&#62;"],
    ["percentencode", two, "%7Ba.b%2Cc%7Cd%7D"],
    ["queryparam", two, "var-v=a.b&var-v=c%7Cd"],
    ["customqueryparam:w:x-", one, "w=x-a.b"],
    ["join: and ", two, "a.b and c|d"],
    ["date", { value: "1700000000000", text: "" }, "2023-11-14T22:13:20.000Z"],
    ["date:iso", { value: "1700000000000", text: "" }, "2023-11-14T22:13:20.000Z"],
    ["date:seconds", { value: "1700000000000", text: "" }, "1700000000"],
    ["date:YYYY-MM-DD HH:mm:ss", { value: "1700000000000", text: "" }, "2023-11-14 22:13:20"],
    ["unheard-of", one, "a.b"],
  ])("%s of %j", (format, selection, text) => {
    expect(formatSelection(format, { name: "v", ...selection })).toBe(text);
  });
});

describe("interpolation", () => {
  const scopes = [scope({ v: one, w: two, __range: "1h", __data: { fields: { "My column": "x", a: "y" } }, __field: { labels: { pod: "p-1", "k8s.pod": "q" } }, __series: { name: "s" } })];
  test.each([
    ["$v", "a.b"],
    ["${v}", "a.b"],
    ["[[v]]", "a.b"],
    ["$v/$v", "a.b/a.b"],
    ["${w:csv}", "a.b,c|d"],
    ["[[w:pipe]]", "a.b|c|d"],
    ["${w:join: or }", "a.b or c|d"],
    ["$unknown ${unknown} [[unknown]] ${unknown:csv}", "$unknown ${unknown} [[unknown]] ${unknown:csv}"],
    ["$__range", "1h"],
    ["${__data.fields.a}", "y"],
    ['${__data.fields["My column"]}', "x"],
    ["${__field.labels.pod}-${__field.labels.k8s.pod}", "p-1-q"],
    ["${__series.name:percentencode}", "s"],
    ["${__data.fields.nothing}", ""],
    ["cost: 5$ and $ {x}", "cost: 5$ and $ {x}"],
  ])("%s", (text, filled) => {
    expect(interpolate(text, scopes)).toBe(filled);
  });

  it("looks in the inner scope first", () => {
    expect(interpolate("$v", [scope({ v: "inner" }), ...scopes])).toBe("inner");
  });

  it("names what a text mentions", () => {
    expect(mentioned("$a ${b:csv} [[c]] ${d.e} 5$")).toEqual(["a", "b", "c", "d"]);
  });

  test.each<[string, VariableModel[], string, string]>([
    ["a single value is written as it is", [variable({})], "a.b", "a.b"],
    ["one of several is a regular expression within quotes", [variable({ multi: true })], "a.b", "a\\\\.b"],
    ["also where there is an All", [variable({ includeAll: true })], "a/b(c)", "a/b\\\\(c\\\\)"],
  ])("in PromQL %s", (_, variables, value, text) => {
    expect(interpolate("$v", [scope({ v: { value, text: value } })], queryFormat("prometheus", variables))).toBe(text);
  });

  test.each([
    ['{x="$v"}', [variable({})], 'a "b" \\', '{x="a \\"b\\" \\\\"}'],
    ['# don\'t\n{y="\\"", x=~"$v"}', [variable({ multi: true })], 'a"b', '# don\'t\n{y="\\"", x=~"a\\"b"}'],
    ["{x='$v'}", [variable({})], 'a"b', "{x='a\"b'}"],
    ["{x=`$v`}", [variable({})], 'a"b', '{x=`a"b`}'],
    ["up{$v}", [variable({})], 'job="a"', 'up{job="a"}'],
  ])("in PromQL a quote in a value does not end those around it: %s", (query, variables, value, text) => {
    expect(interpolate(query, [scope({ v: { value, text: value } })], queryFormat("prometheus", variables))).toBe(text);
  });

  it("in TraceQL a quote in a value does not end those around it", () => {
    expect(interpolate('{ name = "$v" }', [scope({ v: { value: 'a "b"', text: "" } })], queryFormat("tempo", []))).toBe('{ name = "a \\"b\\"" }');
  });

  it("in PromQL several values are alternatives, and an own All is as written", () => {
    const format = queryFormat("prometheus", [variable({ multi: true, includeAll: true })]);
    expect(interpolate('{x=~"$v"}', [scope({ v: two })], format)).toBe('{x=~"(a\\\\.b|c\\\\|d)"}');
    expect(interpolate('{x=~"$v"}', [scope({ v: { value: ".+", text: "All" } })], format)).toBe('{x=~".+"}');
  });

  it("knows the page and the step", () => {
    const scopes2 = [stepScope(30_000), pageScope({ range, raw: { from: "now-1h", to: "now" }, zone: "UTC", dashboard: { uid: "u", title: "T" }, user: { login: "me", email: "" } })];
    expect(interpolate("$__interval $__interval_ms $__rate_interval $__range $__range_s $__range_ms $__auto", scopes2)).toBe("30s 30000 1m 3600s 3600 3600000 30s");
    expect(interpolate("${__from} ${__to:date:seconds} ${__from:date:YYYY} $__url_time_range ${__dashboard} ${__dashboard.uid} ${__user.login}", scopes2)).toBe(
      "1700000000000 1700003600 2023 from=now-1h&to=now T u me",
    );
    expect(interpolate("$__rate_interval", [stepScope(60_000, 60_000)])).toBe("4m");
  });
});

describe("queries of variables", () => {
  const fill = (text: string) => text.replaceAll("$job", "api");
  test.each([
    ["label_values(job)", { ask: "labelValues", label: "job", match: "" }],
    ["label_values(up, job)", { ask: "labelValues", label: "job", match: "up" }],
    ['label_values(up{job=~"$job", x="a,b"}, instance)', { ask: "labelValues", label: "instance", match: 'up{job=~"api", x="a,b"}' }],
    ["label_values(up,\n  job)", { ask: "labelValues", label: "job", match: "up" }],
    ["label_names()", { ask: "labelNames", match: "" }],
    ["label_names(up)", { ask: "labelNames", match: "up" }],
    ["metrics(node_.*)", { ask: "metrics", pattern: "node_.*" }],
    ["query_result(topk(5, sum by (job) (up)))", { ask: "result", expr: "topk(5, sum by (job) (up))" }],
    ['up{job="$job"}', { ask: "series", match: 'up{job="api"}' }],
    [{ query: "label_values(up, job)", qryType: 1, refId: "x" }, { ask: "labelValues", label: "job", match: "up" }],
    ["", { error: "The variable has no query." }],
  ])("of Prometheus: %j", (query, request) => {
    expect(variableRequest("prometheus", query, fill)).toEqual(request);
  });

  test.each([
    [{ type: 1, label: "app", stream: '{job="$job"}' }, { ask: "labelValues", label: "app", match: '{job="api"}' }],
    [{ type: 0 }, { ask: "labelNames", match: "" }],
    ["label_values(app)", { ask: "labelValues", label: "app", match: "" }],
    ['label_values({job="$job"}, app)', { ask: "labelValues", label: "app", match: '{job="api"}' }],
    ["label_names()", { ask: "labelNames", match: "" }],
  ])("of Loki: %j", (query, request) => {
    expect(variableRequest("loki", query, fill)).toEqual(request);
  });

  it("of Tempo", () => {
    expect(variableRequest("tempo", { type: 1, label: "resource.service.name" }, fill)).toEqual({ ask: "labelValues", label: "resource.service.name", match: "" });
  });

  it("write series as text", () => {
    expect(resultText({ __name__: "up", job: "a" }, "1", 1700)).toBe('up{job="a"} 1 1700000');
    expect(resultText({}, "0.5", 1)).toBe("{} 0.5 1000");
  });
});

describe("options", () => {
  const options = (...values: string[]) => plainOptions(values);
  test.each([
    ["", ["a", "b", "a"], ["a", "b"]],
    ["/b/", ["a", "b"], ["b"]],
    ["/.*instance=\"([^\"]+)\".*/", ['up{instance="x"} 1', 'up{instance="y"} 1'], ["x", "y"]],
    ["/node-(\\d+)|other/", ["node-1", "other", "no"], ["1", "other"]],
    ["[", ["a"], ["a"]],
  ])("kept by %s", (regex, values, kept) => {
    expect(filterOptions(options(...values), regex).map((option) => option.value)).toEqual(kept);
  });

  it("have texts of their own by named groups", () => {
    expect(filterOptions(options("name=cpu id=7"), "/name=(?<text>\\w+) id=(?<value>\\d+)/")).toEqual([{ text: "cpu", value: "7" }]);
  });

  test.each([
    [0, ["b", "a10", "a2", "B"]],
    [1, ["a10", "a2", "b", "B"]],
    [2, ["B", "b", "a2", "a10"]],
    [3, ["b", "B", "a2", "a10"]],
    [7, ["a2", "a10", "b", "B"]],
    [8, ["B", "b", "a10", "a2"]],
  ])("in order %s", (sort, sorted) => {
    expect(sortOptions(options("b", "a10", "a2", "B"), sort).map((option) => option.value)).toEqual(sorted);
  });

  it("of a custom variable", () => {
    expect(customOptions("a, b\\,c, Name : value, http://x:80")).toEqual([
      { text: "a", value: "a" },
      { text: "b,c", value: "b,c" },
      { text: "Name", value: "value" },
      { text: "http://x:80", value: "http://x:80" },
    ]);
  });

  it("of an interval", () => {
    expect(intervalOptions(variable({ type: "interval", query: "1m,5m", auto: true })).map((option) => option.text)).toEqual(["auto", "1m", "5m"]);
  });

  it("of a data source, all of them when its pattern is about names elsewhere", () => {
    const sources = [...localSources, { uid: "remote", name: "Remote", type: "prometheus" as const, base: "/x", isDefault: false }];
    expect(sourceOptions(variable({ type: "datasource", query: "prometheus", regex: "/Rem/" }), sources).map((option) => option.value)).toEqual(["remote"]);
    expect(sourceOptions(variable({ type: "datasource", query: "prometheus", regex: "/elsewhere/" }), sources)).toHaveLength(2);
  });
});

describe("choices", () => {
  const options = plainOptions(["a", "b", "c"]);
  test.each<[string, Record<string, unknown>, string[] | undefined, string[]]>([
    ["the URL's", {}, ["b"], ["b"]],
    ["the URL's, one of a single variable", {}, ["b", "c"], ["b"]],
    ["the URL's, several of a multiple one", { multi: true }, ["b", "c"], ["b", "c"]],
    ["the URL's, also an unlisted one", {}, ["z"], ["z"]],
    ["All by its text", { includeAll: true }, ["All"], ["$__all"]],
    ["as saved", { current: { text: "c", value: "c" } }, undefined, ["c"]],
    ["as saved, All", { includeAll: true, current: { text: "All", value: ["$__all"] } }, undefined, ["$__all"]],
    ["the first when what was saved is gone", { current: { text: "z", value: "z" } }, undefined, ["a"]],
    ["the first when nothing was saved", {}, undefined, ["a"]],
    ["those that are still there", { multi: true, current: { text: ["z", "b"], value: ["z", "b"] } }, undefined, ["b"]],
  ])("%s", (_, members, fromURL, chosen) => {
    expect(choose(variable(members), options, fromURL)).toEqual(chosen);
  });

  test.each<[string, Record<string, unknown>, string[], unknown]>([
    ["one", {}, ["a"], { value: "a", text: "a" }],
    ["several", { multi: true }, ["a", "b"], { value: ["a", "b"], text: ["a", "b"] }],
    ["All", { includeAll: true }, ["$__all"], { value: ["a", "b", "c"], text: "All" }],
    ["an own All", { includeAll: true, allValue: ".+" }, ["$__all"], { value: ".+", text: "All" }],
    ["the fitted interval", { type: "interval", auto: true, auto_count: 60, query: "5m" }, ["$__auto_interval_v"], { value: "1m", text: "$__auto_interval_v" }],
  ])("%s selects", (_, members, chosen, selection) => {
    expect(selectionOf({ model: variable(members), options, chosen, filters: [] }, range)).toEqual(selection);
  });

  it("are handed over in links", () => {
    const states = [{ model: variable({ multi: true }), options, chosen: ["a", "b c"], filters: [] }];
    expect(urlParams(states[0]!)).toBe("var-v=a&var-v=b%20c");
    expect(variableScope(states, range).get("__all_variables")).toBe("var-v=a&var-v=b%20c");
  });

  it("of filters survive the URL", () => {
    const filter = { key: "job", operator: "=~", value: "a|b" };
    expect(parseFilter(writeFilter(filter))).toEqual(filter);
    expect(parseFilter("x")).toBeUndefined();
  });
});

describe("rounds", () => {
  const named = (name: string, query: unknown, more: Record<string, unknown> = {}) => variable({ name, query, ...more });
  it("ask each variable after those it depends on", () => {
    const all = [named("pod", "label_values(up{ns=\"$ns\"}, pod)"), named("ns", { query: "label_values(up{c=\"${cluster}\"}, ns)" }), named("cluster", "label_values(c)", { datasource: "$ds" }), named("ds", "prometheus", { type: "datasource" })];
    expect(inRounds(all).map((round) => round.map((each) => each.name))).toEqual([["ds"], ["cluster"], ["ns"], ["pod"]]);
  });
  it("end although two depend on each other", () => {
    expect(inRounds([named("a", "$b"), named("b", "$a")]).map((round) => round.map((each) => each.name))).toEqual([["a", "b"]]);
  });
});

describe("data sources", () => {
  const remote = { uid: "r1", name: "Remote One", type: "prometheus" as const, base: "/x", isDefault: false };
  const context = { sources: [...localSources, remote], inputs: [{ name: "DS_LOGS", label: "", type: "datasource", pluginId: "loki", value: "" }], interpolate: (text: string) => text.replace("${datasource}", "r1") };
  test.each([
    [null, "prometheus"],
    ["default", "prometheus"],
    ["r1", "r1"],
    ["remote one", "r1"],
    ["${datasource}", "r1"],
    ["$DS_LOGS", "loki"],
    ["${DS_LOGS}", "loki"],
    ["My Loki", "loki"],
    ["Prometheus-EU", "prometheus"],
    [{ type: "prometheus", uid: "gone" }, "prometheus"],
    [{ type: "prometheus", uid: "${datasource}" }, "r1"],
    [{ type: "victoriametrics-metrics-datasource", uid: "x" }, "prometheus"],
    [{ type: "tempo" }, "tempo"],
    [{ uid: "loki" }, "loki"],
  ])("%j is %s", (ref, uid) => {
    expect(resolveSource(ref, context)).toMatchObject({ kind: "source", source: { uid } });
  });

  test.each([
    ["-- Mixed --", "mixed"],
    [{ type: "datasource", uid: "-- Mixed --" }, "mixed"],
    [{ type: "datasource", uid: "-- Dashboard --" }, "dashboard"],
    [{ type: "datasource", uid: "grafana" }, "grafana"],
    [{ type: "grafana", uid: "-- Grafana --" }, "grafana"],
    [{ type: "__expr__", uid: "__expr__" }, "expression"],
    ["__expr__", "expression"],
    [{ type: "mysql", uid: "x" }, "unknown"],
  ])("%j leads to %s", (ref, kind) => {
    expect(resolveSource(ref, context).kind).toBe(kind);
  });
});
