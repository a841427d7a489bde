// @vitest-environment jsdom
import { cleanup, configure, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, describe, expect, test, vi } from "vitest";

import { Refusal, renderPage, serve } from "../../test/renderPage";
import { LogsPage } from "./LogsPage";

const TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";

const lines = {
  status: "success",
  data: {
    resultType: "streams",
    encodingFlags: ["categorize-labels"],
    result: [
      {
        stream: { service_name: "payment" },
        values: [
          ["1732240799000000002", '{"msg":"card declined","order":8812}', { structuredMetadata: { trace_id: TRACE, detected_level: "error" } }],
          ["1732240799000000000", "first line\nsecond\nthird", { structuredMetadata: { detected_level: "info" } }],
        ],
      },
      { stream: { service_name: "cart" }, values: [["1732240799000000001", "\u001b[31mred\u001b[0m text", {}]] },
    ],
    stats: { summary: { totalBytesProcessed: 2048, execTime: 0.25 } },
  },
};
const histogram = {
  data: { resultType: "matrix", result: [{ metric: { detected_level: "error" }, values: [[1732240800, "2"]] }, { metric: {}, values: [[1732240800, "1"]] }] },
};
const answer = (params: URLSearchParams) => (params.get("query")?.startsWith("sum by") ? histogram : lines);
const open = (search = "") => renderPage("/explore/logs", LogsPage, `/explore/logs${search}`);

// Pages with an editor take their time on a busy machine.
vi.setConfig({ testTimeout: 30_000 });
configure({ asyncUtilTimeout: 8000 });

afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

