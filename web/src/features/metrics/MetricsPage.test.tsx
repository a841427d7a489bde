// @vitest-environment jsdom
import { cleanup, screen, waitFor, within } from "@testing-library/react";
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

afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

describe("MetricsPage", () => {
  test("lists the metrics and invites to ask", async () => {
    serve(base);
    open();
    expect(await screen.findByText("3 of 3 metrics")).toBeInTheDocument();
    expect(screen.getByText("No query yet")).toBeInTheDocument();
  });

  test("a metric chosen from the list is asked for in the way its type wants", async () => {
    const asked = serve({ ...base, "/api/v1/query_range": matrix });
    const page = open();
    await userEvent.type(await screen.findByLabelText("Find a metric"), "total http");
    expect(await screen.findByText("1 of 3 metrics")).toBeInTheDocument();
    await userEvent.click(screen.getByRole("button", { name: "http_requests_total" }));
    await waitFor(() => expect(page.param("q")).toBe("sum(rate(http_requests_total[$__rate_interval]))"));
    expect(await screen.findByRole("img", { name: /: 2 series$/ })).toBeInTheDocument();
    expect(rangeQueries(asked)).toEqual(["sum(rate(http_requests_total[1m]))"]);
    expect(screen.getByText("Requests answered.")).toBeInTheDocument();
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
});
