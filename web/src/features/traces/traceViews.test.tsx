// @vitest-environment jsdom
import { cleanup, configure, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, describe, expect, test, vi } from "vitest";

// The page loads these when they are wanted; a test is not to wait for that.
import "./FlameView";
import "./OperationTable";
import "./SpanMetrics";
import "./TraceMap";
import "./VersusView";
import { NOW, renderPage, serve } from "../../test/renderPage";
import { TracePage } from "./TracePage";

const ID = "0af7651916cd43dd8448eb211c80319c";
const OTHER = "1af7651916cd43dd8448eb211c80319c";

const span = (spanId: string, parentSpanId: string, name: string, from: number, to: number, over = {}) => ({
  traceId: ID,
  spanId,
  parentSpanId,
  name,
  kind: "SPAN_KIND_SERVER",
  startTimeUnixNano: `${1732240700000 + from}000000`,
  endTimeUnixNano: `${1732240700000 + to}000000`,
  ...over,
});
const of = (service: string, spans: unknown[]) => ({
  resource: { attributes: [{ key: "service.name", value: { stringValue: service } }] },
  scopeSpans: [{ scope: { name: "lib" }, spans }],
});
const trace = {
  trace: {
    resourceSpans: [
      of("shop", [span("0000000000000001", "", "POST /orders", 0, 100)]),
      of("payment", [
        span("0000000000000002", "0000000000000001", "charge", 10, 80, {
          status: { code: "STATUS_CODE_ERROR", message: "declined" },
          links: [{ traceId: OTHER, spanId: "00000000000000aa" }],
        }),
        span("0000000000000004", "0000000000000002", "look up", -5, 20),
      ]),
      of("db", [span("0000000000000003", "0000000000000002", "query", 5, 60), span("0000000000000005", "0000000000000002", "query", 60, 70)]),
    ],
  },
};
const other = { trace: { resourceSpans: [of("shop", [span("0000000000000001", "", "POST /orders", 0, 40)]), of("mail", [span("0000000000000009", "0000000000000001", "send", 1, 30)])] } };
const line = { stream: { service_name: "payment" }, values: [["1732240700050000000", "card declined", { structuredMetadata: { level: "error" } }]] };

// Pages with charts and lazy parts take a while where others use the machine.
configure({ asyncUtilTimeout: 5000 });
vi.setConfig({ testTimeout: 20_000 });

afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

const open = (query = "") => renderPage("/trace/$id", TracePage, `/trace/${ID}${query}`);
const answers = { "/tempo/api/v2/traces/": trace, [`/tempo/api/v2/traces/${OTHER}`]: other, "/loki/api/v1/query_range": { data: { resultType: "streams", result: [line] } } };