describe("LogsPage", () => {
  test("without a query shows the lines of every stream, newest first, and how many there are", async () => {
    const asked = serve({ "/loki/api/v1/query_range": answer });
    open();
    const grid = await screen.findByRole("grid", { name: "Log lines" });
    const rows = within(grid).getAllByRole("row");
    expect(rows.map((row) => row.textContent)).toEqual([
      expect.stringContaining("card declined"),
      expect.stringContaining("red text"),
      expect.stringContaining("first line+2"),
    ]);
    expect((await screen.findAllByText("3 lines")).length).toBeGreaterThan(0);
    const queries = asked.map((one) => one.searchParams.get("query"));
    expect(queries).toContain('{service_name=~".+"}');
    expect(queries).toContain('sum by (detected_level) (count_over_time({service_name=~".+"} [1m]))');
  });

  test("a click opens the detail with a way to the trace; Escape closes it", async () => {
    serve({ "/loki/api/v1/query_range": answer });
    const user = userEvent.setup();
    const page = open();
    await user.click(await screen.findByText(/card declined/));
    const detail = await screen.findByRole("complementary", { name: "Line detail" });
    expect(within(detail).getByRole("link", { name: "Open trace" })).toHaveAttribute("href", expect.stringContaining(`/trace/${TRACE}`));
    expect(within(detail).getByText("8812")).toBeInTheDocument();
    expect(page.param("row")).not.toBeNull();
    await user.click(within(detail).getByRole("tab", { name: "JSON" }));
    expect(within(detail).getByRole("tree", { name: "JSON" })).toHaveTextContent('order: 8812');
    await user.keyboard("{Escape}");
    await waitFor(() => expect(screen.queryByRole("complementary", { name: "Line detail" })).not.toBeInTheDocument());
  });

  test("a link to a line that is not in the list opens it all the same", async () => {
    serve({ "/loki/api/v1/query_range": answer });
    const user = userEvent.setup();
    const page = open();
    await user.click(await screen.findByText(/card declined/));
    const row = page.param("row") ?? "";
    page.unmount();
    const only = { data: { resultType: "streams", result: [] } };
    serve({ "/loki/api/v1/query_range": (params: URLSearchParams) => (params.get("start") === "1732240799000000002" ? lines : only) });
    open(`?row=${row}`);
    expect(await screen.findByRole("complementary", { name: "Line detail" })).toHaveTextContent("card declined");
  });

  test("j and Enter reach a line by keyboard", async () => {
    serve({ "/loki/api/v1/query_range": answer });
    const user = userEvent.setup();
    open();
    await screen.findByText(/card declined/);
    await user.keyboard("jj{Enter}");
    const detail = await screen.findByRole("complementary", { name: "Line detail" });
    expect(detail).toHaveTextContent("red text");
  });

  test("a value of the sidebar filters in or out, and the chip takes it away again", async () => {
    serve({ "/loki/api/v1/query_range": answer });
    const user = userEvent.setup();
    const page = open();
    await user.click(await screen.findByRole("button", { name: "Only service_name = payment" }));
    expect(page.param("q")).toBe('{service_name="payment"}');
    await user.click(await screen.findByRole("button", { name: "Without detected_level = error" }));
    expect(page.param("q")).toBe('{service_name="payment"} | detected_level!="error"');
    await user.click(await screen.findByRole("button", { name: "Remove detected_level != error" }));
    expect(page.param("q")).toBe('{service_name="payment"}');
  });

  test("a text filter is added to the query and marked in the lines", async () => {
    serve({ "/loki/api/v1/query_range": answer });
    const user = userEvent.setup();
    const page = open();
    await user.type(await screen.findByRole("textbox", { name: "Add a text filter" }), "declined{Enter}");
    expect(page.param("q")).toBe('{service_name=~".+"} |= "declined"');
    expect((await screen.findByText("declined", { selector: "mark" })).tagName).toBe("MARK");
  });

  test("no lines come with ways out, each with how many lines it has", async () => {
    const none = { data: { resultType: "streams", result: [] } };
    const count = (n: number) => ({ data: { resultType: "matrix", result: n === 0 ? [] : [{ metric: {}, values: [[1, String(n)]] }] } });
    serve({
      "/loki/api/v1/query_range": (params: URLSearchParams) => {
        const query = params.get("query") ?? "";
        return query.startsWith("sum(count_over_time(") ? count(query.includes("|=") ? 0 : query.includes("shop") ? 7 : 1204) : none;
      },
      "/loki/api/v1/labels": { data: ["app"] },
      "/loki/api/v1/label/app/values": { data: ["shop"] },
    });
    const user = userEvent.setup();
    const page = open(`?q=${encodeURIComponent('{app="shpo"} |= "x"')}`);
    await screen.findByText("No lines match in this time range");
    expect(await screen.findByText(/Nothing that way either: .*last 6 h/)).toBeInTheDocument();
    expect(screen.queryByRole("button", { name: /^Last 6 h/ })).toBeNull();
    expect(screen.getByText(/did you mean app="shop"/)).toBeInTheDocument();
    await user.click(screen.getByRole("button", { name: /^Without \|= "x"1.204$/ }));
    expect(page.param("q")).toBe('{app="shpo"}');
    await user.click(await screen.findByRole("button", { name: 'Did you mean app="shop"?7' }));
    expect(page.param("q")).toBe('{app="shop"}');
  });

  test("a refused query shows the server's words and another way", async () => {
    serve({ "/loki/api/v1/query_range": new Refusal(400, "parse error at line 1, col 7: syntax error") });
    open(`?q=${encodeURIComponent('{a="b"} | nonsense')}`);
    expect((await screen.findAllByText(/parse error at line 1, col 7/)).length).toBeGreaterThan(0);
    expect(screen.getByRole("button", { name: "Show all lines instead" })).toBeInTheDocument();
  });

  test("a metric query is drawn instead of listed", async () => {
    serve({ "/loki/api/v1/query_range": histogram });
    const user = userEvent.setup();
    open(`?q=${encodeURIComponent('sum by (detected_level) (rate({a="b"}[5m]))')}`);
    expect(await screen.findByRole("heading", { name: /2 series/ })).toBeInTheDocument();
    expect(screen.queryByRole("grid", { name: "Log lines" })).not.toBeInTheDocument();
    await user.click(screen.getByText("Table"));
    expect(await screen.findByRole("table", { name: "Last values" })).toHaveTextContent('detected_level="error"');
  });

  test("a failing histogram does not hide the lines", async () => {
    serve({ "/loki/api/v1/query_range": (params: URLSearchParams) => (params.get("query")?.startsWith("sum by") ? new Refusal(500, "out of luck") : lines) });
    open();
    expect(await screen.findByText(/card declined/)).toBeInTheDocument();
    expect(await screen.findByText("No histogram: out of luck")).toBeInTheDocument();
  });

  test("live without a tail on the server asks again every two seconds", async () => {
    vi.stubGlobal(
      "WebSocket",
      class extends EventTarget {
        constructor() {
          super();
          queueMicrotask(() => this.dispatchEvent(new Event("error")));
        }
        close(): void {}
      },
    );
    serve({ "/loki/api/v1/query_range": answer });
    open("?live=1");
    expect(await screen.findByText(/Live, asking every 2 s/)).toBeInTheDocument();
    expect(screen.getByText(/card declined/)).toBeInTheDocument();
  });

  test("patterns are told apart from those of the range before, and filter the lines", async () => {
    const start = String((1_732_240_800_000 - 3_600_000) * 1_000_000);
    const now = { data: [{ pattern: "card <_>", level: "error", samples: [[1732240700, 5]] }, { pattern: "old <_>", level: "info", samples: [[1732240700, 2]] }] };
    const before = { data: [{ pattern: "old <_>", level: "info", samples: [[1732237100, 2]] }, { pattern: "past <_>", level: "info", samples: [[1732237100, 1]] }] };
    serve({ "/loki/api/v1/query_range": answer, "/loki/api/v1/patterns": (params: URLSearchParams) => (params.get("start") === start ? now : before) });
    const user = userEvent.setup();
    const page = open("?tab=patterns");
    const table = await screen.findByRole("table", { name: "Patterns" });
    await waitFor(() => expect(within(table).getAllByRole("row").slice(1).map((row) => row.textContent)).toEqual([expect.stringMatching(/^5new.*card/), expect.stringMatching(/^2≈.*old/), expect.stringMatching(/^0gone.*past/)]));
    expect(screen.getByText(/1 new and 1 gone against/)).toBeInTheDocument();
    await user.click(within(table).getByRole("button", { name: "Only lines like card <_>" }));
    await waitFor(() => expect(page.param("q")).toBe('{service_name=~".+"} |> "card <_>"'));
    expect(page.param("tab")).toBeNull();
  });

  test("statistics count lines by a field, or compute with its numbers", async () => {
    const largest = { data: { resultType: "matrix", result: [{ metric: { service_name: "payment" }, values: [[1732240800, "8812"]] }] } };
    const asked = serve({ "/loki/api/v1/query_range": (params: URLSearchParams) => (params.get("query")?.startsWith("max_over_time") ? largest : answer(params)) });
    open("?tab=stats&stat=max.order.service_name");
    expect(await screen.findByRole("list", { name: "Top values" })).toHaveTextContent(/payment8\.81/);
    await waitFor(() => expect(asked.map((one) => one.searchParams.get("query"))).toContain('max_over_time({service_name=~".+"} | json | unwrap order | __error__="" [1m]) by (service_name)'));
  });

  test("a field becomes a column", async () => {
    serve({ "/loki/api/v1/query_range": answer });
    const user = userEvent.setup();
    const page = open();
    await user.click(await screen.findByRole("button", { name: /^.?order/ }));
    expect(screen.queryByLabelText("Numbers in order")).not.toBeInTheDocument();
    await user.click(screen.getAllByRole("button", { name: "Show as a column" }).at(-1)!);
    await waitFor(() => expect(page.param("cols")).toBe("order"));
    const row = within(screen.getByRole("grid", { name: "Log lines" })).getAllByRole("row")[0];
    expect(within(row!).getByTitle("order: 8812")).toBeInTheDocument();
  });

  const person = userEvent.setup();
  const detail = async () => {
    await person.click(await screen.findByText(/card declined/));
    return screen.findByRole("complementary", { name: "Line detail" });
  };
  const only = { name: "Only order = 8812" };
  test.each<[where: string, search: string, press: () => Promise<void>]>([
    ["a field of the detail", "", async () => person.click(within(await detail()).getByRole("button", only))],
    [
      "a value of the JSON",
      "",
      async () => {
        const found = await detail();
        await person.click(within(found).getByRole("tab", { name: "JSON" }));
        await person.click(within(found).getByRole("button", only));
      },
    ],
    [
      "a cell",
      "?cols=order",
      async () => {
        const row = (await screen.findByText(/card declined/)).closest<HTMLElement>("[role=row]");
        if (!row) throw new Error("no row");
        await person.keyboard("j");
        await person.click(within(row).getByRole("button", only));
      },
    ],
    [
      "a field of the sidebar",
      "",
      async () => {
        await person.click(await screen.findByRole("button", { name: /^.?order/ }));
        await person.click(screen.getByRole("button", only));
      },
    ],
  ])("%s asks for the same as the others", async (_, search, press) => {
    serve({ "/loki/api/v1/query_range": answer });
    const page = open(search);
    await press();
    await waitFor(() => expect(page.param("q")).toBe('{service_name=~".+"} | json | order="8812"'));
  });

  test("the JSON of a line is searched, and gives its paths away", async () => {
    serve({ "/loki/api/v1/query_range": answer });
    const user = userEvent.setup();
    open();
    await user.click(await screen.findByText(/card declined/));
    const found = await screen.findByRole("complementary", { name: "Line detail" });
    await user.click(within(found).getByRole("tab", { name: "JSON" }));
    await user.type(within(found).getByRole("textbox", { name: "Find in the JSON" }), "88");
    const tree = within(found).getByRole("tree", { name: "JSON" });
    expect(tree).toHaveTextContent("order: 8812");
    expect(tree).not.toHaveTextContent("msg");
    await user.click(within(tree).getByRole("button", { name: "Copy the path order" }));
    expect(await navigator.clipboard.readText()).toBe("order");
    await user.clear(within(found).getByRole("textbox", { name: "Find in the JSON" }));
    await user.type(within(found).getByRole("textbox", { name: "Find in the JSON" }), "zzz");
    expect(within(found).getByText(/Nothing in it is called that/)).toBeInTheDocument();
  });

  test("lines around come from the stream without the query's filters, further ones on demand", async () => {
    const plain = (time: string, line: string) => ({ time, line, stream: {}, metadata: {}, parsed: {} });
    const asked = serve({
      "/loki/api/v1/query_range": answer,
      "/oriel/api/v1/logs/context": { before: [plain("1732240798000000000", "before it")], line: plain("1732240799000000002", "the line"), after: [], older: "17-0" },
      "/oriel/api/v1/logs/query": { lines: [plain("1732240797000000000", "long before")] },
    });
    const user = userEvent.setup();
    const page = open(`?q=${encodeURIComponent('{service_name="payment"} |= "declined"')}`);
    await user.click(await screen.findByRole("gridcell", { name: /card declined/ }));
    await user.click(await screen.findByRole("tab", { name: "Context" }));
    expect(page.param("ctx")).toBe("1");
    const around = await screen.findByRole("list", { name: "Lines around" });
    expect(within(around).getAllByRole("listitem").map((item) => item.textContent)).toEqual([expect.stringContaining("the line"), expect.stringContaining("before it")]);
    await user.click(screen.getByRole("button", { name: "50 older lines" }));
    await waitFor(() => expect(within(around).getAllByRole("listitem")).toHaveLength(3));
    expect(screen.getAllByText(/^No (older|newer) lines$/)).toHaveLength(2);
    const context = asked.find((one) => one.pathname.endsWith("/logs/context"));
    expect(context?.searchParams.get("query")).toBe('{service_name="payment"}');
  });

  test("oldest first reads on from the start of the range", async () => {
    const asked = serve({ "/loki/api/v1/query_range": answer });
    open("?sort=old");
    const grid = await screen.findByRole("grid", { name: "Log lines" });
    expect(within(grid).getAllByRole("row")[0]).toHaveTextContent("first line");
    expect(asked.some((one) => one.searchParams.get("direction") === "forward")).toBe(true);
  });
});
