// @vitest-environment jsdom
import { act, cleanup, configure, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, describe, expect, test, vi } from "vitest";

import { announced } from "../../components/announce";
import { NOW, Refusal, renderPage, serve, type Answers } from "../../test/renderPage";
import { OverviewPage } from "./OverviewPage";

// Its table comes by itself, and later on a machine that is busy.
configure({ asyncUtilTimeout: 5000 });

const at = NOW / 1000;
const matrix = (result: [labels: Record<string, string>, value: string][]) => ({
  status: "success",
  data: { resultType: "matrix", result: result.map(([metric, value]) => ({ metric, values: [[at, value]] })) },
});
const nothing = matrix([]);

/** Answers of a shop in trouble. */
const prom = (params: URLSearchParams): unknown => {
  const query = params.get("query") ?? "";
  if (query.includes("oriel_ingest_rows_total")) return matrix([[{ signal: "logs" }, "12.5"], [{ signal: "spans" }, "30"]]);
  if (query.startsWith("process_resident_memory")) return matrix([[{ job: "oriel" }, "104857600"]]);
  if (query.startsWith("histogram_quantile")) return matrix([[{ job: "shop/payment" }, "0.84"]]);
  if (query.includes('http_response_status_code=~"5.."')) return matrix([[{ job: "shop/payment" }, "2"]]);
  if (query.includes("http_server_request_duration_seconds_count")) return matrix([[{ job: "shop/payment" }, "20"], [{ job: "shop/cart" }, "5"]]);
  return nothing;
};
const loki = (params: URLSearchParams): unknown => {
  const query = params.get("query") ?? "";
  if (query.startsWith("{")) {
    return {
      data: {
        resultType: "streams",
        result: [{ stream: { service_name: "payment" }, values: [[`${NOW - 1000}000000`, '{"msg":"card declined","order":1}', { structuredMetadata: { trace_id: "4bf92f3577b34da6a3ce929d0e0e4736" } }]] }],
      },
    };
  }
  return matrix([[{ service_name: "payment" }, query.includes("detected_level") ? "41" : "600"]]);
};
const alerts = {
  status: "success",
  data: { alerts: [{ labels: { alertname: "HighErrorRatio", job: "shop/payment", severity: "critical" }, annotations: { summary: "payment fails" }, state: "firing", activeAt: "2024-11-22T01:48:00Z", value: "1" }] },
};
const whole: Answers = {
  "/api/v1/query": { status: "success", data: { resultType: "vector", result: [{ metric: { protocol: "loki", reason: "too_old" }, value: [at, "12"] }] } },
  "/api/v1/query_range": prom,
  "/loki/api/v1/query_range": loki,
  "/oriel/api/v1/services/profiles": { profiles: [] },
  "/tempo/api/metrics/query_range": { series: [] },
  "/api/v1/alerts": alerts,
};
/** What a server that began seconds ago answers: rows, and no rate yet. */
const fresh: Answers = {
  ...whole,
  "/api/v1/query_range": nothing,
  "/oriel/api/v1/onboarding/check": { empty: false, ingest: { accepted: [{ protocol: "otlp", signal: "logs", rows: 1, last: "2024-11-22T02:00:00Z" }, { protocol: "otlp", signal: "spans", rows: 1204, last: "2024-11-22T02:00:00Z" }], rejections: [] } },
};
const profile = (name: string, environment = "prod") => ({ name, spans: true, logs: true, namespaces: [], environments: [environment], languages: [], versions: [], instances: 1, pods: [], hosts: [] });
const open = () => renderPage("/", OverviewPage, "/");
const text = (element: HTMLElement) => element.textContent?.replaceAll("\u202f", " ") ?? "";

afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

