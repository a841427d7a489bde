// @vitest-environment jsdom
import { cleanup, configure, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, describe, expect, test, vi } from "vitest";

import { Refusal, renderPage, serve } from "../../test/renderPage";
import { decades } from "./TraceScatter";
import { TracePage } from "./TracePage";
import { TracesPage } from "./TracesPage";

const ID = "0af7651916cd43dd8448eb211c80319c";

const search = {
  traces: [
    {
      traceID: ID.slice(1),
      rootServiceName: "shop",
      rootTraceName: "POST /orders",
      startTimeUnixNano: "1732240700000000000",
      durationMs: 557,
      spanSets: [{ spans: [{ spanID: "b7ad6b7169203331" }], matched: 3 }],
      serviceStats: { shop: { spanCount: 4, errorCount: 1 } },
    },
    { traceID: "beef", rootServiceName: "cart", rootTraceName: "GET /cart", startTimeUnixNano: "1732240790000000000", durationMs: 12 },
  ],
  metrics: { completedJobs: 1, totalJobs: 1 },
};
const metrics = { series: [{ labels: [{ key: "__name__", value: { stringValue: "rate" } }], samples: [{ timestampMs: "1732240740000", value: 2 }] }] };

const id64 = (hex: string) => btoa(String.fromCharCode(...(hex.match(/../g) ?? []).map((byte) => Number.parseInt(byte, 16))));
const span = (spanId: string, parent: string, name: string, from: number, to: number, over = {}) => ({
  traceId: id64(ID),
  spanId: id64(spanId),
  ...(parent && { parentSpanId: id64(parent) }),
  name,
  kind: "SPAN_KIND_SERVER",
  startTimeUnixNano: `${1732240700000 + from}000000`,
  endTimeUnixNano: `${1732240700000 + to}000000`,
  ...over,
});
const resource = (name: string) => ({ attributes: [{ key: "service.name", value: { stringValue: name } }] });
const trace = {
  trace: {
    resourceSpans: [
      { resource: resource("shop"), scopeSpans: [{ scope: { name: "lib" }, spans: [span("0000000000000001", "", "POST /orders", 0, 100)] }] },
      {
        resource: resource("payment"),
        scopeSpans: [
          {
            spans: [
              span("0000000000000002", "0000000000000001", "charge", 10, 80, {
                status: { code: "STATUS_CODE_ERROR", message: "declined" },
                attributes: [{ key: "http.status_code", value: { intValue: "502" } }],
                events: [
                  {
                    name: "exception",
                    timeUnixNano: "1732240700070000000",
                    attributes: [
                      { key: "exception.type", value: { stringValue: "TimeoutError" } },
                      { key: "exception.stacktrace", value: { stringValue: "at charge (pay.js:3)\n  at main" } },
                    ],
                  },
                ],
              }),
              span("0000000000000003", "00000000000000ff", "lost", 20, 30),
            ],
          },
        ],
      },
    ],
  },
  metrics: {},
  status: "COMPLETE",
};

// Pages with charts and lazy parts take a while where others use the machine.
configure({ asyncUtilTimeout: 5000 });
vi.setConfig({ testTimeout: 20_000 });

afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

