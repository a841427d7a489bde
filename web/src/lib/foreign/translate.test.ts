import { describe, expect, test } from "vitest";

import { translate, translateURL } from "./translate";

/** What a link becomes: its path, and its parameters in the order of the address. */
function read(link: string): [path: string, params: [string, string][]] | undefined {
  const url = new URL(link, "http://other.test");
  const there = translate({ pathname: url.pathname, search: url.search, hash: url.hash });
  if (there === undefined) return undefined;
  const target = new URL(there, "http://oriel.test");
  return [target.pathname, [...target.searchParams]];
}

const json = (value: unknown) => encodeURIComponent(JSON.stringify(value));

describe("Prometheus", () => {
  test.each<[name: string, link: string, path: string, params: [string, string][]]>([
    ["a generatorURL opens its graph, though it says table", "/graph?g0.expr=up+%3D%3D+0&g0.tab=1", "/explore/metrics", [["q", "up == 0"]]],
    ["a range that moves", "/graph?g0.expr=up&g0.tab=0&g0.range_input=6h", "/explore/metrics", [["from", "now-6h"], ["to", "now"], ["q", "up"]]],
    ["a range of two units", "/graph?g0.expr=up&g0.range_input=1h30m", "/explore/metrics", [["from", "now-5400s"], ["to", "now"], ["q", "up"]]],
    ["a range that stands, in UTC", "/graph?g0.expr=up&g0.range_input=1h&g0.end_input=2024-11-22%2002:00", "/explore/metrics", [["from", "1732237200000"], ["to", "1732240800000"], ["q", "up"]]],
    ["seconds in the time", "/graph?g0.expr=up&g0.range_input=1m&g0.end_input=2024-11-22%2002:00:30", "/explore/metrics", [["from", "1732240770000"], ["to", "1732240830000"], ["q", "up"]]],
    ["an instant is the end of an hour", "/graph?g0.expr=up&g0.tab=1&g0.moment_input=2024-11-22%2002:00", "/explore/metrics", [["from", "1732237200000"], ["to", "1732240800000"], ["q", "up"], ["look", "table.lines.auto"]]],
    ["several panels in their order", "/graph?g1.expr=b&g0.expr=a&g10.expr=c", "/explore/metrics", [["q", "a"], ["q", "b"], ["q", "c"]]],
    ["Prometheus 3, a table", "/query?g0.expr=up&g0.tab=table&g0.show_tree=0", "/explore/metrics", [["q", "up"], ["look", "table.lines.auto"]]],
    ["Prometheus 3, a graph beside a table", "/query?g0.expr=up&g0.tab=graph&g1.expr=go_info&g1.tab=table", "/explore/metrics", [["q", "up"], ["q", "go_info"], ["look", "graph.lines.auto"], ["look", "table.lines.auto"]]],
    ["an empty graph page", "/graph", "/explore/metrics", []],
    ["its list of targets", "/targets", "/data", [["tab", "targets"]]],
    ["its list of rules", "/rules", "/alerts", [["tab", "rules"]]],
  ])("%s", (_, link, path, params) => expect(read(link)).toEqual([path, params]));

  test("the tenant of a generatorURL goes along", () => {
    expect(read("/graph?g0.expr=up&g0.tab=1&tenant=shop")).toEqual(["/explore/metrics", [["q", "up"], ["tenant", "shop"]]]);
    expect(read("/targets?tenant=a%7Cb")).toEqual(["/data", [["tab", "targets"], ["tenant", "a|b"]]]);
  });
  test("a query of InfluxDB is none of Prometheus", () => expect(read("/query?q=SHOW+DATABASES")).toBeUndefined());
});

describe("Alertmanager", () => {
  test.each<[name: string, link: string, path: string, params: [string, string][]]>([
    ["alerts by name", `/#/alerts?filter=${encodeURIComponent('{alertname="Down",job="a"}')}&silenced=false`, "/alerts", [["filter", '{alertname="Down", job="a"}']]],
    ["alerts by another label", `/#/alerts?filter=${encodeURIComponent('{severity="critical", team=~"a.*"}')}`, "/alerts", [["filter", '{severity="critical", team=~"a.*"}']]],
    ["a value with quotes", `/#/alerts?filter=${encodeURIComponent('{alertname="say \\"hi\\""}')}`, "/alerts", [["filter", '{alertname="say \\"hi\\""}']]],
    ["alerts of a receiver, as Alertmanager's templates link to them", "/#/alerts?receiver=on%20call", "/alerts", [["filter", '{receiver="on call"}']]],
    ["alerts of a tenant", "/#/alerts?receiver=r&tenant=shop", "/alerts", [["filter", '{receiver="r"}'], ["tenant", "shop"]]],
    ["words that are no matchers", "/#/alerts?filter=Down", "/alerts", [["filter", "Down"]]],
    ["all alerts", "/#/alerts", "/alerts", []],
    ["a new silence", `/#/silences/new?filter=${encodeURIComponent('{alertname="Down"}')}`, "/alerts", [["tab", "silences"], ["silence", '{alertname="Down"}']]],
    ["a new silence of an alert with a tenant", `/#/silences/new?filter=${encodeURIComponent('{__tenant_id__="shop",alertname="Down"}')}`, "/alerts", [["tab", "silences"], ["silence", '{alertname="Down"}'], ["tenant", "shop"]]],
    ["a new silence of nothing yet", "/#/silences/new", "/alerts", [["tab", "silences"], ["silence", "{}"]]],
    ["one silence", "/#/silences/4f2b", "/alerts", [["tab", "silences"], ["filter", "4f2b"]]],
    ["silences", "/#/silences", "/alerts", [["tab", "silences"]]],
    ["status", "/#/status", "/alerts", [["tab", "routing"]]],
  ])("%s", (_, link, path, params) => expect(read(link)).toEqual([path, params]));

  test("a view by its path is one of the page's", () => expect(read("/alerts/silences?filter=a")).toEqual(["/alerts", [["filter", "a"], ["tab", "silences"]]]));
  test("another fragment is the page's own", () => expect(read("/#/nowhere")).toBeUndefined());
});

