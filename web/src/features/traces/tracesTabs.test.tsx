// @vitest-environment jsdom
import { cleanup, configure, fireEvent, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, describe, expect, test, vi } from "vitest";

// The page loads these when they are wanted; a test is not to wait for that.
import "./BreakdownTab";
import "./CompareTab";
import "./StructureTab";
import { NOW, Refusal, renderPage, serve } from "../../test/renderPage";
import { TracesPage } from "./TracesPage";

const text = (key: string, value: string) => ({ key, value: { stringValue: value } });
const search = {
  traces: [{ traceID: "beef", rootServiceName: "cart", rootTraceName: "GET /cart", startTimeUnixNano: `${NOW - 60_000}000000`, durationMs: 12 }],
  metrics: { totalJobs: 1 },
};

/** What compare() answers: zone b is in all of the selection and in a third of the rest. */
function compared() {
  const one = (kind: string, labels: unknown[], value: number) => ({ labels: [text("__meta_type", kind), ...labels], value });
  return {
    series: [
      one("selection", [text("kind", "server")], 10),
      one("baseline", [text("kind", "server")], 30),
      one("selection_total", [text("kind", "nil")], 10),
      one("baseline_total", [text("kind", "nil")], 30),
      one("selection", [text("resource.cloud.availability_zone", "eu-1b")], 10),
      one("baseline", [text("resource.cloud.availability_zone", "eu-1b")], 10),
      one("baseline", [text("resource.cloud.availability_zone", "eu-1a")], 20),
      one("selection_total", [text("resource.cloud.availability_zone", "nil")], 10),
      one("baseline_total", [text("resource.cloud.availability_zone", "nil")], 30),
    ],
  };
}

const range = (params: URLSearchParams) => {
  const query = params.get("q") ?? "";
  const at = (minutes: number) => String(NOW - minutes * 60_000);
  if (query.includes("histogram_over_time")) {
    const failed = query.includes("status = error");
    return {
      series: [
        { labels: [{ key: "__bucket", value: { doubleValue: 0.016777216 } }], samples: [{ timestampMs: at(30), value: failed ? 0 : 40 }] },
        { labels: [{ key: "__bucket", value: { doubleValue: 2.147483648 } }], samples: [{ timestampMs: at(10), value: failed ? 3 : 4 }] },
      ],
    };
  }
  return { series: [{ labels: [text("resource.service.name", "payment")], samples: [{ timestampMs: at(10), value: 2 }] }] };
};

const total = (params: URLSearchParams) => {
  const query = params.get("q") ?? "";
  if (query.includes("compare(")) return compared();
  if (query.includes("quantile_over_time") && !query.includes("by (")) return { series: [{ labels: [], value: 0.5 }] };
  if (query.includes("by (resource.service.name, name)")) return { series: [{ labels: [text("resource.service.name", "payment"), text("name", "charge")], value: 10 }] };
  // 5 % of 1000 spans took 1.4 s or longer, which is not what the quantile says.
  if (query.includes("| count_over_time()") && !query.includes("by (")) {
    const [, least] = /duration >= (\d+)ns/.exec(query) ?? [];
    return { series: [{ labels: [], value: least === undefined ? 1000 : Number(least) >= 1_400_000_000 ? 10 : Number(least) >= 900_000_000 ? 48 : 300 }] };
  }
  const value = query.includes("quantile_over_time") ? 0.25 : query.includes("status = error") ? 18 : 36;
  return { series: [{ labels: [text("resource.service.name", "payment")], value }, { labels: [text("resource.service.name", "nil")], value: 1 }] };
};

const structure = {
  traces: 4,
  more: true,
  omitted: 0,
  paths: [
    { parent: -1, service: "shop", name: "order", traces: 4, spans: 4, errors: 2, total: "400000000", self: "100000000" },
    { parent: 0, service: "payment", name: "charge", traces: 4, spans: 4, errors: 2, total: "300000000", self: "300000000" },
  ],
};

const answers = {
  "/tempo/api/metrics/query": total,
  "/tempo/api/metrics/query_range": range,
  "/tempo/api/search": search,
  "/tempo/api/v2/search/tag": { tagValues: [{ type: "string", value: "eu-1a" }, { type: "string", value: "eu-1b" }] },
  "/tempo/api/v2/search/tags": { scopes: [{ name: "resource", tags: ["service.name", "cloud.availability_zone"] }, { name: "intrinsic", tags: ["duration", "name"] }] },
  "/oriel/api/v1/traces/structure": structure,
};

