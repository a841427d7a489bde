// @vitest-environment jsdom
import { cleanup, configure, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, describe, expect, test, vi } from "vitest";

import { NOW, Refusal, renderPage, serve, type Answers } from "../../test/renderPage";
import { MapPage } from "./MapPage";
import { ServicePage } from "./ServicePage";
import { ServicesPage } from "./ServicesPage";

const at = NOW / 1000;
const nano = (secondsAgo: number) => `${NOW - secondsAgo * 1000}000000`;
const red = (calls: number, errors: number, p95: number | null = 0.12) => ({
  calls,
  errors,
  rate: calls / 3600,
  errorRatio: calls === 0 ? 0 : errors / calls,
  p50: p95 === null ? null : p95 / 2,
  p95,
  p99: p95 === null ? null : p95 * 2,
  mean: p95 === null ? null : p95 / 2,
  apdex: p95 === null ? null : 0.914,
});
const services = {
  services: [
    { name: "shop", entry: true, ...red(36_000, 0) },
    { name: "payment", entry: true, ...red(3600, 360, 1.9) },
    { name: "nightly/job", entry: false, ...red(36, 0, null) },
  ],
};
const edges = [
  { client: "user", server: "shop", type: "virtual_node", ...red(36_000, 0) },
  { client: "shop", server: "payment", type: "", ...red(3600, 360, 1.9) },
  { client: "payment", server: "postgresql", type: "database", ...red(7200, 0) },
];
const nodes = [
  { name: "payment", type: "service" },
  { name: "postgresql", type: "database" },
  { name: "shop", type: "service" },
  { name: "user", type: "virtual_node" },
];
const traceId = "5fe036b08b3b0ed54b7de54cf222cee1";
const group = {
  service: "payment",
  operation: "POST /charge",
  type: "java.net.SocketTimeoutException",
  message: "bank did not answer within <_>s",
  example: "bank did not answer within 2s",
  at: "Bank.charge",
  count: 13,
  first: nano(600),
  last: nano(60),
  traces: [traceId],
  trend: [0, 1, 12],
};
const profile = (name: string, more: object = {}) => ({
  name,
  spans: true,
  logs: true,
  namespaces: ["shop"],
  environments: [],
  languages: ["go"],
  versions: ["1.9.1", "1.9.2"],
  instances: 2,
  pods: [`${name}-1`],
  hosts: [],
  ...more,
});
const profiles = [profile("shop"), profile("payment", { namespaces: ["bank"] }), profile("quiet", { spans: false, languages: [], versions: [], instances: 0, namespaces: [] })];
const alert = {
  labels: { alertname: "PaymentSlow", service: "payment", severity: "warning" },
  annotations: { summary: "payments take long" },
  state: "firing",
  activeAt: new Date(NOW - 900_000).toISOString(),
  value: "2",
};
const slo = { name: "payment-availability", service: "payment", objective: 99.9, window: "30d", indicator: {}, good: 0.995, errors: {}, budgetRemaining: -4, burnRate: 5, exhaustion: { state: "exhausted" }, editable: true, file: "" };
const board = (uid: string, title: string, variables: string[]) => ({ uid, title, variables });
const lines = {
  status: "success",
  data: { resultType: "streams", result: [{ stream: { service_name: "payment" }, values: [[nano(60), "bank is slow", { structuredMetadata: { trace_id: traceId } }]] }] },
};
const matrix = (params: URLSearchParams) => ({
  status: "success",
  data: {
    resultType: "matrix",
    result: (params.get("query") ?? "").startsWith("sum by (status_code)")
      ? [
          { metric: { status_code: "STATUS_CODE_UNSET" }, values: [[at, "0.9"]] },
          { metric: { status_code: "STATUS_CODE_ERROR" }, values: [[at, "0.1"]] },
        ]
      : [],
  },
});
const whole: Answers = {
  "/oriel/api/v1/services": services,
  "/oriel/api/v1/services/map": (params: URLSearchParams) => {
    const name = params.get("service");
    return { nodes, edges: name ? edges.filter((edge) => edge.client === name || edge.server === name) : edges };
  },
  "/oriel/api/v1/services/operations": { operations: [{ name: "POST /charge", kind: "server", ...red(3600, 360, 1.9) }] },
  "/oriel/api/v1/services/errors": { groups: [group], partial: false },
  "/oriel/api/v1/services/profiles": (params: URLSearchParams) => ({ profiles: profiles.filter(({ name }) => (params.get("service") ?? name) === name) }),
  "/oriel/api/v1/services/deploys": { deploys: [{ service: "payment", version: "1.9.2", previous: "1.9.1", time: nano(900) }] },
  "/oriel/api/v1/correlate": {
    services: ["payment"],
    logs: { query: '{service_name="payment"}', count: 250, levels: { info: 237, error: 13 }, lines: [{ time: nano(60), line: "bank is slow", level: "error" }] },
    metrics: [{ service: "payment", selectors: ['{job=~"(.+/)?payment"}'], names: ["up"] }],
    traces: [],
  },
  "/api/v1/query_range": matrix,
  "/api/v1/alerts": { status: "success", data: { alerts: [alert, { ...alert, labels: { alertname: "Other", service: "shop" } }] } },
  "/oriel/api/v1/alerts/history": { changes: [] },
  "/oriel/api/v1/slos": { slos: [slo, { ...slo, name: "other", service: "shop" }] },
  "/oriel/api/v1/dashboards": { dashboards: [board("red", "RED of services", ["service"]), board("jobs", "Jobs", ["job"])] },
  "/oriel/api/v1/correlations": { version: 0, rules: [], off: [] },
  "/loki/api/v1/query_range": (params: URLSearchParams) => ((params.get("query") ?? "").startsWith("{") ? lines : { status: "success", data: { resultType: "matrix", result: [] } }),
  "/loki/api/v1/patterns": { data: [{ pattern: "bank <_> did not answer", level: "error", samples: [[at - 60, 12], [at, 1]] }] },
  "/tempo/api/search": { traces: [{ traceID: traceId, rootServiceName: "shop", rootTraceName: "POST /orders", startTimeUnixNano: nano(60), durationMs: 2100, serviceStats: { shop: { spanCount: 3 }, payment: { spanCount: 2, errorCount: 1 } } }] },
};
const text = (element: HTMLElement) => element.textContent?.replaceAll("\u202f", " ") ?? "";
const rowsOf = async (name: string) => (await within(await screen.findByRole("table", { name })).findAllByRole("row")).slice(1);
const queryOf = (link: HTMLElement, param = "q") => new URL(link.getAttribute("href") ?? "", "http://x").searchParams.get(param);

