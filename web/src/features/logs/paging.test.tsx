// @vitest-environment jsdom
import { cleanup, configure, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, expect, test, vi } from "vitest";

import { NOW, renderPage, serve } from "../../test/renderPage";
import { LogsPage } from "./LogsPage";

vi.setConfig({ testTimeout: 30_000 });
configure({ asyncUtilTimeout: 8000 });

afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

const at = NOW - 600_000;
const streams = (values: [string, string][]) => ({ data: { resultType: "streams", result: [{ stream: { service_name: "pay" }, values: values.map(([ts, text]) => [ts, text, {}]) }] } });

test("a list that begins at a bar goes on in both directions, the line at the edge once", async () => {
  const edge = `${at - 1000}000000`;
  const asked = serve({
    "/loki/api/v1/query_range": (params: URLSearchParams) => {
      if (params.get("query")?.startsWith("sum")) return { data: { resultType: "matrix", result: [] } };
      return params.get("direction") === "forward" ? streams([[`${at + 5000}000000`, "after it"], [edge, "at the edge"]]) : streams([[edge, "at the edge"], [`${at - 9000}000000`, "before it"]]);
    },
  });
  renderPage("/explore/logs", LogsPage, `/explore/logs?at=${at}`);
  await screen.findByText("before it");
  await userEvent.click(screen.getByRole("button", { name: "Newer lines" }));
  await screen.findByText("after it");
  const rows = within(screen.getByRole("grid", { name: "Log lines" })).getAllByRole("row");
  expect(rows.map((row) => /(after it|at the edge|before it)/.exec(row.textContent ?? "")?.[0])).toEqual(["after it", "at the edge", "before it"]);
  const newer = asked.find((one) => one.searchParams.get("direction") === "forward");
  expect(newer?.searchParams.get("start")).toBe(edge);
  expect(newer?.searchParams.get("end")).toBe(`${NOW}000000`);
  await waitFor(() => expect(screen.queryByRole("button", { name: "Newer lines" })).toBeNull());
});

test("a bar of another range is no beginning", async () => {
  serve({ "/loki/api/v1/query_range": (params: URLSearchParams) => (params.get("query")?.startsWith("sum") ? { data: { resultType: "matrix", result: [] } } : streams([[`${at}000000`, "a line"]])) });
  renderPage("/explore/logs", LogsPage, `/explore/logs?at=${NOW - 86_400_000}`);
  await screen.findByText("a line");
  expect(screen.queryByRole("button", { name: "Back to the newest" })).toBeNull();
});

test("a condition is changed in its pill, another is added, and what pills cannot show is called so", async () => {
  serve({
    "/loki/api/v1/query_range": (params: URLSearchParams) => (params.get("query")?.startsWith("sum") ? { data: { resultType: "matrix", result: [] } } : streams([[`${at}000000`, "a line"]])),
    "/loki/api/v1/labels": { data: ["service_name", "zone"] },
    "/loki/api/v1/label/service_name/values": { data: ["pay", "cart"] },
    "/loki/api/v1/label/zone/values": { data: ["eu"] },
  });
  const user = userEvent.setup();
  const page = renderPage("/explore/logs", LogsPage, `/explore/logs?q=${encodeURIComponent('{service_name="pay"} |= "x"')}`);
  const bar = await screen.findByRole("group", { name: "Conditions" });
  await user.click(within(bar).getByRole("button", { name: "service_name = pay" }));
  await user.selectOptions(screen.getByRole("combobox", { name: "How service_name is compared" }), "!=");
  await user.clear(screen.getByRole("combobox", { name: "Value of service_name" }));
  await user.type(screen.getByRole("combobox", { name: "Value of service_name" }), "cart{Enter}");
  await waitFor(() => expect(page.param("q")).toBe('{service_name!="cart"} |= "x"'));
  screen.getByRole("button", { name: "contains x" }).focus();
  await user.keyboard("{Delete}");
  await waitFor(() => expect(page.param("q")).toBe('{service_name!="cart"}'));
  expect(screen.queryByText("edited by hand")).toBeNull();
  page.unmount();
  renderPage("/explore/logs", LogsPage, `/explore/logs?q=${encodeURIComponent('{a="b"} | x="1" or y="2"')}`);
  expect(await screen.findByText("edited by hand")).toBeInTheDocument();
});
