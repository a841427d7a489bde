// @vitest-environment jsdom
import { cleanup, configure, fireEvent, screen, waitFor, within } from "@testing-library/react";
import { afterEach, describe, expect, test, vi } from "vitest";

import { renderPage, serve } from "../../../test/renderPage";
import { Routing } from "../Routing";

// The editor is loaded when it is opened.
configure({ asyncUtilTimeout: 5000 });

const node = { id: "{}", receiver: "none", matchers: [], groupBy: [], groupWait: "30s", groupInterval: "5m", repeatInterval: "4h", continue: false, muteTimeIntervals: [], activeTimeIntervals: [], routes: [] };
const inForce = { route: node, receivers: [{ name: "none", config: "name: none\n" }], inhibitRules: [], timeIntervals: [] };
const nobody = { version: 0, file: "", editable: true, yaml: "route:\n  receiver: none\n", config: { route: { receiver: "none" }, receivers: [{ name: "none" }] } };
const oncall = {
  ...nobody,
  version: 3,
  author: "ada",
  created: "2024-11-22T01:00:00Z",
  config: {
    global: { resolve_timeout: "5m" },
    route: { receiver: "mail", group_by: ["job"], routes: [{ matchers: ['severity="critical"'], receiver: "oncall" }, { matchers: ['team="shop"'], receiver: "mail", mute_time_intervals: ["nights"] }] },
    receivers: [
      { name: "mail", email_configs: [{ to: "a@b.example", smarthost: "mail.example:25", from: "o@b.example" }] },
      { name: "oncall", webhook_configs: [{ url: "<secret 1>", max_alerts: 5 }], wechat_configs: [{ corp_id: "x" }] },
    ],
    time_intervals: [{ name: "nights", time_intervals: [{ times: [{ start_time: "22:00", end_time: "24:00" }] }] }],
  },
};
const fine = { yaml: "route: {}\n", problems: [], changes: [{ section: "receivers", name: "oncall", how: "changed" }], moved: [{ labels: { alertname: "Down" }, from: ["none"], to: ["oncall"] }] };

/** The server over a configuration: what it thinks of drafts is `check`, and what is changed comes back. */
function server(configuration: object, check: object = fine) {
  const sent: { method: string; path: string; body: Record<string, unknown>; match: string | null }[] = [];
  serve({ "/oriel/api/v1/routing": inForce, "/oriel/api/v1/routing/config": configuration, "/oriel/api/v1/routing/config/versions": { versions: [{ version: 3, author: "ada" }, { version: 2, author: "bob", message: "nights" }] } });
  const read = globalThis.fetch;
  vi.stubGlobal("fetch", async (input: RequestInfo | URL, init?: RequestInit) => {
    const method = init?.method ?? "GET";
    const path = new URL(String(input), "http://oriel.test").pathname.replace("/oriel/api/v1/routing", "");
    if (method === "GET") return read(input, init);
    const body = JSON.parse(String(init?.body)) as Record<string, unknown>;
    sent.push({ method, path, body, match: new Headers(init?.headers).get("If-Match") });
    const answers: Record<string, object> = { "/config/check": { config: body["config"], ...check }, "/config/test": { results: [{ integration: "webhook[0]", seconds: 0.1 }] }, "/test": { routes: [] } };
    return new Response(JSON.stringify(answers[path] ?? { version: 4, restored: 2 }), { status: 200 });
  });
  const of = (path: string, method = "POST") => sent.filter((one) => one.path === path && one.method === method).map(({ body, match }) => ({ ...body, match }));
  return { saved: () => of("/config", "PUT"), tested: () => of("/config/test"), asked: () => of("/test"), restored: () => of("/config/versions/2/restore") };
}

const open = () => renderPage("/alerts", Routing, "/alerts?tab=routing");
const click = async (name: string | RegExp, within_ = screen as Pick<typeof screen, "findByRole">) => fireEvent.click(await within_.findByRole("button", { name }));
const fill = (field: HTMLElement, value: string) => fireEvent.change(field, { target: { value } });
const save = async () => {
  const button = await screen.findByRole("button", { name: "Save" });
  await waitFor(() => expect(button).toBeEnabled());
  fireEvent.click(button);
};

afterEach(() => {
  // A draft outlives its page.
  const discard = screen.queryByRole("button", { name: /discard changes/i });
  if (discard) {
    fireEvent.click(discard);
    fireEvent.click(screen.getByRole("button", { name: /really discard/i }));
  }
  cleanup();
  vi.unstubAllGlobals();
});