describe("the views of a trace", () => {
  test("the flame graph has a box for each operation on its way, arrow keys go through them, and a click zooms", async () => {
    serve(answers);
    const user = userEvent.setup();
    const page = open();
    await user.click(await screen.findByRole("radio", { name: "Flame" }));
    const tree = await screen.findByRole("tree", { name: "Flame graph" });
    const boxes = within(tree).getAllByRole("treeitem");
    expect(boxes.map((box) => [box.getAttribute("aria-level"), box.getAttribute("aria-label")])).toEqual(
      expect.arrayContaining([
        ["1", expect.stringMatching(/^shop POST \/orders: 100.ms \(100.?%\), self 30.ms$/)],
        ["2", expect.stringMatching(/^payment charge: 70.ms .*1 failed$/)],
        ["3", expect.stringMatching(/^db query ×2: 65.ms/)],
      ]),
    );
    expect(page.param("view")).toBe("flame");
    within(tree).getByRole("treeitem", { name: /POST \/orders/ }).focus();
    await user.keyboard("{ArrowDown}");
    expect(within(tree).getByRole("treeitem", { name: /charge/ })).toHaveFocus();
    await user.keyboard("{ArrowDown}");
    expect(within(tree).getByRole("treeitem", { name: /db query/ })).toHaveFocus();
    await user.keyboard("{Enter}");
    await waitFor(() => expect(page.param("top")).toBe("0000000000000003"));
    expect(within(screen.getByRole("tree")).getAllByRole("treeitem")).toHaveLength(1);
    await user.keyboard("{Escape}");
    await waitFor(() => expect(page.param("top")).toBe("0000000000000002"));
    await user.click(screen.getByRole("button", { name: "Whole trace" }));
    await waitFor(() => expect(page.param("top")).toBeNull());
  });

  test("the table has operations with count, own time and p95, and a row opens the longest span", async () => {
    serve(answers);
    const user = userEvent.setup();
    const page = open("?view=table");
    const table = await screen.findByRole("table", { name: "Operations" });
    const rows = within(table).getAllByRole("row").slice(1);
    expect(rows).toHaveLength(4);
    const query = rows.find((row) => /dbquery/.test(row.textContent ?? ""))!;
    expect(query).toHaveTextContent(/^dbquery2–65.ms · \d+.?%65.ms32.5.ms55.ms55.ms/);
    await user.click(query);
    await waitFor(() => expect(page.param("span")).toBe("0000000000000003"));
    expect(await screen.findByRole("complementary", { name: "Span detail" })).toHaveTextContent("55");
    await user.keyboard("{Escape}");
    await waitFor(() => expect(screen.queryByRole("complementary")).not.toBeInTheDocument());
  });

  test("the map has the services and their calls, and a service leads to its spans", async () => {
    serve(answers);
    const user = userEvent.setup();
    const page = open("?view=map");
    const calls = await screen.findByRole("table", { name: "Calls between services" });
    expect(within(calls).getAllByRole("row").slice(1).map((row) => row.textContent)).toEqual([expect.stringMatching(/^shoppayment1● 170/), expect.stringMatching(/^paymentdb2–65/)]);
    await user.click(screen.getByRole("button", { name: /^payment: 2 spans, 1 failed/ }));
    await waitFor(() => expect(page.param("find")).toBe("payment"));
    expect(await screen.findByRole("treegrid")).toBeInTheDocument();
  });

  test("folding leaves what was asked for", async () => {
    serve(answers);
    const user = userEvent.setup();
    const page = open();
    const grid = await screen.findByRole("treegrid", { name: "Spans" });
    expect(within(grid).getAllByRole("row")).toHaveLength(6);
    await user.click(screen.getByRole("button", { name: "Fold…" }));
    await user.click(await screen.findByRole("menuitem", { name: "Down to level 2" }));
    await waitFor(() => expect(within(grid).getAllByRole("row")).toHaveLength(3));
    expect(page.param("fold")).toBe("2");
    await user.click(within(grid).getAllByRole("button", { name: "Expand" })[0]!);
    await waitFor(() => expect(page.param("fold")).toMatch(/^2\.[0-9a-f]{8}$/));
  });

  test("what is folded is in the link, and finding a span opens what it is below", async () => {
    serve(answers);
    const user = userEvent.setup();
    const page = open("?fold=1&find=charge");
    const grid = await screen.findByRole("treegrid", { name: "Spans" });
    const before = within(grid).getAllByRole("row").length;
    await user.click(screen.getByRole("button", { name: "Next match" }));
    await waitFor(() => expect(within(grid).getAllByRole("row").length).toBeGreaterThan(before));
    expect(page.param("fold")).toMatch(/^1\./);
    expect(page.param("span")).not.toBeNull();
  });

  test("the column of names is made wider by keyboard, stays so, and is put back", async () => {
    serve(answers);
    const user = userEvent.setup();
    open();
    const edge = await screen.findByRole("separator", { name: "Width of the names" });
    edge.focus();
    await user.keyboard("{ArrowRight}");
    const width = Number(edge.getAttribute("aria-valuenow"));
    await user.keyboard("{ArrowRight}");
    expect(Number(edge.getAttribute("aria-valuenow"))).toBeGreaterThanOrEqual(width);
    expect(localStorage.getItem("oriel.trace.names")).toBe(edge.getAttribute("aria-valuenow"));
    await user.dblClick(edge);
    await waitFor(() => expect(screen.getByRole("treegrid").style.getPropertyValue("--names")).toBe(""));
  });

  test("clocks that cannot both be right are told of", async () => {
    serve(answers);
    open();
    expect(await screen.findByText(/Clocks differ: db against payment by at least 5.ms/)).toBeInTheDocument();
  });

  test("the log lines of a span are in its detail, and the link says which tab", async () => {
    serve(answers);
    const user = userEvent.setup();
    const page = open("?span=0000000000000002");
    const detail = await screen.findByRole("complementary", { name: "Span detail" });
    await user.click(await within(detail).findByRole("tab", { name: "Logs 1" }));
    expect(await within(detail).findByRole("list", { name: "Log lines of this span" })).toHaveTextContent(/\+55.mscard declined/);
    expect(page.param("detail")).toBe("logs");
  });

  test("a link to another trace opens it beside this one", async () => {
    serve(answers);
    const user = userEvent.setup();
    const page = open("?span=0000000000000002&detail=links");
    await user.click(await screen.findByRole("button", { name: `Trace ${OTHER}` }));
    const drawer = await screen.findByRole("dialog", { name: "Trace" });
    expect(await within(drawer).findByText(/2 spans/)).toBeInTheDocument();
    expect(page.param("peek")).toBe(`${OTHER}:00000000000000aa`);
    expect(within(drawer).getByText(/The trace has no span 00000000000000aa/)).toBeInTheDocument();
    expect(screen.getByRole("treegrid")).toBeInTheDocument();
    // It is closed by itself: the span stays open.
    await user.keyboard("{Escape}");
    await waitFor(() => expect(page.param("peek")).toBeNull());
    expect(screen.getByRole("complementary", { name: "Span detail" })).toBeInTheDocument();
  });

  test("the span that a link leads to is marked, and opened with its trace", async () => {
    serve(answers);
    open(`?span=0000000000000002&detail=links&peek=${OTHER}:0000000000000009`);
    const drawer = await screen.findByRole("dialog", { name: "Trace" });
    const [marked] = (await within(drawer).findAllByRole("listitem")).filter((one) => one.getAttribute("aria-current") === "true");
    expect(marked).toHaveTextContent("mail send");
    expect(within(drawer).getByRole("link", { name: "Open the trace" })).toHaveAttribute("href", `/trace/${OTHER}?span=0000000000000009`);
  });

  test("a linked trace that is not stored says so, and where else to look", async () => {
    serve({ ...answers, [`/tempo/api/v2/traces/${OTHER}`]: { trace: {} } });
    open(`?peek=${OTHER}`);
    const drawer = await screen.findByRole("dialog", { name: "Trace" });
    expect(await within(drawer).findByText("This trace is not stored")).toBeInTheDocument();
    expect(within(drawer).getByRole("link", { name: "Log lines with its id" })).toBeInTheDocument();
  });

  test("without lines of the span there are those of its service in the trace, by a field or by their text", async () => {
    const asked = serve({
      ...answers,
      "/loki/api/v1/query_range": (params: URLSearchParams) => ({ data: { resultType: "streams", result: params.get("query")?.includes("|=") ? [line] : [] } }),
    });
    open("?span=0000000000000002&detail=logs");
    expect(await screen.findByRole("list", { name: "Log lines of payment in this trace" })).toHaveTextContent("card declined");
    expect(screen.getByText(/None bears the id of this span\. These are of payment, with the id of the trace in their text/)).toBeInTheDocument();
    expect(asked.filter((url) => url.pathname.startsWith("/loki")).map((url) => url.searchParams.get("query"))).toEqual([
      `{service_name=~".+"} | trace_id="${ID}" | span_id="0000000000000002"`,
      `{service_name="payment"} | trace_id="${ID}"`,
      `{service_name="payment"} |= "${ID}"`,
    ]);
  });

  test("a span has the metrics of its operation and of what it ran on, around its time", async () => {
    const asked = serve({ ...answers, "/api/v1/query_range": { status: "success", data: { resultType: "matrix", result: [] } } });
    open("?span=0000000000000002&detail=metrics");
    expect(await screen.findByRole("region", { name: "Calls of this operation" })).toBeInTheDocument();
    expect(screen.getByRole("region", { name: "Memory" })).toBeInTheDocument();
    const charts = asked.filter((url) => url.pathname === "/api/v1/query_range");
    expect(charts[0]?.searchParams.get("query")).toContain('{service="payment", span_name="charge"}');
    const start = Number(charts[0]?.searchParams.get("start"));
    expect(Math.abs(start - (1732240700 - 15 * 60))).toBeLessThan(60);
  });

  test("what is like a trace outside of the page's range is looked for around it", async () => {
    serve(answers);
    const old = "00000000000000c1";
    serve({ "/tempo/api/v2/traces/": { trace: { resourceSpans: [of("shop", [{ ...span(old, "", "GET /", 0, 1), startTimeUnixNano: "1700000000000000000", endTimeUnixNano: "1700000000001000000" }])] } } });
    open(`?span=${old}`);
    const link = await screen.findByRole("link", { name: "Traces with this operation" });
    const { searchParams } = new URL(link.getAttribute("href")!, "http://x");
    expect(Number(searchParams.get("from"))).toBeLessThan(1700000000000);
    expect(Number(searchParams.get("to"))).toBeGreaterThan(1700000000000);
  });

  test("the stretch of time shown is in the link", async () => {
    serve(answers);
    open("?zoom=0-50000000");
    expect(await screen.findByRole("button", { name: /Show all 105.ms/ })).toBeInTheDocument();
  });
});