// Pages of many parts take their time on a busy machine.
configure({ asyncUtilTimeout: 4000 });

afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

describe("ServicesPage", () => {
  const open = (query = "") => renderPage("/services", ServicesPage, `/services${query}`);

  test("lists services with their numbers, the busiest first", async () => {
    const asked = serve(whole);
    open();
    expect((await rowsOf("Services")).map(text)).toEqual([
      "shopgo1.9.1, 1.9.22110 /s0 %60 ms120 ms240 ms0.91",
      "paymentgo1.9.1, 1.9.2211 /s10 %950 ms1.9 s3.8 s0.91",
      "nightly/job–––00.01 /s0 %––––",
      "quiet–––0––––––",
    ]);
    const list = asked.find((one) => one.pathname === "/oriel/api/v1/services");
    expect([list?.searchParams.get("start"), list?.searchParams.get("end")]).toEqual([nano(3600), nano(0)]);
  });

  test("keeps order and search in the link", async () => {
    serve(whole);
    const user = userEvent.setup();
    const page = open();
    await rowsOf("Services");
    await user.click(screen.getByRole("button", { name: "Failed" }));
    await waitFor(() => expect(page.param("sort")).toBe("-errors"));
    expect(text((await rowsOf("Services"))[0]!)).toContain("payment");
    await user.type(screen.getByRole("textbox", { name: "Find a service" }), "JOB");
    expect((await rowsOf("Services")).map(text)).toEqual([expect.stringContaining("nightly/job")]);
    expect(page.param("q")).toBe("JOB");
    expect(screen.getByRole("heading", { name: "1 of 4 services" })).toBeInTheDocument();
    await user.type(screen.getByRole("textbox", { name: "Find a service" }), "!");
    expect(await screen.findByText("No service's name contains “JOB!”")).toBeInTheDocument();
  });

  test("Enter on a row opens its service, whatever is in the name", async () => {
    serve(whole);
    const user = userEvent.setup();
    const page = open();
    (await rowsOf("Services"))[2]!.focus();
    await user.keyboard("{Enter}");
    await waitFor(() => expect(page.path()).toBe("/services/nightly%2Fjob"));
  });

  test("columns are chosen, and the choice is kept", async () => {
    serve(whole);
    const user = userEvent.setup();
    open();
    await rowsOf("Services");
    expect(screen.queryByRole("columnheader", { name: "Namespace" })).not.toBeInTheDocument();
    await user.click(screen.getByRole("button", { name: "Columns" }));
    await user.click(await screen.findByRole("switch", { name: "Namespace" }));
    await user.click(screen.getByRole("switch", { name: "p50" }));
    expect(screen.getByRole("columnheader", { name: "Namespace" })).toBeInTheDocument();
    expect(screen.queryByRole("columnheader", { name: "p50" })).not.toBeInTheDocument();
    cleanup();
    open();
    await rowsOf("Services");
    expect(screen.getByRole("columnheader", { name: "Namespace" })).toBeInTheDocument();
    localStorage.clear();
  });

  test("narrows to a namespace", async () => {
    serve(whole);
    open("?ns=bank");
    expect((await rowsOf("Services")).map(text)).toEqual([expect.stringContaining("payment")]);
    expect(screen.getByRole("heading", { name: "1 of 4 services" })).toBeInTheDocument();
  });

  test("without spans says how to send some", async () => {
    serve({ ...whole, "/oriel/api/v1/services": { services: [] }, "/oriel/api/v1/services/profiles": { profiles: [] } });
    open();
    expect(await screen.findByText("No spans in this range")).toBeInTheDocument();
    expect(screen.getByText(/gRPC on port 4317/)).toBeInTheDocument();
  });

  test("a refusal is said in the server's words and can be tried again", async () => {
    serve({ ...whole, "/oriel/api/v1/services": new Refusal(503, '{"error":"metrics are starting"}') });
    open();
    expect(await screen.findByRole("alert")).toHaveTextContent("metrics are starting");
    serve(whole);
    await userEvent.setup().click(screen.getByRole("button", { name: "Try again" }));
    expect(await rowsOf("Services")).toHaveLength(4);
  });

  test("without profiles the numbers are there all the same", async () => {
    serve({ ...whole, "/oriel/api/v1/services/profiles": new Refusal(500, '{"error":"disk is full"}') });
    open();
    expect(await rowsOf("Services")).toHaveLength(3);
    expect(screen.getByRole("note")).toHaveTextContent("are not known: disk is full");
  });
});

