// @vitest-environment jsdom
import { cleanup, configure, fireEvent, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { writePeek } from "../../lib/correlate/beside";
import type { Subject } from "../../lib/correlate/targets";
import { NOW, renderPage, serve } from "../../test/renderPage";
import { CorrelateMenu } from "./CorrelateMenu";
import "./PeekDrawer";

const TRACE = "5fe036b08b3b0ed54b7de54cf222cee1";
const nano = `${NOW - 60_000}000000`;
const line = { stream: { service_name: "cart" }, values: [[nano, "card declined", { structuredMetadata: { trace_id: TRACE, detected_level: "error" } }]] };
const search = { traces: [{ traceID: TRACE, rootServiceName: "shop", rootTraceName: "POST /orders", startTimeUnixNano: nano, durationMs: 210, serviceStats: { shop: { spanCount: 2, errorCount: 1 } } }] };

const point: Subject = { kind: "series", labels: { service_name: "cart", status_code: "STATUS_CODE_ERROR" }, time: NOW - 60_000, stepMs: 60_000 };

configure({ asyncUtilTimeout: 5000 });
beforeEach(() => {
  serve({
    "/oriel/api/v1/correlations": { version: 0, rules: [], off: [] },
    "/loki/api/v1/query_range": { data: { resultType: "streams", result: [line] } },
    "/tempo/api/search": search,
    "/api/v1/": { status: "success", data: [] },
    "/api/v1/label/": { status: "success", data: ["cart_items", "cart_total"] },
    "/api/v1/series": { status: "success", data: [{}] },
  });
});
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

const open = async (subject: Subject = point) => {
  const page = renderPage("/data", () => <CorrelateMenu label="More about it" subject={() => subject} />, "/data");
  await userEvent.click(await screen.findByRole("button", { name: "More about it" }));
  return page;
};

test("lines are shown beside the page, which stays, with the way to all of them", async () => {
  const page = await open();
  await userEvent.click(await screen.findByRole("menuitem", { name: "Error logs at this time" }));
  const drawer = await screen.findByRole("dialog", { name: "Error logs at this time" });
  expect(await within(drawer).findByRole("list", { name: "Lines" })).toHaveTextContent(/01:59:00.000 trace 5fe036b0 card declined/);
  expect(within(drawer).getByRole("link", { name: "trace 5fe036b0" })).toHaveAttribute("href", `/trace/${TRACE}`);
  const whole = within(drawer).getByRole("link", { name: "Open in Logs" });
  expect(whole.getAttribute("href")).toContain(`/explore/logs?from=${NOW - 120_000}&to=${NOW}`);
  await waitFor(() => expect(whole).toHaveFocus());
  expect(page.path()).toBe("/data");

  expect(page.param("beside")).toBe("logs");

  await userEvent.keyboard("{Escape}");
  await waitFor(() => expect(screen.queryByRole("dialog")).not.toBeInTheDocument());
  expect(page.param("beside")).toBeNull();
});

test("a link shows what was beside the page", async () => {
  const beside = writePeek({ to: "logs", rule: "series-error-logs", queries: ['{service_name="cart"}'], range: { from: NOW - 120_000, to: NOW } });
  renderPage("/data", () => <p>page</p>, `/data?${beside.map((part) => `beside=${encodeURIComponent(part)}`).join("&")}`);
  const drawer = await screen.findByRole("dialog", { name: "Error logs at this time" });
  expect(await within(drawer).findByRole("list", { name: "Lines" })).toHaveTextContent("card declined");
});

test.each([["nothing"], ["service&beside=x&beside=&beside=cart"], ["logs&beside=x&beside="], ["logs&beside=x&beside=&beside=sum(rate({}[1m]))"]])("a link with %s beside shows the page alone", async (beside) => {
  renderPage("/data", () => <p>page</p>, `/data?beside=${beside}`);
  expect(await screen.findByText("page")).toBeInTheDocument();
  expect(screen.queryByRole("dialog")).not.toBeInTheDocument();
});

test("traces are, too", async () => {
  await open();
  await userEvent.click(await screen.findByRole("menuitem", { name: "Failed traces at this time" }));
  const drawer = await screen.findByRole("dialog", { name: "Failed traces at this time" });
  expect(await within(drawer).findByRole("list", { name: "Traces" })).toHaveTextContent(/shop POST \/orders● 1210.?ms/);
});

test("metrics of a thing are named, each with its way", async () => {
  await open({ kind: "service", labels: { service_name: "cart" } });
  await userEvent.click(await screen.findByRole("menuitem", { name: "Metrics of the service" }));
  const drawer = await screen.findByRole("dialog", { name: "Metrics of the service" });
  expect(within(await within(drawer).findByRole("list", { name: "Metrics" })).getAllByRole("link").map((one) => one.textContent)).toEqual(["cart_items", "cart_total"]);
});

test("with Ctrl the browser is left to open another tab", async () => {
  await open();
  const item = await screen.findByRole("menuitem", { name: "Error logs at this time" });
  fireEvent.click(item, { ctrlKey: true });
  expect(screen.queryByRole("dialog")).not.toBeInTheDocument();
});

test("a service has a page of its own", async () => {
  const page = await open();
  await userEvent.click(await screen.findByRole("menuitem", { name: "The service" }));
  await waitFor(() => expect(page.path()).toBe("/services/cart"));
});