// Pages with charts and lazy parts take a while where others use the machine.
configure({ asyncUtilTimeout: 5000 });
vi.setConfig({ testTimeout: 20_000 });

afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

const open = (query = "") => renderPage("/explore/traces", TracesPage, `/explore/traces${query}`);

describe("the main chart", () => {
  test("is of durations first, and what is chosen of the strip is in the link", async () => {
    serve(answers);
    const user = userEvent.setup();
    const page = open();
    expect(await screen.findByRole("button", { name: /Duration p95/ })).toHaveAttribute("aria-pressed", "true");
    expect(await screen.findByRole("application", { name: /Heatmap of the durations of 44 spans/ })).toBeInTheDocument();
    await user.click(screen.getByRole("button", { name: /^Errors/ }));
    await waitFor(() => expect(page.param("red")).toBe("errors"));
    expect(await screen.findByText(/Failed spans per second/)).toBeInTheDocument();
  });

  test("on the page of errors the list is of failed traces, and their share stands beside their rate", async () => {
    const asked = serve(answers);
    open("?red=errors");
    expect(await screen.findByRole("tab", { name: /^Failed traces 1$/ })).toBeInTheDocument();
    expect(asked.some((url) => url.pathname === "/tempo/api/search" && url.searchParams.get("q") === "{ status = error }")).toBe(true);
    expect(await screen.findByRole("button", { name: /^Errors.* · 100.?%/ })).toBeInTheDocument();
  });

  test("single traces can be seen instead", async () => {
    serve(answers);
    const user = userEvent.setup();
    const page = open();
    await user.click(await screen.findByRole("radio", { name: "Single traces" }));
    await waitFor(() => expect(page.param("chart")).toBe("scatter"));
  });

  test("a box is marked by keyboard, and shows at once what its spans have in common", async () => {
    serve(answers);
    const user = userEvent.setup();
    const page = open();
    const heatmap = await screen.findByRole("application");
    heatmap.focus();
    await user.keyboard("{ArrowUp}");
    // The last column's lowest row; up to the highest, and a quarter of an hour to the left.
    for (let i = 0; i < 20; i++) fireEvent.keyDown(heatmap, { key: "ArrowUp", shiftKey: true });
    for (let i = 0; i < 15; i++) fireEvent.keyDown(heatmap, { key: "ArrowLeft", shiftKey: true });
    await user.keyboard("{Enter}");
    await waitFor(() => expect(page.param("sel")).toMatch(/^\d+-\d+,0-$/));
    expect(page.param("tab")).toBe("compare");
    expect(await screen.findByRole("region", { name: "Selection" })).toHaveTextContent(/Selected: spans from/);
    const first = (await screen.findByRole("list", { name: /Attributes/ })).children[0];
    expect(first).toHaveTextContent(/cloud.availability_zone.*in payment charge.*eu-1b.*100.?%.*33.?%/);
  });

  test("what the pointer or the keys are at is told in words", async () => {
    serve(answers);
    const user = userEvent.setup();
    open();
    (await screen.findByRole("application")).focus();
    await user.keyboard("{ArrowUp}");
    expect(screen.getByText(/8.39.ms to 16.8.ms: no spans$/)).toBeInTheDocument();
  });
});