describe("ServicePage", () => {
  const open = (name = "payment", query = "") => renderPage("/services/$name", ServicePage, `/services/${encodeURIComponent(name)}${query}`);

  test("tells how a service does, and when versions began", async () => {
    serve(whole);
    open();
    expect(text(await screen.findByRole("group", { name: "Failed" }))).toBe("Failed10 %360 of them");
    expect(text(screen.getByRole("group", { name: "p95" }))).toContain("1.9 s");
    expect(await screen.findByRole("img", { name: "Calls: 2 series" })).toBeInTheDocument();
    expect(screen.getByRole("button", { name: "failed" })).toBeInTheDocument();
    expect(text(await screen.findByRole("list", { name: "Versions that began" }))).toBe("1.9.2 from 2024-11-22 01:45:00, after 1.9.1");
  });

  test("every chart and every kind of evidence has its way, with the query in it", async () => {
    serve(whole);
    open();
    const nav = await screen.findByRole("navigation", { name: "Evidence" });
    expect(queryOf(within(nav).getByRole("link", { name: "Logs" }))).toBe('{service_name="payment"}');
    expect(queryOf(within(nav).getByRole("link", { name: "Failed traces" }))).toBe('{ resource.service.name = "payment" && status = error }');
    expect(queryOf(within(nav).getByRole("link", { name: "Map around it" }), "focus")).toBe("payment");
    expect(queryOf(within(nav).getByRole("link", { name: "New objective" }), "slo")).toBe("payment");
    const explore = await screen.findAllByRole("link", { name: "Explore" });
    expect(explore.map((link) => queryOf(link))).toEqual([
      expect.stringMatching(/^sum by \(status_code\) \(rate\(traces_spanmetrics_calls_total\{service="payment", span_kind=~"[A-Z_|]+"\}\[\$__rate_interval\]\)\)$/),
      expect.stringContaining('status_code="STATUS_CODE_ERROR"'),
      expect.stringContaining("histogram_quantile(0.99, sum(rate(traces_spanmetrics_latency{"),
    ]);
  });

  test("says what it is", async () => {
    serve(whole);
    open();
    expect(text(await screen.findByLabelText("About it"))).toBe("in bankwritten in goversions 1.9.1, 1.9.22 instances");
  });

  test("lists operations with their impact and the way to their traces", async () => {
    serve(whole);
    open("payment", "?tab=operations");
    const [operation] = await rowsOf("Operations");
    expect(text(operation!)).toMatch(/^POST \/chargeserver100\.?0? %1 \/s10 %/);
    expect(queryOf(within(operation!).getByRole("link"))).toBe('{ resource.service.name = "payment" && name = "POST /charge" && kind = server }');
  });

  test("tells at a glance what it waits for", async () => {
    serve(whole);
    open();
    const [called] = await rowsOf("Downstream");
    // Two calls of 60 ms for each that takes 950 ms.
    expect(text(called!)).toMatch(/^postgresql \(database\)12\.6 %120 ms/);
  });

  test("tabs are in the link, and reached by keyboard", async () => {
    serve(whole);
    const user = userEvent.setup();
    const page = open();
    (await screen.findByRole("tab", { name: "Summary" })).focus();
    await user.keyboard("{ArrowRight}{Enter}");
    expect(page.param("tab")).toBe("operations");
  });

  test("shows its lines, those of errors, and what else tells of one", async () => {
    const asked = serve(whole);
    const user = userEvent.setup();
    open("payment", "?tab=logs");
    await user.click(await screen.findByText("bank is slow"));
    const line = await screen.findByRole("complementary", { name: "The line" });
    expect(within(line).getByRole("link", { name: `Trace ${traceId.slice(0, 8)}` })).toHaveAttribute("href", `/trace/${traceId}`);
    await user.click(screen.getByText("Errors", { selector: "label *" }));
    await user.type(screen.getByRole("textbox", { name: "Find in the lines" }), "a.b");
    const query = '{service_name="payment"} |~ "(?i)a\\\\.b" | detected_level=~"error|fatal|critical"';
    await waitFor(() => expect(asked.some((one) => one.pathname.startsWith("/loki") && one.searchParams.get("query") === query)).toBe(true));
    expect(screen.getAllByRole("link", { name: "Open in Logs" }).map((link) => queryOf(link))).toContain(query);
  });

  test("shows its traces, and those that failed or were slow", async () => {
    const asked = serve(whole);
    const user = userEvent.setup();
    const page = open("payment", "?tab=traces");
    const [trace] = await rowsOf("Traces");
    expect(text(trace!)).toMatch(/shopPOST \/orders2\.1 s51$/);
    await user.click(screen.getByText(/^Slower than/));
    await waitFor(() => expect(asked.findLast((one) => one.pathname.startsWith("/tempo"))?.searchParams.get("q")).toBe('{ resource.service.name = "payment" && duration > 1900ms }'));
    await user.click((await rowsOf("Traces"))[0]!);
    await waitFor(() => expect(page.path()).toBe(`/trace/${traceId}`));
  });

  test("has its own alerts and objectives", async () => {
    serve(whole);
    open("payment", "?tab=alerts");
    const alerts = await screen.findByRole("list", { name: "Alerts" });
    expect(within(alerts).getAllByRole("listitem")).toHaveLength(1);
    expect(alerts).toHaveTextContent("PaymentSlow");
    expect(within(alerts).getByRole("link", { name: "PaymentSlow" })).toHaveAttribute("href", expect.stringContaining("filter=PaymentSlow"));
    const objectives = await screen.findByRole("list", { name: "Objectives" });
    expect(objectives).toHaveTextContent(/exhausted.*payment-availability/);
    expect(screen.getByRole("tab", { name: "Alerts (1)" })).toBeInTheDocument();
  });

  test("has the dashboards that choose among services, set to it", async () => {
    serve(whole);
    open("payment", "?tab=dashboards");
    const list = await screen.findByRole("list", { name: "Dashboards" });
    expect(within(list).getByRole("link", { name: "RED of services" })).toHaveAttribute("href", "/d/red?var-service=payment");
    expect(within(list).getByRole("link", { name: "Jobs" })).toHaveAttribute("href", "/d/jobs?var-job=payment");
  });

  test("has what it runs on, each chart with its query", async () => {
    serve(whole);
    open("payment", "?tab=infra");
    expect(await screen.findByRole("heading", { name: "CPU, in cores" })).toBeInTheDocument();
    const explore = screen.getAllByRole("link", { name: "Explore" });
    expect(queryOf(explore[0]!)).toContain('container_cpu_usage_seconds_total{pod=~"payment-1"');
    expect(within(await screen.findByRole("list", { name: "Its metrics" })).getByRole("link", { name: "up" })).toBeInTheDocument();
  });

  test("lists callers and called", async () => {
    serve(whole);
    open("payment", "?tab=dependencies");
    const [caller] = await rowsOf("Called by");
    expect(within(caller!).getByRole("link", { name: "shop" })).toHaveAttribute("href", "/services/shop");
    const [called] = await rowsOf("Calls");
    expect(text(called!)).toMatch(/^postgresqldatabase2 \/s0 %/);
    expect(within(called!).queryByRole("link")).not.toBeInTheDocument();
  });

  test("lists errors with what they are and a trace", async () => {
    serve({ ...whole, "/oriel/api/v1/services/errors": { groups: [group], partial: true } });
    open();
    const list = await screen.findByRole("list", { name: "Errors" });
    expect(list).toHaveTextContent(/^13×java.net.SocketTimeoutExceptionbank did not answer within <_>sfirst 01:50:00, last .* agoin POST \/chargeBank.charge5fe036b0$/);
    expect(queryOf(within(list).getByRole("link", { name: "POST /charge" }))).toBe('{ resource.service.name = "payment" && name = "POST /charge" && status = error }');
    expect(within(list).getByRole("link", { name: `Trace ${traceId.slice(0, 8)}` })).toHaveAttribute("href", `/trace/${traceId}`);
    expect(screen.getByRole("note")).toHaveTextContent("only the newest are counted");
  });

  test("of a service that answers no calls looks at all its spans", async () => {
    const asked = serve(whole);
    open("nightly/job");
    expect(text(await screen.findByRole("group", { name: "Calls" }))).toContain("36 spans: it answers no calls");
    const chart = asked.findLast((one) => one.searchParams.get("query")?.startsWith("sum by (status_code)"));
    expect(chart?.searchParams.get("query")).toContain('{service="nightly/job"}');
  });

  test("of a service with logs alone still has them", async () => {
    serve({ ...whole, "/oriel/api/v1/services": { services: [] } });
    open();
    expect(await screen.findByText(/^No spans of payment in this range/)).toBeInTheDocument();
    expect(screen.getByRole("region", { name: "Log lines" })).toBeInTheDocument();
    expect(await screen.findByText("bank is slow", { exact: false })).toBeInTheDocument();
    expect(screen.getByText(/250 lines: 237 info, 13 error/)).toBeInTheDocument();
  });

  test("of a service with logs alone says what its error lines are, and offers no way that leads to nothing", async () => {
    serve({ ...whole, "/oriel/api/v1/services": { services: [] } });
    open("quiet");
    const shapes = await screen.findByRole("list", { name: "Shapes of error lines" });
    expect(text(shapes)).toMatch(/^13×bank <_> did not answerfirst/);
    expect(queryOf(within(shapes).getByRole("link"))).toBe('{service_name="quiet"} |> "bank <_> did not answer" | detected_level=~"error|fatal|critical"');
    const nav = screen.getByRole("navigation", { name: "Evidence" });
    expect(within(nav).getAllByRole("link").map((link) => link.textContent)).toEqual(["Logs", "Error logs", "New objective"]);
  });

  test("of a name that nobody has says who may be meant", async () => {
    serve({ ...whole, "/oriel/api/v1/services/profiles": { profiles: [] } });
    open("paymnt");
    expect(await screen.findByText(/Nobody called paymnt sent spans or log lines in this range/)).toBeInTheDocument();
    expect(screen.getByRole("link", { name: "payment" })).toHaveAttribute("href", expect.stringMatching(/^\/services\/payment/));
    expect(screen.getByRole("button", { name: "Last 6 h" })).toBeInTheDocument();
  });

  test("what is chosen in its lists is in the link", async () => {
    const asked = serve(whole);
    open("payment", "?tab=logs&lines=errors&find=bank");
    expect(await screen.findByRole("textbox", { name: "Find in the lines" })).toHaveValue("bank");
    await waitFor(() => expect(asked.some((one) => one.searchParams.get("query") === '{service_name="payment"} |~ "(?i)bank" | detected_level=~"error|fatal|critical"')).toBe(true));
  });

  test("a series of its charts leads to what else is told at the time of its peak", async () => {
    serve(whole);
    open();
    await userEvent.click(await screen.findByRole("button", { name: "More about Calls: failed" }));
    const item = await screen.findByRole("menuitem", { name: "Failed traces at this time" });
    expect(queryOf(item)).toBe('{ resource.service.name = "payment" && status = error }');
  });

  test("an operation leads to its failed traces and its metrics", async () => {
    serve(whole);
    open("payment", "?tab=operations");
    await userEvent.click(await screen.findByRole("button", { name: "More about POST /charge" }));
    expect(queryOf(await screen.findByRole("menuitem", { name: "Failed traces of this operation" }))).toBe('{ resource.service.name = "payment" && name = "POST /charge" && status = error }');
    expect(screen.getByRole("menuitem", { name: "Rate, errors and duration of this operation" })).toBeInTheDocument();
  });

  test("one part that fails leaves the others", async () => {
    serve({ ...whole, "/oriel/api/v1/services/errors": new Refusal(500, '{"error":"part 7 cannot be read"}'), "/oriel/api/v1/services/deploys": new Refusal(500, '{"error":"disk is full"}') });
    open();
    expect(await screen.findByRole("note")).toHaveTextContent("When versions began is not known: disk is full");
    expect(await screen.findByText("part 7 cannot be read")).toBeInTheDocument();
    expect(await rowsOf("Operations")).toHaveLength(1);
  });
});

