// @vitest-environment jsdom
import { cleanup, configure, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";

import { Refusal, renderPage, serve } from "../../test/renderPage";
import { AlertsPage } from "./AlertsPage";

// The tabs are loaded when they are opened.
configure({ asyncUtilTimeout: 5000 });

const alert = (job: string, state: string, severity: string) => ({
  labels: { alertname: "HighErrorRatio", job, severity },
  annotations: { summary: `${job} fails`, description: "Too many requests fail.", runbook_url: "https://wiki.example/high" },
  state,
  activeAt: "2024-11-22T01:48:00Z",
  value: "1.764e-01",
});
const rule = {
  name: "HighErrorRatio",
  query: "service:http_errors:ratio1m > 0.05",
  duration: 20,
  keepFiringFor: 0,
  labels: { severity: "critical" },
  annotations: { summary: "{{ $labels.job }} fails" },
  health: "ok",
  evaluationTime: 0.0004,
  lastEvaluation: "2024-11-22T01:59:50Z",
  type: "alerting",
};
const recording = {
  name: "service:http_requests:rate1m",
  query: "sum by (job) (rate(http_requests_total[1m]))",
  labels: {},
  health: "err",
  lastError: "out of order",
  evaluationTime: 0.001,
  lastEvaluation: "0001-01-01T00:00:00Z",
  type: "recording",
};
const rules = (alerts: unknown[], file = "/etc/oriel/shop.yml") => ({
  status: "success",
  data: {
    groups: [{ name: "shop", file, interval: 10, evaluationTime: 0.002, lastEvaluation: "2024-11-22T01:59:50Z", rules: [recording, { ...rule, state: alerts.length > 0 ? "firing" : "inactive", alerts }] }],
  },
});
const matrix = {
  status: "success",
  data: {
    resultType: "matrix",
    result: [
      { metric: { job: "shop/payment" }, values: [[1_732_240_000, "0.02"], [1_732_240_700, "0.17"]] },
      { metric: { job: "shop/cart" }, values: [[1_732_240_000, "0.01"]] },
    ],
  },
};
const fp = "cf8c8efc7da57a05";
const notified = (extra: object = {}) => ({
  fingerprint: fp,
  labels: { alertname: "HighErrorRatio", job: "shop/payment", severity: "critical", cluster: "eu" },
  annotations: {},
  startsAt: "2024-11-22T01:48:20Z",
  endsAt: "2024-11-22T02:04:00Z",
  updatedAt: "2024-11-22T02:00:00Z",
  receivers: [{ name: "oncall" }],
  status: { state: "active", silencedBy: [], inhibitedBy: [], mutedBy: [] },
  ...extra,
});
const evidence = {
  summary: "x",
  alerts: [{ name: "HighErrorRatio", fingerprint: fp, labels: {}, startsAt: "2024-11-22T01:48:20Z", expression: rule.query }],
  logs: { query: '{service_name="payment"} | detected_level="error"', lines: [{ time: "2024-11-22T01:59:00Z", level: "error", service: "payment", line: "card declined", count: 812, labels: {}, traceId: "0a" }] },
  traces: {
    query: '{ resource.service.name = "payment" } | { status = error }',
    items: [
      {
        traceId: "0a",
        service: "storefront",
        name: "GET /",
        start: "2024-11-22T01:59:00Z",
        durationSeconds: 3.01,
        spans: 3,
        failed: { spanId: "0b", service: "payment", name: "POST /charge", message: "timeout", errors: 2 },
        criticalPath: [{ service: "payment", name: "POST /charge", selfSeconds: 3, part: 0.99 }],
      },
    ],
  },
  deploys: [{ time: "2024-11-22T01:47:00Z", service: "payment", version: "1.9.2", previous: "1.9.1" }],
  errors: [{ part: "logs", error: "not found within 5s" }],
};
const firing = rules([alert("shop/cart", "pending", "critical"), alert("shop/payment", "firing", "critical")]);
const all = {
  "/api/v1/rules": firing,
  "/api/v1/query_range": matrix,
  "/alertmanager/api/v2/alerts": [notified()],
  "/oriel/api/v1/alerts/": evidence,
  "/oriel/api/v1/alerts/history": { changes: [] },
  "/oriel/api/v1/notifications": { attempts: [] },
  "/tempo/api/metrics/query_range": { series: [] },
};
const node = { id: "{}", receiver: "default", matchers: [], groupBy: ["job"], groupWait: "30s", groupInterval: "5m", repeatInterval: "4h", continue: false, muteTimeIntervals: null, activeTimeIntervals: null };
const routing = {
  route: { ...node, routes: [{ ...node, id: "{}/x", receiver: "oncall", matchers: ['severity="critical"'], muteTimeIntervals: ["nights"], routes: [] }] },
  receivers: [{ name: "oncall", config: "name: oncall\nwebhook_configs:\n    - url: <secret>\n" }],
  inhibitRules: ["equal:\n    - job\n"],
  timeIntervals: [{ name: "nights", intervals: [{ weekdays: ["saturday", "monday:tuesday"], times: [{ start_time: "22:00", end_time: "24:00" }] }] }],
};
const open = (search = "") => renderPage("/alerts", AlertsPage, `/alerts${search}`);

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"], now: Date.parse("2024-11-22T02:00:00Z") });
  localStorage.clear();
});
afterEach(() => {
  cleanup();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe("what fires", () => {
  test("stands by service, firing before pending, with state, age, value and who was told", async () => {
    serve(all);
    open("?open=none");
    const list = await screen.findByRole("list", { name: "Alerts of payment" });
    const item = within(within(list).getByRole("listitem"));
    expect(item.getByText("firing")).toBeInTheDocument();
    expect(item.getByText("12 min ago")).toBeInTheDocument();
    expect(item.getByText(/^17\.6.%$/)).toBeInTheDocument();
    expect(item.getByText("Goes to oncall.")).toBeInTheDocument();
    expect(screen.getAllByRole("list").map((one) => one.getAttribute("aria-label"))).toEqual(["Alerts of payment", "Alerts of cart"]);
  });

  test("a receiver that has no integration tells nobody, and says so", async () => {
    serve({ ...all, "/oriel/api/v1/routing": { ...routing, receivers: [{ name: "oncall", config: "name: oncall\n" }] } });
    open("?open=none");
    expect(await screen.findByText("Nobody is told")).toBeInTheDocument();
    expect(screen.getByRole("link", { name: "Routing" })).toHaveAttribute("href", expect.stringContaining("tab=routing"));
    expect(screen.queryByText("Goes to oncall.")).not.toBeInTheDocument();
  });

  test("the first one's evidence is open: its graph alone, logs, traces, changes, and what is missing", async () => {
    const asked = serve(all);
    open();
    expect(await screen.findByRole("img", { name: /^Value of HighErrorRatio: from 2.% to 17.%/ })).toBeInTheDocument();
    expect(asked.filter((one) => one.pathname === "/api/v1/query_range").map((one) => one.searchParams.get("query"))).toEqual(["service:http_errors:ratio1m"]);
    expect(screen.getByText(/^- - threshold 5.%$/)).toBeInTheDocument();
    expect(await screen.findByText("card declined")).toBeInTheDocument();
    expect(screen.getByText("812 ×")).toBeInTheDocument();
    expect(screen.getByRole("link", { name: "storefront GET /" })).toHaveAttribute("href", expect.stringContaining("/trace/0a?"));
    expect(screen.getByRole("img", { name: /Critical path: payment POST \/charge 99.%/ })).toBeInTheDocument();
    expect(screen.getByText(/1\.9\.2/)).toBeInTheDocument();
    expect(screen.getByText(/not found within 5s/)).toBeInTheDocument();
    expect(screen.getByRole("link", { name: /Runbook/ })).toHaveAttribute("href", "https://wiki.example/high");
    expect(screen.getByRole("link", { name: "Logs of payment" })).toHaveAttribute("href", expect.stringContaining("payment"));
  });

  test("a graph or evidence that fails leaves the rest in sight", async () => {
    serve({ ...all, "/api/v1/query_range": new Refusal(503, '{"error":"too many queries"}'), "/oriel/api/v1/alerts/": new Refusal(500, '{"error":"no evidence"}') });
    open();
    expect(await screen.findByText("too many queries")).toBeInTheDocument();
    expect(await screen.findByText("no evidence")).toBeInTheDocument();
    expect(screen.getByText("shop/payment fails")).toBeInTheDocument();
  });

  test("says why nobody is told, and who has seen to it", async () => {
    const quiet = notified({ status: { state: "suppressed", silencedBy: ["1"], inhibitedBy: [] }, acknowledgement: { owner: "ada", comment: "on it", stopRepeats: true, at: "2024-11-22T01:55:00Z" } });
    serve({ ...all, "/alertmanager/api/v2/alerts": [quiet] });
    open("?open=none");
    expect(await screen.findByText("Nobody is told: silenced.")).toBeInTheDocument();
    expect(screen.getByText("ada")).toBeInTheDocument();
  });

  test("alerts that others sent are listed too, and the grouping is part of the URL", async () => {
    const foreign = notified({ fingerprint: "0000000000000001", labels: { alertname: "DiskFull", instance: "db1" }, annotations: { summary: "db1 is full" } });
    serve({ ...all, "/alertmanager/api/v2/alerts": [notified(), foreign] });
    const page = open("?open=none");
    expect(await screen.findByText("db1 is full")).toBeInTheDocument();
    await userEvent.click(screen.getByRole("combobox", { name: "Group by" }));
    await userEvent.click(await screen.findByRole("option", { name: "By severity" }));
    await waitFor(() => expect(page.param("by")).toBe("severity"));
    expect(screen.getByRole("list", { name: "Alerts of critical" })).toBeInTheDocument();
  });

  test("j and k open the evidence of the next alert, Escape closes it", async () => {
    serve(all);
    const page = open();
    await screen.findByText("card declined");
    await userEvent.keyboard("j");
    await waitFor(() => expect(page.param("open")).toContain("shop/cart"));
    expect(await screen.findByText("Logs and traces are looked for when it fires.")).toBeInTheDocument();
    await userEvent.keyboard("k");
    await waitFor(() => expect(page.param("open")).toBe(fp));
    await userEvent.keyboard("{Escape}");
    await waitFor(() => expect(page.param("open")).toBe("none"));
    expect(screen.queryByText("card declined")).not.toBeInTheDocument();
  });

  test("acknowledging needs a name and is sent with it", async () => {
    const asked = serve({ ...all, [`/oriel/api/v1/alerts/${fp}/ack`]: {} });
    open();
    const button = await screen.findByRole("button", { name: "Acknowledge" });
    expect(button).toBeDisabled();
    await userEvent.type(screen.getByRole("textbox", { name: "Your name" }), "ada");
    await userEvent.click(button);
    await waitFor(() => expect(asked.some((one) => one.pathname === `/oriel/api/v1/alerts/${fp}/ack`)).toBe(true));
  });

  test("a silence begins with the alert's labels, previews what it mutes, and is refused without a comment", async () => {
    const sent = posted({ silenceID: "1" });
    serve(all);
    sent.install();
    open();
    await userEvent.click(await screen.findByRole("button", { name: "Silence…" }));
    const dialog = within(await screen.findByRole("dialog", { name: "New silence" }));
    expect(dialog.getByRole("status", { name: "Preview" })).toHaveTextContent("Mutes 1 alert now: HighErrorRatio");
    await userEvent.click(dialog.getByRole("switch", { name: 'job="shop/payment"' }));
    await userEvent.type(dialog.getByRole("textbox", { name: "More matchers" }), 'job=~"shop/nobody.*"');
    expect(dialog.getByRole("status", { name: "Preview" })).toHaveTextContent("Mutes no alert now");
    await userEvent.type(dialog.getByRole("textbox", { name: /^Your name/ }), "ada");
    expect(dialog.getByRole("button", { name: "Silence" })).toBeDisabled();
    await userEvent.type(dialog.getByRole("textbox", { name: "Comment" }), "deploying");
    await userEvent.click(dialog.getByRole("button", { name: "Silence" }));
    await waitFor(() => expect(screen.queryByRole("dialog")).not.toBeInTheDocument());
    expect(sent.bodies).toEqual([
      {
        matchers: [
          { name: "alertname", value: "HighErrorRatio", isRegex: false, isEqual: true },
          { name: "cluster", value: "eu", isRegex: false, isEqual: true },
          { name: "severity", value: "critical", isRegex: false, isEqual: true },
          { name: "job", value: "shop/nobody.*", isRegex: true, isEqual: true },
        ],
        startsAt: "2024-11-22T02:00:00.000Z",
        endsAt: "2024-11-22T04:00:00.000Z",
        createdBy: "ada",
        comment: "deploying",
      },
    ]);
  }, 15_000);

  test("says so when nothing fires, when there are no rules, and when asking fails", async () => {
    serve({ ...all, "/api/v1/rules": rules([]), "/alertmanager/api/v2/alerts": [] });
    open();
    expect(await screen.findByText("Nothing fires")).toBeInTheDocument();
    cleanup();
    serve({ "/api/v1/rules": { status: "success", data: { groups: [] } }, "/alertmanager/api/v2/alerts": [] });
    open();
    expect(await screen.findByText("No rules are loaded")).toBeInTheDocument();
    cleanup();
    serve({ "/api/v1/rules": new Refusal(500, '{"status":"error","error":"rules are broken"}'), "/alertmanager/api/v2/alerts": [] });
    open();
    expect(await screen.findByText("rules are broken")).toBeInTheDocument();
    serve({ ...all, "/api/v1/rules": rules([]), "/alertmanager/api/v2/alerts": [] });
    await userEvent.click(screen.getByRole("button", { name: "Try again" }));
    expect(await screen.findByText("Nothing fires")).toBeInTheDocument();
  });
});

describe("the page of an alert", () => {
  test("a notification's link leads to the alert alone, with its graph and what happened", async () => {
    serve({ ...all, "/oriel/api/v1/alerts/history": { changes: [change("firing", "2024-11-22T01:48:20Z")] }, "/oriel/api/v1/notifications": { attempts: [attempt("failed", "connection refused")] } });
    open(`?fp=${fp}`);
    expect(await screen.findByRole("img", { name: /^Value of HighErrorRatio/ })).toBeInTheDocument();
    const happened = await screen.findByRole("list", { name: "What happened" });
    await waitFor(() => expect(within(happened).getAllByRole("listitem")).toHaveLength(2));
    expect(happened).toHaveTextContent("connection refused");
    expect(screen.queryByRole("radio", { name: "Routing" })).not.toBeInTheDocument();
    expect(screen.getByRole("link", { name: "All alerts" })).toHaveAttribute("href", "/alerts");
  });

  test("one that is over is told of from its history", async () => {
    serve({
      ...all,
      "/api/v1/rules": rules([]),
      "/alertmanager/api/v2/alerts": [],
      "/oriel/api/v1/alerts/history": { changes: [change("resolved", "2024-11-22T01:40:00Z"), change("firing", "2024-11-22T01:30:00Z"), change("resolved", "2024-11-22T01:00:00Z")] },
    });
    open(`?fp=${fp}`);
    expect(await screen.findByText("over")).toBeInTheDocument();
    expect(screen.getByText("ended 20 min ago")).toBeInTheDocument();
    expect(await screen.findByRole("img", { name: /^Value of HighErrorRatio/ })).toBeInTheDocument();
  });

  test("an alert that nobody knows is said to be one", async () => {
    serve({ ...all, "/alertmanager/api/v2/alerts": [] });
    open("?fp=0000000000000009");
    expect(await screen.findByText("No alert 0000000000000009 is known")).toBeInTheDocument();
  });
});

describe("rules", () => {
  test("stand with their group, health and last error; those of files are read-only", async () => {
    serve(all);
    open("?tab=rules");
    const list = await screen.findByRole("list", { name: "Rules of shop" });
    expect(within(list).getByText("failing")).toBeInTheDocument();
    expect(within(list).getByRole("alert")).toHaveTextContent("out of order");
    expect(within(list).getByText("2 active")).toBeInTheDocument();
    expect(screen.getByText(/· every 10.s · evaluated 10 s ago/)).toHaveTextContent("shop.yml");
    await userEvent.click(within(list).getAllByRole("button", { name: "Details" })[1] as HTMLElement);
    expect(await within(list).findByText(/Read-only: it stands in \/etc\/oriel\/shop\.yml/)).toBeInTheDocument();
    expect(within(list).queryByRole("button", { name: "Edit" })).not.toBeInTheDocument();
    await userEvent.click(within(list).getByRole("button", { name: "YAML" }));
    expect(within(list).getByText(/- alert: HighErrorRatio/)).toHaveTextContent("for: 20s");
    expect(within(await within(list).findByRole("list", { name: "Series of HighErrorRatio" })).getAllByRole("listitem")).toHaveLength(2);
  });

  test("filters are part of the URL and narrow rules by name, label and state", async () => {
    serve(all);
    const page = open("?tab=rules");
    await screen.findByRole("list", { name: "Rules of shop" });
    await userEvent.type(screen.getByLabelText("Filter by name or label"), "shop/cart");
    await waitFor(() => expect(page.param("filter")).toBe("shop/cart"));
    expect(screen.queryByText("service:http_requests:rate1m")).not.toBeInTheDocument();
    await userEvent.clear(screen.getByLabelText("Filter by name or label"));
    await userEvent.click(screen.getByRole("combobox", { name: "State" }));
    await userEvent.click(await screen.findByRole("option", { name: "Failing" }));
    await waitFor(() => expect(page.param("state")).toBe("failing"));
    expect(screen.queryByText("HighErrorRatio")).not.toBeInTheDocument();
    expect(screen.getByText("service:http_requests:rate1m")).toBeInTheDocument();
  });

  test("a back-test says how often a rule would have fired", async () => {
    const sent = posted({ evaluations: 10_080, count: 3, longest: 600, total: 1200, truncated: false, alerts: [{ labels: { job: "x" }, count: 3, longest: 600, total: 1200, periods: [{ start: "2024-11-21T00:00:00Z", end: "2024-11-21T00:10:00Z" }] }] });
    serve(all);
    sent.install();
    open("?tab=rules");
    await userEvent.click((await screen.findAllByRole("button", { name: "Details" }))[1] as HTMLElement);
    await userEvent.click(await screen.findByRole("button", { name: "Back-test" }));
    expect(await screen.findByText("3 times")).toBeInTheDocument();
    expect(sent.bodies).toEqual([expect.objectContaining({ expr: rule.query, for: "20s", signal: "metrics", start: "2024-11-15T02:00:00.000Z", interval: "1m" })]);
    expect(screen.getByRole("listitem", { name: /job=x: 1 firing periods/ })).toBeInTheDocument();
  });
});

describe("silences", () => {
  const silence = (id: string, state: string, matcher: object) => ({
    id,
    status: { state },
    matchers: [matcher],
    startsAt: "2024-11-22T01:00:00Z",
    endsAt: "2024-11-22T03:00:00Z",
    updatedAt: "2024-11-22T01:00:00Z",
    createdBy: "ada",
    comment: `comment ${id}`,
  });

  test("stand with those in force first, what they mute, and what can be done about each", async () => {
    serve({
      ...all,
      "/alertmanager/api/v2/silences": [silence("1", "expired", { name: "job", value: "a", isRegex: false }), silence("2", "active", { name: "severity", value: "warn.*", isRegex: true, isEqual: false })],
    });
    open("?tab=silences");
    const rows = within(await screen.findByRole("list", { name: "Silences" })).getAllByRole("listitem");
    expect(rows.map((row) => row.textContent)).toEqual([expect.stringContaining('severity!~"warn.*"'), expect.stringContaining('job="a"')]);
    expect(rows[0]).toHaveTextContent("2024-11-22 03:00:00");
    await waitFor(() => expect(rows[0]).toHaveTextContent("mutes 1 alert now"));
    expect(within(rows[0] as HTMLElement).getByRole("button", { name: "Expire now" })).toBeInTheDocument();
    await userEvent.click(within(rows[1] as HTMLElement).getByRole("button", { name: "Create again" }));
    expect(within(await screen.findByRole("dialog")).getByRole("textbox", { name: "Comment" })).toHaveValue("comment 1");
  });

  test("says so when the server has no silences, or no Alertmanager API", async () => {
    serve({ ...all, "/alertmanager/api/v2/silences": [] });
    open("?tab=silences");
    expect(await screen.findByText("Nothing is silenced")).toBeInTheDocument();
    cleanup();
    serve({ "/api/v1/rules": firing });
    open("?tab=silences");
    expect(await screen.findByText("No Alertmanager API on this server")).toBeInTheDocument();
  });
});

describe("history", () => {
  test("draws firing periods, and lists changes and deliveries with their errors", async () => {
    serve({
      ...all,
      "/oriel/api/v1/alerts/history": { changes: [change("resolved", "2024-11-22T01:50:00Z"), change("firing", "2024-11-22T01:40:00Z")] },
      "/oriel/api/v1/notifications": { attempts: [attempt("refused", "404 not found")] },
      "/oriel/api/v1/notifications/dead": { notifications: [{ id: 3, receiver: "gone", integration: "webhook", groupKey: "", reason: "first notification", queued: "2024-11-22T01:40:00Z", attempts: 2, alerts: { firing: [fp], resolved: [] }, error: "404" }] },
      "/oriel/api/v1/notifications/waiting": { notifications: [] },
    });
    open("?tab=history");
    expect(await screen.findByRole("listitem", { name: /alertname=HighErrorRatio.*: 1 firing periods, 1 other events, 1 of them failures/ })).toBeInTheDocument();
    expect(within(screen.getByRole("list", { name: "Changes" })).getAllByRole("listitem")).toHaveLength(2);
    expect(await screen.findByRole("list", { name: "Deliveries" })).toHaveTextContent("HighErrorRatio firing 404 not found");
    expect(await screen.findByRole("list", { name: "Not delivered" })).toHaveTextContent("given up");
    expect(screen.getByRole("button", { name: /^Discard/ })).toBeInTheDocument();
  });
});

describe("routing", () => {
  test("shows the tree, who gets some labels, times of the week and inhibitions", async () => {
    serve({ ...all, "/oriel/api/v1/routing": routing, "/oriel/api/v1/routing/test": { routes: [{ receiver: "oncall", path: ["{}", '{severity="critical"}'], routeID: "{}/x", groupLabels: { job: "a" }, groupWait: "30s", groupInterval: "5m", repeatInterval: "4h" }] } });
    open("?tab=routing");
    const tree = await screen.findByRole("list", { name: "Routes" });
    expect(tree).toHaveTextContent("mute at nights");
    await userEvent.type(screen.getByRole("textbox", { name: "Labels" }), "severity=critical, job=a");
    await userEvent.click(screen.getByRole("button", { name: "Test" }));
    expect(await screen.findByRole("list", { name: "Receivers of these labels" })).toHaveTextContent("oncall");
    expect(tree).toHaveTextContent("takes it");
    expect(screen.getByRole("img", { name: /^nights: monday 22 to 24; tuesday 22 to 24; wednesday never;.*saturday 22 to 24; sunday never$/ })).toBeInTheDocument();
    expect(screen.getByRole("list", { name: "Inhibitions" })).toHaveTextContent("job");
  });

  test("a receiver's test says of each integration what came of it", async () => {
    serve({ ...all, "/oriel/api/v1/routing": routing, "/oriel/api/v1/receivers/oncall/test": { results: [{ integration: "webhook[0]", seconds: 0.1, error: "connection refused" }] } });
    open("?tab=routing");
    await userEvent.click(await screen.findByRole("button", { name: "Send test to oncall" }));
    expect(await screen.findByText("connection refused")).toBeInTheDocument();
  });
});

test("objectives stand with the most burnt first", async () => {
  const slo = (name: string, left: number | null) => ({ name, service: "cart", objective: 99.9, window: "30d", indicator: {}, good: 0.998, errors: null, budgetRemaining: left, burnRate: 2, exhaustion: { state: "unknown" }, editable: name === "b", file: "/x/a.yml" });
  serve({ ...all, "/oriel/api/v1/slos": { slos: [slo("a", 0.5), slo("b", -0.2), slo("c", null)] } });
  open("?tab=slos");
  const rows = within(await screen.findByRole("list", { name: "Objectives" })).getAllByRole("listitem");
  expect(rows.map((row) => row.textContent)).toEqual([expect.stringMatching(/exhausted.*Overdrawn by 20/), expect.stringMatching(/burning.*50.0.% of the budget left/), expect.stringContaining("no data")]);
  expect(within(rows[0] as HTMLElement).getByRole("button", { name: "Delete b" })).toBeInTheDocument();
});

function change(state: string, at: string) {
  return { at, state, fingerprint: fp, rule: "HighErrorRatio", value: 0.2, labels: { alertname: "HighErrorRatio", job: "shop/payment" }, annotations: { summary: "payment fails" } };
}

function attempt(status: string, error: string) {
  return { at: "2024-11-22T01:48:30Z", notification: 1, receiver: "oncall", integration: "webhook", index: 0, groupKey: "k", reason: "first notification", attempt: 1, status, seconds: 0.1, error, alerts: { firing: [fp], resolved: [] } };
}

/** Answers every request that changes something, and remembers what was sent. */
function posted(answer: unknown) {
  const bodies: unknown[] = [];
  const paths: string[] = [];
  return {
    bodies,
    paths,
    install() {
      const others = globalThis.fetch;
      vi.stubGlobal("fetch", async (input: RequestInfo | URL, init?: RequestInit) => {
        if (typeof init?.body !== "string") return others(input, init);
        bodies.push(JSON.parse(init.body));
        paths.push(new URL(String(input), "http://oriel.test").pathname);
        return new Response(JSON.stringify(answer));
      });
    },
  };
}