describe("Jaeger", () => {
  test.each<[name: string, link: string, path: string, params: [string, string][]]>([
    ["a service", "/search?service=checkout&lookback=1h&limit=20", "/explore/traces", [["q", '{ resource.service.name = "checkout" }'], ["from", "now-1h"], ["to", "now"]]],
    ["an operation", "/search?service=a&operation=GET%20%2F", "/explore/traces", [["q", '{ resource.service.name = "a" && name = "GET /" }']]],
    ["the operation that is all of them", "/search?service=a&operation=all", "/explore/traces", [["q", '{ resource.service.name = "a" }']]],
    ["durations", "/search?service=a&minDuration=100ms&maxDuration=1.2s", "/explore/traces", [["q", '{ resource.service.name = "a" && duration >= 100ms && duration <= 1.2s }']]],
    ["microseconds", `/search?service=a&minDuration=${encodeURIComponent("500μs")}`, "/explore/traces", [["q", '{ resource.service.name = "a" && duration >= 500us }']]],
    ["the tag error", `/search?service=a&tags=${json({ error: "true" })}`, "/explore/traces", [["q", '{ resource.service.name = "a" && status = error }']]],
    ["a tag that reads as a number", `/search?service=a&tags=${json({ "http.status_code": "500" })}`, "/explore/traces", [["q", '{ resource.service.name = "a" && (.http.status_code = "500" || .http.status_code = 500) }']]],
    ["a tag of text, a kind, a tag of an old version", `/search?service=a&tags=${json({ region: "eu", "span.kind": "server" })}&tag=db:pg:1`, "/explore/traces", [["q", '{ resource.service.name = "a" && .region = "eu" && kind = server && .db = "pg:1" }']]],
    ["a range that stands", "/search?service=a&lookback=custom&start=1732237200000000&end=1732240800000000", "/explore/traces", [["q", '{ resource.service.name = "a" }'], ["from", "1732237200000"], ["to", "1732240800000"]]],
    ["a search by id", "/search?traceID=4BF92F3577B34DA6A3CE929D0E0E4736", "/trace/4bf92f3577b34da6a3ce929d0e0e4736", []],
    ["an empty search", "/search", "/explore/traces", []],
    ["a trace with a search in it", "/trace/4bf92f3577b34da6a3ce929d0e0e4736?uiFind=db", "/trace/4bf92f3577b34da6a3ce929d0e0e4736", [["find", "db"]]],
    ["two traces", "/trace/abc...def", "/trace/abc", [["vs", "def"]]],
    ["the map", "/dependencies", "/services/map", []],
  ])("%s", (_, link, path, params) => expect(read(link)).toEqual([path, params]));

  test("a trace as Oriel writes it stays", () => expect(read("/trace/4bf92f3577b34da6a3ce929d0e0e4736?span=1")).toBeUndefined());
  test("what is no id stays", () => expect(read("/trace/what...else")).toBeUndefined());
});