describe("MapPage", () => {
  const open = (query = "") => renderPage("/services/map", MapPage, `/services/map${query}`);

  test("says of each node what it does, and opens a service", async () => {
    serve(whole);
    const user = userEvent.setup();
    const page = open();
    const map = await screen.findByRole("group", { name: /^Map of 5 nodes and 3 connections/ });
    expect(within(map).getByRole("img", { name: /^postgresql \(database\): 2\s\/s, 0\s% failed$/ })).toBeInTheDocument();
    expect(within(map).getByRole("img", { name: "user (no spans)" })).toBeInTheDocument();
    await user.click(within(map).getByRole("link", { name: /^payment: 1\s\/s, 10\s% failed$/ }));
    await waitFor(() => expect(page.path()).toBe("/services/payment"));
  });

  test("a node has the menu of what else tells of it, by keyboard too", async () => {
    serve(whole);
    open();
    (await screen.findByRole("button", { name: "More about payment" })).focus();
    await userEvent.keyboard("{Enter}");
    expect(queryOf(await screen.findByRole("menuitem", { name: "Error logs" }))).toBe('{service_name="payment"} | detected_level=~"error|fatal|critical"');
  });

  test("under the focus a node tells its neighbours", async () => {
    serve(whole);
    open();
    (await screen.findByRole("link", { name: /^payment/ })).focus();
    expect(await screen.findByText(/called by shop · calls postgresql$/)).toBeInTheDocument();
  });

  test("says when it is of some traces alone", async () => {
    serve({ ...whole, "/oriel/api/v1/services/map": { nodes, edges, fromTraces: 200 } });
    open();
    expect(await screen.findByText(/^No metrics tell of calls in this range: .* of the newest 200 traces/)).toBeInTheDocument();
  });

  test("is drawn larger and smaller", async () => {
    serve(whole);
    const user = userEvent.setup();
    open();
    const map = await screen.findByRole("group", { name: /^Map of/ });
    const width = () => Number(map.getAttribute("width"));
    const before = width();
    await user.click(screen.getByRole("button", { name: "Larger" }));
    expect(width()).toBeCloseTo(before * 1.25);
    await user.click(screen.getByRole("button", { name: "Smaller" }));
    await user.click(screen.getByRole("button", { name: "Smaller" }));
    expect(width()).toBeLessThan(before);
    await user.click(screen.getByRole("button", { name: "Fit" }));
    expect(width()).toBe(before);
  });

  test("has the same as a table", async () => {
    serve(whole);
    const user = userEvent.setup();
    const page = open();
    await user.click(await screen.findByText("Table"));
    expect((await rowsOf("Calls between services")).map(text)).toEqual([
      expect.stringMatching(/^usershopno spans10 \/s0 %/),
      expect.stringMatching(/^paymentpostgresqldatabase2 \/s0 %/),
      expect.stringMatching(/^shoppaymentcall1 \/s10 %/),
    ]);
    expect(page.param("view")).toBe("table");
  });

  test("is drawn around a service, as far as is asked for", async () => {
    serve(whole);
    const user = userEvent.setup();
    const page = open("?focus=postgresql&hops=1");
    expect(await screen.findByRole("group", { name: /^Map of 2 nodes and 1 connection;/ })).toBeInTheDocument();
    await user.click(screen.getByText("2 calls"));
    expect(await screen.findByRole("group", { name: /^Map of 3 nodes and 2 connections;/ })).toBeInTheDocument();
    await user.type(screen.getByRole("textbox", { name: "Find on the map" }), "pay");
    expect(document.querySelector("[data-found]")).toHaveAttribute("data-node", "payment");
    await user.click(screen.getByText("Only around shop"));
    expect(page.param("focus")).toBe("shop");
  });

  test("has a node for each namespace, which opens", async () => {
    serve({ ...whole, "/oriel/api/v1/services/profiles": { profiles: [profile("shop"), profile("payment")] } });
    const user = userEvent.setup();
    const page = open();
    await user.click(await screen.findByText("Namespaces"));
    const map = await screen.findByRole("group", { name: /^Map of 4 nodes/ });
    expect(screen.getByRole("heading", { name: "4 nodes for 5, 2 connections" })).toBeInTheDocument();
    const namespace = within(map).getByRole("button", { name: /Show its services/ });
    expect(namespace.querySelector("title")).toHaveTextContent(/^shop \(namespace of 2 services\)/);
    namespace.focus();
    await user.keyboard("{Enter}");
    expect(await screen.findByRole("group", { name: /^Map of 5 nodes/ })).toBeInTheDocument();
    expect(page.param("open")).toBe("shop");
  });

  test("groups many services without being asked", async () => {
    const many = Array.from({ length: 90 }, (_, i) => `s${i}`);
    serve({
      ...whole,
      "/oriel/api/v1/services": { services: many.map((name) => ({ name, entry: true, ...red(3600, 0) })) },
      "/oriel/api/v1/services/map": { nodes: [], edges: [] },
      "/oriel/api/v1/services/profiles": { profiles: many.map((name, i) => profile(name, { namespaces: [`n${i % 3}`] })) },
    });
    open();
    expect(await screen.findByRole("group", { name: /^Map of 3 nodes/ })).toBeInTheDocument();
  });

  test("narrows to a service and its neighbours", async () => {
    serve(whole);
    open("?q=postg");
    expect(await screen.findByRole("group", { name: /^Map of 2 nodes and 1 connection;/ })).toBeInTheDocument();
    cleanup();
    open("?q=nothing");
    expect(await screen.findByText("No service's name contains “nothing”")).toBeInTheDocument();
  });

  test("without spans says how to send some, and what failed if it did", async () => {
    serve({ ...whole, "/oriel/api/v1/services": { services: [] }, "/oriel/api/v1/services/map": { nodes: [], edges: [] }, "/oriel/api/v1/services/profiles": { profiles: [] } });
    open();
    expect(await screen.findByText("No spans in this range")).toBeInTheDocument();
    cleanup();
    serve({ ...whole, "/oriel/api/v1/services/map": new Refusal(504, '{"error":"took too long"}') });
    open();
    expect(await screen.findByRole("alert")).toHaveTextContent("took too long");
  });
});