describe("two traces", () => {
  test("are laid over each other: slower, new and missing, and the largest differences beside", async () => {
    serve(answers);
    const user = userEvent.setup();
    const page = open(`?vs=${OTHER}`);
    const table = await screen.findByRole("table", { name: /laid over each other/ });
    const rows = within(table).getAllByRole("row").slice(1);
    expect(rows.map((row) => [row.getAttribute("data-verdict"), row.textContent])).toEqual([
      ["slower", expect.stringMatching(/^shop POST \/orders100.ms40.ms▲ \+60.ms$/)],
      ["new", expect.stringMatching(/^payment charge ● 1 more failed70.ms–\+ new$/)],
      ["new", expect.stringMatching(/^db query 2× : 0×65.ms–\+ new$/)],
      ["new", expect.stringMatching(/^payment look up/)],
      ["missing", expect.stringMatching(/^mail send–29.ms− missing$/)],
    ]);
    expect(within(screen.getByRole("region", { name: "Largest differences" })).getAllByRole("listitem")[0]).toHaveTextContent(/db query\+65.ms/);
    expect(screen.getByRole("link", { name: "Swap" })).toHaveAttribute("href", expect.stringContaining(`/trace/${OTHER}?vs=${ID}`));
    await user.click(screen.getByRole("button", { name: "End the comparison" }));
    await waitFor(() => expect(page.param("vs")).toBeNull());
    expect(await screen.findByRole("treegrid")).toBeInTheDocument();
  });

  test("another is chosen from those of the same request, or by its id", async () => {
    const found = [300, 5].map((durationMs, index) => ({ traceID: index === 0 ? OTHER : "beef", startTimeUnixNano: "1732240700000000000", durationMs }));
    const asked = serve({ ...answers, "/tempo/api/search": { traces: found } });
    const user = userEvent.setup();
    const page = open();
    await user.click(await screen.findByRole("button", { name: "Compare with…" }));
    const dialog = await screen.findByRole("dialog", { name: "Compare with…" });
    expect((await within(dialog).findAllByRole("button")).map((button) => button.textContent)).toEqual([expect.stringMatching(/^5.ms/), expect.stringMatching(/^300.ms/)]);
    expect(asked.find((url) => url.pathname.endsWith("/search"))?.searchParams.get("q")).toBe('{ resource.service.name = "shop" && name = "POST /orders" && nestedSetParent < 0 }');
    const id = within(dialog).getByRole("textbox", { name: "Id of another trace" });
    await user.type(id, "nonsense");
    expect(within(dialog).getByText("An id is up to 32 hex digits")).toBeInTheDocument();
    await user.clear(id);
    await user.type(id, `${OTHER}{Enter}`);
    await waitFor(() => expect(page.param("vs")).toBe(OTHER));
  });

  test("a trace that is not there says so, and lets go", async () => {
    serve({ ...answers, [`/tempo/api/v2/traces/${OTHER}`]: { trace: {} } });
    open(`?vs=${OTHER}`);
    expect(await screen.findByText(`No trace ${OTHER}`)).toBeInTheDocument();
    expect(screen.getByRole("button", { name: "End the comparison" })).toBeInTheDocument();
  });
});

test("a trace that ended long ago is not waited for", async () => {
  expect(NOW).toBeGreaterThan(0);
  const asked = serve(answers);
  open();
  await screen.findByRole("treegrid");
  expect(screen.queryByText(/May be incomplete/)).not.toBeInTheDocument();
  expect(asked.filter((url) => url.pathname.includes("/traces/"))).toHaveLength(1);
});
