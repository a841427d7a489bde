import { describe, expect, test } from "vitest";

import { identify, logMatchers, traceConditions } from "./identity";
import { defaultRules, type Rule } from "./rules";
import { correlate, patternOf, traceIdIn, type Subject } from "./targets";

const NOW = 1_732_240_800_000;
const AT = NOW - 3_600_000;
const MINUTE = 60_000;
const TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
const one = (subject: Subject, rule: string) => correlate(subject, NOW).find((target) => target.rule === rule);
const offered = (subject: Subject) => correlate(subject, NOW).map((target) => target.rule);

describe("identify", () => {
  test.each([
    [{ "service.name": "a", service: "b", job: "c" }, { service: "a" }],
    [{ service_name: "a" }, { service: "a" }],
    [{ job: "shop/cart" }, { service: "cart" }],
    [{ job: "node" }, { service: "node" }],
    [{ namespace: "n", pod: "p" }, { namespace: "n", pod: "p" }],
    [{ "k8s.pod.name": "p", pod: "other" }, { pod: "p" }],
    [{ instance: "10.0.0.1:9100" }, { host: "10.0.0.1" }],
    [{ instance: "[::1]:9100" }, { host: "::1" }],
    [{ instance: "cart-eu-1b" }, {}],
    [{ "host.name": "h", instance: "x:1" }, { host: "h" }],
    [{ service: "" }, {}],
    [{}, {}],
  ] as const)("%j is %j", (labels, known) => {
    expect(identify(labels)).toEqual(known);
  });

  test("each signal has its own word for it", () => {
    const known = { service: 'a"b', pod: "p" };
    expect(logMatchers(known)).toBe('service_name="a\\"b", k8s_pod_name="p"');
    expect(traceConditions(known)).toBe('resource.service.name = "a\\"b" && resource.k8s.pod.name = "p"');
  });
});

describe("a metric's series", () => {
  const series: Subject = { kind: "series", labels: { __name__: "up", service: "cart", pod: "p" }, time: AT, stepMs: 120_000, query: "up" };

  test("leads to the logs and traces of the same thing, one step around", () => {
    expect(one(series, "series-logs")).toMatchObject({ to: "logs", queries: ['{service_name="cart", k8s_pod_name="p"}'], range: { from: AT - 120_000, to: AT + 120_000 } });
    expect(one({ ...series, stepMs: 1000 }, "series-logs")?.range, "lines come later than numbers").toEqual({ from: AT - 30_000, to: AT + 30_000 });
    expect(one(series, "series-traces")?.queries).toEqual(['{ resource.service.name = "cart" && resource.k8s.pod.name = "p" }']);
    expect(one(series, "service-page")).toMatchObject({ to: "service", queries: ["cart"] });
  });

  test("of errors leads to what failed", () => {
    expect(offered(series)).not.toContain("series-failed-traces");
    const cases: Record<string, string>[] = [{ __name__: "http_errors_total", job: "a" }, { status: "503", job: "a" }, { status_code: "STATUS_CODE_ERROR", job: "a" }];
    for (const labels of cases) {
      expect(one({ ...series, labels }, "series-failed-traces")?.queries).toEqual(['{ resource.service.name = "a" && status = error }']);
      expect(one({ ...series, labels }, "series-error-logs")?.queries[0]).toContain("| detected_level=~");
    }
  });

  test("of a duration leads to what was slower", () => {
    const slow = { ...series, query: "histogram_quantile(0.95, x)", value: 0.8404 };
    expect(one(slow, "series-slow-traces")?.queries[0]).toContain("&& duration > 840ms");
    expect(offered({ ...slow, value: 0 })).not.toContain("series-slow-traces");
    expect(offered({ ...slow, value: Infinity })).not.toContain("series-slow-traces");
    expect(offered({ ...slow, value: undefined })).not.toContain("series-slow-traces");
  });

  test("that is about nothing leads nowhere", () => {
    expect(offered({ kind: "series", labels: { le: "5" }, time: AT })).toEqual([]);
  });

  test("without a time keeps the page's range", () => {
    expect(one({ ...series, time: undefined }, "series-logs")?.range).toBeUndefined();
  });
});

