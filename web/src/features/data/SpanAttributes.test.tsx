// @vitest-environment jsdom
import { cleanup, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, expect, test, vi } from "vitest";

import { Refusal, renderPage, serve } from "../../test/renderPage";
import { DataPage } from "./DataPage";

afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

const looked = { start: "2024-11-22T01:00:00Z", end: "2024-11-22T02:00:00Z", complete: true };
const attribute = (scope: string, name: string, distinct: number, counted = "about", rows = 50) => ({ attribute: scope === "intrinsic" ? name : `${scope}.${name}`, scope, name, kinds: ["string"], rows, distinct, counted });
const list = {
  ...looked,
  spans: 200,
  attributes: 4,
  list: [attribute("intrinsic", "name", 10_000, "at_least", 200), attribute("span", "http.route", 1200), attribute("event", "message", 3, "about", 1), attribute("resource", "service.name", 2, "exactly", 200)],
};
const values = {
  ...looked,
  attribute: "span.http.route",
  values: 3,
  list: [
    { value: "/cart", kind: "string", spans: 40 },
    { value: "12", kind: "int", spans: 8 },
    { value: '["a"]', kind: "array", spans: 2 },
  ],
};
const all = { "/oriel/api/v1/cardinality/spans": list, "/oriel/api/v1/cardinality/spans/values": values };
const open = (search = "") => renderPage("/data", DataPage, `/data?tab=cardinality&of=spans${search}`);
const plain = (element: HTMLElement) => element.textContent.replaceAll(/\s/g, " ");

test("attributes of spans stand with their values; what is an estimate or a bound says so", async () => {
  const asked = serve(all);
  open();
  const rows = within(await screen.findByRole("table", { name: "Attributes of spans" }, { timeout: 4000 })).getAllByRole("row");
  expect(rows.slice(1).map(plain)).toEqual([
    "nameintrinsicover 10 000200100.0 %string",
    "http.routespan≈ 1 2005025.0 %string",
    "messageevent≈ 31 event–string",
    "service.nameresource2200100.0 %string",
  ]);
  expect(plain(screen.getByRole("group", { name: "Spans" }))).toBe("Spans200in the range");
  const [question] = asked.filter(({ pathname }) => pathname.endsWith("/cardinality/spans"));
  expect(question?.searchParams.get("start")).toBe("1732237200000000000");
  expect(screen.queryByText(/more than can be counted/)).not.toBeInTheDocument();
});

test("a row opens its values, and a value the search for its traces", async () => {
  const asked = serve(all);
  const page = open();
  const table = await screen.findByRole("table", { name: "Attributes of spans" }, { timeout: 4000 });
  await userEvent.click(within(table).getByText("http.route"));
  await waitFor(() => expect(page.param("attribute")).toBe("span.http.route"));
  const opened = await screen.findByRole("table", { name: "Values of span.http.route" });
  expect(asked.at(-1)?.searchParams.get("attribute")).toBe("span.http.route");
  expect(within(opened).getAllByRole("row").slice(1).map(plain)).toEqual(["/cart4020.0 %Search", "1284.0 %Search", '["a"]21.0 %']);
  expect(new URL(within(opened).getByRole("link", { name: "Traces with span.http.route 12" }).getAttribute("href") ?? "", "http://x").searchParams.get("q")).toBe("{ span.http.route = 12 }");
  await userEvent.click(within(opened).getByRole("link", { name: "Traces with span.http.route /cart" }));
  await screen.findByText("at /explore/traces");
  expect(page.param("q")).toBe('{ span.http.route = "/cart" }');
});

test("closing the values leaves the attributes, another tab leaves both", async () => {
  serve({ ...all, "/oriel/api/v1/status": { version: "1", startedAt: "2024-11-22T01:00:00Z", ingest: { accepted: [], rejections: null } } });
  const page = open("&attribute=span.http.route");
  await userEvent.click(await screen.findByRole("button", { name: "Close" }, { timeout: 4000 }));
  await waitFor(() => expect(page.param("attribute")).toBeNull());
  await userEvent.click(screen.getByRole("radio", { name: "Ingest" }));
  await waitFor(() => expect(page.param("of")).toBeNull());
});

test("an answer of a part of the range says since when", async () => {
  serve({ "/oriel/api/v1/cardinality/spans": { ...list, start: "2024-11-22T01:52:30Z", complete: false } });
  open();
  expect(await screen.findByText(/this is of the time since .*01:52:30/, {}, { timeout: 4000 })).toBeInTheDocument();
  expect(plain(screen.getByRole("group", { name: "Spans" }))).toBe("Spans200in the part that was counted");
});

test("a range without spans says so, and a refusal says why", async () => {
  serve({ "/oriel/api/v1/cardinality/spans": { ...looked, spans: 0, attributes: 0, list: [] } });
  open();
  expect(await screen.findByText("No spans came in this range", {}, { timeout: 4000 })).toBeInTheDocument();
  cleanup();
  serve({ "/oriel/api/v1/cardinality/spans": new Refusal(504, '{"error":"took too long"}') });
  open();
  expect(await screen.findByText(/took too long/, {}, { timeout: 4000 })).toBeInTheDocument();
});
