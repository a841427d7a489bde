// @vitest-environment jsdom
import { cleanup, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, expect, test, vi } from "vitest";

import type { Flow, Ingest } from "../../api/ingest";
import { renderPage, serve } from "../../test/renderPage";
import { DataPage } from "./DataPage";

const flow: Flow = {
  signal: "metrics", protocol: "", tenant: "", service: "", left: 0, rows: 600, bytes: 0, rowsPerSecond: 2, bytesPerSecond: 0,
  recent: [0, 2, 2], followed: 0, late: 0, newest: null, refused: [],
};
const answer: Ingest = {
  since: "2026-11-22T05:00:00Z",
  now: "2026-11-22T06:00:00Z",
  stepSeconds: 10,
  tenants: false,
  flows: [],
  leftOff: 0,
  limits: [
    { key: "limits.max_age", of: "server", name: "", unit: "seconds", limit: 1_209_600, used: null },
    { key: "limits.metric.max_series", of: "server", name: "", unit: "", limit: 1000, used: 850 },
    { key: "limits.rates.tenant.bytes_per_second", of: "tenant", name: "acme", unit: "bytes/s", limit: 1024, used: 2048 },
    { key: "limits.max_line_bytes", of: "server", name: "", unit: "bytes", limit: 262_144, used: 100 },
    { key: "limits.metric.max_series_per_metric", of: "metric", name: "up", unit: "", limit: 0, used: 12 },
  ],
};
const endpoints: Ingest = {
  ...answer,
  flows: [
    {
      ...flow, protocol: "remote-write", bytes: 4096, bytesPerSecond: 2048, followed: 900, late: 50, newest: "2026-11-22T05:59:48Z",
      refused: [{ reason: "out_of_order", rows: 100, example: 'up{job="api"}: out of order sample', last: "2026-11-22T05:59:00Z" }],
    },
    { ...flow, signal: "logs", protocol: "loki", rowsPerSecond: 1, newest: "2026-11-22T06:05:00Z" },
  ],
};
const services: Ingest = {
  ...answer,
  flows: [
    { ...flow, service: "api", newest: "2026-11-22T05:59:48Z" },
    { ...flow, signal: "logs", service: "shop", rowsPerSecond: 1 },
    { ...flow, service: "", left: 5, rowsPerSecond: 0 },
  ],
};
const empty = { status: "success", data: { resultType: "matrix", result: [] } };
const served = (of: unknown) => serve({ "/oriel/api/v1/ingest": of, "/api/v1/query_range": empty });
const open = (search = "") => renderPage("/data", DataPage, `/data${search}`);

afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

async function rows(name: string): Promise<string[]> {
  const table = await screen.findByRole("table", { name });
  return within(table)
    .getAllByRole("row")
    .slice(1)
    .map((row) => within(row).getAllByRole("cell").map((cell) => cell.textContent?.replaceAll("\u202f", " ").replaceAll("\u2009", " ")).join("|"));
}

test("endpoints come with rate, size, refusals, how far behind they are, and what is out of order", async () => {
  served(endpoints);
  open();
  expect(await rows("What comes in")).toEqual([
    "metrics|remote-write|2||2 KiB/s|600|100|12 s|15 %",
    "logs|loki|1||–Here the sizes of requests are not counted|600|0|5 min ahead|–Log records are stored in whatever order they come",
  ]);
  const list = screen.getByRole("list", { name: "Refused" });
  expect(list).toHaveTextContent("100 samples over remote-write");
  expect(list).toHaveTextContent('up{job="api"}: out of order sample');
});

test("what rows are of and their signal are in the URL, and a row leads to its data", async () => {
  const asked = served(services);
  const { path, param } = open("?by=service&signal=metrics&sort=name");
  expect(await rows("What comes in")).toEqual([expect.stringMatching(/^metrics\|5 that were silent longest\|0/), expect.stringMatching(/^metrics\|api\|2/)]);
  expect(asked.find(({ pathname }) => pathname === "/oriel/api/v1/ingest")?.searchParams.get("by")).toBe("service");
  await userEvent.click(screen.getByText("api"));
  await waitFor(() => expect(path()).toBe("/explore/metrics"));
  expect([param("mode"), param("f")]).toEqual(["browse", "job:eq:api"]);
});

test("an endpoint leads to the jobs of its signal", async () => {
  served(endpoints);
  const { param } = open();
  await userEvent.click(await screen.findByText("remote-write"));
  await waitFor(() => expect([param("by"), param("signal")]).toEqual(["service", "metrics"]));
});

test("limits: the nearest first, with a bar that says how near, and periods as people write them", async () => {
  served(endpoints);
  open();
  const found = await rows("Limits");
  expect(found[0]).toMatch(/^limits\.rates\.tenant\.bytes_per_second\|tenant acme\|2 KiB\/s\|1 KiB\/s\|200 % full$/);
  expect(found[1]).toMatch(/^limits\.metric\.max_series\|the server\|850\|1 000\|85 % near$/);
  expect(found.join("\n")).toMatch(/limits\.max_age\|the server\|not measured\|14d\|$/m);
  expect(found.join("\n")).toMatch(/metric up\|12\|no limit\|$/m);
  expect(screen.getByRole("meter", { name: "limits.metric.max_series of the server" })).toHaveAttribute("aria-valuenow", "85");
  expect(screen.getByText("2 at 80 % or more")).toBeInTheDocument();
});

test("a server that has received nothing says where to send", async () => {
  served(answer);
  open();
  expect(await screen.findByText("Nothing has come in yet")).toBeInTheDocument();
  expect(screen.getByText(/4317 or 4318/)).toBeInTheDocument();
  expect(screen.getByText("Nothing has been refused")).toBeInTheDocument();
});