describe("a log line", () => {
  const line: Subject = { kind: "line", labels: { service_name: "cart", k8s_pod_name: "p" }, time: AT, traceId: TRACE, pattern: "a <_>" };

  test("leads to its trace, its like and what it came from", () => {
    expect(one(line, "exemplar-trace")).toMatchObject({ to: "trace", queries: [TRACE] });
    expect(one(line, "trace-logs")).toMatchObject({ queries: [`{service_name=~".+"} | trace_id="${TRACE}"`], range: { from: AT - MINUTE, to: AT + MINUTE } });
    expect(one(line, "line-rate")?.queries).toEqual(['sum(count_over_time({service_name="cart"} |> "a <_>" [$__auto]))']);
    expect(one(line, "pod-metrics")).toMatchObject({ to: "browse", queries: ["k8s_pod_name=p"] });
  });

  test("without a trace does not", () => {
    expect(offered({ ...line, traceId: undefined })).not.toContain("exemplar-trace");
    expect(offered({ ...line, traceId: undefined })).not.toContain("trace-logs");
  });
});

describe("a span", () => {
  const span: Subject = { kind: "span", labels: { "service.name": "cart", "k8s.pod.name": "p", "host.name": "h" }, time: AT, end: AT + 1000, traceId: TRACE, spanId: "00f067aa0ba902b7", operation: 'GET "x"' };

  test("leads to its logs, a minute before to a minute after it", () => {
    expect(one(span, "span-logs")).toMatchObject({
      queries: [`{service_name="cart"} | trace_id="${TRACE}" | span_id="00f067aa0ba902b7"`],
      range: { from: AT - MINUTE, to: AT + 1000 + MINUTE },
    });
  });

  test("leads to the rate, errors and duration of its operation", () => {
    const red = one(span, "span-red");
    expect(red?.queries).toHaveLength(3);
    expect(red?.queries[0]).toContain('{service="cart",span_name="GET \\"x\\""}');
  });

  test("leads to the metrics of pod and host", () => {
    expect(offered(span)).toEqual(expect.arrayContaining(["pod-metrics", "host-metrics", "service-metrics"]));
  });
});

test("an alert leads from half an hour before it began to now", () => {
  const alert: Subject = { kind: "alert", labels: { alertname: "A", service: "cart" }, time: AT, query: "a > 1" };
  expect(one(alert, "alert-graph")).toMatchObject({ to: "metrics", queries: ["a > 1"], range: { from: AT - 30 * MINUTE, to: NOW } });
  expect(one(alert, "alert-logs")?.range).toEqual({ from: AT - 30 * MINUTE, to: NOW });
  expect(offered({ ...alert, query: undefined })).not.toContain("alert-graph");
});

test("an exemplar leads to its trace", () => {
  expect(offered({ kind: "exemplar", labels: {}, traceId: TRACE, time: AT })).toEqual(["exemplar-trace", "trace-logs", "trace-logs-text"]);
});

test("rules are data: others can take their place", () => {
  const rule: Rule = { id: "mine", from: ["series"], to: "logs", title: "Mine", queries: ['{app={{service}}} |= "x"'], around: { before: 5, after: 0 } };
  expect(correlate({ kind: "series", labels: { service: "a" }, time: AT }, NOW, [rule])).toEqual([{ rule: "mine", to: "logs", title: "Mine", queries: ['{app="a"} |= "x"'], range: { from: AT - 5 * MINUTE, to: AT } }]);
});

test("ids of rules are unique, and what their templates name exists", () => {
  expect(new Set(defaultRules.map((rule) => rule.id)).size).toBe(defaultRules.length);
  const names = new Set(["logs", "traces", "query", "duration", "service", "namespace", "pod", "host", "traceId", "spanId", "operation", "pattern"]);
  for (const rule of defaultRules) for (const query of rule.queries) for (const [, name = ""] of query.matchAll(/\{\{(\w+)\}\}/g)) expect(names).toContain(name);
});

test.each([
  [`trace ${TRACE} done`, TRACE],
  [TRACE.toUpperCase(), TRACE],
  [`${TRACE}ff`, undefined],
  ["0".repeat(32), undefined],
  ["nothing", undefined],
])("the trace in %s is %s", (text, id) => {
  expect(traceIdIn(text)).toBe(id);
});

test.each([
  ["took 12ms for user 7", "took <_> for user <_>"],
  ["dial tcp 10.0.0.1:5432: refused", "dial tcp <_>: refused"],
  ['{"msg":"card declined","order":8812}', '{"msg":"card declined","order":<_>}'],
  ['user="bob" ok', 'user="<_>" ok'],
  ["first\nsecond", "first<_>"],
])("lines like %j are %j", (line, pattern) => {
  expect(patternOf(line)).toBe(pattern);
});
