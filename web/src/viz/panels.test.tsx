// @vitest-environment jsdom
import { cleanup, render, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, describe, expect, it, test, vi } from "vitest";

import { alertFrame } from "../lib/dashboard/alertFrames";
import { dashboardFrame } from "../lib/dashboard/ownFrames";
import { logFrame } from "../lib/dashboard/lokiFrames";
import { series, table } from "../lib/dashboard/testFrames";
import { graphFrames, traceFrame } from "../lib/dashboard/traceFrames";
import { BarChartPanel } from "./barchart/BarChartPanel";
import { BarGaugePanel } from "./bargauge/BarGaugePanel";
import { GaugePanel } from "./gauge/GaugePanel";
import { HeatmapPanel } from "./heatmap/HeatmapPanel";
import { HistogramPanel } from "./histogram/HistogramPanel";
import { AlertListPanel } from "./lists/AlertListPanel";
import { DashListPanel } from "./lists/DashListPanel";
import { LogsPanel } from "./logs/LogsPanel";
import { NodeGraphPanel } from "./nodegraph/NodeGraphPanel";
import { NoData } from "./NoData";
import { NoValue } from "./noValue";
import { PieChartPanel } from "./piechart/PieChartPanel";
import { PolystatPanel } from "./polystat/PolystatPanel";
import { panelTypes } from "./registry";
import { StatPanel } from "./stat/StatPanel";
import { StateTimelinePanel } from "./states/StateTimelinePanel";
import { StatusHistoryPanel } from "./states/StatusHistoryPanel";
import { renderPanel } from "./testPanel";
import { TimeSeriesPanel } from "./timeseries/TimeSeriesPanel";
import { TracesPanel } from "./traces/TracesPanel";

afterEach(cleanup);

// jsdom measures nothing: parts drawn as SVG get a size, while canvases stay empty.
vi.mock("../components/useSize", () => ({ useSize: () => ({ ref: { current: null }, width: 400, height: 200 }) }));
vi.mock("./timeseries/Plot", () => ({ Plot: () => null }));
HTMLCanvasElement.prototype.getContext = (() => null) as never;

const plain = (text: string | null): string => (text ?? "").replaceAll("\u202f", " ");
const two = [series("A", "api", [1, 2, 4]), series("B", "db", [8, 6, null])];
const thresholds = { mode: "absolute", steps: [{ value: null, color: "green" }, { value: 5, color: "red" }] };

describe("time series", () => {
  it("says what it shows", () => {
    renderPanel(TimeSeriesPanel, { frames: [two[0]!], defaults: { unit: "s" } });
    expect(plain(screen.getByRole("img").getAttribute("aria-label"))).toBe("Panel: api, from 1 s to 4 s, last 4 s");
  });

  it("has a legend with calculations that sorts", async () => {
    renderPanel(TimeSeriesPanel, { frames: two, options: { legend: { displayMode: "table", calcs: ["max", "lastNotNull"], sortBy: "Max", sortDesc: false } } });
    const names = () => screen.getAllByRole("row").slice(1).map((row) => within(row).getAllByRole("cell").map((cell) => cell.textContent));
    expect(names()).toEqual([["api", "4", "4"], ["db", "8", "6"]]);
    await userEvent.click(screen.getByRole("button", { name: /^Max/ }));
    expect(names().map(([name]) => name)).toEqual(["db", "api"]);
    expect(screen.getByRole("columnheader", { name: /Max/ })).toHaveAttribute("aria-sort", "descending");
  });

  it("shows one series alone on a click, and switches one off on Ctrl-click", async () => {
    renderPanel(TimeSeriesPanel, { frames: [...two, series("C", "web", [1])] });
    const pressed = () => screen.getAllByRole("button").map((button) => button.getAttribute("aria-pressed"));
    const user = userEvent.setup();
    await user.click(screen.getByRole("button", { name: "db" }));
    expect(pressed()).toEqual(["false", "true", "false"]);
    await user.click(screen.getByRole("button", { name: "db" }));
    expect(pressed()).toEqual(["true", "true", "true"]);
    await user.keyboard("{Control>}");
    await user.click(screen.getByRole("button", { name: "web" }));
    expect(pressed()).toEqual(["true", "true", "false"]);
  });

  it("leaves out of its legend what is hidden from it, and all of it where told", () => {
    const hide = [{ matcher: { id: "byName", options: "db" }, properties: [{ id: "custom.hideFrom", value: { legend: true } }] }];
    const { unmount } = renderPanel(TimeSeriesPanel, { frames: two, overrides: hide });
    expect(screen.getAllByRole("button").map((button) => button.textContent)).toEqual(["api"]);
    unmount();
    renderPanel(TimeSeriesPanel, { frames: two, options: { legend: { showLegend: false } } });
    expect(screen.queryByRole("button")).toBeNull();
  });

  it("reads out the values at the crosshair that the arrow keys move", async () => {
    renderPanel(TimeSeriesPanel, { frames: two });
    screen.getByRole("img").focus();
    const user = userEvent.setup();
    await user.keyboard("{ArrowRight}");
    expect(screen.getByRole("status")).toHaveTextContent("2023-11-14 22:13:20: db 8, api 1");
    await user.keyboard("{End}");
    expect(screen.getByRole("status")).toHaveTextContent("2023-11-14 22:15:20: api 4");
    await user.keyboard("{Escape}");
    expect(screen.getByRole("status")).toBeEmptyDOMElement();
  });

  it("says so where the data has no times", () => {
    renderPanel(TimeSeriesPanel, { frames: [table("A", { pod: ["a"], Value: [1] })] });
    expect(screen.getByText("The data has no times to draw it by")).toBeVisible();
  });
});

