import { describe, expect, it, test } from "vitest";

import { latest, ratio, redQueries, redSpanQueries, services, type RedAnswer } from "./red";

const answer = (names: Record<string, number>, fromSpans: string[] = []): RedAnswer => ({
  rate: new Map(Object.entries(names).map(([name, rate]) => [name, [rate]])),
  errors: new Map(),
  p50: new Map(),
  labels: new Map(Object.keys(names).map((name) => [name, { service_name: name }])),
  p95: new Map(Object.keys(names).map((name) => [name, [0.1]])),
  fromSpans: new Set(fromSpans),
});

describe("services", () => {
  it("are those that any signal knows, by name", () => {
    const logs = { lines: new Map([["cart", [5]]]), errors: new Map([["cart", [1]]]) };
    const found = services(answer({ payment: 2 }), answer({ oriel: 1 }), logs);
    expect(found.map((one) => one.name)).toEqual(["cart", "oriel", "payment"]);
    expect(found[0]).toEqual({ name: "cart", red: undefined, lines: [5], errorLines: [1] });
  });

  it("are also those without a number yet", () => {
    expect(services(undefined, undefined, undefined, ["oriel", "cart", "oriel"])).toEqual([
      { name: "cart", red: undefined, lines: [], errorLines: [] },
      { name: "oriel", red: undefined, lines: [], errorLines: [] },
    ]);
  });

  it("take metrics before spans and say which", () => {
    const [a, b, c] = services(answer({ a: 1, b: 1 }, ["b"]), answer({ a: 9, c: 9 }), undefined);
    expect([a?.red?.source, b?.red?.source, c?.red?.source]).toEqual(["HTTP and RPC metrics", "span metrics", "spans"]);
    expect(a?.red?.rate).toEqual([1]);
  });

  it("are none while nothing has been answered", () => expect(services(undefined, undefined, undefined)).toEqual([]));
});

test("the latest value of a course is its last real one", () => {
  expect(latest([1, 2, null, NaN])).toBe(2);
  expect(latest([])).toBeNull();
});

test("a share is null where there is nothing to divide by, and 0 where no error is known", () => {
  expect(ratio([1, 2, 3], [4, 0, null])).toEqual([0.25, null, null]);
  expect(ratio([], [4])).toEqual([0]);
});

test("a service's own queries ask for its series, of the metrics that its numbers come from", () => {
  const spans = redQueries("5m", { labels: { service_name: "pay" }, source: "span metrics" });
  expect(spans.rate).toContain('traces_spanmetrics_calls_total{span_kind="SPAN_KIND_SERVER", service_name="pay"}[5m]');
  expect(spans.rate).not.toContain("http_server");
  const http = redQueries("5m", { labels: { job: "shop/pay" }, source: "HTTP and RPC metrics" });
  expect(http.p50).toBe(
    'histogram_quantile(0.5, sum by (service_name, service, job, le) (rate(http_server_request_duration_seconds_bucket{job="shop/pay"}[5m]))) or histogram_quantile(0.5, sum by (service_name, service, job, le) (rate(rpc_server_duration_milliseconds_bucket{job="shop/pay"}[5m]))) / 1000',
  );
  expect(redSpanQueries(["pay"]).p95).toBe('{ kind = server && resource.service.name = "pay" } | quantile_over_time(duration, .95) by (resource.service.name)');
});

test("RED queries use one window throughout and balanced brackets", () => {
  for (const query of Object.values(redQueries("3m"))) {
    expect(new Set(query.match(/\[\w+\]/g))).toEqual(new Set(["[3m]"]));
    expect(query.split("(").length).toBe(query.split(")").length);
  }
});
