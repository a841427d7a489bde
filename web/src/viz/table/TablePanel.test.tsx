// @vitest-environment jsdom
import { cleanup, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, describe, expect, it, test, vi } from "vitest";

import { applyFieldConfig } from "../../lib/dashboard/fieldconfig";
import { table } from "../../lib/dashboard/testFrames";
import { NOW, renderPage, serve } from "../../test/renderPage";
import type { PanelProps } from "../panel";
import { renderPanel } from "../testPanel";
import { TablePanel } from "./TablePanel";

afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

// jsdom has no layout: all rows count as in sight.
vi.mock(import("@tanstack/react-virtual"), async (original) => ({
  ...(await original()),
  useVirtualizer: ((options: { count: number; estimateSize(index: number): number }) => ({
    getVirtualItems: () => Array.from({ length: options.count }, (_, index) => ({ index, key: index, start: index * options.estimateSize(index) })),
    getTotalSize: () => 0,
    measure: () => {},
  })) as never,
}));

const frame = table("A", { pod: ["web", "db", "cache"], cpu: [2, 1, 3], mem: [1024, 2048, null] });
const plain = (text: string | null): string => (text ?? "").replaceAll("\u202f", " ");
const rows = () => screen.getAllByRole("row").slice(1).map((row) => within(row).getAllByRole("cell").map((cell) => plain(cell.textContent)));
const override = (name: string, ...properties: [string, unknown][]) => ({ matcher: { id: "byName", options: name }, properties: properties.map(([id, value]) => ({ id, value })) });

it("has a column for each field, in its unit", () => {
  renderPanel(TablePanel, { frames: [frame], overrides: [override("mem", ["unit", "bytes"])] });
  expect(screen.getAllByRole("columnheader").map((head) => head.textContent)).toEqual(["pod", "cpu", "mem"]);
  expect(rows()).toEqual([["web", "2", "1 KiB"], ["db", "1", "2 KiB"], ["cache", "3", "–"]]);
});

it("is ordered as the panel says, and as its heads are clicked", async () => {
  renderPanel(TablePanel, { frames: [frame], options: { sortBy: [{ displayName: "cpu", desc: true }] } });
  expect(rows().map(([pod]) => pod)).toEqual(["cache", "web", "db"]);
  await userEvent.click(screen.getByRole("button", { name: "pod" }));
  expect(rows().map(([pod]) => pod)).toEqual(["web", "db", "cache"]);
});

it("leaves out hidden columns, and the head where told", () => {
  renderPanel(TablePanel, { frames: [frame], options: { showHeader: false }, overrides: [override("cpu", ["custom.hidden", true])] });
  expect(screen.queryByRole("columnheader")).toBeNull();
  expect(within(screen.getAllByRole("row")[0]!).getAllByRole("cell")).toHaveLength(2);
});

it("calculates below its columns", () => {
  renderPanel(TablePanel, { frames: [frame], options: { footer: { show: true, reducer: ["sum"] } }, overrides: [override("mem", ["unit", "bytes"])] });
  expect(rows().at(-1)).toEqual(["", "6", "3 KiB"]);
});

it("filters by values", async () => {
  renderPanel(TablePanel, { frames: [frame], defaults: { custom: { filterable: true } } });
  const user = userEvent.setup();
  await user.click(screen.getByRole("button", { name: "Filter pod" }));
  await user.click(await screen.findByRole("checkbox", { name: "db", hidden: true }));
  expect(rows()).toEqual([["db", "1", "2.05 K"]]);
});

it("has pages", async () => {
  renderPanel(TablePanel, { frames: [table("A", { n: Array.from({ length: 20 }, (_, row) => row) })], options: { footer: { enablePagination: true } } });
  expect(screen.getByText("1–6 of 20")).toBeVisible();
  await userEvent.click(screen.getByRole("button", { name: "Next page" }));
  expect(rows().map(([n]) => n)).toEqual(["6", "7", "8", "9", "10", "11"]);
});

