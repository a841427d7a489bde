// @vitest-environment jsdom
import { cleanup, configure, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";

import { NOW, renderPage, serve } from "../../../test/renderPage";
import { stubSizes } from "../../../test/sizes";
import { DashboardPage } from "../DashboardPage";

const api = "/oriel/api/v1";
const vector = { status: "success", data: { resultType: "vector", result: [{ metric: { job: "api", env: "prod" }, value: [NOW / 1000, "3"] }] } };
const panel = (id: number, members: Record<string, unknown>) => ({ id, gridPos: { x: 0, y: id * 8, w: 12, h: 8 }, ...members });
const dashboard = {
  uid: "one",
  title: "One dashboard",
  schemaVersion: 41,
  templating: { list: [{ name: "job", type: "query", query: "label_values(up, job)", current: { value: ["api"], text: ["api"] } }] },
  panels: [
    panel(1, { type: "table", title: "Table", targets: [{ refId: "A", expr: "up", format: "table", instant: true }], fieldConfig: { defaults: { thresholds: { mode: "absolute", steps: [{ value: null, color: "green" }, { value: 5, color: "red" }] } }, overrides: [] } }),
    { id: 2, type: "row", title: "First", collapsed: false, gridPos: { x: 0, y: 16, w: 24, h: 1 }, panels: [] },
    panel(3, { type: "text", title: "Note", gridPos: { x: 0, y: 17, w: 12, h: 4 }, options: { mode: "markdown", content: "hello" } }),
    { id: 4, type: "row", title: "Second", collapsed: false, gridPos: { x: 0, y: 21, w: 24, h: 1 }, panels: [] },
  ],
};
const base = {
  [`${api}/datasources`]: [
    { uid: "prometheus", name: "Prometheus", type: "prometheus", url: "", isDefault: true },
    { uid: "loki", name: "Loki", type: "loki", url: "" },
  ],
  [`${api}/dashboards/one`]: { dashboard, meta: { version: 3, folderTitle: "" } },
  [`${api}/annotations`]: [],
  "/api/v1/labels": { status: "success", data: ["job", "env"] },
  "/api/v1/label/": { status: "success", data: ["api", "db"] },
  "/api/v1/query": vector,
};
const open = (search: string) => renderPage("/d/$uid", DashboardPage, `/d/one?from=now-1h&to=now&edit=1${search}`);
const tool = (name: string) => screen.findByRole("button", { name });

/** The dashboard's JSON as the JSON dialog shows it. */
async function json(user: ReturnType<typeof userEvent.setup>): Promise<typeof dashboard & Record<string, unknown>> {
  await user.click(await tool("JSON"));
  const field = await screen.findByLabelText<HTMLTextAreaElement>("The dashboard's JSON", { selector: "textarea" });
  const read = JSON.parse(field.value) as typeof dashboard & Record<string, unknown>;
  await user.keyboard("{Escape}");
  await waitFor(() => expect(screen.queryByLabelText("The dashboard's JSON", { selector: "textarea" })).not.toBeInTheDocument());
  return read;
}

beforeEach(() => {
  // Fields that grow with their text wait for fonts, which jsdom does not have.
  Object.defineProperty(document, "fonts", { configurable: true, value: new EventTarget() });
  stubSizes();
});

// The code of the editor is loaded when it is first wanted.
configure({ asyncUtilTimeout: 15_000 });
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });
beforeAll(() => Promise.all([import("./PanelEditor"), import("./EditBar"), import("../../../components/querybuilder/QueryBuilder")]));

afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