describe("stat", () => {
  it("shows one value without its name, several with theirs", () => {
    const { unmount } = renderPanel(StatPanel, { frames: [two[0]!], defaults: { unit: "bytes" } });
    expect(plain(screen.getByRole("group", { name: /^api/ }).textContent)).toBe("4 B");
    unmount();
    renderPanel(StatPanel, { frames: two });
    expect(screen.getByRole("group", { name: "api: 4" })).toHaveTextContent("api4");
    expect(screen.getByRole("group", { name: "db: 6" })).toBeVisible();
  });

  it("maps, and says what stands for no value", () => {
    renderPanel(StatPanel, { frames: [series("A", "a", [null]), series("B", "b", [1])], defaults: { noValue: "No backups", mappings: [{ type: "value", options: { "1": { text: "Healthy" } } }] } });
    expect(screen.getByRole("group", { name: "a: No backups" })).toBeVisible();
    expect(screen.getByRole("group", { name: "b: Healthy" })).toBeVisible();
  });

  it("tells how much the value changed", () => {
    renderPanel(StatPanel, { frames: [two[0]!], options: { showPercentChange: true } });
    expect(plain(screen.getByRole("group", { name: /^api/ }).textContent)).toContain("▲ 300 %");
  });

  it("links where the field does", () => {
    renderPanel(StatPanel, { frames: [two[0]!], defaults: { links: [{ title: "Go", url: "/d/x?s=${__series.name}" }] } });
    expect(screen.getByRole("link")).toHaveAttribute("href", "/d/x?s=api");
  });

  it("says so without data, in the words of the panel", () => {
    renderPanel(StatPanel, { frames: [] });
    expect(screen.getByText("No data")).toBeVisible();
    render(
      <NoValue value="Nothing has been refused.">
        <NoData />
      </NoValue>,
    );
    expect(screen.getByText("Nothing has been refused.")).toBeVisible();
  });
});

test("a gauge says its value and its ends", () => {
  renderPanel(GaugePanel, { frames: [two[0]!], defaults: { unit: "percent" } });
  expect(plain(screen.getByRole("img").getAttribute("aria-label"))).toBe("api: 4 %, between 0 % and 100 %");
});

test.each(["basic", "gradient", "lcd"])("a bar gauge in mode %s has a bar for each value", (displayMode) => {
  renderPanel(BarGaugePanel, { frames: two, options: { displayMode }, defaults: { thresholds } });
  expect(screen.getAllByRole("group").slice(1).map((row) => row.getAttribute("aria-label"))).toEqual(["api: 4", "db: 6"]);
});

test("series of one name have a bar each, and a key of their own", () => {
  const complain = vi.spyOn(console, "error").mockImplementation(() => undefined);
  renderPanel(BarGaugePanel, { frames: [series("A", "same", [1]), series("A", "same", [2])] });
  expect(screen.getAllByRole("group").slice(1).map((row) => row.getAttribute("aria-label"))).toEqual(["same: 1", "same: 2"]);
  expect(complain).not.toHaveBeenCalled();
});

test("a pie has values and shares in its legend", async () => {
  renderPanel(PieChartPanel, { frames: two, options: { legend: { displayMode: "table", values: ["value", "percent"] } } });
  expect(plain(screen.getByRole("img").getAttribute("aria-label"))).toBe("Panel: db 60 %, api 40 %");
  const cells = () => screen.getAllByRole("row").slice(1).map((row) => within(row).getAllByRole("cell").map((cell) => plain(cell.textContent)));
  expect(cells()).toEqual([["db", "6", "60 %"], ["api", "4", "40 %"]]);
  await userEvent.click(screen.getByRole("button", { name: "api" }));
  expect(cells()[1]).toEqual(["api", "4", "100 %"]);
});

test("a bar chart has groups named by its words", () => {
  const { container } = renderPanel(BarChartPanel, { frames: [table("A", { pod: ["web", "db"], cpu: [1, 2], mem: [3, null] })] });
  expect(screen.getByRole("img", { name: "Panel: 2 groups, cpu from 1 to 2, mem from 3 to 3" })).toBeVisible();
  expect(container.querySelectorAll("rect")).toHaveLength(3);
  expect([...container.querySelectorAll("text")].map((text) => text.textContent)).toEqual(expect.arrayContaining(["web", "db"]));
});

test("a histogram counts", () => {
  const { container } = renderPanel(HistogramPanel, { frames: [series("A", "ms", [1, 2, 3, 12])], options: { bucketSize: 10 } });
  expect(screen.getByRole("img", { name: "Panel: 2 buckets from 0 to 20" })).toBeVisible();
  expect(container.querySelectorAll("rect")).toHaveLength(2);
});

