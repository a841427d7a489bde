import { afterEach, describe, expect, test, vi } from "vitest";

import { decodeTailFrame, labelNames, queryLogs, separateLabels } from "./loki";

const range = { query: '{a="b"}', start: "1732240000000000000", end: "1732243600000000000" };

function answerWith(body: unknown, status = 200) {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  const stub = vi.fn<typeof fetch>(async () => new Response(text, { status }));
  vi.stubGlobal("fetch", stub);
  return stub;
}

afterEach(() => vi.unstubAllGlobals());

describe("queryLogs", () => {
  test("labels, metadata and parsed fields stay apart, and lines of all streams are merged newest first", async () => {
    const fetched = answerWith({
      status: "success",
      data: {
        resultType: "streams",
        encodingFlags: ["categorize-labels"],
        result: [
          { stream: { app: "api" }, values: [["1732240000000000003", "c", {}], ["1732240000000000001", "a", { structuredMetadata: { trace_id: "t" } }]] },
          { stream: { app: "web" }, values: [["1732240000000000002", "b", { parsed: { level: "warn" } }]] },
        ],
        stats: { summary: { totalBytesProcessed: 10, totalLinesProcessed: 3, execTime: 0.5 }, querier: { store: { totalChunksRef: 2 } } },
      },
    });
    const got = await queryLogs(range, { limit: 50, direction: "backward" });
    expect(got.stats).toEqual({ bytes: 10, lines: 3, seconds: 0.5, parts: 2 });
    if (got.kind !== "lines") throw new Error("lines expected");
    expect(got.lines.map((l) => l.line)).toEqual(["c", "b", "a"]);
    expect(got.lines[2]).toMatchObject({ ts: "1732240000000000001", labels: { app: "api" }, metadata: { trace_id: "t" }, parsed: {} });
    expect(got.lines[1]!.parsed).toEqual({ level: "warn" });

    const [target, init] = fetched.mock.calls[0]!;
    const asked = new URL(String(target), "http://oriel");
    expect(Object.fromEntries(asked.searchParams)).toEqual({ ...range, limit: "50", direction: "backward" });
    expect(new Headers(init?.headers).get("X-Loki-Response-Encoding-Flags")).toBe("categorize-labels");
  });

  test("values without a third element are lines too", async () => {
    answerWith({ data: { resultType: "streams", result: [{ stream: {}, values: [["1", "x"]] }], stats: {} } });
    expect(await queryLogs(range, {})).toMatchObject({ kind: "lines", lines: [{ ts: "1", line: "x" }] });
  });

  test.each([
    ["matrix", [{ metric: { l: "e" }, values: [[10, "1.5"], [20, "NaN"]] }], [{ labels: { l: "e" }, points: [[10, 1.5], [20, Number.NaN]] }]],
    ["vector", [{ metric: {}, value: [10.5, "+Inf"] }], [{ labels: {}, points: [[10.5, Infinity]] }]],
    ["scalar", [10, "-Inf"], [{ labels: {}, points: [[10, -Infinity]] }]],
  ])("a %s becomes series", async (resultType, result, series) => {
    answerWith({ data: { resultType, result } });
    expect(await queryLogs(range, {})).toMatchObject({ kind: "series", series });
  });

  test("the server's plain text is the error", async () => {
    answerWith("parse error at line 1, col 7: syntax error: unexpected IDENTIFIER\n", 400);
    await expect(queryLogs(range, {})).rejects.toThrow("parse error at line 1, col 7");
  });

  test("a number where nanoseconds belong is refused, not rounded", async () => {
    answerWith({ data: { resultType: "streams", result: [{ stream: {}, values: [[1732240000, "x"]] }] } });
    await expect(queryLogs(range, {})).rejects.toThrow("unknown shape");
  });
});

test("an answer without labels is an empty list", async () => {
  answerWith({ status: "success" });
  expect(await labelNames(range)).toEqual([]);
});

test("a tailed line gets the identity it has in a query, its metadata told from its labels", async () => {
  const metadata = { trace_id: "t" };
  const stream = { stream: { app: "b" }, values: [["5", "x", { structuredMetadata: metadata }]] };
  answerWith({ data: { resultType: "streams", result: [stream] } });
  const queried = await queryLogs(range, {});
  const frame = decodeTailFrame(JSON.stringify({ streams: [{ stream: { app: "b", ...metadata }, values: [["5", "x"]] }] }));
  const tailed = separateLabels(frame!.lines[0]!, new Set(["app"]));
  expect(queried).toMatchObject({ lines: [tailed] });
});

test("a tail's frame has lines and a count of dropped ones; anything else is not a frame", () => {
  const frame = { streams: [{ stream: { a: "b" }, values: [["5", "x", {}]] }], dropped_entries: [{ labels: {}, timestamp: "4" }] };
  expect(decodeTailFrame(JSON.stringify(frame))).toMatchObject({ lines: [{ ts: "5", line: "x" }], dropped: 1 });
  expect(decodeTailFrame('{"streams":null,"dropped_entries":null}')).toBeUndefined();
  expect(decodeTailFrame("{")).toBeUndefined();
});
