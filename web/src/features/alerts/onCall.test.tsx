// @vitest-environment jsdom
import { act, cleanup, configure, fireEvent, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";

import { renderPage, serve } from "../../test/renderPage";
import { AlertsPage } from "./AlertsPage";

// The tabs are loaded when they are opened.
configure({ asyncUtilTimeout: 5000 });

const fp = "cf8c8efc7da57a05";
const labels = (job: string) => ({ alertname: "HighErrorRatio", job, severity: "critical" });
const active = (job: string) => ({ labels: labels(job), annotations: { summary: `${job} fails`, description: `${job} loses 17 %` }, state: "firing", activeAt: "2024-11-22T01:48:00Z", value: "1.764e-01" });
const rule = (name: string, alerts: unknown[]) => ({ name, query: "service:http_errors:ratio1m > 0.05", duration: 20, labels: { severity: "critical" }, annotations: { summary: "{{ $labels.job }} fails" }, health: "ok", type: "alerting", state: "firing", alerts });
const group = (rules: unknown[], file = "/etc/oriel/shop.yml") => ({ status: "success", data: { groups: [{ name: "shop", file, interval: 10, rules }] } });
const notified = (job: string, fingerprint: string, extra: object = {}) => ({
  fingerprint,
  labels: labels(job),
  annotations: {},
  startsAt: "2024-11-22T01:48:20Z",
  endsAt: "2024-11-22T02:04:00Z",
  receivers: [{ name: "oncall" }],
  status: { state: "active", silencedBy: [], inhibitedBy: [], mutedBy: [] },
  ...extra,
});
const all = {
  "/api/v1/rules": group([rule("HighErrorRatio", [active("shop/payment")])]),
  "/api/v1/query_range": { status: "success", data: { resultType: "matrix", result: [{ metric: { job: "shop/payment" }, values: [[1_732_240_000, "0.02"], [1_732_240_700, "0.17"]] }] } },
  "/alertmanager/api/v2/alerts": [notified("shop/payment", fp)],
  "/alertmanager/api/v2/silences": [],
  "/oriel/api/v1/alerts/": { alerts: [], summary: "" },
  "/oriel/api/v1/alerts/history": { changes: [] },
  "/oriel/api/v1/notifications": { attempts: [] },
  "/oriel/api/v1/notifications/waiting": { notifications: [] },
  "/oriel/api/v1/notifications/dead": { notifications: [] },
};
const attempt = (status: string, extra: object = {}) => ({ at: "2024-11-22T01:50:00Z", notification: 1, receiver: "oncall", integration: "slack", groupKey: "", reason: "first notification", attempt: 1, status, seconds: 0.1, alerts: { firing: [fp], resolved: [] }, ...extra });
const open = (search = "") => renderPage("/alerts", AlertsPage, `/alerts${search}`);

/** What is sent with a body, or to be deleted; each is answered with `answer`. */
function sending(answer: unknown = {}) {
  const sent: { method: string; path: string; body: unknown }[] = [];
  const read = globalThis.fetch;
  vi.stubGlobal("fetch", async (input: RequestInfo | URL, init?: RequestInit) => {
    const method = init?.method ?? "GET";
    if (method === "GET" || init?.body instanceof URLSearchParams) return read(input, init);
    sent.push({ method, path: new URL(String(input), "http://oriel.test").pathname, body: typeof init?.body === "string" ? (JSON.parse(init.body) as unknown) : undefined });
    return new Response(JSON.stringify(answer), { status: 200 });
  });
  return sent;
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"], now: Date.parse("2024-11-22T02:00:00Z") });
  localStorage.clear();
  localStorage.setItem("oriel.author", "ada");
});
afterEach(() => {
  cleanup();
  vi.useRealTimers();
  vi.unstubAllGlobals();
  history.replaceState(null, "", "/");
});