describe("whose word it is", () => {
  test("a file's is read-only, and the file is named", async () => {
    server({ ...oncall, editable: false, file: "/etc/oriel.yaml: alertmanager", why: "the configuration file says who is notified" });
    open();
    expect(await screen.findByText("From /etc/oriel.yaml: alertmanager, read-only.")).toBeInTheDocument();
    expect(screen.queryByRole("button", { name: "Edit" })).not.toBeInTheDocument();
    expect(screen.queryByRole("button", { name: "Versions" })).not.toBeInTheDocument();
  });

  test("who may not change it is told why", async () => {
    server({ ...oncall, editable: false, why: "who is notified is changed by editors" });
    open();
    expect(await screen.findByText("Read-only: who is notified is changed by editors")).toBeInTheDocument();
    expect(screen.getByText(/^Version 3, by ada/)).toBeInTheDocument();
    expect(screen.queryByRole("button", { name: "Edit" })).not.toBeInTheDocument();
  });

  test("what was written and cannot be used is said", async () => {
    server({ ...nobody, version: 2, fault: "the key is another" });
    open();
    expect(await screen.findByRole("alert")).toHaveTextContent("nobody is told: the key is another");
  });
});

describe("a contact point", () => {
  test("the first is told of everything; it is tried, checked and saved over the version it began with", async () => {
    const { saved, tested } = server(nobody);
    open();
    await click("Add contact point");
    const form = within(await screen.findByRole("dialog", { name: "New contact point" }));
    expect(form.getByRole("button", { name: "Add" })).toBeDisabled();
    fill(form.getByRole("textbox", { name: "Name" }), "oncall");
    fill(form.getByLabelText(/^URL/), "https://hook.example/x");
    await click("Send test", form);
    expect(await form.findByText("taken")).toBeInTheDocument();
    const config = { route: { receiver: "oncall" }, receivers: [{ name: "none" }, { name: "oncall", webhook_configs: [{ url: "https://hook.example/x" }] }] };
    expect(tested()).toEqual([{ draft: { base: 0, config }, receiver: "oncall", match: null }]);
    await click("Add", form);
    expect(await screen.findByText(/contact point oncall changed\. 1 alert that fires would go elsewhere: Down to oncall instead of none\./)).toBeInTheDocument();
    fill(screen.getByRole("textbox", { name: "Why" }), "at last");
    await save();
    await waitFor(() => expect(saved()).toEqual([{ config, message: "at last", match: '"0"' }]));
    expect(await screen.findByRole("list", { name: "Receivers" })).toBeInTheDocument();
  });

  test("keeps its secrets, which nobody sees, and what the form does not know; a new name is followed by its routes", async () => {
    const { saved } = server(oncall);
    open();
    await click("Edit");
    await click("Edit oncall");
    const form = within(await screen.findByRole("dialog", { name: "Change oncall" }));
    expect(form.getByLabelText(/^URL/)).toHaveValue("kept");
    expect(form.getByText(/There is no form for this one/)).toBeInTheDocument();
    fill(form.getByRole("textbox", { name: "Name" }), "night");
    await click("Change", form);
    await save();
    await waitFor(() => expect(saved()).toHaveLength(1));
    const config = saved()[0]?.["config" as never] as unknown as typeof oncall.config;
    expect(config.receivers[1]).toEqual({ name: "night", webhook_configs: [{ url: "<secret 1>", max_alerts: 5 }], wechat_configs: [{ corp_id: "x" }] });
    expect(config.route.routes[0]?.receiver).toBe("night");
    expect(config.global).toEqual({ resolve_timeout: "5m" });
  });

  test("gets another secret, or keeps the one it has after all", async () => {
    server(oncall);
    open();
    await click("Edit");
    await click("Edit oncall");
    const form = within(await screen.findByRole("dialog", { name: "Change oncall" }));
    await click("Replace URL", form);
    expect(form.getByLabelText(/^URL/)).toHaveAttribute("type", "password");
    expect(form.getByText("Webhook: URL is missing.")).toBeInTheDocument();
    await click("Keep the one there is", form);
    expect(form.getByLabelText(/^URL/)).toHaveValue("kept");
  });

  test("that routes lead to is not removed, and they are named", async () => {
    server(oncall);
    open();
    await click("Edit");
    await click("Remove oncall");
    await click("Really remove oncall");
    expect(screen.getByRole("alert")).toHaveTextContent('oncall stays: the routes of severity="critical" lead there.');
    expect(within(screen.getByRole("list", { name: "Contact points" })).getAllByRole("listitem")).toHaveLength(2);
  });
});

