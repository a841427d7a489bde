// @vitest-environment jsdom
import { cleanup, configure, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";

import { NOW, Refusal, renderPage, serve } from "../../test/renderPage";
import { stubSizes } from "../../test/sizes";
import { DashboardPage } from "./DashboardPage";
import { ImportPage } from "./ImportPage";
import { ListPage } from "./ListPage";

const api = "/oriel/api/v1";
const row = (job: string, value: string) => ({ metric: { job }, value: [NOW / 1000, value] });
const vector = { status: "success", data: { resultType: "vector", result: [row("api", "3"), row("db", "4")] } };
const panel = (id: number, members: Record<string, unknown>) => ({ id, gridPos: { x: 0, y: id * 8, w: 12, h: 8 }, ...members });
const dashboard = {
  uid: "one",
  title: "One dashboard",
  schemaVersion: 41,
  tags: ["team"],
  templating: { list: [{ name: "job", type: "query", query: "label_values(up, job)", multi: true, includeAll: true, current: { value: ["api"], text: ["api"] } }] },
  panels: [
    panel(1, { type: "table", title: "Up of $job", targets: [{ refId: "A", expr: 'up{job=~"$job"}', format: "table", instant: true }] }),
    panel(2, { type: "vendor-panel", title: "Strange", targets: [{ refId: "A", expr: "strange", format: "table", instant: true }] }),
    panel(3, { type: "table", title: "Broken", targets: [{ refId: "A", expr: "sum(", instant: true }] }),
    { id: 4, type: "row", title: "Folded", collapsed: true, gridPos: { x: 0, y: 40, w: 24, h: 1 }, panels: [panel(5, { type: "table", title: "Inside", targets: [{ refId: "A", expr: "inside", instant: true }] })] },
  ],
};
const list = { dashboards: [{ uid: "one", title: "One dashboard", tags: ["team"], folderUid: "f", folderTitle: "Shop", starred: true }, { uid: "two", title: "Another", tags: [], provisioned: true }] };
const base = {
  [`${api}/datasources`]: [{ uid: "prometheus", name: "Prometheus", type: "prometheus", isDefault: true }],
  [`${api}/dashboards`]: list,
  [`${api}/dashboards/one`]: { dashboard, meta: { version: 3, folderTitle: "Shop" } },
  [`${api}/folders`]: [{ uid: "f", title: "Shop" }],
  [`${api}/annotations`]: [],
  "/api/v1/label/job/values": { status: "success", data: ["api", "db"] },
  "/api/v1/query": (params: URLSearchParams) => (params.get("query") === "sum(" ? new Refusal(400, '{"status":"error","error":"parse error"}') : vector),
};
const open = (search = "") => renderPage("/d/$uid", DashboardPage, `/d/one?from=now-1h&to=now${search}`);
const queries = (asked: URL[]) => asked.filter((one) => one.pathname === "/api/v1/query").map((one) => one.searchParams.get("query"));

beforeEach(stubSizes);

// What is wanted later is code of its own: on a busy machine, loading it took longer than a look at the page waits.
configure({ asyncUtilTimeout: 15_000 });
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });
beforeAll(() => Promise.all([import("./edit/EditBar"), import("./inspect/InspectDrawer")]));

afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