describe("TracesPage", () => {
  const open = (query = "") => renderPage("/explore/traces", TracesPage, `/explore/traces${query}`);
  const answers = { "/tempo/api/search": search, "/tempo/api/metrics/query_range": metrics, "/tempo/api/v2/search/tag": { tagValues: [{ type: "string", value: "shop" }] } };

  test("lists traces newest first with duration, spans, errors and matches, and asks for rate, errors and duration", async () => {
    const asked = serve(answers);
    open();
    const table = await screen.findByRole("table", { name: "Traces" });
    const [, first, second] = within(table).getAllByRole("row");
    expect(first).toHaveTextContent(/GET \/cart.*12 ms/);
    expect(second).toHaveTextContent(/POST \/orders.*557 ms4● 13/);
    await waitFor(() =>
      expect(asked.filter((one) => one.pathname.endsWith("/metrics/query_range")).map((one) => one.searchParams.get("q"))).toEqual([
        "{} | rate()",
        "{} | { status = error } | rate()",
        "{} | quantile_over_time(duration, 0.95)",
        "{} | histogram_over_time(duration)",
        "{} | { status = error } | histogram_over_time(duration)",
      ]),
    );
  });

  test("a row opens its trace at the span that matched", async () => {
    serve(answers);
    const user = userEvent.setup();
    const page = open();
    await user.click(await screen.findByText("POST /orders"));
    await waitFor(() => expect(page.path()).toBe(`/trace/${ID}`));
    expect(page.param("span")).toBe("b7ad6b7169203331");
  });

  test("the builder writes the query", async () => {
    serve(answers);
    const user = userEvent.setup();
    const page = open();
    await user.click(await screen.findByRole("radio", { name: "error" }));
    await waitFor(() => expect(page.param("q")).toBe("{ status = error }"));
    await user.type(await screen.findByRole("textbox", { name: "Minimum duration" }), "100ms{Enter}");
    await waitFor(() => expect(page.param("q")).toBe("{ status = error && duration >= 100ms }"));
  });

  test("a query beyond the builder is left alone", async () => {
    serve(answers);
    open(`?q=${encodeURIComponent("{ .a = 1 } >> { .b = 2 }")}`);
    expect(await screen.findByText(/it stays as text/)).toBeInTheDocument();
  });

  test("metrics the server refuses leave the search standing", async () => {
    serve({ ...answers, "/tempo/api/metrics/query_range": new Refusal(400, "not a metrics query") });
    open();
    expect(await screen.findByText("POST /orders")).toBeInTheDocument();
    await waitFor(() => expect(screen.getAllByText("Not available: not a metrics query")).toHaveLength(3));
  });

  test("no traces come with a next step, a refused query with its reason", async () => {
    const total = (params: URLSearchParams) => ({ series: params.get("q")?.includes("status") ? [] : [{ labels: [], value: 12 }] });
    serve({ "/tempo/api/metrics/query": total, ...answers, "/tempo/api/search": { metrics: { totalJobs: 1 } } });
    const empty = open(`?q=${encodeURIComponent("{ status = error && duration > 1s }")}`);
    expect(await screen.findByText("No traces match in this time range")).toBeInTheDocument();
    expect(await screen.findByRole("button", { name: "Without status = error12" })).toBeInTheDocument();
    expect(await screen.findByText(/Nothing that way either: last 6 h · without duration > 1s/)).toBeInTheDocument();
    empty.unmount();
    serve({ ...answers, "/tempo/api/search": new Refusal(400, "invalid TraceQL query: parse error at line 1, col 3") });
    open();
    expect(await screen.findByText(/invalid TraceQL query/)).toBeInTheDocument();
  });
});

