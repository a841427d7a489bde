import { afterEach, describe, expect, test, vi } from "vitest";

import { hexId } from "./otlpTrace";
import { fetchTrace, searchTraces, tagValues, traceMetrics } from "./tempo";

const range = { query: "{}", start: 1684778000, end: 1684779000 };

function answerWith(body: unknown, status = 200) {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  const stub = vi.fn<typeof fetch>(async () => new Response(text, { status }));
  vi.stubGlobal("fetch", stub);
  return stub;
}

afterEach(() => vi.unstubAllGlobals());

describe("searchTraces", () => {
  test("hits come newest first with their ids padded", async () => {
    answerWith({
      traces: [
        { traceID: "abc", startTimeUnixNano: "1684778327699392724" },
        {
          traceID: "2f3e0cee77ae5dc9c17ade3689eb2e54",
          rootServiceName: "shop",
          rootTraceName: "GET /a",
          startTimeUnixNano: "1684778327699392725",
          durationMs: 557,
          spanSets: [{ spans: [{ spanID: "563d623c76514f8e" }], matched: 4 }, { matched: 1 }],
          serviceStats: { shop: { spanCount: 4, errorCount: 1 } },
        },
      ],
      metrics: {},
    });
    const [first, second] = await searchTraces(range, 20);
    expect(first).toEqual({
      traceId: "2f3e0cee77ae5dc9c17ade3689eb2e54",
      rootService: "shop",
      rootName: "GET /a",
      start: 1684778327699392725n,
      durationMs: 557,
      services: [{ name: "shop", spans: 4, errors: 1 }],
      matched: 5,
      firstMatch: "563d623c76514f8e",
    });
    expect(second).toMatchObject({ traceId: "0".repeat(29) + "abc", durationMs: 0, matched: 0, services: [] });
  });

  test("no hits is an empty list", async () => {
    answerWith({ metrics: {} });
    expect(await searchTraces(range, 20)).toEqual([]);
  });
});

describe("fetchTrace", () => {
  test("base64 ids become hex, values keep their kind, and enums their meaning", async () => {
    answerWith({
      trace: {
        resourceSpans: [
          {
            resource: { attributes: [{ key: "service.name", value: { stringValue: "api" } }] },
            scopeSpans: [
              {
                scope: { name: "lib" },
                spans: [
                  {
                    traceId: "CvdlGRbNQ92ESOshHIAxnA==",
                    spanId: "t61rcWkgMzE=",
                    parentSpanId: "AAAAAAAAAAA=",
                    name: "GET /a",
                    kind: "SPAN_KIND_SERVER",
                    startTimeUnixNano: "1732240000000000001",
                    endTimeUnixNano: "1732240000050000000",
                    attributes: [
                      { key: "code", value: { intValue: "9007199254740993" } },
                      { key: "ok", value: { boolValue: false } },
                      { key: "tags", value: { arrayValue: { values: [{ stringValue: "x" }, { intValue: "2" }] } } },
                      { key: "map", value: { kvlistValue: { values: [{ key: "k", value: { doubleValue: 1.5 } }] } } },
                      { key: "none" },
                    ],
                    events: [{ name: "exception", timeUnixNano: "1732240000000000002", attributes: [{ key: "exception.type", value: { stringValue: "E" } }] }],
                    links: [{ traceId: "CvdlGRbNQ92ESOshHIAxnA==", spanId: "t61rcWkgMzE=" }],
                    status: { code: "STATUS_CODE_ERROR", message: "no" },
                  },
                ],
              },
            ],
          },
        ],
      },
      metrics: {},
    });
    const { spans, partial } = await fetchTrace("0af7");
    expect(partial).toBeUndefined();
    expect(spans).toHaveLength(1);
    expect(spans[0]).toMatchObject({
      traceId: "0af7651916cd43dd8448eb211c80319c",
      spanId: "b7ad6b7169203331",
      parentId: "",
      service: "api",
      kind: "server",
      start: 1732240000000000001n,
      status: "error",
      statusMessage: "no",
      scope: "lib",
      attributes: [
        { key: "code", value: "9007199254740993", type: "number" },
        { key: "ok", value: "false", type: "bool" },
        { key: "tags", value: '["x","2"]', type: "json" },
        { key: "map", value: '{"k":1.5}', type: "json" },
        { key: "none", value: "", type: "json" },
      ],
      events: [{ name: "exception", time: 1732240000000000002n, attributes: [{ key: "exception.type", value: "E", type: "string" }] }],
      links: [{ traceId: "0af7651916cd43dd8448eb211c80319c", spanId: "b7ad6b7169203331" }],
    });
  });

  test("an unknown trace has no spans", async () => {
    answerWith({ trace: {}, metrics: {} });
    expect(await fetchTrace("1")).toEqual({ spans: [] });
  });

  test("a partial trace says so", async () => {
    answerWith({ trace: {}, status: "PARTIAL", message: "too big" });
    expect(await fetchTrace("1")).toEqual({ spans: [], partial: "too big" });
  });
});

test.each([
  ["t61rcWkgMzE=", "b7ad6b7169203331"],
  ["B7AD6B7169203331", "b7ad6b7169203331"],
  ["0".repeat(16), ""],
  ["AAAAAAAAAAA=", ""],
  ["CvdlGRbNQ92ESOshHIAxnA==", "0af7651916cd43dd8448eb211c80319c"],
  ["not base64!", "not base64!"],
  ["", ""],
])("hexId(%j) is %j", (id, want) => {
  expect(hexId(id)).toBe(want);
});

test("tag values are sorted and their path is escaped", async () => {
  const fetched = answerWith({ tagValues: [{ type: "string", value: "web" }, { type: "string", value: "api" }] });
  expect(await tagValues("resource.service/name", range)).toEqual(["api", "web"]);
  expect(String(fetched.mock.calls[0]![0])).toContain("/tempo/api/v2/search/tag/resource.service%2Fname/values?");
});

test("metric series have text labels, seconds, and zeros where proto JSON leaves them out", async () => {
  answerWith({
    series: [
      {
        labels: [{ key: "p", value: { doubleValue: 0.95 } }, { key: "n", value: { intValue: "7" } }],
        samples: [{ timestampMs: "1732240000000", value: 1.5 }, { timestampMs: "1732240060000" }, { timestampMs: "1732240120000", value: "NaN" }],
      },
    ],
  });
  expect(await traceMetrics(range, 60)).toEqual([
    { labels: { p: "0.95", n: "7" }, bare: ["p", "n"], points: [[1732240000, 1.5], [1732240060, 0], [1732240120, Number.NaN]] },
  ]);
});
