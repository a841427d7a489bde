// @vitest-environment jsdom
import { cleanup, configure, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";

import { announced, dismiss } from "../../components/announce";
import { renderPage, serve } from "../../test/renderPage";
import { AlertsPage } from "./AlertsPage";

// The tabs and the editor are loaded when they are opened.
configure({ asyncUtilTimeout: 5000 });

const recording = { name: "job:up:sum", query: "sum by (job) (up) > 0", labels: { team: "shop" }, health: "ok", type: "recording" };
const alerting = { name: "Down", query: "up == 0", duration: 60, labels: {}, annotations: {}, health: "ok", type: "alerting", state: "inactive", alerts: [] as unknown[] };
const firing = { ...alerting, state: "firing", alerts: [{ labels: { alertname: "Down" }, annotations: {}, state: "firing", activeAt: "2024-11-22T01:48:00Z", value: "0" }] };
const groups = (rules: unknown[], file = "/data/rules/metrics/page.yml") => ({ status: "success", data: { groups: [{ name: "shop", file, interval: 30, rules }] } });
const kept = "name: shop\ninterval: 30s\nquery_offset: 10s\nrules: []\n";
const all = {
  "/api/v1/rules": groups([recording, alerting]),
  "/api/v1/query_range": { status: "success", data: { resultType: "matrix", result: [{ metric: { job: "a" }, values: [[1_732_240_000, "2"]] }, { metric: { job: "b" }, values: [[1_732_240_700, "3"]] }] } },
  "/alertmanager/api/v2/alerts": [],
  "/oriel/api/v1/notifications": { attempts: [] },
  "/prometheus/config/v1/rules/page/shop": kept,
};

interface Sent {
  method: string;
  path: string;
  body?: unknown;
}

/** What is sent to be changed or deleted. */
function sending(): Sent[] {
  const sent: Sent[] = [];
  const read = globalThis.fetch;
  vi.stubGlobal("fetch", async (input: RequestInfo | URL, init?: RequestInit) => {
    const method = init?.method ?? "GET";
    const path = new URL(String(input), "http://oriel.test").pathname;
    if (path === "/prometheus/config/v1/rules/page/shop" && method === "GET") return new Response(kept);
    if (method === "GET" || init?.body instanceof URLSearchParams) return read(input, init);
    sent.push({ method, path, ...(typeof init?.body === "string" ? { body: JSON.parse(init.body) as unknown } : {}) });
    return new Response("{}");
  });
  return sent;
}

async function details(index: number): Promise<HTMLElement> {
  const list = await screen.findByRole("list", { name: "Rules of shop" });
  await userEvent.click(within(list).getAllByRole("button", { name: "Details" })[index] as HTMLElement);
  return list;
}

const open = () => renderPage("/alerts", AlertsPage, "/alerts?tab=rules");

async function write(expression: string): Promise<void> {
  await userEvent.click(screen.getByRole("textbox", { name: "Expression" }));
  await userEvent.paste(expression);
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"], now: Date.parse("2024-11-22T02:00:00Z") });
  dismiss();
});
afterEach(() => {
  cleanup();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe("a recording rule", () => {
  test("is made with its labels in a group of its own, once its series were seen", async () => {
    serve(all);
    const sent = sending();
    open();
    await userEvent.click(await screen.findByRole("button", { name: "New rule" }));
    const form = within(await screen.findByRole("dialog"));
    await userEvent.click(form.getByRole("radio", { name: "Recording rule" }));
    expect(form.queryByLabelText("For")).not.toBeInTheDocument();
    expect(form.getByLabelText("Labels")).toHaveValue("");
    await userEvent.type(form.getByLabelText("Name"), "job:up:count");
    await userEvent.type(form.getByLabelText("Labels"), "team=shop");
    await write("count by (job) (up)");
    await userEvent.click(form.getByRole("button", { name: "Preview" }));
    expect(await form.findByText("2 series in this range")).toBeInTheDocument();
    await userEvent.click(form.getByRole("button", { name: "Save" }));
    await waitFor(() => expect(sent).toEqual([{ method: "POST", path: "/prometheus/config/v1/rules/page", body: { name: "job:up:count", interval: "1m", rules: [{ record: "job:up:count", expr: "count by (job) (up)", labels: { team: "shop" } }] } }]));
  }, 20_000);

  test("joins a group that was made here, which keeps its rules and what it is set to", async () => {
    serve(all);
    const sent = sending();
    open();
    await userEvent.click(await screen.findByRole("button", { name: "New rule" }));
    const form = within(await screen.findByRole("dialog"));
    await userEvent.click(form.getByRole("radio", { name: "Recording rule" }));
    await userEvent.type(form.getByLabelText("Name"), "a:b");
    await write("up");
    await userEvent.type(form.getByRole("combobox", { name: "Group" }), "shop");
    expect(form.getByLabelText("Evaluated every")).toHaveValue("30s");
    await userEvent.click(form.getByRole("button", { name: "Save" }));
    await waitFor(() => expect(sent).toHaveLength(1));
    expect(sent[0]?.body).toEqual({
      name: "shop",
      interval: "30s",
      query_offset: "10s",
      rules: [{ record: "job:up:sum", expr: "sum by (job) (up) > 0", labels: { team: "shop" } }, { alert: "Down", expr: "up == 0", for: "1m" }, { record: "a:b", expr: "up" }],
    });
  }, 20_000);

  test("is changed in its place", async () => {
    serve(all);
    const sent = sending();
    open();
    const list = await details(0);
    // A comparison filters what is recorded: it is drawn as it stands.
    expect(await within(list).findByText("2 series in this range")).toBeInTheDocument();
    await userEvent.click(within(list).getByRole("button", { name: "Edit" }));
    const form = within(await screen.findByRole("dialog", { name: "Change job:up:sum" }));
    expect(form.getByRole("combobox", { name: "Group" })).toBeDisabled();
    await userEvent.clear(form.getByLabelText("Name"));
    await userEvent.type(form.getByLabelText("Name"), "job:up:total");
    await userEvent.click(form.getByRole("button", { name: "Save" }));
    await waitFor(() => expect(sent).toHaveLength(1));
    expect(sent[0]?.body).toEqual(expect.objectContaining({ rules: [{ record: "job:up:total", expr: "sum by (job) (up) > 0", labels: { team: "shop" } }, { alert: "Down", expr: "up == 0", for: "1m" }] }));
  }, 20_000);

  test("of a file is read-only and says which file", async () => {
    serve({ ...all, "/api/v1/rules": groups([recording], "/etc/oriel/shop.yml") });
    open();
    const list = await details(0);
    expect(await within(list).findByText("Read-only: it stands in /etc/oriel/shop.yml.")).toBeInTheDocument();
    expect(screen.queryByRole("button", { name: /^Delete/ })).not.toBeInTheDocument();
  });
});

describe("deleting", () => {
  test("a rule that does not fire takes a second click, and can be undone", async () => {
    serve(all);
    const sent = sending();
    open();
    const list = await details(1);
    await userEvent.click(within(list).getByRole("button", { name: "Delete Down" }));
    expect(sent).toEqual([]);
    await userEvent.click(within(list).getByRole("button", { name: "Really delete Down" }));
    const left = { record: "job:up:sum", expr: "sum by (job) (up) > 0", labels: { team: "shop" } };
    await waitFor(() => expect(announced()?.text).toBe("Down is deleted."));
    expect(sent).toEqual([{ method: "POST", path: "/prometheus/config/v1/rules/page", body: { name: "shop", interval: "30s", query_offset: "10s", rules: [left] } }]);
    announced()?.undo?.();
    await waitFor(() => expect(sent[1]?.body).toEqual({ name: "shop", interval: "30s", query_offset: "10s", rules: [left, { alert: "Down", expr: "up == 0", for: "1m" }] }));
  });

  test("a rule that fires asks for its name, and says what ends", async () => {
    serve({ ...all, "/api/v1/rules": groups([recording, firing]) });
    const sent = sending();
    open();
    const list = await details(1);
    await userEvent.click(within(list).getByRole("button", { name: "Delete Down" }));
    const form = within(await screen.findByRole("dialog", { name: "Delete the rule Down" }));
    expect(form.getByText(/1 alert that fires now will be over/)).toBeInTheDocument();
    const go = form.getByRole("button", { name: "Delete the rule" });
    await userEvent.type(form.getByLabelText("To go on, type Down"), "Dow");
    expect(go).toBeDisabled();
    await userEvent.type(form.getByLabelText("To go on, type Down"), "n");
    await userEvent.click(go);
    await waitFor(() => expect(sent).toHaveLength(1));
  });

  test("a group asks for its name, and says what goes and what stays", async () => {
    serve(all);
    const sent = sending();
    open();
    await userEvent.click(await screen.findByRole("button", { name: "Delete the group shop" }));
    const form = within(await screen.findByRole("dialog", { name: "Delete the group shop" }));
    expect(form.getByText(/1 alerting rule and 1 recording rule\./)).toBeInTheDocument();
    expect(form.getByText(/history of its alerts, all silences and what was recorded stay/)).toBeInTheDocument();
    expect(form.getByRole("button", { name: "Delete the group" })).toBeDisabled();
    await userEvent.type(form.getByLabelText("To go on, type shop"), "shop{Enter}");
    await waitFor(() => expect(sent).toEqual([{ method: "DELETE", path: "/prometheus/config/v1/rules/page/shop" }]));
    expect(announced()?.text).toBe("shop is deleted.");
  });
});
