// @vitest-environment jsdom
import { cleanup, configure, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, describe, expect, test, vi } from "vitest";

import { NOW, Refusal, renderPage, serve } from "../../test/renderPage";
import { MetricsPage } from "./MetricsPage";

const names = { status: "success", data: ["go_goroutines", "http_requests_total", "up"] };
const metadata = { status: "success", data: { http_requests_total: [{ type: "counter", help: "Requests answered.", unit: "" }] } };
const matrix = {
  status: "success",
  data: {
    resultType: "matrix",
    result: [
      { metric: { job: "a" }, values: [[NOW / 1000 - 20, "1"], [NOW / 1000 - 10, "3"]] },
      { metric: { job: "b" }, values: [[NOW / 1000 - 10, "NaN"]] },
    ],
  },
  warnings: ["a limit was reached"],
};
const vector = { status: "success", data: { resultType: "vector", result: [{ metric: { __name__: "up", job: "a" }, value: [NOW / 1000, "2"] }, { metric: { __name__: "up", job: "b" }, value: [NOW / 1000, "+Inf"] }] } };
const empty = { status: "success", data: { resultType: "matrix", result: [] } };
const base = { "/api/v1/": { status: "success", data: [] }, "/api/v1/label/__name__/values": names, "/api/v1/metadata": metadata };
const open = (search = "") => renderPage("/explore/metrics", MetricsPage, `/explore/metrics${search}`);
const rangeQueries = (asked: URL[]) => asked.filter((one) => one.pathname === "/api/v1/query_range").map((one) => one.searchParams.get("query"));

// Pages with an editor take their time on a busy machine.
vi.setConfig({ testTimeout: 30_000 });
configure({ asyncUtilTimeout: 8000 });

afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