describe("a dashboard", () => {
  test("asks with its variables filled in, and not for what is folded", async () => {
    const asked = serve(base);
    open();
    expect(await screen.findByRole("heading", { name: "Up of api" })).toBeInTheDocument();
    await waitFor(() => expect(queries(asked)).toContain('up{job=~"api"}'));
    expect(queries(asked)).not.toContain("inside");
    expect(screen.getByRole("button", { name: /Folded/ })).toHaveAttribute("aria-expanded", "false");
  });

  test("asks again for what mentions a variable that is changed, and keeps the choice in the URL", async () => {
    const asked = serve(base);
    const page = open();
    await userEvent.click(await screen.findByRole("button", { name: "job: api" }));
    await userEvent.click(await screen.findByRole("option", { name: "db" }));
    await userEvent.click(screen.getByRole("button", { name: "Apply" }));
    expect(await screen.findByRole("heading", { name: "Up of api + db" })).toBeInTheDocument();
    await waitFor(() => expect(queries(asked)).toContain('up{job=~"(api|db)"}'));
    expect(queries(asked).filter((query) => query === "strange")).toHaveLength(1);
    expect(page.param("var-job")).toBe("api");
  });

  test("shows a panel it does not know as a table, and why another failed", async () => {
    serve(base);
    open();
    const strange = within(await screen.findByRole("region", { name: "Strange" }));
    expect(await strange.findByText("vendor-panel")).toBeInTheDocument();
    expect(await strange.findByRole("table")).toBeInTheDocument();
    await userEvent.click(strange.getByRole("button", { name: "Show its JSON" }));
    expect(strange.getByText(/"type": "vendor-panel"/)).toBeInTheDocument();
    expect((await within(screen.getByRole("region", { name: "Broken" })).findAllByText(/parse error/)).length).toBeGreaterThan(0);
  });

  test("asks for a folded row when it is opened", async () => {
    const asked = serve(base);
    const page = open();
    await userEvent.click(await screen.findByRole("button", { name: /Folded/ }));
    await waitFor(() => expect(queries(asked)).toContain("inside"));
    expect(page.param("fold")).toBe("row-4");
  });

  test("shows panels of the library as the server keeps them, and says of which it has none", async () => {
    const shown = { ...dashboard, panels: [panel(1, { libraryPanel: { uid: "lib", name: "Shared" } }), panel(2, { libraryPanel: { uid: "gone", name: "Gone" } })], __elements: { lib: { model: { type: "text", title: "As exported" } } } };
    serve({ ...base, [`${api}/dashboards/one`]: { dashboard: shown, meta: { version: 1 }, library: { lib: { name: "Shared", model: { type: "text", title: "As kept", options: { mode: "markdown", content: "shared words" } } } } } });
    open();
    expect(await screen.findByRole("region", { name: "As kept" })).toBeInTheDocument();
    expect(await screen.findByText("shared words")).toBeInTheDocument();
    expect(await screen.findByText("Library panel “Gone”")).toBeInTheDocument();
  });

  test("shows one panel alone by a link, written either way", async () => {
    serve(base);
    open("&viewPanel=panel-2");
    expect(await screen.findByRole("region", { name: "Strange" })).toBeInTheDocument();
    expect(screen.queryByRole("region", { name: "Broken" })).not.toBeInTheDocument();
  });

  test("says when there is none, and when it is of a schema that is not known", async () => {
    serve({ ...base, [`${api}/dashboards/one`]: new Refusal(404, '{"error":"not found"}') });
    open();
    expect(await screen.findByText("There is no such dashboard")).toBeInTheDocument();
    cleanup();
    serve({ ...base, [`${api}/dashboards/one`]: { dashboard: { elements: {}, layout: {} }, meta: { version: 1 } } });
    open();
    expect(await screen.findByText(/schema v2/)).toBeInTheDocument();
  });

  test("opens and folds all rows, shares, and goes full screen by keys", async () => {
    serve(base);
    const page = open();
    await screen.findByRole("heading", { name: "Up of api" });
    await userEvent.keyboard("de");
    expect(await screen.findByRole("region", { name: "Inside" })).toBeInTheDocument();
    await userEvent.keyboard("de");
    await waitFor(() => expect(screen.queryByRole("region", { name: "Inside" })).not.toBeInTheDocument());
    // What the shell's chords end with is not the dashboard's.
    await userEvent.keyboard("gs");
    expect(screen.queryByRole("dialog", { name: "Share" })).not.toBeInTheDocument();
    await userEvent.keyboard("f");
    const bar = within(await screen.findByRole("toolbar", { name: "Full screen" }));
    expect(page.param("kiosk")).toBe("1");
    expect(screen.getByRole("button", { name: "job: api" })).toBeInTheDocument();
    await userEvent.click(bar.getByRole("button", { name: "Hide variables" }));
    await waitFor(() => expect(screen.queryByRole("button", { name: "job: api" })).not.toBeInTheDocument());
    await userEvent.keyboard("{Escape}");
    await waitFor(() => expect(page.param("kiosk")).toBeNull());
    await userEvent.keyboard("s");
    expect(await screen.findByRole("dialog", { name: "Share" })).toBeInTheDocument();
  });

  test("begins an alert with what a panel asks", async () => {
    serve(base);
    const page = open();
    await userEvent.click(await screen.findByRole("button", { name: "Menu of Up of api" }));
    await userEvent.click(await screen.findByRole("menuitem", { name: "Create alert rule" }));
    await waitFor(() => expect(page.path()).toBe("/alerts"));
    expect(page.param("expr")).toBe('up{job=~"api"}');
  });

  test("prints when all that is not folded has been drawn", async () => {
    localStorage.setItem("mantine-color-scheme-value", "dark");
    const asked = serve(base);
    const print = vi.fn(() => expect(queries(asked)).toContain("strange"));
    vi.stubGlobal("print", print);
    open();
    await userEvent.click(await screen.findByRole("button", { name: "Print" }));
    await waitFor(() => expect(print).toHaveBeenCalledOnce());
    expect(queries(asked)).not.toContain("inside");
    expect(document.documentElement).toHaveAttribute("data-mantine-color-scheme", "light");
    dispatchEvent(new Event("afterprint"));
    await waitFor(() => expect(document.documentElement).toHaveAttribute("data-mantine-color-scheme", "dark"));
    localStorage.clear();
  });

  test("takes its own range where the URL has none", async () => {
    serve({ ...base, [`${api}/dashboards/one`]: { dashboard: { ...dashboard, time: { from: "now-3h", to: "now" }, refresh: "30s" }, meta: { version: 1 } } });
    const page = renderPage("/d/$uid", DashboardPage, "/d/one");
    await screen.findByRole("button", { name: "job: api" });
    expect([page.param("from"), page.param("to"), page.param("refresh")]).toEqual(["now-3h", "now", "30s"]);
  });

  test("undoes a removed panel while it is edited", async () => {
    serve(base);
    open("&edit=1");
    const strange = await screen.findByRole("group", { name: /^Strange: arrow keys/ });
    strange.focus();
    await userEvent.keyboard("{Delete}");
    expect(await screen.findByText("Unsaved changes")).toBeInTheDocument();
    expect(screen.queryByRole("region", { name: "Strange" })).not.toBeInTheDocument();
    await userEvent.click(screen.getByRole("button", { name: "Undo" }));
    expect(await screen.findByRole("region", { name: "Strange" })).toBeInTheDocument();
    expect(screen.queryByText("Unsaved changes")).not.toBeInTheDocument();
  });
});