describe("compare", () => {
  const box = `sel=${NOW - 1_200_000}-${NOW},1000000000-`;

  test("sets the box against the rest, operation by operation, and filters by a value", async () => {
    const asked = serve(answers);
    const user = userEvent.setup();
    const page = open(`?tab=compare&${box}`);
    expect(await screen.findByRole("list", { name: "Where it began" })).toHaveTextContent(/100.?% began in payment charge, of whose spans 25.?% are selected/);
    const queries = asked.filter((url) => url.pathname.endsWith("/metrics/query")).map((url) => url.searchParams.get("q"));
    expect(queries).toEqual([
      `{} | compare({ duration >= 1000000000ns }, 50, ${NOW - 1_200_000}000000, ${NOW}000000)`,
      "{ duration >= 1000000000ns } !< { duration >= 1000000000ns } | count_over_time() by (resource.service.name, name)",
      `{ resource.service.name = "payment" && name = "charge" } | compare({ duration >= 1000000000ns }, 50, ${NOW - 1_200_000}000000, ${NOW}000000)`,
    ]);
    await user.click(screen.getByRole("button", { name: "Only resource.cloud.availability_zone = eu-1b" }));
    await waitFor(() => expect(page.param("q")).toBe('{ resource.cloud.availability_zone = "eu-1b" }'));
  });

  test("without a box the slowest are compared, and on the page of errors those that failed", async () => {
    const asked = serve(answers);
    const user = userEvent.setup();
    open("?tab=compare");
    await screen.findByRole("list", { name: /Attributes/ });
    expect(screen.getByRole("radio", { name: "In the box" })).toBeDisabled();
    // The quantile of buckets, 500 ms, is of 30 % of the spans: what is compared is told, and how much of all it is.
    const nanosCompared = asked.map((url) => /compare\(\{ duration >= (\d+)ns \}, 50\)/.exec(url.searchParams.get("q") ?? "")?.[1]).find((nanos) => nanos !== undefined);
    expect(Number(nanosCompared)).toBeGreaterThanOrEqual(900_000_000);
    expect(Number(nanosCompared)).toBeLessThan(1_400_000_000);
    expect(screen.getByText(/or longer, which 4\.8.?% of the spans took, against the rest/)).toBeInTheDocument();
    await user.click(screen.getByRole("radio", { name: "Failed" }));
    await waitFor(() => expect(asked.some((url) => url.searchParams.get("q") === "{} | compare({ status = error }, 50)")).toBe(true));
  });

  test("numbers with more values than are told have histograms of all, and so has the duration of what failed", async () => {
    const number = (key: string, value: number) => ({ key, value: { intValue: String(value) } });
    const one = (kind: string, labels: unknown[], value: number) => ({ labels: [text("__meta_type", kind), ...labels], value });
    const sizes = Array.from({ length: 8 }, (_, i) => one("selection", [number("span.size", 1000 + i)], 1));
    const base = compared().series;
    const asked = serve({
      ...answers,
      "/tempo/api/metrics/query": (params: URLSearchParams) => {
        const query = params.get("q") ?? "";
        if (query.includes("compare(")) return { series: [...base, ...sizes, one("selection_total", [text("span.size", "nil")], 10), one("baseline", [number("span.size", 5)], 3), one("baseline_total", [text("span.size", "nil")], 30)] };
        if (query.includes("histogram_over_time")) {
          const failed = query.includes("status = error");
          return { series: [{ labels: [{ key: "__bucket", value: { doubleValue: 1024 } }], value: failed ? 10 : 12 }, { labels: [{ key: "__bucket", value: { doubleValue: 8 } }], value: failed ? 0 : 28 }] };
        }
        return total(params);
      },
    });
    open("?tab=compare&of=failed");
    expect(await screen.findAllByRole("img", { name: /^Values from 4 to .*: the selection's above, most often 512 to .*, the rest below, most often 4 to 8$/ })).toHaveLength(1);
    expect(asked.some((url) => url.searchParams.get("q")?.endsWith("| histogram_over_time(span.size)"))).toBe(true);
    expect(asked.some((url) => url.searchParams.get("q") === "{ status = error } | histogram_over_time(duration)")).toBe(true);
  });

  test("nothing to compare with is said", async () => {
    serve({ ...answers, "/tempo/api/metrics/query": { series: [] } });
    open("?tab=compare&of=failed");
    expect(await screen.findByText("No such spans in this range")).toBeInTheDocument();
  });

  test("a refusal is shown in the server's words", async () => {
    serve({ ...answers, "/tempo/api/metrics/query": new Refusal(400, "metrics query time range exceeds 24h") });
    open("?tab=compare&of=failed");
    expect(await screen.findByText("metrics query time range exceeds 24h")).toBeInTheDocument();
  });
});

describe("the other tabs", () => {
  test("a breakdown has rate, failed share and p95 by value, and filters by it", async () => {
    serve(answers);
    const user = userEvent.setup();
    const page = open("?tab=breakdown");
    const table = await screen.findByRole("table", { name: "Spans by resource.service.name" });
    const rows = within(table).getAllByRole("row").slice(1);
    expect(rows).toHaveLength(1);
    expect(rows[0]).toHaveTextContent(/^payment0.01.spans\/s● 50.?%250.ms/);
    await user.click(within(table).getByRole("button", { name: "Without resource.service.name = payment" }));
    await waitFor(() => expect(page.param("q")).toBe('{ resource.service.name != "payment" }'));
  });

  test("another attribute to break down by is in the link", async () => {
    serve(answers);
    const user = userEvent.setup();
    const page = open("?tab=breakdown");
    await screen.findByRole("table", { name: "Spans by resource.service.name" });
    const by = screen.getByRole("combobox", { name: "Break down by" });
    await user.click(by);
    await user.click(await screen.findByRole("option", { name: "resource.cloud.availability_zone" }));
    await waitFor(() => expect(page.param("by")).toBe("resource.cloud.availability_zone"));
  });

  test("the structure says where time and errors are from, folds, and leads to an operation", async () => {
    const asked = serve(answers);
    const user = userEvent.setup();
    const page = open("?tab=structure");
    const grid = await screen.findByRole("treegrid", { name: "Operations of the traces" });
    expect(screen.getByText(/The newest 4 of more traces/)).toBeInTheDocument();
    expect(asked.find((url) => url.pathname.endsWith("/structure"))?.searchParams.get("query")).toBe("{}");
    expect(within(grid).getAllByRole("row")[2]).toHaveTextContent(/payment charge100.?%175.?% · 75.ms per trace50.?% · 2, 2 began here75.ms/);
    await user.click(within(grid).getByRole("button", { name: "Fold shop order" }));
    expect(within(grid).getAllByRole("row")).toHaveLength(2);
    await user.click(within(grid).getByRole("button", { name: "shop order" }));
    await waitFor(() => expect(page.param("q")).toBe('{ resource.service.name = "shop" && name = "order" }'));
  });

  test("a selection narrows the traces and the structure", async () => {
    const asked = serve(answers);
    open(`?tab=structure&sel=${NOW - 1_200_000}-${NOW},1000000000-`);
    await screen.findByRole("treegrid", { name: "Operations of the traces" });
    const structureAsked = asked.find((url) => url.pathname.endsWith("/structure"))!;
    expect(structureAsked.searchParams.get("query")).toBe("{ duration >= 1000000000ns }");
    expect(structureAsked.searchParams.get("start")).toBe(`${NOW - 1_200_000}000000`);
    await waitFor(() => expect(asked.some((url) => url.pathname.endsWith("/search") && url.searchParams.get("q") === "{ duration >= 1000000000ns }")).toBe(true));
  });
});

describe("the builder", () => {
  test("adds a condition on any attribute, with the values there are", async () => {
    serve(answers);
    const user = userEvent.setup();
    const page = open();
    await user.click(within(await screen.findByRole("group", { name: "Builder" })).getByRole("button", { name: "Condition" }));
    await user.click(await screen.findByRole("menuitem", { name: "Attribute" }));
    const field = await screen.findByLabelText("Field", { selector: "input" });
    await user.clear(field);
    await user.type(field, "resource.cloud.availability_zone{Enter}");
    await user.type(screen.getByLabelText("Value of resource.cloud.availability_zone", { selector: "input" }), "eu-1b{Enter}");
    await waitFor(() => expect(page.param("q")).toBe('{ resource.cloud.availability_zone = "eu-1b" }'));
  });

  test("narrows to root spans and by both ends of durations, and shows them again", async () => {
    serve(answers);
    const user = userEvent.setup();
    const page = open("?q=%7B%20duration%20%3C%202s%20%7D");
    expect(await screen.findByRole("textbox", { name: "Maximum duration" })).toHaveValue("2s");
    await user.click(screen.getByRole("radio", { name: "root spans" }));
    await waitFor(() => expect(page.param("q")).toBe("{ duration < 2s && nestedSetParent < 0 }"));
    expect(await screen.findByRole("radio", { name: "root spans" })).toBeChecked();
    expect(screen.queryByRole("button", { name: /^Remove/ })).not.toBeInTheDocument();
  });
});

test("traces are there while the search goes on", async () => {
  serve(answers);
  let finish = () => {};
  const lines = new ReadableStream<Uint8Array>({
    start: (stream) => {
      const put = (doc: unknown) => stream.enqueue(new TextEncoder().encode(`${JSON.stringify(doc)}\n`));
      put({ traces: search.traces, metrics: {} });
      finish = () => {
        put({ traces: [...search.traces, { traceID: "cafe", rootServiceName: "shop", rootTraceName: "POST /orders", startTimeUnixNano: `${NOW - 90_000}000000`, durationMs: 80 }], metrics: { totalJobs: 1 } });
        stream.close();
      };
    },
  });
  const others = globalThis.fetch;
  vi.stubGlobal("fetch", async (input: RequestInfo | URL, init?: RequestInit) => (String(input).includes("/api/search?") ? new Response(lines) : others(input, init)));
  open();
  expect(await screen.findByText("1 found so far")).toBeInTheDocument();
  expect(screen.getByText("GET /cart")).toBeInTheDocument();
  finish();
  expect(await screen.findByText("2 traces")).toBeInTheDocument();
  expect(screen.getByText("POST /orders")).toBeInTheDocument();
});