describe("who was told", () => {
  test("is what was delivered, and when", async () => {
    serve({ ...all, "/oriel/api/v1/notifications": { attempts: [attempt("delivered"), attempt("failed", { error: "before that" })] } });
    open("?open=none");
    expect(await screen.findByText("Told to oncall (slack) 10 min ago.", {}, { timeout: 4000 })).toBeInTheDocument();
    expect(screen.queryByText(/before that/)).not.toBeInTheDocument();
  });

  test("is nobody where the receiver could not be reached, with what it said", async () => {
    serve({ ...all, "/oriel/api/v1/notifications": { attempts: [attempt("failed", { error: "connection refused" })] } });
    open("?open=none");
    expect(await screen.findByText("Not delivered to oncall (slack) 10 min ago: connection refused.")).toBeInTheDocument();
  });

  test("leads to the silence that keeps it quiet", async () => {
    serve({ ...all, "/alertmanager/api/v2/alerts": [notified("shop/payment", fp, { status: { state: "suppressed", silencedBy: ["4f2b"], inhibitedBy: [] } })] });
    open("?open=none");
    expect(await screen.findByRole("link", { name: "The silence" })).toHaveAttribute("href", expect.stringMatching(/tab=silences.*filter=4f2b|filter=4f2b.*tab=silences/));
  });
});

test("Enter opens the page of the alert whose evidence is open", async () => {
  serve(all);
  const page = open();
  await screen.findByRole("button", { name: "Hide evidence" });
  await userEvent.keyboard("{Enter}");
  await waitFor(() => expect(page.param("fp")).toBe(fp));
});

test("the link of an alert that is copied leads to its tenant", async () => {
  const write = vi.fn(async () => {});
  vi.stubGlobal("navigator", Object.assign(Object.create(navigator) as Navigator, { clipboard: { writeText: write } }));
  history.replaceState(null, "", "/alerts?tenant=shop");
  serve(all);
  open();
  fireEvent.click(await screen.findByRole("button", { name: "Copy link" }));
  await waitFor(() => expect(write).toHaveBeenCalledWith(expect.stringMatching(new RegExp(`/alerts\\?fp=${fp}&tenant=shop$`))));
});

describe("a filter", () => {
  test("of matchers finds what satisfies them, and who is told is one of them", async () => {
    serve({ ...all, "/alertmanager/api/v2/alerts": [notified("shop/payment", fp), notified("shop/cart", "0000000000000001", { receivers: [{ name: "night" }] })] });
    const page = open(`?open=none&filter=${encodeURIComponent('{job=~"shop/.*", receiver="night"}')}`);
    expect(await screen.findByRole("list", { name: "Alerts of cart" })).toBeInTheDocument();
    expect(screen.queryByRole("list", { name: "Alerts of payment" })).not.toBeInTheDocument();
    page.unmount();
    open(`?open=none&filter=${encodeURIComponent('{job="shop/pay"}')}`);
    expect(await screen.findByText("No active alert matches")).toBeInTheDocument();
  });

  test("finds rules by their group", async () => {
    serve(all);
    open("?tab=rules&filter=SHOP");
    expect(await screen.findByRole("list", { name: "Rules of shop" })).toBeInTheDocument();
  });
});

const silence = (id: string, state: string, matchers: object[] = [{ name: "job", value: "shop/payment", isRegex: false, isEqual: true }]) => ({
  id,
  status: { state },
  matchers,
  startsAt: "2024-11-22T01:00:00Z",
  endsAt: "2024-11-22T03:00:00Z",
  createdBy: "ada",
  comment: `comment ${id}`,
});