test("routes are added, moved and deleted, and the draft says who gets some labels", async () => {
  const { saved, asked } = server(oncall);
  open();
  await click("Edit");
  await click('Move down severity="critical"');
  await click('Add a route below team="shop"');
  const form = within(await screen.findByRole("dialog", { name: "New route" }));
  fill(form.getByRole("textbox", { name: "Matchers" }), 'env=~"prod|live"');
  fill(form.getByRole("textbox", { name: "Repeats" }), "soon");
  expect(form.getByText('"soon" is no duration; write 30s, 5m or 1h30m.')).toBeInTheDocument();
  fill(form.getByRole("textbox", { name: "Repeats" }), "1h");
  await click("Apply", form);
  fill(screen.getByRole("textbox", { name: "Labels" }), "team=shop");
  await click("Test");
  await waitFor(() => expect(asked()).toHaveLength(1));
  await click('Delete route severity="critical"');
  await click('Really delete route severity="critical"');
  await save();
  const route = { receiver: "mail", group_by: ["job"], routes: [{ matchers: ['team="shop"'], receiver: "mail", mute_time_intervals: ["nights"], routes: [{ matchers: ['env=~"prod|live"'], repeat_interval: "1h" }] }] };
  await waitFor(() => expect(saved()).toMatchObject([{ config: { route }, match: '"3"' }]));
  expect(asked()).toMatchObject([{ labels: { team: "shop" }, draft: { base: 3, config: { route: { routes: [{ routes: [{ repeat_interval: "1h" }] }, {}] } } } }]);
});

test("times are drawn while they are written, and stay while routes go by them", async () => {
  const { saved } = server(oncall);
  open();
  await click("Edit");
  await click("Remove nights");
  await click("Really remove nights");
  expect(screen.getByRole("alert")).toHaveTextContent('nights stays: the routes of team="shop" go by it.');
  await click("Edit nights");
  const form = within(await screen.findByRole("dialog", { name: "Change nights" }));
  for (const day of ["monday", "tuesday", "sunday"]) fireEvent.click(form.getByRole("checkbox", { name: day }));
  expect(form.getByRole("img", { name: /^nights: monday 22 to 24; tuesday 22 to 24; wednesday never/ })).toBeInTheDocument();
  await click("Apply", form);
  await save();
  await waitFor(() => expect(saved()).toMatchObject([{ config: { time_intervals: [{ name: "nights", time_intervals: [{ weekdays: ["sunday:tuesday"], times: [{ start_time: "22:00", end_time: "24:00" }] }] }] } }]));
});

test("inhibitions are added", async () => {
  const { saved } = server(oncall);
  open();
  await click("Edit");
  await click("Add inhibition");
  const form = within(await screen.findByRole("dialog", { name: "Inhibition" }));
  fill(form.getByRole("textbox", { name: "While one fires that fits" }), "alertname=ClusterDown");
  fill(form.getByRole("textbox", { name: "Nobody is told of those that fit" }), 'severity="warning"');
  fill(form.getByRole("textbox", { name: "If these labels are the same" }), "cluster, job");
  await click("Apply", form);
  await save();
  await waitFor(() => expect(saved()).toMatchObject([{ config: { inhibit_rules: [{ source_matchers: ['alertname="ClusterDown"'], target_matchers: ['severity="warning"'], equal: ["cluster", "job"] }] } }]));
});

test("what is wrong stands with its line, and keeps the draft from being saved; it outlives a look at another page", async () => {
  server(oncall, { yaml: "route:\n  receiver: gone\n", problems: [{ line: 2, path: "", message: 'undefined receiver "gone" used in route' }] });
  const page = open();
  await click("Edit");
  await click('Move down severity="critical"');
  expect(await screen.findByRole("alert", { name: "Problems" })).toHaveTextContent('Line 2: undefined receiver "gone" used in route');
  expect(screen.getByRole("button", { name: "Save" })).toBeDisabled();
  page.unmount();
  open();
  expect(await screen.findByRole("alert", { name: "Problems" })).toBeInTheDocument();
  fireEvent.click(screen.getByRole("radio", { name: "YAML" }));
  expect(await screen.findByRole("textbox", { name: "Alertmanager configuration" })).toHaveTextContent("receiver: gone");
  fireEvent.click(screen.getByRole("radio", { name: "Forms" }));
  expect(await screen.findByRole("list", { name: "Contact points" })).toBeInTheDocument();
});

test("an earlier version is brought back over the newest", async () => {
  const { restored } = server(oncall);
  open();
  await click("Versions");
  const list = within(await screen.findByRole("list", { name: "Versions" }));
  expect(list.queryByRole("button", { name: "Bring back version 3" })).not.toBeInTheDocument();
  await click("Bring back version 2", list);
  await click("Really bring back version 2", list);
  await waitFor(() => expect(restored()).toEqual([{ match: '"3"' }]));
});
