// @vitest-environment jsdom
import { cleanup, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";

import { prefsNow } from "../../components/usePrefs";
import { Refusal, renderPage, serve } from "../../test/renderPage";
import { Appearance } from "./Appearance";
import { Correlations } from "./Correlations";
import { Profile } from "./Profile";
import { Queries } from "./Queries";
import { SecondFactor } from "./SecondFactor";
import { Tenants } from "./Tenants";

/** What was sent besides GET, and answers by "METHOD path". */
function sent(answers: Record<string, unknown>) {
  const all: { method: string; path: string; body: unknown }[] = [];
  vi.stubGlobal("fetch", async (input: RequestInfo | URL, init: RequestInit = {}) => {
    const url = new URL(String(input), "http://oriel.test");
    const method = init.method ?? "GET";
    const path = url.pathname + url.search;
    if (method !== "GET") all.push({ method, path, body: typeof init.body === "string" ? JSON.parse(init.body) : undefined });
    const answer = answers[`${method} ${path}`] ?? answers[`${method} ${url.pathname}`];
    if (answer instanceof Refusal) return new Response(answer.text, { status: answer.status });
    if (answer === undefined) return new Response('{"error":"nothing here"}', { status: 404 });
    return new Response(JSON.stringify(answer), { status: 200 });
  });
  return all;
}

beforeEach(() => localStorage.clear());
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

describe("Appearance", () => {
  test("what is chosen is kept in the browser", async () => {
    renderPage("/", Appearance, "/");
    await userEvent.click(await screen.findByText("High contrast"));
    await userEvent.click(screen.getByText("Compact"));
    await userEvent.click(screen.getByText("Colours and dashes"));
    expect(prefsNow()).toMatchObject({ theme: "contrast", density: "compact", series: "distinct" });
  });

  test("shows what series look like", async () => {
    renderPage("/", Appearance, "/");
    const dashes = () => within(screen.getByRole("list", { name: "What series look like" })).getAllByRole("listitem").map((one) => one.querySelector("svg")?.dataset.dash !== "");
    await screen.findByRole("list");
    expect(dashes()).toEqual(Array.from({ length: 8 }, () => false));
    await userEvent.click(screen.getByText("Colours and dashes"));
    expect(dashes().filter(Boolean)).toHaveLength(4);
  });
});

test("Profile keeps keys, zone and start page in the browser", async () => {
  renderPage("/", Profile, "/");
  await userEvent.click(await screen.findByRole("switch", { name: "Single-key shortcuts" }));
  expect(prefsNow()).toMatchObject({ shortcuts: false });
});

describe("SecondFactor", () => {
  const base = "/oriel/api/v1/auth/totp";
  const offered = { secret: "JBSWY3DPEHPK3PXP", uri: "otpauth://totp/Oriel:ada?secret=JBSWY3DPEHPK3PXP&issuer=Oriel" };

  test("is switched on with the password, a picture and a code, and its recovery codes are shown once", async () => {
    const all = sent({ [`POST ${base}`]: offered, [`POST ${base}/confirm`]: { recovery_codes: ["aaaa-bbbb", "cccc-dddd"] } });
    const user = userEvent.setup();
    renderPage("/", () => <SecondFactor user="ada" on={false} codes={0} />, "/");
    await user.type(await screen.findByLabelText(/^Password/), "correct horse");
    await user.click(screen.getByRole("button", { name: "Add an authenticator" }));
    expect(await screen.findByRole("img", { name: /QR code/ })).toBeInTheDocument();
    expect(screen.getByText("JBSW Y3DP EHPK 3PXP")).toBeInTheDocument();
    await user.type(screen.getByRole("textbox", { name: /^Code that it shows now/ }), "123456");
    await user.click(screen.getByRole("button", { name: "Switch it on" }));
    expect(within(await screen.findByRole("list", { name: "Recovery codes" })).getAllByRole("listitem").map((one) => one.textContent)).toEqual(["aaaa-bbbb", "cccc-dddd"]);
    expect(all.map(({ path, body }) => [path, body])).toEqual([
      [base, { password: "correct horse" }],
      [`${base}/confirm`, { code: "123456" }],
    ]);
    await user.click(screen.getByRole("button", { name: "I have kept them" }));
    expect(screen.queryByText("aaaa-bbbb")).not.toBeInTheDocument();
  });

  test("a wrong password or code is told in the server's words", async () => {
    sent({ [`POST ${base}`]: new Refusal(401, '{"error":"wrong password"}') });
    const user = userEvent.setup();
    renderPage("/", () => <SecondFactor user="ada" on={false} codes={0} />, "/");
    await user.type(await screen.findByLabelText(/^Password/), "x");
    await user.click(screen.getByRole("button", { name: "Add an authenticator" }));
    expect(await screen.findByRole("alert")).toHaveTextContent("wrong password");
  });

  test("is switched off with the password, and tells how many codes are left", async () => {
    const all = sent({ [`POST ${base}/disable`]: {} });
    const user = userEvent.setup();
    renderPage("/", () => <SecondFactor user="ada" on codes={2} />, "/");
    expect(await screen.findByText(/2 recovery codes left/)).toBeInTheDocument();
    await user.type(screen.getByLabelText(/^Password/), "correct horse");
    await user.click(screen.getByRole("button", { name: "Switch it off" }));
    await waitFor(() => expect(all).toEqual([{ method: "POST", path: `${base}/disable`, body: { password: "correct horse" } }]));
  });
});

describe("Tenants", () => {
  const base = "/oriel/api/v1/tenants";
  const has = { tenant: "acme", dryRun: true, lines: 1200, spans: 0, series: 34, tokens: 1, dashboards: 2 };
  const status = { version: "dev", limits: { max_line_bytes: 65536, rates: { tenants: { acme: { lines_per_second: 10 } } } }, storage: { retention: { metrics: "15d" } } };

  test("are listed, and counted when asked", async () => {
    sent({ [`GET ${base}`]: { tenants: ["acme"] }, "GET /oriel/api/v1/status": status, [`DELETE ${base}/acme?dry_run=true`]: has });
    renderPage("/", Tenants, "/");
    expect(await screen.findByText("not counted")).toBeInTheDocument();
    await userEvent.click(screen.getByRole("button", { name: "Count what acme has" }));
    expect((await screen.findByText(/34 series/)).textContent).toMatch(/^34 series, 1.200 log lines, 1 token, 2 dashboards$/);
    expect((await screen.findByLabelText("Limits and retention in force")).textContent).toBe(
      "limits:\n  max_line_bytes: 65536\n  rates:\n    tenants:\n      acme:\n        lines_per_second: 10\nretention:\n  metrics: 15d",
    );
  });

  test("one is deleted once its name was typed", async () => {
    const all = sent({ [`GET ${base}`]: { tenants: ["acme"] }, "GET /oriel/api/v1/status": status, [`DELETE ${base}/acme?dry_run=true`]: has, [`DELETE ${base}/acme`]: { ...has, dryRun: false } });
    const user = userEvent.setup();
    renderPage("/", Tenants, "/");
    await user.click(await screen.findByRole("button", { name: "Delete acme" }));
    const dialog = await screen.findByRole("dialog");
    expect(await within(dialog).findByText(/34 series/)).toBeInTheDocument();
    const button = within(dialog).getByRole("button", { name: "Delete all of it" });
    expect(button).toBeDisabled();
    await user.type(within(dialog).getByRole("textbox"), "acm");
    expect(button).toBeDisabled();
    await user.type(within(dialog).getByRole("textbox"), "e");
    await user.click(button);
    await waitFor(() => expect(all.map(({ path }) => path)).toEqual([`${base}/acme?dry_run=true`, `${base}/acme`]));
  });

  test("a role that may not see them says so", async () => {
    serve({ [base]: new Refusal(403, '{"error":"eve may not use this, which takes admin"}'), "/oriel/api/v1/status": new Refusal(403, '{"error":"eve may not"}') });
    renderPage("/", Tenants, "/");
    expect(await screen.findByText(/eve may not use this/)).toBeInTheDocument();
  });
});

describe("Queries", () => {
  const base = "/oriel/api/v1/queries";
  const slow = { uid: "q1", name: "slow", language: "traceql", query: "{ duration > 1s }", updated: "2026-01-01T00:00:00Z", updatedBy: "ada" };

  test("lead to their page, and are kept, changed and removed", async () => {
    const all = sent({ [`GET ${base}`]: { queries: [slow] }, [`POST ${base}`]: { uid: "q2" }, [`PUT ${base}/q1`]: { uid: "q1" }, [`DELETE ${base}/q1`]: {} });
    const user = userEvent.setup();
    renderPage("/", Queries, "/");
    expect(await screen.findByRole("link", { name: "slow" })).toHaveAttribute("href", `/explore/traces?q=${new URLSearchParams({ q: slow.query }).toString().slice(2)}`);
    const form = screen.getByRole("form", { name: "Keep a query" });
    await user.type(within(form).getByRole("textbox", { name: /^Name/ }), "up");
    await user.type(within(form).getByRole("textbox", { name: /^Query/ }), "sum(up)");
    await user.click(within(form).getByRole("button", { name: "Keep it" }));
    await user.click(screen.getByRole("button", { name: "Edit slow" }));
    const change = screen.getByRole("form", { name: "Change slow" });
    await user.type(within(change).getByRole("textbox", { name: /^Name/ }), "er");
    await user.click(within(change).getByRole("button", { name: "Save" }));
    await user.click(await screen.findByRole("button", { name: "Remove slow" }));
    await waitFor(() =>
      expect(all.map(({ method, path, body }) => [method, path, body])).toEqual([
        ["POST", base, { name: "up", language: "promql", query: "sum(up)" }],
        ["PUT", `${base}/q1`, { name: "slower", language: "traceql", query: "{ duration > 1s }" }],
        ["DELETE", `${base}/q1`, undefined],
      ]),
    );
  });
});

describe("Correlations", () => {
  const path = "/oriel/api/v1/correlations";
  const mine = { id: "mine", from: ["alert"], to: "logs", title: "My logs", queries: ["{app={{service}}}"], around: { before: 30, after: "now" } };

  test("rules of one's own are added, with an example of what they ask", async () => {
    const all = sent({ [`GET ${path}`]: { version: 3, rules: [mine], off: ["series-logs"] }, [`PUT ${path}`]: { version: 4 } });
    const user = userEvent.setup();
    renderPage("/", Correlations, "/");
    await user.click(await screen.findByRole("button", { name: "New rule" }));
    const form = screen.getByRole("form", { name: "New rule" });
    expect(within(form).getByRole("button", { name: "Save the rule" })).toBeDisabled();
    await user.type(within(form).getByRole("textbox", { name: /^Offered as/ }), "Audit log");
    await user.clear(within(form).getByRole("textbox", { name: /^Query/ }));
    await user.type(within(form).getByRole("textbox", { name: /^Query/ }), "{{audit={{{{service}}");
    expect(within(form).getByRole("status", { name: "For example" })).toHaveTextContent('{audit="cart"');
    await user.click(within(form).getByRole("button", { name: "Save the rule" }));
    await waitFor(() => expect(all).toHaveLength(1));
    expect(all[0]?.body).toEqual({
      version: 3,
      off: ["series-logs"],
      rules: [mine, { id: "audit-log", from: ["series"], to: "logs", title: "Audit log", queries: ["{audit={{service}}"], around: { before: 1, after: 1 } }],
    });
  });

  test("those of the page are switched off and on", async () => {
    const all = sent({ [`GET ${path}`]: { version: 1, rules: [], off: ["series-logs"] }, [`PUT ${path}`]: { version: 2 } });
    renderPage("/", Correlations, "/");
    const off = await screen.findByRole("switch", { name: "Offer Logs at this time" });
    expect(off).not.toBeChecked();
    await userEvent.click(off);
    await waitFor(() => expect(all[0]?.body).toEqual({ version: 1, rules: [], off: [] }));
  });

  test("what somebody else has changed meanwhile is not overwritten", async () => {
    sent({ [`GET ${path}`]: { version: 1, rules: [mine], off: [] }, [`PUT ${path}`]: new Refusal(409, '{"error":"correlation rules have version 2 by now"}') });
    renderPage("/", Correlations, "/");
    await userEvent.click(await screen.findByRole("button", { name: "Remove My logs" }));
    expect(await screen.findByRole("alert")).toHaveTextContent("version 2 by now");
  });
});