describe("Grafana", () => {
  const range = { from: "now-6h", to: "now" };
  const panes = (...queries: Record<string, unknown>[]) => `/explore?schemaVersion=1&orgId=1&panes=${json({ x1: { datasource: "uid1", queries, range } })}`;
  const prom = { type: "prometheus", uid: "p" };
  const loki = { type: "loki", uid: "l" };
  const tempo = { type: "tempo", uid: "t" };
  const six: [string, string][] = [["from", "now-6h"], ["to", "now"]];
  test.each<[name: string, link: string, path: string, params: [string, string][]]>([
    ["metrics", panes({ refId: "A", expr: "up", datasource: prom }), "/explore/metrics", [...six, ["q", "up"]]],
    ["several queries, without hidden ones", panes({ expr: "a", datasource: prom }, { expr: "b", hide: true, datasource: prom }, { expr: "c", datasource: prom }), "/explore/metrics", [...six, ["q", "a"], ["q", "c"]]],
    ["an instant query is a table", panes({ expr: "up", instant: true, range: false, datasource: prom }), "/explore/metrics", [...six, ["q", "up"], ["look", "table.lines.auto"]]],
    ["logs", panes({ expr: '{app="x"} |= "y"', queryType: "range", datasource: loki }), "/explore/logs", [...six, ["q", '{app="x"} |= "y"']]],
    ["TraceQL", panes({ query: "{ status = error }", queryType: "traceql", datasource: tempo }), "/explore/traces", [...six, ["q", "{ status = error }"]]],
    ["a trace by id", panes({ query: "4BF92F3577B34DA6A3CE929D0E0E4736", queryType: "traceql", datasource: tempo }), "/trace/4bf92f3577b34da6a3ce929d0e0e4736", six],
    [
      "the search form of Tempo",
      panes({
        queryType: "traceqlSearch",
        datasource: tempo,
        filters: [
          { id: "a", tag: "service.name", scope: "resource", operator: "=", value: ["checkout"], valueType: "string" },
          { id: "b", tag: "status", scope: "intrinsic", operator: "=", value: "error", valueType: "keyword" },
          { id: "c", tag: "http.status_code", scope: "span", operator: "=", value: ["500", "502"], valueType: "int" },
          { id: "d", tag: "duration", operator: ">", value: "100ms", valueType: "duration" },
          { id: "e", tag: "", operator: "=", value: "x" },
        ],
      }),
      "/explore/traces",
      [...six, ["q", '{ resource.service.name = "checkout" && status = error && (span.http.status_code = 500 || span.http.status_code = 502) && duration > 100ms }']],
    ],
    ["the search form of Jaeger", panes({ queryType: "search", service: "a", operation: "op", minDuration: "1s", datasource: { type: "jaeger" } }), "/explore/traces", [...six, ["q", '{ resource.service.name = "a" && name = "op" && duration >= 1s }']]],
    ["a source known by uid alone, with LogQL", panes({ expr: '{app="x"} |= "y"' }), "/explore/logs", [...six, ["q", '{app="x"} |= "y"']]],
    ["a source known by uid alone, with PromQL", panes({ expr: 'rate(x{a="b"}[5m])' }), "/explore/metrics", [...six, ["q", 'rate(x{a="b"}[5m])']]],
    ["a pane without a query", panes(), "/explore/metrics", six],
    ["Grafana before 10, as a list", `/explore?orgId=1&left=${json(["now-1h", "now", "Loki", { expr: "{a=`b`}" }])}`, "/explore/logs", [["from", "now-1h"], ["to", "now"], ["q", "{a=`b`}"]]],
    ["Grafana before 10, as an object", `/explore?left=${json({ datasource: "Prometheus", queries: [{ expr: "up" }], range: { from: "1732237200000", to: "1732240800000" } })}`, "/explore/metrics", [["from", "1732237200000"], ["to", "1732240800000"], ["q", "up"]]],
    ["panes that are no JSON", "/explore?panes=%7B", "/explore/metrics", []],
    ["one panel", "/d-solo/abc/slug?panelId=2&var-job=a&var-job=b&from=now-6h&to=now", "/d/abc/slug", [["var-job", "a"], ["var-job", "b"], ["from", "now-6h"], ["to", "now"], ["viewPanel", "2"], ["kiosk", "1"]]],
    ["its list of alerts", "/alerting/list", "/alerts", []],
  ])("%s", (_, link, path, params) => expect(read(link)).toEqual([path, params]));

  test("a dashboard has the same address here", () => expect(read("/d/abc/slug?var-x=1&viewPanel=panel-12")).toBeUndefined());
});

describe("a pasted URL", () => {
  const paste = (text: string) => translateURL(text, "https://oriel.test", "/o");
  test("of this server is opened", () => expect(paste("https://oriel.test/o/explore/logs?q=%7B%7D")).toBe("/explore/logs?q=%7B%7D"));
  test("of another program on this server is translated", () => expect(paste("https://oriel.test/grafana/d/abc/x?var-a=1")).toBe("/d/abc/x?var-a=1"));
  test("of Prometheus below a prefix", () => expect(paste("http://ops:9090/prom/graph?g0.expr=up")).toBe("/explore/metrics?q=up"));
  test("of Alertmanager", () => expect(paste("http://ops:9093/#/alerts")).toBe("/alerts"));
  test("of Jaeger below a prefix", () => expect(paste("http://ops/jaeger/trace/abc")).toBe("/trace/abc"));
  test("of anything else means nothing", () => {
    expect(paste("https://example.com/blog")).toBeUndefined();
    expect(paste("ftp://x/graph")).toBeUndefined();
    expect(paste("up")).toBeUndefined();
  });
});
