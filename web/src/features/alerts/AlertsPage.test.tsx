// @vitest-environment jsdom
import { cleanup, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";

import { Refusal, renderPage, serve } from "../../test/renderPage";
import { AlertsPage } from "./AlertsPage";

const alert = (job: string, state: string, severity: string) => ({
  labels: { alertname: "HighErrorRatio", job, severity },
  annotations: { summary: `${job} fails`, description: "Too many requests fail." },
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
  annotations: {},
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
const rules = (alerts: unknown[]) => ({
  status: "success",
  data: {
    groups: [
      { name: "shop", file: "/etc/oriel/shop.yml", interval: 10, evaluationTime: 0.002, lastEvaluation: "2024-11-22T01:59:50Z", rules: [recording, { ...rule, state: alerts.length > 0 ? "firing" : "inactive", alerts }] },
    ],
  },
});
const matrix = {
  status: "success",
  data: { resultType: "matrix", result: [{ metric: { job: "shop/payment" }, values: [[1_732_240_000, "0.02"], [1_732_240_700, "0.17"]] }] },
};
const firing = rules([alert("shop/cart", "pending", "critical"), alert("shop/payment", "firing", "critical")]);
const open = (search = "") => renderPage("/alerts", AlertsPage, `/alerts${search}`);

beforeEach(() => vi.useFakeTimers({ toFake: ["Date"], now: Date.parse("2024-11-22T02:00:00Z") }));
afterEach(() => {
  cleanup();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe("AlertsPage", () => {
  test("shows firing alerts before pending ones, with state, age, value, labels and ways to the evidence", async () => {
    serve({ "/api/v1/rules": firing, "/api/v1/query_range": matrix });
    open();
    const list = await screen.findByRole("list", { name: "Alerts of HighErrorRatio" });
    const items = within(list).getAllByRole("listitem");
    expect(items.map((item) => item.textContent)).toEqual([expect.stringContaining("shop/payment fails"), expect.stringContaining("shop/cart fails")]);
    const first = within(items[0] as HTMLElement);
    expect(first.getByText("firing")).toBeInTheDocument();
    expect(first.getByText("12 min ago")).toBeInTheDocument();
    expect(first.getByText("0.176")).toBeInTheDocument();
    expect(first.getByRole("link", { name: "Logs of payment" })).toHaveAttribute("href", expect.stringContaining("payment"));
    expect(first.getByRole("link", { name: "Traces of payment" })).toHaveAttribute("href", expect.stringContaining("/explore/traces?"));
  });

  test("asks for the value that the rule compares, not for the comparison", async () => {
    const asked = serve({ "/api/v1/rules": firing, "/api/v1/query_range": matrix });
    open();
    await screen.findByRole("img", { name: /^Value of HighErrorRatio: from 0.02 to 0.17/ });
    const queries = asked.filter((one) => one.pathname.endsWith("query_range")).map((one) => one.searchParams.get("query"));
    expect(queries).toEqual(["service:http_errors:ratio1m"]);
  });

  test("a graph that fails leaves the alerts in sight", async () => {
    serve({ "/api/v1/rules": firing, "/api/v1/query_range": new Refusal(503, '{"error":"too many queries"}') });
    open();
    expect(await screen.findByText("too many queries")).toBeInTheDocument();
    expect(screen.getByText("shop/payment fails")).toBeInTheDocument();
  });

  test("says so when nothing fires", async () => {
    serve({ "/api/v1/rules": rules([]) });
    open();
    expect(await screen.findByText("Nothing fires")).toBeInTheDocument();
  });

  test("says how to load rules when there are none", async () => {
    serve({ "/api/v1/rules": { status: "success", data: { groups: [] } } });
    open();
    expect(await screen.findByText("No rules are loaded")).toBeInTheDocument();
    expect(screen.getByText("rule_files:")).toBeInTheDocument();
  });

  test("shows the server's words on failure, and asks again", async () => {
    serve({ "/api/v1/rules": new Refusal(500, '{"status":"error","error":"rules are broken"}') });
    open();
    expect(await screen.findByText("rules are broken")).toBeInTheDocument();
    serve({ "/api/v1/rules": rules([]) });
    await userEvent.click(screen.getByRole("button", { name: "Try again" }));
    expect(await screen.findByText("Nothing fires")).toBeInTheDocument();
  });

  test("lists rules with their group, health and last error", async () => {
    serve({ "/api/v1/rules": firing });
    open("?tab=rules");
    const list = await screen.findByRole("list", { name: "Rules of shop" });
    expect(within(list).getByText("failing")).toBeInTheDocument();
    expect(within(list).getByRole("alert")).toHaveTextContent("out of order");
    expect(within(list).getByText("2 active")).toBeInTheDocument();
    expect(screen.getByText(/shop\.yml · every 10.s · evaluated 10 s ago/)).toBeInTheDocument();
  });

  test("the filter is part of the URL and narrows rules by name or label", async () => {
    serve({ "/api/v1/rules": firing, "/api/v1/query_range": matrix });
    const page = open("?tab=rules");
    await screen.findByRole("list", { name: "Rules of shop" });
    await userEvent.type(screen.getByLabelText("Filter by name or label"), "shop/cart");
    await waitFor(() => expect(page.param("filter")).toBe("shop/cart"));
    expect(screen.queryByText("service:http_requests:rate1m")).not.toBeInTheDocument();
    await userEvent.type(screen.getByLabelText("Filter by name or label"), "zzz");
    expect(await screen.findByText("No rule matches")).toBeInTheDocument();
  });

  test("lists silences, those in force first", async () => {
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
    serve({
      "/api/v1/rules": firing,
      "/alertmanager/api/v2/silences": [
        silence("1", "expired", { name: "job", value: "a", isRegex: false }),
        silence("2", "active", { name: "severity", value: "warn.*", isRegex: true, isEqual: false }),
      ],
    });
    open("?tab=silences");
    const table = await screen.findByRole("table", { name: "Silences" });
    const rows = within(table).getAllByRole("row").slice(1);
    expect(rows.map((row) => row.textContent)).toEqual([expect.stringContaining('severity!~"warn.*"'), expect.stringContaining('job="a"')]);
    expect(rows[0]).toHaveTextContent("2024-11-22 03:00:00");
  });

  test("says so when the server has no silences, or no Alertmanager API", async () => {
    serve({ "/api/v1/rules": firing, "/alertmanager/api/v2/silences": [] });
    open("?tab=silences");
    expect(await screen.findByText("Nothing is silenced")).toBeInTheDocument();
    cleanup();
    serve({ "/api/v1/rules": firing });
    open("?tab=silences");
    expect(await screen.findByText("No Alertmanager API on this server")).toBeInTheDocument();
  });
});