describe("a silence", () => {
  test("that a link asks for has the link's matchers, and closing it leaves the list", async () => {
    serve(all);
    const page = open(`?tab=silences&silence=${encodeURIComponent('{alertname="Down", job=~"a.*"}')}`);
    const dialog = within(await screen.findByRole("dialog", { name: "New silence" }));
    expect(dialog.getByRole("switch", { name: 'alertname="Down"' })).toBeChecked();
    expect(dialog.getByRole("switch", { name: 'job=~"a.*"' })).toBeChecked();
    await userEvent.click(dialog.getByRole("button", { name: "Cancel" }));
    await waitFor(() => expect(page.param("silence")).toBeNull());
    expect(screen.queryByRole("dialog")).not.toBeInTheDocument();
  });

  test("may begin later, and lasts from then on", async () => {
    serve(all);
    const sent = sending({ silenceID: "1" });
    open(`?tab=silences&silence=${encodeURIComponent('{job="shop/payment"}')}`);
    const dialog = within(await screen.findByRole("dialog", { name: "New silence" }));
    const from = dialog.getByRole("textbox", { name: /^From/ });
    await userEvent.clear(from);
    await userEvent.type(from, "2024-11-22 22:00");
    await userEvent.click(within(dialog.getByRole("group", { name: "How long" })).getByRole("button", { name: "8h" }));
    expect(dialog.getByRole("status", { name: "Preview" })).toHaveTextContent("Would mute 1 alert that fire now: HighErrorRatio");
    await userEvent.type(dialog.getByRole("textbox", { name: "Comment" }), "new disks");
    await userEvent.click(dialog.getByRole("button", { name: "Silence" }));
    await waitFor(() => expect(sent).toEqual([{ method: "POST", path: "/alertmanager/api/v2/silences", body: expect.objectContaining({ startsAt: "2024-11-22T22:00:00.000Z", endsAt: "2024-11-23T06:00:00.000Z" }) as unknown }]));
  });

  test("whose start cannot be read is not sent", async () => {
    serve(all);
    open("?tab=silences&silence=%7B%7D");
    const dialog = within(await screen.findByRole("dialog", { name: "New silence" }));
    await userEvent.type(dialog.getByRole("textbox", { name: "Matchers" }), 'a="b"');
    await userEvent.type(dialog.getByRole("textbox", { name: /^From/ }), " noon-ish");
    expect(dialog.getByText(/The start is now/)).toBeInTheDocument();
    expect(dialog.getByRole("button", { name: "Silence" })).toBeDisabled();
  });

  test("is found by its id, as Alertmanager's links name it", async () => {
    serve({ ...all, "/alertmanager/api/v2/silences": [silence("4f2b", "active"), silence("77aa", "active")] });
    open("?tab=silences&filter=4f2b");
    expect(within(await screen.findByRole("list", { name: "Silences" })).getAllByRole("listitem")).toHaveLength(1);
  });

  test("that was ended by mistake is put in force again until its end", async () => {
    serve({ ...all, "/alertmanager/api/v2/silences": [silence("4f2b", "active")] });
    const sent = sending({ silenceID: "2" });
    open("?tab=silences");
    await userEvent.click(await screen.findByRole("button", { name: "Expire now" }));
    await userEvent.click(await screen.findByRole("button", { name: "Undo" }));
    await waitFor(() => expect(screen.queryByRole("button", { name: "Undo" })).not.toBeInTheDocument());
    expect(sent.map(({ method, path }) => `${method} ${path}`)).toEqual(["DELETE /alertmanager/api/v2/silence/4f2b", "POST /alertmanager/api/v2/silences"]);
    expect(sent[1]?.body).toEqual({ matchers: silence("", "").matchers, startsAt: "2024-11-22T02:00:00.000Z", endsAt: "2024-11-22T03:00:00Z", createdBy: "ada", comment: "comment 4f2b" });
  });
});

describe("what cannot be undone asks a second time", () => {
  test("an objective", async () => {
    serve({ ...all, "/oriel/api/v1/slos": { slos: [{ name: "cart-availability", objective: 99.9, indicator: {}, good: 1, errors: null, budgetRemaining: 1, burnRate: 0, exhaustion: { state: "unknown" }, editable: true, file: "/x/a.yml" }] } });
    const sent = sending();
    open("?tab=slos");
    await userEvent.click(await screen.findByRole("button", { name: "Delete cart-availability" }));
    expect(sent).toEqual([]);
    await userEvent.click(screen.getByRole("button", { name: "Really delete cart-availability" }));
    await waitFor(() => expect(sent.map(({ method }) => method)).toEqual(["DELETE"]));
  });

  test("a notification that was given up", async () => {
    serve({ ...all, "/oriel/api/v1/notifications/dead": { notifications: [{ id: 3, receiver: "gone", integration: "webhook", groupKey: "", reason: "first notification", queued: "2024-11-22T01:40:00Z", attempts: 2, alerts: { firing: [fp], resolved: [] } }] } });
    const sent = sending();
    open("?tab=history");
    await userEvent.click(await screen.findByRole("button", { name: "Discard what gone was not told" }));
    expect(sent).toEqual([]);
    await userEvent.click(screen.getByRole("button", { name: "Really discard what gone was not told" }));
    await waitFor(() => expect(sent.map(({ path }) => path)).toEqual(["/oriel/api/v1/notifications/dead/3"]));
  });
});

