// @vitest-environment jsdom
import { cleanup, configure, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { useEffect } from "react";
import { afterEach, expect, test, vi } from "vitest";

import { useTime } from "../../components/time/TimeContext";
import { NOW, Refusal, renderPage, serve } from "../../test/renderPage";
import { LogsPage } from "./LogsPage";

vi.setConfig({ testTimeout: 30_000 });
configure({ asyncUtilTimeout: 8000 });

afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

const hour = 3_600_000;
const week = 7 * 24 * hour;

function LongLogs() {
  const { raw, setRange } = useTime();
  const long = raw.from === "now-7d";
  useEffect(() => {
    if (!long) setRange({ from: "now-7d", to: "now" });
  }, [long, setRange]);
  return long ? <LogsPage /> : null;
}

const open = () => renderPage("/explore/logs", LongLogs, "/explore/logs");
const streams = (lines: readonly (readonly [ms: number, text: string])[]) => ({
  data: { resultType: "streams", result: [{ stream: { service_name: "pay" }, values: lines.map(([ms, text]) => [`${ms}000000`, text, {}]) }], stats: { summary: { totalLinesProcessed: 10, totalBytesProcessed: 2048, execTime: 0.5 }, querier: { store: { totalChunksRef: 2 } } } },
});
/** The times that lines were asked for, in milliseconds. */
const windows = (asked: URL[]) =>
  asked
    .filter((one) => one.pathname === "/loki/api/v1/query_range" && one.searchParams.get("limit") === "1000")
    .map((one) => ({ from: Number(BigInt(one.searchParams.get("start") ?? "0") / 1_000_000n), to: Number(BigInt(one.searchParams.get("end") ?? "0") / 1_000_000n) }));

/** Answers with those of `lines` that are in the window; `refuse` may turn a request down. */
function store(lines: readonly (readonly [number, string])[], refuse: (from: number, to: number) => Refusal | undefined = () => undefined) {
  return serve({
    "/loki/api/v1/query_range": (params: URLSearchParams) => {
      if (params.get("query")?.startsWith("sum")) return { data: { resultType: "matrix", result: [] } };
      const [from, to] = [Number(params.get("start")) / 1e6, Number(params.get("end")) / 1e6];
      return refuse(from, to) ?? streams(lines.filter(([ms]) => ms >= from && ms < to));
    },
  });
}

test("a long range is searched block by block, each once, and what it took is added up", async () => {
  const asked = store([[NOW - 1000, "a new line"], [NOW - week + 1000, "an old line"]]);
  open();
  await screen.findByText("a new line");
  await screen.findByText("an old line");
  const all = windows(asked);
  expect(all.length).toBeGreaterThan(1);
  expect(all[0]?.to).toBe(NOW);
  expect(all.at(-1)?.from).toBe(NOW - week);
  all.slice(1).forEach(({ to }, index) => expect(to).toBe(all[index]?.from));
  expect((await screen.findAllByText("2 lines")).length).toBeGreaterThan(0);
  await userEvent.click(screen.getByRole("button", { name: new RegExp(`${10 * all.length} lines read · .* · ${2 * all.length} parts`) }));
  expect(await screen.findByText("The query's request and answer")).toBeInTheDocument();
});

test("a block that fails leaves what was found, and only the rest is asked for again, in shorter blocks", async () => {
  let slow = true;
  const asked = store([[NOW - 1000, "a new line"], [NOW - week + 1000, "an old line"]], (from, to) => (slow && to < NOW && to - from > hour ? new Refusal(504, "query timed out") : undefined));
  open();
  await screen.findByText("a new line");
  expect(await screen.findByText(/^6 % of the range searched, back to .*; then: query timed out$/)).toBeInTheDocument();
  expect(screen.getByText("a new line")).toBeInTheDocument();
  const before = windows(asked);
  const failed = before.at(-1);
  slow = false;
  await userEvent.click(screen.getByRole("button", { name: "Search the rest" }));
  await screen.findByText("an old line");
  const again = windows(asked).slice(before.length);
  expect(again[0]?.to).toBe(failed?.to);
  expect((again[0]?.to ?? 0) - (again[0]?.from ?? 0)).toBeLessThan((failed?.to ?? 0) - (failed?.from ?? 0));
  await waitFor(() => expect(screen.queryByRole("button", { name: "Search the rest" })).toBeNull());
});

test("that no line matches is said when all has been searched", async () => {
  const asked = store([]);
  open();
  expect(await screen.findByText("No lines match in this time range")).toBeInTheDocument();
  expect(windows(asked).at(-1)?.from).toBe(NOW - week);
});

test("the histogram counts by the field that is chosen, which is in the link", async () => {
  const asked = store([[NOW - 1000, "a new line"]]);
  const page = renderPage("/explore/logs", LogsPage, "/explore/logs");
  await screen.findByText("a new line");
  await userEvent.selectOptions(screen.getByRole("combobox", { name: "Bars by" }), "service_name");
  await waitFor(() => expect(page.param("bars")).toBe("service_name"));
  await waitFor(() => expect(asked.map((one) => one.searchParams.get("query"))).toContain('sum by (service_name) (count_over_time({service_name=~".+"} [1m]))'));
});

test("a short range is one question", async () => {
  const asked = store([[NOW - 1000, "a new line"]]);
  renderPage("/explore/logs", LogsPage, "/explore/logs");
  await screen.findByText("a new line");
  expect(windows(asked)).toEqual([{ from: NOW - hour, to: NOW }]);
});

test("how a metric query is shown is in the link", async () => {
  const asked = serve({ "/loki/api/v1/query_range": { data: { resultType: "matrix", result: [{ metric: { a: "1" }, values: [[NOW / 1000, "2"]] }], stats: { summary: { totalLinesProcessed: 7, execTime: 0.1 } } } } });
  const page = renderPage("/explore/logs", LogsPage, `/explore/logs?q=${encodeURIComponent("sum(rate({a=~\".+\"}[5m]))")}&form=bars&step=5m`);
  expect(await screen.findByRole("button", { name: /7 lines read/ })).toBeInTheDocument();
  expect(screen.getByText("1 series, a value every 5m")).toBeInTheDocument();
  expect(screen.getByRole("combobox", { name: "Chart" })).toHaveValue("Bars");
  expect(asked.find((one) => one.searchParams.get("query")?.startsWith("sum"))?.searchParams.get("step")).toBe("300");
  await userEvent.click(screen.getByRole("radio", { name: "Table" }));
  await waitFor(() => expect(page.param("view")).toBe("table"));
  expect(await screen.findByRole("table", { name: "Last values" })).toBeInTheDocument();
});

test("a step that makes too many points is not asked for, and it is said why", async () => {
  const asked = serve({ "/loki/api/v1/query_range": { data: { resultType: "matrix", result: [] } } });
  renderPage("/explore/logs", LogsPage, `/explore/logs?q=${encodeURIComponent("sum(rate({a=~\".+\"}[5m]))")}&step=100ms`);
  expect(await screen.findByText(/A step of 100ms makes 36.001 points of this range.*Choose 1s or more/)).toBeInTheDocument();
  expect(asked.filter((one) => one.pathname === "/loki/api/v1/query_range")).toEqual([]);
});