describe("the list", () => {
  test("is narrowed by words, tags and stars", async () => {
    serve(base);
    const page = renderPage("/dashboards", ListPage, "/dashboards");
    const table = await screen.findByRole("table", { name: "Dashboards" });
    expect(within(table).getAllByRole("row")).toHaveLength(3);
    await userEvent.type(screen.getByLabelText("Find a dashboard"), "shop one");
    await waitFor(() => expect(within(table).getAllByRole("row")).toHaveLength(2));
    expect(page.param("q")).toBe("shop one");
    await userEvent.clear(screen.getByLabelText("Find a dashboard"));
    await userEvent.type(screen.getByLabelText("Find a dashboard"), "nothing of the kind");
    expect(await screen.findByText("No dashboard fits")).toBeInTheDocument();
  });

  test("says how to begin where there is none", async () => {
    serve({ ...base, [`${api}/dashboards`]: { dashboards: null } });
    renderPage("/dashboards", ListPage, "/dashboards");
    expect(await screen.findByText("No dashboards yet")).toBeInTheDocument();
  });
});

describe("the import", () => {
  test("tells what of a pasted dashboard is drawn, and of a uid that is taken", async () => {
    serve(base);
    renderPage("/dashboards/import", ImportPage, "/dashboards/import");
    const field = await screen.findByLabelText("Or paste the JSON of a dashboard");
    await userEvent.click(field);
    await userEvent.paste(JSON.stringify(dashboard));
    await userEvent.click(screen.getByRole("button", { name: "Read it" }));
    const report = within(await screen.findByRole("region", { name: "One dashboard" }));
    expect(report.getByText(/4 panels: 3 drawn, 0 in part, 1 not/)).toBeInTheDocument();
    expect(report.getByText(/"vendor-panel" are shown as a table/)).toBeInTheDocument();
    expect(await report.findByRole("button", { name: "Replace it" })).toBeInTheDocument();
    expect(report.getByRole("button", { name: "Import" })).toBeDisabled();
    await userEvent.click(report.getByRole("button", { name: "Replace it" }));
    expect(report.getByRole("button", { name: "Import" })).toBeEnabled();
  });

  test("reads a long text at once, without laying it out", async () => {
    serve(base);
    renderPage("/dashboards/import", ImportPage, "/dashboards/import");
    await userEvent.click(await screen.findByLabelText("Or paste the JSON of a dashboard"));
    await userEvent.paste(JSON.stringify({ title: "Long", uid: "long", schemaVersion: 41, panels: [], description: "x".repeat(30_000) }));
    expect(await screen.findByRole("region", { name: "Long" })).toBeInTheDocument();
    expect(screen.getByLabelText("Or paste the JSON of a dashboard")).toHaveValue("");
  });

  test("takes all of several, one after the other, but those that want an answer", async () => {
    const asked = serve({ ...base, [`${api}/dashboards`]: { ...list, version: 1 } });
    renderPage("/dashboards/import", ImportPage, "/dashboards/import");
    const field = await screen.findByLabelText("Or paste the JSON of a dashboard");
    for (const title of ["First of two", "Second of two"]) {
      await userEvent.click(field);
      await userEvent.paste(JSON.stringify({ title, uid: title.replaceAll(" ", "-"), schemaVersion: 41, panels: [] }));
      await userEvent.click(screen.getByRole("button", { name: "Read it" }));
    }
    await userEvent.click(field);
    await userEvent.paste(JSON.stringify(dashboard));
    await userEvent.click(screen.getByRole("button", { name: "Read it" }));
    await screen.findByRole("button", { name: "Replace it" });
    const listed = asked.filter((one) => one.pathname === `${api}/dashboards`).length;
    await userEvent.click(screen.getByRole("button", { name: "Import all" }));
    await waitFor(() => expect(screen.getAllByRole("link", { name: "Imported: open it" })).toHaveLength(2));
    expect(asked.filter((one) => one.pathname === `${api}/dashboards`).length).toBeGreaterThanOrEqual(listed + 2);
    expect(screen.getByRole("region", { name: "One dashboard" })).toHaveTextContent("Replace it");
  });

  test("sends the text as it came where nothing is filled in", async () => {
    serve({ ...base, [`${api}/dashboards`]: { ...list, version: 1 } });
    const answering = fetch;
    const bodies: string[] = [];
    vi.stubGlobal("fetch", (input: RequestInfo | URL, init?: RequestInit) => {
      if (init?.method === "POST" && typeof init.body === "string") bodies.push(init.body);
      return answering(input, init);
    });
    renderPage("/dashboards/import", ImportPage, "/dashboards/import");
    const text = '{\n   "uid": "odd",\n "title" : "Odd", "schemaVersion": 41, "panels": [], "kept": 1.0e2 }';
    await userEvent.click(await screen.findByLabelText("Or paste the JSON of a dashboard"));
    await userEvent.paste(text);
    await userEvent.click(screen.getByRole("button", { name: "Read it" }));
    await userEvent.click(within(await screen.findByRole("region", { name: "Odd" })).getByRole("button", { name: "Import" }));
    await screen.findByRole("link", { name: "Imported: open it" });
    expect(bodies.filter((body) => body.includes(text))).toHaveLength(1);
  });

  test("takes the path of one on this server, and says where one of the gallery is", async () => {
    serve({ ...base, [`${api}/dashboards/shop/export`]: { title: "Shop", uid: "shop", schemaVersion: 41, panels: [] } });
    renderPage("/dashboards/import", ImportPage, "/dashboards/import");
    const field = await screen.findByLabelText("Or paste the JSON of a dashboard");
    await userEvent.type(field, "/d/shop");
    await userEvent.click(screen.getByRole("button", { name: "Read it" }));
    expect(await screen.findByRole("region", { name: "Shop" })).toBeInTheDocument();
    await userEvent.type(field, "1860");
    await userEvent.click(screen.getByRole("button", { name: "Read it" }));
    expect(await screen.findByRole("link", { name: "Download dashboard 1860 of grafana.com" })).toHaveAttribute("href", expect.stringContaining("/1860/"));
  });

  test("says why a text is no dashboard", async () => {
    serve(base);
    renderPage("/dashboards/import", ImportPage, "/dashboards/import");
    await userEvent.type(await screen.findByLabelText("Or paste the JSON of a dashboard"), "nope");
    await userEvent.click(screen.getByRole("button", { name: "Read it" }));
    expect(await screen.findByText(/This is not JSON/)).toBeInTheDocument();
  });
});