describe("ten thousand", () => {
  const many = Array.from({ length: 10_000 }, (_, index) => `shop/job-${index}`);
  const most = 80;

  test("alerts that fire are a list with few of them in the document", async () => {
    serve({ ...all, "/api/v1/rules": group([rule("HighErrorRatio", many.map(active))]), "/alertmanager/api/v2/alerts": many.map((job, index) => notified(job, index.toString(16).padStart(16, "0"))) });
    open("?open=none&by=alertname");
    const rows = within(await screen.findByRole("list", { name: "Alerts" }, { timeout: 10_000 })).getAllByRole("listitem");
    expect(rows.length).toBeGreaterThan(5);
    expect(rows.length).toBeLessThan(most);
    expect(rows[0]).toHaveAttribute("aria-setsize", "10001");
    expect(screen.getByRole("heading", { name: "HighErrorRatio" })).toBeInTheDocument();
    expect(screen.getByText("10000 firing")).toBeInTheDocument();
  }, 20_000);

  test("rules and silences too", async () => {
    serve({ ...all, "/api/v1/rules": group(many.map((name) => rule(name, []))), "/alertmanager/api/v2/silences": many.map((id) => silence(id, "active")) });
    open("?tab=rules");
    expect(within(await screen.findByRole("list", { name: "Rules" }, { timeout: 10_000 })).getAllByRole("listitem").length).toBeLessThan(most);
    cleanup();
    open("?tab=silences");
    const rows = within(await screen.findByRole("list", { name: "Silences" }, { timeout: 10_000 })).getAllByRole("listitem");
    expect(rows.length).toBeLessThan(most);
    expect(rows[0]).toHaveAttribute("aria-setsize", "10000");
  }, 20_000);
});

test("evidence that takes long can be given up; the graph stays", async () => {
  serve(all);
  const read = globalThis.fetch;
  let ended = false;
  vi.stubGlobal("fetch", (input: RequestInfo | URL, init?: RequestInit) => {
    if (!String(input).includes("/evidence")) return read(input, init);
    return new Promise((_, reject) => {
      init?.signal?.addEventListener("abort", () => {
        ended = true;
        reject(new DOMException("aborted", "AbortError"));
      });
    });
  });
  vi.useRealTimers();
  vi.useFakeTimers({ shouldAdvanceTime: true, now: Date.parse("2024-11-22T02:00:00Z") });
  open();
  expect(await screen.findByRole("img", { name: /^Value of HighErrorRatio/ })).toBeInTheDocument();
  await act(async () => void (await vi.advanceTimersByTimeAsync(6000)));
  fireEvent.click(await screen.findByRole("button", { name: "Cancel" }));
  expect(await screen.findByText("Cancelled")).toBeInTheDocument();
  expect(ended).toBe(true);
  expect(screen.getByRole("img", { name: /^Value of HighErrorRatio/ })).toBeInTheDocument();
});