describe("the panel editor", () => {
  test("a transformation is a form over the fields that reach it, and JSON beside", async () => {
    serve(base);
    const user = userEvent.setup({ delay: null });
    open("&editPanel=1");
    await user.click(await screen.findByRole("tab", { name: /Transformations/ }));
    await user.click(screen.getByRole("button", { name: "Add a transformation ▾" }));
    await user.click(await screen.findByRole("menuitem", { name: /Organize fields/ }));
    const form = within(await screen.findByRole("region", { name: "Transformation 1" }));
    await user.click(await form.findByLabelText("Show env", { selector: "input" }));
    await user.type(form.getByLabelText("New name of job", { selector: "input" }), "Service");
    await user.click(form.getByRole("button", { name: "Move job up" }));
    expect(await screen.findByRole("columnheader", { name: /Service/ })).toBeInTheDocument();
    expect(screen.queryByRole("columnheader", { name: /env/ })).not.toBeInTheDocument();
    await user.click(form.getByRole("button", { name: "JSON" }));
    expect(JSON.parse(form.getByLabelText<HTMLTextAreaElement>("Options as JSON").value)).toMatchObject({ excludeByName: { env: true }, renameByName: { job: "Service" } });
  });

  test("settings are found by words, marked when they differ, and put back", async () => {
    serve(base);
    const user = userEvent.setup({ delay: null });
    open("&editPanel=1");
    await user.type(await screen.findByLabelText("Find a setting", { selector: "input" }), "title");
    await user.click(await screen.findByRole("button", { name: "Reset Title" }));
    expect(screen.getByLabelText("Title", { selector: "input" })).toHaveValue("");
    expect(screen.queryByRole("button", { name: "Reset Title" })).not.toBeInTheDocument();
    await user.clear(screen.getByLabelText("Find a setting", { selector: "input" }));
    await user.type(screen.getByLabelText("Find a setting", { selector: "input" }), "threshold step");
    expect(screen.getByLabelText("Value of step 2", { selector: "input" })).toHaveValue("5");
    await user.click(screen.getByRole("button", { name: "Reset Thresholds" }));
    expect(screen.queryByLabelText("Value of step 2")).not.toBeInTheDocument();
    await user.type(screen.getByLabelText("Find a setting", { selector: "input" }), "nothing of the kind");
    expect(screen.getByText(/No setting has these words/)).toBeInTheDocument();
  });

  test("an override has the controls of the settings, by the fields that there are", async () => {
    serve(base);
    const user = userEvent.setup({ delay: null });
    open("&editPanel=1");
    await user.click(await screen.findByRole("tab", { name: /Overrides/ }));
    await user.click(screen.getByRole("button", { name: "Add an override" }));
    await user.click(screen.getByLabelText("Name or pattern", { selector: "input" }));
    await user.click(await screen.findByRole("option", { name: "job" }));
    await user.click(screen.getByRole("combobox", { name: "Add a setting" }));
    await user.click(await screen.findByRole("option", { name: "Colours" }));
    const override = within(screen.getByRole("region", { name: "Override 1" }));
    await user.clear(override.getByLabelText("The fixed colour", { selector: "input" }));
    await user.type(override.getByLabelText("The fixed colour", { selector: "input" }), "blue");
    expect((await json(user)).panels[0]).toMatchObject({ fieldConfig: { overrides: [{ matcher: { id: "byName", options: "job" }, properties: [{ id: "color", value: { mode: "fixed", fixedColor: "blue" } }] }] } });
  });
});

describe("what others save", () => {
  test("waits while something is changed here, and is said", async () => {
    let meta: Record<string, unknown> = { version: 3, folderTitle: "" };
    let theirs = dashboard;
    serve({ ...base, [`${api}/dashboards/one`]: () => ({ dashboard: theirs, meta }), [`${api}/dashboards/one/star`]: {} });
    const user = userEvent.setup({ delay: null });
    open("");
    await user.click(await tool("Move First down"));
    theirs = { ...dashboard, title: "Theirs" };
    meta = { version: 4, folderTitle: "", starred: true };
    // Starring asks for the dashboard anew.
    await user.click(await tool("Star this dashboard"));
    expect(await screen.findByText(/Somebody else has saved this dashboard meanwhile/)).toBeInTheDocument();
    const mine = await json(user);
    expect(mine.title).toBe("One dashboard");
    expect(mine.panels.map((one) => one.id)).toEqual([1, 4, 2, 3]);
    await user.click(await tool("Discard"));
    await waitFor(() => expect(screen.queryByText(/Somebody else has saved/)).not.toBeInTheDocument());
    expect(await screen.findAllByText("Theirs")).not.toHaveLength(0);
  });
});