describe("TracePage", () => {
  const open = (query = "") => renderPage("/trace/$id", TracePage, `/trace/${ID}${query}`);

  test("shows the tree with levels, failures and spans whose parent is missing", async () => {
    serve({ "/tempo/api/v2/traces/": trace });
    open();
    const grid = await screen.findByRole("treegrid", { name: "Spans" });
    const rows = within(grid).getAllByRole("row").slice(1);
    expect(rows.map((row) => [row.getAttribute("aria-level"), row.getAttribute("aria-expanded")])).toEqual([
      ["1", "true"],
      ["2", null],
      ["1", "true"],
      ["2", null],
    ]);
    expect(rows[1]).toHaveTextContent(/payment.*charge.*failed/);
    expect(rows[2]).toHaveTextContent("missing parent: 1 span");
    expect(screen.getByText(/3 spans · 2 services · depth 2/)).toBeInTheDocument();
    expect(screen.getByRole("link", { name: "Logs of this trace" })).toHaveAttribute("href", expect.stringContaining("/explore/logs?"));
  });

  test("keys move, fold and open; the detail has attributes, the exception and links to the logs", async () => {
    serve({ "/tempo/api/v2/traces/": trace });
    const user = userEvent.setup();
    const page = open();
    await screen.findByRole("treegrid");
    await user.keyboard("j{ArrowLeft}");
    expect(screen.queryByText("charge")).not.toBeInTheDocument();
    await user.keyboard("{ArrowRight}j{Enter}");
    const detail = await screen.findByRole("complementary", { name: "Span detail" });
    expect(page.param("span")).toBe("0000000000000002");
    expect(detail).toHaveTextContent("declined");
    expect(within(detail).getByRole("link", { name: "find traces with http.status_code = 502" })).toHaveAttribute(
      "href",
      expect.stringContaining(new URLSearchParams({ q: "{ span.http.status_code = 502 }" }).toString()),
    );
    const logs = new URL(within(detail).getByRole("link", { name: "Logs of this span" }).getAttribute("href") ?? "", "http://x");
    expect(logs.searchParams.get("q")).toBe(`{service_name=~".+"} | trace_id="${ID}" | span_id="0000000000000002"`);
    await user.click(within(detail).getByRole("tab", { name: /Events/ }));
    expect(within(detail).getByText(/at charge \(pay\.js:3\)/)).toBeInTheDocument();
    await user.keyboard("{Escape}");
    await waitFor(() => expect(screen.queryByRole("complementary")).not.toBeInTheDocument());
  });

  test("the critical path is shown until a key or the switch hides it, and the link says so", async () => {
    serve({ "/tempo/api/v2/traces/": trace });
    const user = userEvent.setup();
    const page = open();
    expect(await screen.findAllByTitle("On the critical path")).not.toHaveLength(0);
    await user.keyboard("p");
    await waitFor(() => expect(screen.queryAllByTitle("On the critical path")).toHaveLength(0));
    expect(page.param("path")).toBe("0");
    await user.click(screen.getByRole("switch", { name: "Critical path" }));
    expect(await screen.findAllByTitle("On the critical path")).not.toHaveLength(0);
    expect(page.param("path")).toBeNull();
  });

  test("finding steps through matches", async () => {
    serve({ "/tempo/api/v2/traces/": trace });
    const user = userEvent.setup();
    const page = open();
    await user.type(await screen.findByRole("textbox", { name: "Find in this trace" }), "502{Enter}");
    await waitFor(() => expect(page.param("span")).toBe("0000000000000002"));
    expect(screen.getByText("1/1")).toBeInTheDocument();
  });

  test("an unknown trace says so and why", async () => {
    serve({ "/tempo/api/v2/traces/": { trace: {}, metrics: {} } });
    open();
    expect(await screen.findByText(`No trace ${ID}`)).toBeInTheDocument();
    expect(screen.getByRole("status")).toHaveTextContent("Looking for it again…");
    expect(new URL(screen.getByRole("link", { name: "Log lines with this id" }).getAttribute("href")!, "http://x").searchParams.get("q")).toBe(`{service_name=~".+"} |= "${ID}"`);
  });

  test("a partial trace is marked", async () => {
    serve({ "/tempo/api/v2/traces/": { ...trace, status: "PARTIAL", message: "trace exceeds 5 MB" } });
    open();
    expect(await screen.findByText("trace exceeds 5 MB")).toBeInTheDocument();
  });
});

test("the scatter's scale spans at least one decade around the durations", () => {
  const row = (durationMs: number) => ({ traceId: "", rootService: "", rootName: "", start: 0n, durationMs, services: [], matched: 0, firstMatch: undefined });
  expect(decades([row(12), row(557)])).toEqual({ min: 10, max: 1000, ticks: [10, 100, 1000] });
  expect(decades([row(10)])).toMatchObject({ min: 10, max: 100 });
  expect(decades([row(0)])).toMatchObject({ min: 0.1, max: 1 });
  expect(decades([])).toMatchObject({ min: 1, max: 10 });
});