it("colours cells and draws bars in them", () => {
  const { container } = renderPanel(TablePanel, {
    frames: [frame],
    overrides: [override("cpu", ["custom.cellOptions", { type: "color-background", mode: "basic" }], ["thresholds", { mode: "absolute", steps: [{ value: null, color: "green" }, { value: 3, color: "red" }] }]), override("mem", ["custom.cellOptions", { type: "gauge", mode: "basic" }])],
  });
  const [green, , red] = screen.getAllByRole("cell").filter((cell) => cell.style.background !== "").map((cell) => cell.style.background);
  expect(green).not.toBe(red);
  expect(container.querySelectorAll('[class*="fill"]')).toHaveLength(3);
});

it("links by the row's other cells", () => {
  renderPanel(TablePanel, { frames: [frame], overrides: [override("cpu", ["links", [{ title: "Pod", url: "/d/p?var-pod=${__data.fields.pod}&v=${__value.raw}" }]])] });
  expect(screen.getAllByRole("link").map((link) => link.getAttribute("href"))).toEqual(["/d/p?var-pod=web&v=2", "/d/p?var-pod=db&v=1", "/d/p?var-pod=cache&v=3"]);
});

test("one of several tables is chosen", () => {
  renderPanel(TablePanel, { frames: [frame, table("B", { other: [1] })] });
  expect(screen.getByRole("combobox", { name: "Table" })).toHaveValue("A");
});

describe("the menu of a row", () => {
  const busy = table("A", { Time: [NOW - 60_000, NOW - 60_000], pod: ["web", "db"], zone: ["a", "b"], cpu: [2, 1] });
  const linked = { matcher: { id: "byName", options: "cpu" }, properties: [{ id: "links", value: [{ title: "The pod", url: "/d/p?var-pod=${__data.fields.pod}" }] }] };

  const open = async (extra: Partial<PanelProps> = {}) => {
    serve({
      "/oriel/api/v1/correlations": { version: 0, rules: [], off: [] },
      "/loki/api/v1/": { data: { resultType: "streams", result: [] } },
      "/tempo/api/search": { traces: [] },
      "/api/v1/": { status: "success", data: [] },
    });
    const interpolate = (text: string): string => text.replace("${__data.fields.pod}", "db");
    const frames = applyFieldConfig([busy], { defaults: {}, overrides: [linked] }, interpolate);
    const page = renderPage("/d/$uid", () => <TablePanel id={1} title="Pods" frames={frames} options={{}} range={{ from: NOW - 3_600_000, to: NOW }} timeZone="utc" width={480} height={240} shared={0} interpolate={interpolate} {...extra} />, "/d/x");
    const button = await screen.findByRole("button", { name: "More about db" });
    button.focus();
    await userEvent.keyboard("{Enter}");
    await screen.findByRole("menuitem", { name: "Traces at this time: none" });
    return page;
  };
  const items = () => screen.getAllByRole("menuitem").map((item) => item.textContent);

  test("has the panel's own links first, then what else tells of it, then ways to narrow the table", async () => {
    await open();
    expect(items()).toEqual(["The pod", "Logs at this time: none", "Traces at this time: none", "Only pod = db", "Without pod = db", "Only zone = b", "Without zone = b"]);
    expect(screen.getByRole("menuitem", { name: "The pod" })).toHaveAttribute("href", "/d/p?var-pod=db");
    await userEvent.click(screen.getByRole("menuitem", { name: "Without pod = db" }));
    expect(rows().map(([, pod]) => pod)).toEqual(["web"]);
    // A column that is narrowed can be widened again.
    expect(screen.getByRole("button", { name: "Filter pod" })).toBeVisible();
  });

  test("narrows the dashboard where that has filters", async () => {
    const onFilter = vi.fn();
    await open({ onFilter });
    await userEvent.click(screen.getByRole("menuitem", { name: "Only zone = b" }));
    expect(onFilter).toHaveBeenCalledWith("zone", "=", "b");
    expect(rows()).toHaveLength(2);
  });
});

test("rows that name nothing which other signals know have no menu", () => {
  renderPanel(TablePanel, { frames: [table("A", { fruit: ["apple"], n: [1] })] });
  expect(screen.queryByRole("button", { name: /^More about/ })).toBeNull();
});
