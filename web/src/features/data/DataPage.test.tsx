// @vitest-environment jsdom
import { cleanup, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { Refusal, renderPage, serve } from "../../test/renderPage";
import { DataPage } from "./DataPage";

const status = {
  exposed: null,
  ingest: {
    accepted: [
      { protocol: "otlp_grpc", signal: "logs", rows: 1581, bytes: 654_466, last: "2026-11-22T05:52:52.039719526Z" },
      { protocol: "remote_write", signal: "metrics", rows: 20_000, bytes: 2048, last: "2026-11-22T05:52:52Z" },
    ],
    rejections: [
      { protocol: "loki", signal: "logs", reason: "too_old", rows: 12, example: 'entry of 1970-01-01T00:00:00Z in {app="x"}', last: "2026-11-22T05:52:52Z" },
    ],
  },
  now: "2026-11-22T05:52:52.377758655Z",
  startedAt: "2026-11-22T05:51:02.135017434Z",
  storage: {
    event: [{ signal: "logs", parts: 1, part_rows: 100, part_bytes: 2048, head_rows: 1584, wal_bytes: 1024, oldest: "2026-11-12T05:52:52Z", newest: "2026-11-22T05:52:00Z", quarantined: 0, read_only: "the disk is full" }],
    metric: { series: 1664, block_bytes: 0, head_disk_bytes: 1024, oldest: "2026-11-22T05:52:00Z", downsampled: [] },
    retention: { metrics: "15d", logs: "30d", spans: "0s" },
    free_bytes: 30_720,
  },
  replay: [
    { store: "metrics", state: "done", segment: 3, segments: 3, seconds: 0.25, damaged: 0 },
    { store: "logs", state: "done", segment: 40, segments: 40, seconds: 75, damaged: 1 },
  ],
  version: "1.2.3",
};
const empty = { status: "success", data: { resultType: "matrix", result: [] } };
const info = { status: "success", data: { startTime: "x", goroutineCount: 513, reloadConfigSuccess: true, lastConfigTime: "2026-11-22T05:52:22Z" } };
const all = {
  "/oriel/api/v1/status": status,
  "/api/v1/query_range": empty,
  "/api/v1/status/runtimeinfo": info,
  "/api/v1/status/flags": { status: "success", data: { "data-dir": "/data" } },
  "/api/v1/status/config": { status: "success", data: { yaml: "scrape_configs: []" } },
  "/oriel/api/v1/retention": { editable: false, signals: [] },
  "/api/v1/status/tsdb/blocks": { status: "success", data: { blocks: [] } },
};
const open = (search = "") => renderPage("/data", DataPage, `/data${search}`);

beforeEach(() => vi.useFakeTimers({ toFake: ["Date"], now: Date.parse("2026-11-22T05:52:52Z") }));
afterEach(() => {
  cleanup();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

test("an answer of another shape, and a refusal, are said in a sentence", async () => {
  serve({ "/oriel/api/v1/ingest": { since: 5 } });
  open();
  expect(await screen.findByText(/\/oriel\/api\/v1\/ingest answered in an unknown shape at "since"/)).toBeInTheDocument();
  cleanup();
  serve({ "/oriel/api/v1/ingest": new Refusal(502, "<html>bad gateway</html>") });
  open();
  expect(await screen.findByText("/oriel/api/v1/ingest answered with status 502 and no explanation.")).toBeInTheDocument();
});

test("status: parts and how they do, the process, flags, configuration, and other sections in the server's words", async () => {
  serve(all);
  open("?tab=status");
  const parts = await screen.findByRole("list", { name: "Parts" });
  expect(parts).toHaveTextContent("read-onlyStore of logsthe disk is full");
  expect(await screen.findByText("loaded 30 s ago")).toBeInTheDocument();
  expect(screen.getByText("1.2.3")).toBeInTheDocument();
  expect(await screen.findByText("--data-dir")).toBeInTheDocument();
  expect(await screen.findByText("scrape_configs: []")).toBeInTheDocument();
  expect(within(await screen.findByRole("table", { name: "storage event" })).getByRole("columnheader", { name: "head rows" })).toBeInTheDocument();
  expect(screen.getByText("metric.series")).toBeInTheDocument();
  const logs = within(screen.getByRole("table", { name: "Write-ahead logs at the last start" })).getAllByRole("row");
  expect(logs.slice(1).map((row) => row.textContent?.replaceAll(/\s/g, " "))).toEqual([expect.stringMatching(/^metrics.well30250 ms$/), expect.stringMatching(/^logs.damaged4011.25 min$/)]);
  expect(screen.queryByText("Replay")).not.toBeInTheDocument();
  expect(screen.queryByText("Exposed")).not.toBeInTheDocument();
});

test("storage: bytes, retention and how long there is room at the rate so far", async () => {
  serve(all);
  open("?tab=storage");
  const table = await screen.findByRole("table", { name: "Signals" });
  const [, metrics, logs] = within(table).getAllByRole("row");
  expect(metrics).toHaveTextContent("15d");
  expect(logs?.textContent?.replaceAll("\u202f", " ")).toMatch(/3 KiB.*20.5 B.*30d/);
  // 3 KiB in ten days, 30 KiB free.
  expect(within(screen.getByRole("group", { name: "Room for" })).getByText("100 days")).toBeInTheDocument();
  expect(screen.getByText("logs are read-only: the disk is full")).toBeInTheDocument();
  expect(screen.getByText("No block is written yet")).toBeInTheDocument();
});

const cost = (metric: string, series: number) => ({ metric, series, disk_bytes: 0, head_bytes: 2048, created_hour: 3, created_day: 3, growth: 5, first_seen: null, last_selected: null });
const cardinality = {
  ...all,
  "/oriel/api/v1/cardinality": { limits: { max_series: 1000, max_series_per_metric: 0 } },
  "/oriel/api/v1/cardinality/metrics": { metrics: 2, series: 500, list: [cost("up", 100), cost("requests_bucket", 400)], counted_since: "2026-11-22T05:51:02Z", compared_with: null, noted_since: "2026-11-22T05:51:02Z" },
  "/oriel/api/v1/cardinality/labels": (params: URLSearchParams) => ({
    series: 400,
    labels: 1,
    pairs: 1,
    list: [{ label: "path", values: 90, series: 400, ...(params.get("metric") ? { series_without: 40, top: [{ value: "/a", series: 10 }] } : {}) }],
    top: [{ label: "job", value: "x", series: 500 }],
  }),
  "/oriel/api/v1/cardinality/unused": { metrics: 1, series: 100, of: 500, list: [cost("up", 100)], noted_since: "2026-11-22T05:51:02Z", complete: true },
};

test("cardinality: a metric's labels with what dropping each saves, and the relabelling to do it", async () => {
  serve(cardinality);
  const page = open("?tab=cardinality");
  const table = await screen.findByRole("table", { name: "Metrics" });
  expect(within(screen.getByRole("group", { name: "Series" })).getByText(/50.% of at most/)).toBeInTheDocument();
  await userEvent.click(within(table).getByText("requests_bucket"));
  await waitFor(() => expect(page.param("metric")).toBe("requests_bucket"));
  const labels = await screen.findByRole("table", { name: "Labels of requests_bucket" });
  expect(labels).toHaveTextContent("360 series (90");
  await userEvent.click(within(labels).getByRole("button", { name: "Relabel snippet that drops path" }));
  expect(screen.getByText(/target_label: "path"/)).toHaveTextContent('- source_labels: [__name__] regex: "requests_bucket" target_label: "path" replacement: ""');
});

test("targets: state, last error, and labels before and after relabelling", async () => {
  const target = (health: string, lastError: string) => ({
    discoveredLabels: { __address__: "a:1", job: "x" },
    labels: { instance: "a:1", job: "x", host: "a" },
    scrapePool: "x",
    scrapeUrl: `http://a:1/${health}`,
    lastError,
    lastScrape: "2026-11-22T05:52:50Z",
    lastScrapeDuration: 0.01,
    health,
    scrapeInterval: "10s",
  });
  serve({
    ...all,
    "/api/v1/targets": { status: "success", data: { activeTargets: [target("up", ""), target("down", "connection refused")], droppedTargets: [], droppedTargetCounts: { x: 3 } } },
    "/api/v1/targets/relabel_steps": { status: "success", data: { steps: [{ rule: { action: "replace", target_label: "host", source_labels: ["__address__"] }, output: { host: "a" }, keep: true }] } },
  });
  open("?tab=targets");
  const list = await screen.findByRole("list", { name: "Targets of x" });
  expect(screen.getByText("1 of 2 up · 3 dropped by relabelling")).toBeInTheDocument();
  expect(within(list).getByText("connection refused")).toBeInTheDocument();
  await userEvent.click(within(list).getAllByRole("button", { name: "Relabelling" })[0] as HTMLElement);
  expect(within(screen.getByRole("region", { name: "Before relabelling" })).getByText("__address__")).toBeInTheDocument();
  expect(await screen.findByText(/target_label: host/)).toBeInTheDocument();
  await userEvent.type(screen.getByLabelText("Filter by address or label"), "refused");
  expect(within(list).queryByText("http://a:1/up")).not.toBeInTheDocument();
});

test("queries: those that run can be cancelled, and slow and failed ones tell what they asked", async () => {
  const query = { id: "7", language: "promql", query: "sum(up)", path: "/api/v1/query", client: "10.0.0.1:5", began: "2026-11-22T05:52:42Z", seconds: 10 };
  const asked = serve({
    ...all,
    "/oriel/api/v1/queries/active": { queries: [query] },
    "/oriel/api/v1/queries/slow": {
      queries: [
        { ...query, id: "6", status: 400, bytes: 10, cancelled: false, left: false },
        { ...query, id: "5", status: 499, bytes: 10, cancelled: false, left: true },
      ],
      slowSeconds: 1,
      kept: 200,
    },
  });
  open("?tab=queries");
  const running = await screen.findByRole("list", { name: "Running queries" });
  expect(running).toHaveTextContent("sum(up)");
  await userEvent.click(within(running).getByRole("button", { name: "Cancel" }));
  await waitFor(() => expect(asked.some((one) => one.pathname === "/oriel/api/v1/queries/active/7")).toBe(true));
  const slow = within(await screen.findByRole("list", { name: "Slow queries" })).getAllByRole("listitem");
  expect(slow[0]).toHaveTextContent("failed (400)");
  expect(slow[1]).toHaveTextContent("its client did not wait");
  expect(within(slow[0] as HTMLElement).getByRole("link", { name: "Open" })).toHaveAttribute("href", expect.stringContaining("/explore/metrics"));
});