describe("OverviewPage", () => {
  test("of a server that has no rates yet tells what it has received, and looks again", async () => {
    const asked = serve(fresh);
    open();
    const note = await screen.findByText(/Received so far/, {}, { timeout: 5000 });
    expect(text(note)).toContain("1 row of logs, 1 204 rows of spans");
    await vi.waitFor(() => expect(asked.filter(({ pathname }) => pathname.endsWith("/check")).length).toBeGreaterThan(1), { timeout: 15_000 });
  }, 20_000);
  test("with rates says nothing of what was received", async () => {
    serve({ ...whole, "/oriel/api/v1/onboarding/check": fresh["/oriel/api/v1/onboarding/check"] });
    open();
    await within(await screen.findByRole("group", { name: "Ingested rows" })).findByText(/logs 12\.5/);
    expect(screen.queryByText(/Received so far/)).toBeNull();
  });

  test("lists services with rate, failures, latency and lines, the worst first", async () => {
    serve(whole);
    open();
    const table = await screen.findByRole("table", { name: "Services" });
    const rows = (await within(table).findAllByRole("row")).slice(1);
    expect(rows.map(text)).toEqual(["paymentdegraded20 /s10 %840 ms840 ms600 /min41 /min", expect.stringMatching(/^cart5 \/s0 %/)]);
  });

  test("every number of a service leads to its query, and its row to the service", async () => {
    serve(whole);
    const page = open();
    const table = await screen.findByRole("table", { name: "Services" });
    const query = (name: RegExp) => new URL(within(table).getByRole("link", { name }).getAttribute("href") ?? "", "http://x").searchParams.get("q");
    await within(table).findByRole("link", { name: /^20\s\/s$/ });
    expect(query(/^20\s\/s$/)).toContain('http_server_request_duration_seconds_count{job="shop/payment"}[$__rate_interval]');
    expect(within(table).getAllByRole("link", { name: /^840\sms$/ }).map((one) => new URL(one.getAttribute("href") ?? "", "http://x").searchParams.get("q")?.slice(0, 23))).toEqual(["histogram_quantile(0.5, ", "histogram_quantile(0.95,"].map((one) => one.slice(0, 23)));
    expect(query(/^10\s%$/)).toContain("status = error");
    await userEvent.click(within(table).getAllByRole("row")[1]!);
    expect(await screen.findByText("at /services/$name")).toBeInTheDocument();
    page.unmount();
  });

  test("ingest is red while something was refused within five minutes, and says what", async () => {
    const last = (agoMs: number) => new Date(Date.now() - agoMs).toISOString();
    const rejection = (reason: string, agoMs: number) => ({ protocol: "loki", signal: "logs", reason, rows: 3, example: "", last: last(agoMs) });
    serve({ ...whole, "/oriel/api/v1/onboarding/check": { empty: false, ingest: { accepted: [{ protocol: "otlp", signal: "logs", rows: 1, last: last(4000) }], rejections: [rejection("too_old", 10_000), rejection("past", 600_000), { ...rejection("overload", 2000), protocol: "self" }] } } });
    const page = open();
    const tile = await screen.findByRole("group", { name: "Ingested rows" });
    expect(await within(tile).findByText(/Refused: loki too_old 1\d s ago/)).toBeInTheDocument();
    expect(tile).not.toHaveTextContent("past");
    page.unmount();
    serve({ ...whole, "/oriel/api/v1/onboarding/check": { empty: false, ingest: { accepted: [{ protocol: "otlp", signal: "logs", rows: 1, last: last(4000) }], rejections: [] } } });
    open();
    expect(await within(await screen.findByRole("group", { name: "Ingested rows" })).findByText(/newest \d s ago/)).toBeInTheDocument();
  });

  test("an alert that fires is muted where it is seen, and that is taken back", async () => {
    const asked: { method: string; path: string; body: string }[] = [];
    serve(whole);
    const { fetch: plain } = globalThis;
    vi.stubGlobal("fetch", async (input: RequestInfo | URL, init?: RequestInit) => {
      if (!String(input).includes("/silence")) return plain(input, init);
      asked.push({ method: init?.method ?? "GET", path: String(input), body: typeof init?.body === "string" ? init.body : "" });
      return new Response(JSON.stringify({ silenceID: "s1" }));
    });
    open();
    await userEvent.click(await screen.findByRole("button", { name: "Mute HighErrorRatio" }));
    await userEvent.click(await screen.findByRole("menuitem", { name: "For 4 hours" }));
    await waitFor(() => expect(announced()?.text).toBe("HighErrorRatio is muted for 4 hours."));
    const made = JSON.parse(asked[0]?.body ?? "{}") as { matchers: { name: string }[]; startsAt: string; endsAt: string };
    expect(made.matchers.map(({ name }) => name)).toEqual(["alertname", "job", "severity"]);
    expect(Date.parse(made.endsAt) - Date.parse(made.startsAt)).toBe(4 * 3_600_000);
    announced()?.undo?.();
    await waitFor(() => expect(asked.at(-1)).toMatchObject({ method: "DELETE", path: expect.stringContaining("/silence/s1") }));
  });

  test("error lines are held against those of a day before", async () => {
    const count = (n: number) => ({ data: { resultType: "matrix", result: [{ metric: {}, values: [[at, String(n)]] }] } });
    serve({ ...whole, "/loki/api/v1/query_range": (params: URLSearchParams) => (params.get("query")?.startsWith("sum(count_over_time(") ? count(Number(params.get("end")) / 1e6 > NOW - 3_600_000 ? 420 : 100) : loki(params)) });
    open();
    expect(await within(await screen.findByRole("group", { name: "Error lines" })).findByText(/\+320 % on a day ago/)).toBeInTheDocument();
  });

  test("a service is found by a part of its name, and by where it runs", async () => {
    serve({ ...whole, "/oriel/api/v1/services/profiles": { profiles: [profile("payment", "prod"), profile("cart", "test")] } });
    const page = renderPage("/", OverviewPage, "/?env=test");
    const named = () => within(screen.getByRole("table", { name: "Services" })).getAllByRole("link", { name: /^(payment|cart)$/ }).map((one) => one.textContent);
    expect(await screen.findByText(/^Services of test only\./)).toBeInTheDocument();
    await screen.findByRole("heading", { name: "Services 1" });
    await screen.findByRole("table", { name: "Services" });
    expect(named()).toEqual(["cart"]);
    page.unmount();
    open();
    await userEvent.type(await screen.findByRole("textbox", { name: "Find a service" }), "PAY");
    expect(named()).toEqual(["payment"]);
    await userEvent.type(screen.getByRole("textbox", { name: "Find a service" }), "x");
    expect(await screen.findByText("No service is called that here")).toBeInTheDocument();
  });

  test("sums up what can be wrong in tiles", async () => {
    serve(whole);
    open();
    await within(await screen.findByRole("group", { name: "Requests" })).findByText(/25/);
    expect(text(screen.getByRole("group", { name: "Requests" }))).toContain("8 % failed");
    expect(text(screen.getByRole("group", { name: "Firing alerts" }))).toBe("Firing alerts11 critical");
    expect(text(screen.getByRole("group", { name: "Ingested rows" }))).toContain("42.5 /s");
    expect(text(screen.getByRole("group", { name: "Refused rows" }))).toBe("Refused rows12loki too_old");
    expect(text(screen.getByRole("group", { name: "Oriel" }))).toContain("100 MiB");
  });

  test("shows the message of the newest errors with the way to their trace", async () => {
    serve(whole);
    open();
    const list = await screen.findByRole("list", { name: "Recent error lines" });
    expect(within(list).getByText("card declined")).toBeInTheDocument();
    expect(within(list).getByRole("link", { name: "trace" })).toHaveAttribute("href", "/trace/4bf92f3577b34da6a3ce929d0e0e4736");
  });

  test("says why a service is degraded", async () => {
    serve(whole);
    open();
    expect(await screen.findByText("degraded")).toHaveAttribute("title", "alert HighErrorRatio fires");
    expect(text(screen.getByRole("group", { name: "Services" }))).toBe("Services21 degraded");
  });

  test("a service that sends spans alone is held against its spans of the day before", async () => {
    const spans = (params: URLSearchParams) => {
      const query = params.get("q") ?? "";
      const [start, end] = [Number(params.get("start")), Number(params.get("end"))];
      const before = start < at - 80_000;
      const value = query.includes("quantile") ? 0.2 : query.includes("status = error") ? (before ? 0.1 : 5) : 10;
      const step = Number.parseInt(params.get("step") ?? "60", 10);
      const samples = Array.from({ length: Math.floor((end - start) / step) + 1 }, (_, index) => ({ timestampMs: String((start + index * step) * 1000), value }));
      return { series: [{ labels: [{ key: "resource.service.name", value: { stringValue: "lone" } }], samples }] };
    };
    const asked = serve({
      ...whole,
      "/oriel/api/v1/services/profiles": { profiles: [profile("lone")] },
      "/tempo/api/metrics/query_range": spans,
      "/api/v1/alerts": { status: "success", data: { alerts: [] } },
    });
    open();
    expect(await screen.findByText("degraded")).toHaveAttribute("title", "50 % of requests fail; at this time yesterday up to 1.0 % did");
    const table = screen.getByRole("table", { name: "Services" });
    expect(within(table).getByRole("link", { name: "lone" })).toHaveAttribute("title", "Numbers from spans");
    const queries = asked.filter((url) => url.pathname === "/tempo/api/metrics/query_range").map((url) => url.searchParams.get("q"));
    expect(queries.filter((query) => query?.includes('resource.service.name = "lone"'))).not.toHaveLength(0);
  });

  test("of a service without spans now there is no duration, and the last one is told", async () => {
    const spans = (params: URLSearchParams) => {
      const query = params.get("q") ?? "";
      const start = Number(params.get("start"));
      const value = query.includes("quantile") ? 0.2 : 3;
      // The server says 0 for every step without spans.
      const samples = Array.from({ length: 61 }, (_, index) => ({ timestampMs: String((start + index * 60) * 1000), value: index < 20 ? value : 0 }));
      return { series: [{ labels: [{ key: "resource.service.name", value: { stringValue: "lone" } }], samples }] };
    };
    serve({ ...whole, "/api/v1/query_range": nothing, "/oriel/api/v1/services/profiles": { profiles: [profile("lone")] }, "/tempo/api/metrics/query_range": spans });
    open();
    const table = await screen.findByRole("table", { name: "Services" });
    const last = (await within(table).findAllByTitle(/none now, 200.ms when there were calls/))[0]!;
    expect(text(last)).toBe("–");
  });

  test("the share of spans that failed is of their metrics, and without them of what is stored", async () => {
    const ofSpans = (params: URLSearchParams) => {
      const query = params.get("query") ?? "";
      if (!query.startsWith("sum(rate(traces_spanmetrics_calls_total{")) return prom(params);
      return matrix([[{}, query.includes("STATUS_CODE_ERROR") ? "3" : "60"]]);
    };
    serve({ ...whole, "/api/v1/query_range": ofSpans });
    const { unmount } = open();
    const tile = await screen.findByRole("group", { name: "Error spans" });
    await within(tile).findByRole("link", { name: /^5.%$/ });
    expect(text(tile)).toContain("of 60 /s");
    unmount();

    const stored = (params: URLSearchParams) => ({
      series: params.get("q")?.includes("by (") ? [] : [{ labels: [], samples: [{ timestampMs: String(at * 1000), value: params.get("q")?.includes("error") ? 1 : 10 }] }],
    });
    serve({ ...whole, "/tempo/api/metrics/query_range": stored });
    open();
    expect(await within(await screen.findByRole("group", { name: "Error spans" })).findByRole("link", { name: /^10.%$/ })).toHaveAttribute("href", "/explore/traces?q=%7B+status+%3D+error+%7D");
  });

  test("names kinds of error lines that the day before did not have", async () => {
    const pattern = (of: string) => ({ pattern: of, level: "error", samples: [[at, 3]] });
    serve({
      ...whole,
      "/loki/api/v1/patterns": (params: URLSearchParams) => ({ data: Number(params.get("end")) / 1e6 === NOW ? [pattern("old <_>"), pattern('{"msg":"new <_>"')] : [pattern("old <_>")] }),
    });
    open();
    const list = await screen.findByRole("list", { name: "New error patterns" });
    expect(text(list)).toContain("new <_>");
    expect(text(list)).not.toContain("old");
  });

  test("lists what changed", async () => {
    serve({
      ...whole,
      "/oriel/api/v1/services/deploys": { deploys: [{ service: "payment", version: "1.9.2", previous: "1.9.1", time: `${NOW - 60_000}000000` }] },
      "/oriel/api/v1/annotations": { annotations: [] },
      "/oriel/api/v1/dashboards": { dashboards: [] },
    });
    open();
    expect(text(await screen.findByRole("list", { name: "Changes" }))).toBe("01:59 deploy payment 1.9.2, before 1.9.1");
  });

  test("says what fires and for how long", async () => {
    serve(whole);
    open();
    const list = await screen.findByRole("list", { name: "Active alerts" });
    expect(list).toHaveTextContent(/firing.*HighErrorRatio.*payment.*ago.*payment fails/);
  });

  test("lists the gravest of a storm of alerts, and says how many more there are", async () => {
    const storm = Array.from({ length: 1050 }, (_, i) => ({ labels: { alertname: `Alert${i}`, severity: i === 1049 ? "critical" : "warning" }, annotations: {}, state: "firing", activeAt: "2026-11-23T01:00:00Z", value: "1e+00" }));
    serve({ ...whole, "/api/v1/alerts": { status: "success", data: { alerts: storm } } });
    open();
    const list = await screen.findByRole("list", { name: "Active alerts" });
    const rows = within(list).getAllByRole("listitem");
    expect(rows[0]).toHaveTextContent("Alert1049");
    expect(rows).toHaveLength(51);
    expect(rows.at(-1)).toHaveTextContent(/^and 1.?000 more$/);
  });

  test("keeps what it has when one kind of question fails", async () => {
    serve({ ...whole, "/loki/api/v1/query_range": new Refusal(503, "logs are starting") });
    open();
    expect(await screen.findByText(/Some numbers are missing: logs are starting/)).toBeInTheDocument();
    expect(within(screen.getByRole("table", { name: "Services" })).getByRole("link", { name: "payment" })).toBeInTheDocument();
  });

  test("of a server that is seconds old lists who has sent something", async () => {
    serve({
      ...whole,
      "/api/v1/query_range": nothing,
      "/loki/api/v1/query_range": nothing,
      "/oriel/api/v1/services/profiles": { profiles: [profile("oriel"), profile("cart")] },
    });
    open();
    const table = await screen.findByRole("table", { name: "Services" });
    await within(table).findByRole("link", { name: "oriel" });
    await within(table).findByRole("link", { name: "cart" });
  });

  test("of an empty server says where services come from", async () => {
    serve({ ...whole, "/api/v1/query_range": nothing, "/loki/api/v1/query_range": nothing, "/api/v1/alerts": { status: "success", data: { alerts: [] } } });
    open();
    expect(await screen.findByText("No services in this range")).toBeInTheDocument();
    expect(screen.getByText("Nothing fires")).toBeInTheDocument();
    expect(await screen.findByText("No error lines in this range")).toBeInTheDocument();
  });

  test("what fired is kept when a newer answer fails, and says of when it is", async () => {
    vi.useFakeTimers({ shouldAdvanceTime: true, now: Date.parse("2024-11-22T02:00:00Z") });
    try {
      const answers: Answers = { ...whole };
      serve(answers);
      open();
      const list = await screen.findByRole("list", { name: "Active alerts" });
      answers["/api/v1/alerts"] = new Refusal(500, '{"error":"the disk is full"}');
      await act(async () => void (await vi.advanceTimersByTimeAsync(5000)));
      const panel = within(screen.getByRole("region", { name: "Firing now" }));
      expect(await panel.findByText(/No newer answer: .*the disk is full/)).toBeInTheDocument();
      expect(panel.getByText(/^as of 02:00:0/)).toBeInTheDocument();
      expect(list).toHaveTextContent("HighErrorRatio");
      expect(screen.getByRole("group", { name: "Firing alerts" })).toHaveTextContent(/^Firing alerts1.*as of 02:00:0/);
      answers["/api/v1/alerts"] = alerts;
      await userEvent.click(panel.getByRole("button", { name: "Try again" }));
      await waitFor(() => expect(panel.queryByText(/No newer answer/)).toBeNull());
    } finally {
      vi.useRealTimers();
    }
  }, 15_000);
});