test("a heatmap says its rows and the ends of its scale", () => {
  const buckets = [series("A", "0.5", [1, 5], { labels: { le: "0.5" } }), series("A", "+Inf", [0, 2], { labels: { le: "+Inf" } }), series("A", "0.1", [9, 1], { labels: { le: "0.1" } })];
  renderPanel(HeatmapPanel, { frames: buckets, options: { yAxis: { unit: "s" } } });
  expect(screen.getByRole("img", { name: "Panel: 3 rows, values from 0 to 9" })).toBeVisible();
});

test("states say their last values, and the legend what colours mean", () => {
  const mappings = [{ type: "value", options: { "0": { text: "down", color: "red" }, "1": { text: "up", color: "green" } } }];
  renderPanel(StateTimelinePanel, { frames: [series("A", "api", [1, 1, 0]), series("B", "db", [1, 1, 1])], defaults: { mappings }, options: { legend: { showLegend: true } } });
  expect(screen.getByRole("img", { name: "Panel: 2 rows, last api down, db up" })).toBeVisible();
  expect(screen.getAllByRole("button").map((button) => button.textContent)).toEqual(["up", "down"]);
});

test("a status history has a cell for each value", () => {
  renderPanel(StatusHistoryPanel, { frames: [series("A", "api", [1, 1, 0])] });
  expect(screen.getByRole("img", { name: "Panel: 1 row, last api 0" })).toBeVisible();
});

test("log lines are a grid; one that repeats is told once", () => {
  const lines = [3, 2, 1].map((at) => ({ ts: `170000000000000000${at}`, line: "same", labels: { level: "error" } }));
  renderPanel(LogsPanel, { frames: [logFrame(lines, "A", "q")], options: { dedupStrategy: "exact" } });
  expect(screen.getByRole("grid", { name: "Log lines" })).toHaveAttribute("aria-rowcount", "1");
});

test("a trace is a tree of its spans", () => {
  const span = { traceId: "a".repeat(32), spanId: "1", parentId: "", name: "GET /", service: "web", kind: "server", start: 1n, end: 5_000_001n, status: "error", statusMessage: "", attributes: [], resource: [], scope: "", events: [], links: [] } as const;
  renderPanel(TracesPanel, { frames: [traceFrame([{ ...span, attributes: [], resource: [], events: [], links: [] }], "A", "q")] });
  expect(screen.getByRole("treegrid", { name: "Spans" })).toHaveAttribute("aria-rowcount", "2");
  expect(plain(screen.getByText(/1 spans/).textContent)).toBe("web GET / · 5 ms · 1 spans · 1 service · 1 failed");
});

test("a node graph names its nodes with their numbers", () => {
  renderPanel(NodeGraphPanel, { frames: graphFrames([{ client: "web", server: "api", rate: 5, errorRatio: 0.1, p95: 0.2 }], "A") });
  expect(screen.getByRole("group", { name: "Panel: 2 nodes and 1 edges" })).toBeVisible();
  expect(plain(screen.getByRole("img", { name: /^api/ }).getAttribute("aria-label"))).toBe("api, 200 ms, 5 req/s");
});

test("lists of dashboards and alerts", () => {
  const { unmount } = renderPanel(DashListPanel, { frames: [dashboardFrame([{ uid: "n 1", title: "Nodes", tags: ["linux"], folderTitle: "Infra", starred: true }], "A")] });
  expect(screen.getByRole("link", { name: "Nodes" })).toHaveAttribute("href", "/d/n%201");
  unmount();
  const alert = (alertname: string, state: string, severity: string) => ({ labels: { alertname, severity }, annotations: { summary: `${alertname}!` }, state, activeAt: "2023-11-14T22:13:20Z", value: "1" });
  renderPanel(AlertListPanel, { frames: [alertFrame([alert("Slow", "pending", "critical"), alert("Full", "firing", "warning"), alert("Down", "firing", "critical"), alert("Old", "inactive", "")], "A")], options: { stateFilter: { inactive: false } } });
  expect(screen.getAllByRole("listitem").map((item) => within(item).getByRole("link").textContent)).toEqual(["Down", "Full", "Slow"]);
});

test("polystat tiles have the plugin's unit, thresholds and calculation", () => {
  renderPanel(PolystatPanel, { frames: two, options: { globalOperator: "max", globalUnitFormat: "percent", globalDecimals: 1, globalThresholds: [{ value: 0, color: "green" }, { value: 5, color: "red" }] } });
  expect(screen.getAllByRole("group").slice(1).map((tile) => plain(tile.getAttribute("aria-label")))).toEqual(["api: 4.0 %", "db: 8.0 %"]);
});

test("every panel type of the tiers is there", () => {
  const ids = "timeseries stat gauge bargauge table text logs piechart heatmap state-timeline status-history barchart histogram dashlist alertlist nodeGraph traces grafana-polystat-panel";
  expect(ids.split(" ").filter((id) => !panelTypes.has(id))).toEqual([]);
});
