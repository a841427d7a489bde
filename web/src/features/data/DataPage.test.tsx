// @vitest-environment jsdom
import { cleanup, screen, within } from "@testing-library/react";
import { afterEach, expect, test, vi } from "vitest";

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
    event: [{ signal: "logs", parts: 1, part_bytes: 2048, head_rows: 1584, read_only: "" }],
    metric: { series: 1664 },
  },
  version: "1.2.3",
};
const open = () => renderPage("/data", DataPage, "/data");

afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

test("accepted rows are listed by protocol and signal, the most first", async () => {
  serve({ "/oriel/api/v1/status": status });
  open();
  const table = await screen.findByRole("table", { name: "Accepted" });
  const rows = within(table).getAllByRole("row").slice(1);
  expect(rows.map((row) => row.textContent?.replaceAll("\u202f", " "))).toEqual([
    expect.stringMatching(/^remote_writemetrics20 0002 KiB/),
    expect.stringMatching(/^otlp_grpclogs1 581639 KiB/),
  ]);
});

test("refusals come with their reason, count and example", async () => {
  serve({ "/oriel/api/v1/status": status });
  open();
  const list = await screen.findByRole("list", { name: "Refused" });
  expect(list).toHaveTextContent("too_old");
  expect(list).toHaveTextContent("12 logs over loki");
  expect(list).toHaveTextContent('entry of 1970-01-01T00:00:00Z in {app="x"}');
});

test("other sections are shown in the server's words, and empty ones not at all", async () => {
  serve({ "/oriel/api/v1/status": status });
  open();
  const table = await screen.findByRole("table", { name: "storage event" });
  expect(within(table).getByRole("columnheader", { name: "head rows" })).toBeInTheDocument();
  expect(screen.getByText("metric.series")).toBeInTheDocument();
  expect(screen.getByText("1.2.3")).toBeInTheDocument();
  expect(screen.queryByText("Exposed")).not.toBeInTheDocument();
});

test("a server that has received nothing says where to send", async () => {
  serve({ "/oriel/api/v1/status": { version: "1", startedAt: "2026-11-22T05:51:02Z", ingest: { accepted: [], rejections: null } } });
  open();
  expect(await screen.findByText("Nothing has come in yet")).toBeInTheDocument();
  expect(screen.getByText(/4317 or 4318/)).toBeInTheDocument();
  expect(screen.getByText("Nothing has been refused")).toBeInTheDocument();
});

test("an answer of another shape, and a refusal, are said in a sentence", async () => {
  serve({ "/oriel/api/v1/status": { version: 5 } });
  open();
  expect(await screen.findByText(/\/oriel\/api\/v1\/status answered in an unknown shape at "version"/)).toBeInTheDocument();
  cleanup();
  serve({ "/oriel/api/v1/status": new Refusal(502, "<html>bad gateway</html>") });
  open();
  expect(await screen.findByText("/oriel/api/v1/status answered with status 502 and no explanation.")).toBeInTheDocument();
});
