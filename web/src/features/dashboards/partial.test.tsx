// @vitest-environment jsdom
import { cleanup, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { NOW, Refusal, renderPage, serve } from "../../test/renderPage";
import { stubSizes } from "../../test/sizes";
import { DashboardPage } from "./DashboardPage";

const api = "/oriel/api/v1";
const answer = (job: string, value: string) => ({ status: "success", data: { resultType: "vector", result: [{ metric: { job }, value: [NOW / 1000, value] }] } });
const dashboard = {
  uid: "one",
  title: "One dashboard",
  schemaVersion: 41,
  panels: [
    {
      id: 1,
      type: "table",
      title: "Both",
      gridPos: { x: 0, y: 0, w: 12, h: 8 },
      targets: [
        { refId: "A", expr: "first", format: "table", instant: true },
        { refId: "B", expr: "second", format: "table", instant: true },
      ],
    },
  ],
};

let broken: Set<string>;
const base = {
  [`${api}/datasources`]: [{ uid: "prometheus", name: "Prometheus", type: "prometheus", isDefault: true }],
  [`${api}/dashboards/one`]: { dashboard, meta: { version: 1 } },
  [`${api}/annotations`]: [],
  "/api/v1/query": (params: URLSearchParams) => {
    const query = params.get("query") ?? "";
    return broken.has(query) ? new Refusal(500, '{"status":"error","error":"read part 7: input/output error"}') : answer(query, query === "first" ? "41" : "42");
  },
};
const times = (asked: URL[], query: string) => asked.filter((one) => one.pathname === "/api/v1/query" && one.searchParams.get("query") === query).length;

beforeEach(stubSizes);
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

test("of two queries the one that failed is asked again alone, and the other's answer stays", { timeout: 20_000 }, async () => {
  broken = new Set(["second"]);
  const asked = serve(base);
  renderPage("/d/$uid", DashboardPage, "/d/one?from=now-1h&to=now");
  const panel = await screen.findByRole("region", { name: "Both" }, { timeout: 10_000 });
  await within(panel).findByText("41", undefined, { timeout: 10_000 });
  const user = userEvent.setup();
  await user.click(within(panel).getByRole("button", { name: /^Errors: B: read part 7/ }));
  broken.clear();
  await user.click(await screen.findByRole("button", { name: "Ask again for what failed" }));
  // Of several tables one can choose.
  await within(panel).findByRole("combobox", { name: "Table" });
  expect(within(panel).getByText("41")).toBeInTheDocument();
  expect(within(panel).queryByRole("button", { name: /^Errors/ })).toBeNull();
  expect(times(asked, "first")).toBe(1);
  expect(times(asked, "second")).toBe(2);
});

test("a panel none of whose queries was answered says why, and has its data when it is asked again", { timeout: 20_000 }, async () => {
  broken = new Set(["first", "second"]);
  serve(base);
  renderPage("/d/$uid", DashboardPage, "/d/one?from=now-1h&to=now");
  const panel = await screen.findByRole("region", { name: "Both" }, { timeout: 10_000 });
  expect(await within(panel).findByRole("alert", undefined, { timeout: 10_000 })).toHaveTextContent("read part 7");
  broken.clear();
  await userEvent.click(within(panel).getByRole("button", { name: "Try again" }));
  await within(panel).findByRole("combobox", { name: "Table" });
  expect(within(panel).queryByRole("alert")).toBeNull();
});