describe("evidence that is not complete", () => {
  const line = (text: string) => ({ query: '{service_name="payment"}', lines: [{ time: "2024-11-22T01:59:00Z", line: text, count: 1, labels: null }] });
  const evidence = { summary: "", alerts: [], logs: line("card declined"), errors: [{ part: "traces", error: "not found within 5s" }] };
  const found = { summary: "", alerts: [], traces: { query: "{ }", items: [{ traceId: "4bf92f", service: "payment", name: "POST /charge", start: "2024-11-22T01:59:00Z", durationSeconds: 1, spans: 3, criticalPath: null }] } };

  test("is asked again for the part that is missing alone; the others stay", async () => {
    const parts: (string | null)[] = [];
    serve({
      ...all,
      "/tempo/api/metrics/query_range": { series: [] },
      "/oriel/api/v1/alerts/": (params: URLSearchParams) => {
        parts.push(params.get("part"));
        return params.get("part") === "traces" ? (parts.length === 2 ? { ...found, traces: undefined, errors: [{ part: "traces", error: "still busy" }] } : found) : evidence;
      },
    });
    open();
    expect(await screen.findByText(/Traces: not complete: not found within 5s/)).toBeInTheDocument();
    expect(screen.queryByText(/No logs and no traces/)).not.toBeInTheDocument();
    await userEvent.click(screen.getByRole("button", { name: "Ask again" }));
    expect(await screen.findByText(/Traces: not complete: still busy/)).toBeInTheDocument();
    await userEvent.click(screen.getByRole("button", { name: "Ask again" }));
    expect(await screen.findByRole("region", { name: "Traces" })).toHaveTextContent("payment POST /charge");
    expect(screen.getByRole("region", { name: "Logs" })).toHaveTextContent("card declined");
    expect(screen.queryByText(/not complete/)).not.toBeInTheDocument();
    expect(parts).toEqual([null, "traces", "traces"]);
  });
});

describe("with Refresh off", () => {
  test("what fires stays current by itself, and a tab that is not seen asks nothing", async () => {
    vi.useRealTimers();
    vi.useFakeTimers({ shouldAdvanceTime: true, now: Date.parse("2024-11-22T02:00:00Z") });
    const seen = vi.spyOn(document, "visibilityState", "get").mockReturnValue("visible");
    const answers: Record<string, unknown> = { ...all };
    const asked = serve(answers);
    open("?open=none");
    await screen.findByRole("list", { name: "Alerts of payment" });
    answers["/alertmanager/api/v2/alerts"] = [notified("shop/payment", fp, { status: { state: "suppressed", silencedBy: ["4f2b"], inhibitedBy: [], mutedBy: [] } })];
    await act(async () => void (await vi.advanceTimersByTimeAsync(5000)));
    expect(await screen.findByText(/Nobody is told: silenced/)).toBeInTheDocument();
    seen.mockReturnValue("hidden");
    act(() => void document.dispatchEvent(new Event("visibilitychange")));
    const before = asked.length;
    await act(async () => void (await vi.advanceTimersByTimeAsync(30_000)));
    expect(asked.length).toBe(before);
    seen.mockRestore();
    act(() => void document.dispatchEvent(new Event("visibilitychange")));
    await waitFor(() => expect(asked.length).toBeGreaterThan(before));
  }, 20_000);
});

test("a rule's texts are shown as they would read for the values now", async () => {
  serve({ ...all, "/api/v1/rules": group([rule("HighErrorRatio", [])], "/data/rules/metrics/page.yml") });
  const sent = sending({ evaluations: 2, count: 1, longest: 60, total: 60, truncated: false, alerts: [{ labels: { job: "shop/cart" }, annotations: { summary: "shop/cart fails" }, count: 1, longest: 60, total: 60, periods: [] }] });
  open("?tab=rules");
  await userEvent.click(await screen.findByRole("button", { name: "Details" }));
  await userEvent.click(await screen.findByRole("button", { name: "Edit" }));
  const texts = within(await screen.findByRole("region", { name: "How it reads" }));
  expect(texts.getByText("shop/cart fails")).toBeInTheDocument();
  expect(sent[0]).toEqual({ method: "POST", path: "/oriel/api/v1/rules/backtest", body: expect.objectContaining({ expr: "service:http_errors:ratio1m", for: "0s", annotations: { summary: "{{ $labels.job }} fails" } }) as unknown });
});

test("the series of a rule have all their texts filled in", async () => {
  serve(all);
  open("?tab=rules");
  await userEvent.click(await screen.findByRole("button", { name: "Details" }));
  expect(within(await screen.findByRole("list", { name: "Series of HighErrorRatio" })).getByText("shop/payment loses 17 %")).toBeInTheDocument();
});