describe("rows", () => {
  test("move with their panels, and panels between them by key; each step can be undone", async () => {
    serve(base);
    const user = userEvent.setup({ delay: null });
    open("");
    await user.click(await tool("Move First down"));
    expect((await json(user)).panels.map((one) => one.id)).toEqual([1, 4, 2, 3]);
    (await screen.findByRole("group", { name: /^Note: arrow keys/ })).focus();
    await user.keyboard("{PageUp}");
    expect((await json(user)).panels.map((one) => one.id)).toEqual([1, 4, 3, 2]);
    await user.click(await tool("Undo"));
    await user.click(await tool("Undo"));
    expect((await json(user)).panels.map((one) => one.id)).toEqual([1, 2, 3, 4]);
  });
});

describe("what is added", () => {
  test("a panel of the library opens in the editor with its query", async () => {
    serve(base);
    const user = userEvent.setup({ delay: null });
    open("");
    await user.click(await tool("Add ▾"));
    await user.click(await screen.findByRole("menuitem", { name: /library/ }));
    await user.type(await screen.findByLabelText("Find a panel", { selector: "input" }), "goroutines");
    await user.click(screen.getByRole("button", { name: /Goroutines/ }));
    expect(await screen.findByLabelText("Title", { selector: "input" })).toHaveValue("Goroutines");
    expect(await screen.findByLabelText("Metric", { selector: "input" })).toHaveValue("go_goroutines");
  });

  test("a panel that the library keeps is shown from there, and is the dashboard's own once it is changed", async () => {
    const kept = { uid: "lib", name: "Shared note", type: "text", description: "", version: 3, model: { type: "text", title: "From the library", gridPos: { w: 6, h: 5 }, options: { mode: "markdown", content: "shared words" } }, meta: { connectedDashboards: 1 } };
    serve({ ...base, "/api/library-elements": { result: { elements: [kept] } } });
    const user = userEvent.setup({ delay: null });
    open("");
    await user.click(await tool("Add ▾"));
    await user.click(await screen.findByRole("menuitem", { name: /library/ }));
    await user.click(await screen.findByRole("button", { name: /Shared note.*one dashboard shows it/ }));
    expect(await screen.findByRole("region", { name: "From the library" })).toBeInTheDocument();
    expect(await screen.findByText("shared words")).toBeInTheDocument();
    const linked = (await json(user)).panels.find((one) => "libraryPanel" in one);
    expect(linked).toEqual({ id: 5, gridPos: { x: 0, y: 0, w: 6, h: 5 }, libraryPanel: { uid: "lib", name: "Shared note" } });
    await user.click(await tool("Menu of From the library"));
    await user.click(await screen.findByRole("menuitem", { name: /Edit/ }));
    expect(await screen.findByText(/A library panel, “Shared note”/)).toBeInTheDocument();
    await user.clear(await screen.findByLabelText("Title", { selector: "input" }));
    await user.type(screen.getByLabelText("Title", { selector: "input" }), "Mine");
    const own = (await json(user)).panels.find((one) => one.id === 5);
    expect(own).toMatchObject({ title: "Mine", type: "text", options: { content: "shared words" } });
    expect(own).not.toHaveProperty("libraryPanel");
  });

  test("a panel is kept in the library, and one of its name replaced", async () => {
    const kept = { uid: "lib", name: "Note", type: "text", description: "", version: 3, model: { type: "text", title: "Note", options: { mode: "markdown", content: "old words" } }, meta: { connectedDashboards: 2 } };
    serve({ ...base, "/api/library-elements": { result: { elements: [kept] } }, "/api/library-elements/lib": { result: { ...kept, version: 4, model: { ...kept.model, options: { mode: "markdown", content: "hello" } } } } });
    const asked = vi.spyOn(globalThis, "fetch");
    const user = userEvent.setup({ delay: null });
    open("");
    await user.click(await tool("Menu of Note"));
    await user.click(await screen.findByRole("menuitem", { name: /Keep in the library/ }));
    expect(await screen.findByText(/in the library already, and 2 dashboards show it/)).toBeInTheDocument();
    await user.click(screen.getByRole("button", { name: "Replace it" }));
    await waitFor(() => expect(screen.queryByRole("dialog")).not.toBeInTheDocument());
    const [, sent] = asked.mock.calls.find(([, init]) => init?.method === "PATCH") ?? [];
    expect(JSON.parse(String(sent?.body))).toMatchObject({ version: 3, model: { type: "text", title: "Note", options: { content: "hello" } } });
    expect(JSON.parse(String(sent?.body)).model).not.toHaveProperty("id");
    expect((await json(user)).panels.find((one) => one.id === 3)).toEqual({ id: 3, gridPos: { x: 0, y: 17, w: 12, h: 4 }, libraryPanel: { uid: "lib", name: "Note" } });
    expect(await screen.findByRole("region", { name: "Note" })).toHaveTextContent("hello");
  });

  test("a copied panel is pasted, and what is none is said so", async () => {
    serve(base);
    const user = userEvent.setup({ delay: null });
    open("");
    await tool("Save");
    document.body.focus();
    await user.paste("{}");
    expect(await screen.findByText(/it has no type/)).toBeInTheDocument();
    await user.paste(JSON.stringify({ type: "text", title: "Pasted", options: { content: "x" } }));
    expect(await screen.findByRole("region", { name: "Pasted" })).toBeInTheDocument();
    expect(screen.queryByText(/it has no type/)).not.toBeInTheDocument();
  });
});