describe("MetricsPage", () => {
  test("without a query browses: a chart for each metric, by what its type wants", async () => {
    const asked = serve({ ...base, "/api/v1/query_range": matrix });
    open();
    expect(await screen.findByText("3 of 3 metrics")).toBeInTheDocument();
    expect(await screen.findByRole("article", { name: "http_requests_total" })).toHaveTextContent("counter");
    await waitFor(() => expect(rangeQueries(asked)).toContain("sum(rate(http_requests_total[1m]))"));
    expect(rangeQueries(asked).find((query) => query?.includes("min(up)"))).toContain('"stat", "max"');
  });

  test("a metric opened from the grid is taken apart by a label, and one of its values becomes a filter", async () => {
    const asked = serve({ ...base, "/api/v1/labels": { status: "success", data: ["__name__", "instance", "job"] }, "/api/v1/query": vector, "/api/v1/query_range": matrix });
    const page = open();
    const user = userEvent.setup();
    await user.click(within(await screen.findByRole("article", { name: "http_requests_total" })).getByRole("button", { name: "http_requests_total" }));
    await waitFor(() => expect(page.param("m")).toBe("http_requests_total"));
    expect((await screen.findAllByText("Requests answered.")).length).toBeGreaterThan(0);
    const list = await screen.findByRole("list", { name: "http_requests_total by job" });
    expect(within(list).getAllByRole("article")).toHaveLength(2);
    await waitFor(() => expect(rangeQueries(asked)).toContain("sum by (job) (rate(http_requests_total[1m]))"));
    await user.click(within(list).getByRole("button", { name: "a" }));
    await waitFor(() => expect(page.param("f")).toBe("job:eq:a"));
    expect(screen.getByRole("group", { name: "Filters" })).toHaveTextContent("job = a");
    await waitFor(() => expect(rangeQueries(asked)).toContain('sum(rate(http_requests_total{job="a"}[1m]))'));
  });

  test("beside queries a metric chosen from the list is asked for in the way its type wants", async () => {
    const asked = serve({ ...base, "/api/v1/query": { status: "success", data: { resultType: "vector", result: [{ metric: {}, value: [NOW / 1000, "1204"] }] } }, "/api/v1/query_range": matrix });
    const page = open("?mode=query");
    expect(await screen.findByText("No query yet")).toBeInTheDocument();
    await userEvent.type(await screen.findByLabelText("Find a metric"), "total http");
    expect(await screen.findByText("1 of 3 metrics")).toBeInTheDocument();
    await userEvent.click(screen.getByRole("button", { name: "http_requests_total" }));
    await waitFor(() => expect(page.param("q")).toBe("sum(rate(http_requests_total[$__rate_interval]))"));
    expect(await screen.findByRole("img", { name: /: 2 series$/ })).toBeInTheDocument();
    expect(rangeQueries(asked)).toEqual(["sum(rate(http_requests_total[1m]))"]);
    expect(screen.getByText("Requests answered.")).toBeInTheDocument();
    expect(await screen.findByText(/^counter · 1.204 series$/)).toBeInTheDocument();
  });

  test("an expression computes with the answers of other queries, in the same chart", async () => {
    const asked = serve({ ...base, "/api/v1/query_range": matrix });
    open("?q=up&q=%24A%20*%202&pane=0&pane=0");
    const doubled = await screen.findByRole("button", { name: "B: a" });
    expect(doubled.closest("tr")).toHaveTextContent(/2466|2 ?4 ?6 ?6/);
    expect(rangeQueries(asked)).toEqual(["up"]);
    await userEvent.click(screen.getByRole("button", { name: "Hide query A" }));
    await waitFor(() => expect(screen.queryByRole("button", { name: "A: a" })).not.toBeInTheDocument());
    expect(screen.getByRole("button", { name: "a" })).toBeInTheDocument();
  });

  test("an expression over a query that is not there says so", async () => {
    serve({ ...base, "/api/v1/query_range": matrix });
    open("?q=up&q=%24Z&pane=0&pane=0");
    expect(await screen.findByText(/names Z/)).toBeInTheDocument();
  });

  test("a query is explained part by part, with how many series each has", async () => {
    serve({ ...base, "/api/v1/query_range": matrix, "/api/v1/query": vector });
    open(`?q=${encodeURIComponent("sum by (job) (rate(up[5m]))")}`);
    await userEvent.click(await screen.findByRole("button", { name: "Explain" }));
    const tree = await screen.findByRole("list", { name: "The query, part by part" });
    await waitFor(() => expect(within(tree).getAllByRole("listitem").map((item) => item.textContent)).toEqual([
      "sum by (job) (rate(up[5m]))Added up, for each job2 series",
      "rate(up[5m])How much each counter grows per second, on average2 series",
      "up[5m]The samples of the last 5m before each point",
      "upAll series of up2 series",
    ]));
  });

  test("the builder edits the query that the text shows", async () => {
    serve({ ...base, "/api/v1/query_range": matrix });
    const page = open(`?q=${encodeURIComponent("sum(rate(up[5m]))")}`);
    const user = userEvent.setup();
    await user.click(await screen.findByRole("button", { name: "Builder" }));
    const builder = await screen.findByRole("group", { name: "Builder" });
    const window = within(builder).getByLabelText("Window");
    await user.clear(window);
    await user.type(window, "1h{Enter}");
    await waitFor(() => expect(page.param("q")).toBe("sum(rate(up[1h]))"));
    const [, removeSum] = within(builder).getAllByRole("button", { name: "Remove this step" });
    await user.click(removeSum!);
    await waitFor(() => expect(page.param("q")).toBe("rate(up[1h])"));
  });

  test("a series leads to logs and traces of the same thing; what is empty is not offered", async () => {
    const named = { status: "success", data: { resultType: "matrix", result: [{ metric: { service_name: "cart" }, values: [[NOW / 1000 - 10, "3"]] }] } };
    serve({ ...base, "/api/v1/query_range": named, "/loki/": { data: { resultType: "streams", result: [] } }, "/tempo/": { traces: [{ traceID: "1" }] } });
    open("?q=up");
    await userEvent.click(await screen.findByRole("button", { name: "More about cart" }));
    const menu = await screen.findByRole("menu");
    expect(await within(menu).findByRole("menuitem", { name: "Traces at this time" })).toHaveAttribute("href", expect.stringContaining("/explore/traces"));
    await waitFor(() => expect(within(menu).getByText("Logs at this time: none").closest("button")).toBeDisabled());
    expect(within(menu).getByRole("menuitem", { name: "The service" })).toHaveAttribute("href", expect.stringContaining("/services/cart"));
  });

  test("charts what the URL asks, with the server's warnings and a legend of values", async () => {
    const asked = serve({ ...base, "/api/v1/query_range": matrix });
    open("?q=up");
    expect(await screen.findByText("a limit was reached")).toBeInTheDocument();
    const legend = screen.getByRole("button", { name: "a" }).closest("tr");
    expect(legend).toHaveTextContent(/a1233/);
    expect(screen.getByRole("button", { name: "b" }).closest("tr")).toHaveTextContent(/b––––/);
    const [range] = asked.filter((one) => one.pathname === "/api/v1/query_range");
    expect(Number(range?.searchParams.get("end")) - Number(range?.searchParams.get("start"))).toBe(3600);
    expect(range?.searchParams.get("step")).toBe("10");
  });

  test("shows one pane per query, each in its own look", async () => {
    // Of two paths that fit, the last wins.
    serve({ ...base, "/api/v1/query": vector, "/api/v1/query_range": matrix });
    open("?q=up&q=down&look=table.lines.auto&look=graph.stacked.bytes");
    const table = await screen.findByRole("table", { name: "up" });
    expect(within(table).getAllByRole("row").slice(1).map((row) => row.textContent)).toEqual(["upb+Inf", "upa2"]);
    expect(await screen.findByRole("img", { name: "down: 2 series" })).toBeInTheDocument();
    await userEvent.click(screen.getByRole("button", { name: "Remove query A" }));
    await waitFor(() => expect(screen.queryByRole("table", { name: "up" })).not.toBeInTheDocument());
    expect(screen.getByRole("img", { name: "down: 2 series" })).toBeInTheDocument();
  });

  test("a query that selects nothing says so, a refused one says why", async () => {
    serve({ ...base, "/api/v1/query_range": empty });
    open("?q=nothing");
    expect(await screen.findByText("No data in this range")).toBeInTheDocument();
    cleanup();
    serve({ ...base, "/api/v1/query_range": new Refusal(400, '{"status":"error","errorType":"bad_data","error":"1:5: parse error: unclosed left parenthesis"}') });
    open("?q=sum(");
    expect(await screen.findByText("1:5: parse error: unclosed left parenthesis")).toBeInTheDocument();
  });

  test("a list of metrics that cannot be had leaves the query in place", async () => {
    serve({ ...base, "/api/v1/label/__name__/values": new Refusal(503, "starting"), "/api/v1/query_range": matrix });
    open("?q=up");
    expect(await screen.findByText("starting")).toBeInTheDocument();
    expect(await screen.findByRole("img", { name: "up: 2 series" })).toBeInTheDocument();
  });

  test("x shows all panes as tables, and as graphs again", async () => {
    serve({ ...base, "/api/v1/query_range": matrix });
    const page = open("?q=up&q=up");
    const user = userEvent.setup();
    await screen.findAllByRole("radio", { name: "Graph" });
    await user.keyboard("x");
    expect(screen.getAllByRole("radio", { name: "Table", checked: true })).toHaveLength(2);
    expect(page.param("look")).toContain("table");
    await user.keyboard("x");
    expect(screen.getAllByRole("radio", { name: "Graph", checked: true })).toHaveLength(2);
  });

  test("a click in the legend shows one series alone, a second click all", async () => {
    serve({ ...base, "/api/v1/query_range": matrix });
    open("?q=up");
    const a = await screen.findByRole("button", { name: "a" });
    const b = screen.getByRole("button", { name: "b" });
    const user = userEvent.setup();
    await user.click(a);
    expect(b).toHaveAttribute("aria-pressed", "false");
    expect(a).toHaveAttribute("aria-pressed", "true");
    await user.click(a);
    expect(b).toHaveAttribute("aria-pressed", "true");
    await user.keyboard("{Control>}");
    await user.click(b);
    expect(b).toHaveAttribute("aria-pressed", "false");
    expect(a).toHaveAttribute("aria-pressed", "true");
  });

  test("Run of the same query asks anew, and says what the answer was and cost", async () => {
    const asked = serve({ ...base, "/api/v1/query_range": { ...(matrix as object), data: { ...(matrix as { data: object }).data, stats: { samples: { totalQueryableSamples: 1234 } } } } });
    open("?q=up");
    const chip = await screen.findByRole("button", { name: /2 series · \d/ });
    const before = rangeQueries(asked).length;
    await userEvent.click(screen.getByRole("button", { name: "Run" }));
    await waitFor(() => expect(rangeQueries(asked).length).toBeGreaterThan(before));
    await userEvent.click(chip);
    expect(await screen.findByText("samples: total queryable samples")).toBeInTheDocument();
    expect(asked.at(-1)?.searchParams.get("stats")).toBe("all");
  });

  test("a pane has a step of its own, by the range or as chosen; one that makes too many points is not asked for", async () => {
    const asked = serve({ ...base, "/api/v1/query_range": matrix });
    const page = open("?q=up");
    await userEvent.click(await screen.findByRole("combobox", { name: "Step" }));
    expect(await screen.findByRole("option", { name: "Step: auto (10s)" })).toBeInTheDocument();
    await userEvent.click(screen.getByRole("option", { name: "Step: 5m" }));
    await waitFor(() => expect(page.param("step")).toBe("5m"));
    await waitFor(() => expect(asked.at(-1)?.searchParams.get("step")).toBe("300"));
    cleanup();
    const none = serve({ ...base, "/api/v1/query_range": matrix });
    open("?q=up&step=100ms");
    expect(await screen.findByText(/A step of 100ms makes 36.001 points of this range/)).toBeInTheDocument();
    expect(rangeQueries(none)).toEqual([]);
  });

  test("how a metric is taken apart and drawn is in the link", async () => {
    serve({ ...base, "/api/v1/labels": { status: "success", data: ["job"] }, "/api/v1/query": vector, "/api/v1/query_range": matrix });
    const page = open("?m=up&sort=name&form=bars");
    const order = await screen.findByRole("combobox", { name: "Order" });
    expect(order).toHaveValue("By name");
    expect(screen.getByRole("combobox", { name: "Chart" })).toHaveValue("Bars");
    await userEvent.click(order);
    await userEvent.click(await screen.findByRole("option", { name: "Most different first" }));
    await waitFor(() => expect(page.param("sort")).toBeNull());
  });

  test("the cost of an answer says what part of it was kept from before", async () => {
    serve({ ...base, "/api/v1/query_range": matrix });
    const plain = globalThis.fetch;
    vi.stubGlobal("fetch", async (...call: Parameters<typeof fetch>) => {
      const answer = await plain(...call);
      return new Response(await answer.text(), { status: answer.status, headers: { "X-Oriel-Stats": '{"cache":"part","steps":360,"kept":351,"samples":1200}' } });
    });
    open("?q=up");
    expect(await screen.findByRole("button", { name: /points · 1\.2.?k samples read · 97 % kept from before/i })).toBeInTheDocument();
  });

  test("the conditions of a query are pills; a query of two selectors is edited by hand", async () => {
    serve({ ...base, "/api/v1/query_range": matrix, "/api/v1/labels": { status: "success", data: ["job", "code"] } });
    const first = open(`?q=${encodeURIComponent('rate(x{job="a", code="5"}[5m])')}`);
    await userEvent.click(await screen.findByRole("button", { name: "Remove code = 5" }));
    await waitFor(() => expect(first.param("q")).toBe('rate(x{job="a"}[5m])'));
    first.unmount();
    open("?q=a%20%2F%20b");
    expect(await screen.findByText("edited by hand")).toBeInTheDocument();
  });

  test("a link opens the trace of an exemplar beside the chart, and closing it is a step of its own", async () => {
    serve({ ...base, "/api/v1/query_range": matrix, "/tempo/api/v2/traces/": { trace: { resourceSpans: [] } } });
    const page = open("?q=up&trace=4bf92f3577b34da6a3ce929d0e0e4736");
    expect(await within(await screen.findByRole("dialog", { name: "Trace" })).findByText(/not stored|failed/)).toBeInTheDocument();
    await userEvent.click(screen.getByRole("button", { name: "Close (Esc)" }));
    await waitFor(() => expect(page.param("trace")).toBeNull());
  });
});