describe("settings of the dashboard", () => {
  test("an annotation over logs and a link by tags are kept in the JSON", async () => {
    serve(base);
    const user = userEvent.setup({ delay: null });
    open("");
    await user.click(await tool("Settings"));
    await user.click(await screen.findByRole("tab", { name: /Annotations/ }));
    await user.click(screen.getByRole("button", { name: "Add an annotation" }));
    await user.clear(screen.getByLabelText("Name", { selector: "input" }));
    await user.type(screen.getByLabelText("Name", { selector: "input" }), "Deployments");
    await user.click(screen.getByLabelText("From", { selector: "input" }));
    await user.click(await screen.findByRole("option", { name: "Loki" }));
    await user.type(screen.getByLabelText("Tags of the labels", { selector: "input" }), "version");
    await user.click(screen.getByLabelText("Drawn on", { selector: "input" }));
    await user.click(await screen.findByRole("option", { name: "Only some" }));
    await user.click(screen.getByLabelText("Panels", { selector: "input" }));
    await user.click(await screen.findByRole("option", { name: "Table" }));
    await user.click(screen.getByRole("tab", { name: /Links/ }));
    await user.click(screen.getByRole("button", { name: "Add a link" }));
    await user.click(screen.getByLabelText("Leads to", { selector: "input" }));
    await user.click(await screen.findByRole("option", { name: "Dashboards with tags" }));
    await user.type(screen.getByLabelText("Tags", { selector: "input" }), "shop{Enter}");
    await user.click(screen.getByLabelText("Takes the time range along", { selector: "input" }));
    await user.click(screen.getByRole("button", { name: "Apply" }));
    const kept = await json(user);
    expect(kept.annotations).toMatchObject({ list: [{ name: "Deployments", datasource: { type: "loki", uid: "loki" }, tagKeys: "version", filter: { exclude: false, ids: [1] } }] });
    expect(kept.links).toMatchObject([{ type: "dashboards", tags: ["shop"], keepTime: true }]);
  });

  test("a variable is made of a form, shows its values, and says whether it is used", async () => {
    serve(base);
    const user = userEvent.setup({ delay: null });
    open("");
    await user.click(await tool("Variables"));
    expect(await screen.findByRole("option", { name: /job query, not used/ })).toBeInTheDocument();
    await user.click(screen.getByRole("button", { name: "Add a variable" }));
    // The variable's own label comes before that of its query.
    await user.type(screen.getAllByLabelText("Label", { selector: "input" })[1]!, "env");
    await user.type(screen.getByLabelText("Of the metric or selector", { selector: "input" }), "up");
    expect(await within(await screen.findByRole("group", { name: "Values" })).findByText("db")).toBeInTheDocument();
    await user.click(screen.getByRole("button", { name: "Text" }));
    expect(screen.getByLabelText("Query", { selector: "input" })).toHaveValue("label_values(up, env)");
    await user.clear(screen.getByLabelText("Name", { selector: "input" }));
    expect(screen.getByText("A variable needs a name.")).toBeInTheDocument();
    expect(screen.getByRole("button", { name: "Apply" })).toBeDisabled();
  });
});
