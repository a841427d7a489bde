import { describe, expect, it, test } from "vitest";

import { defaultQuery, kindOf, metaOf } from "./defaultQuery";
import { guessUnit } from "./PaneGraph";
import { readPanes, writePanes, type Pane } from "./panes";

describe("panes in the URL", () => {
  const panes: Pane[] = [
    { query: "up", view: "graph", kind: "lines", unit: "auto" },
    { query: "a + b", view: "table", kind: "stackedBars", unit: "items/sec.x" },
  ];
  it("come back as they were", () => expect(readPanes(writePanes(panes))).toEqual(panes));
  it("leave out looks at their defaults", () => expect(writePanes(panes.slice(0, 1))).toEqual({ q: ["up"], look: [] }));
  it("are at least one", () => expect(readPanes({ q: [], look: [] })).toHaveLength(1));
  it.each([[[]], [["nonsense"]], [["pie.donut."]]])("fall back part by part: %j", (look) => {
    expect(readPanes({ q: ["up"], look })).toEqual([{ query: "up", view: "graph", kind: "lines", unit: "auto" }]);
  });
});

const meta = (type: string) => ({ type, help: "", unit: "" });

test.each([
  ["x_total", undefined, "counter"],
  ["x_bucket", undefined, "counter"],
  ["x", undefined, "gauge"],
  ["x_info", meta("gauge"), "info"],
  ["x", meta("histogram"), "histogram"],
  ["x", meta("summary"), "summary"],
  ["x_total", meta("unknown"), "counter"],
  ["x_total", meta("gauge"), "gauge"],
])("%s with metadata %j is a %s", (name, known, kind) => expect(kindOf(name, known)).toBe(kind));

test.each([
  ["up", undefined, "up"],
  ["x_total", undefined, "sum(rate(x_total[$__rate_interval]))"],
  ["x_seconds_bucket", meta("counter"), "histogram_quantile(0.95, sum by (le) (rate(x_seconds_bucket[$__rate_interval])))"],
  ["x_seconds", meta("histogram"), "histogram_quantile(0.95, sum(rate(x_seconds[$__rate_interval])))"],
  ["dotted.name", undefined, '{"dotted.name"}'],
  ["dotted.total", meta("counter"), 'sum(rate({"dotted.total"}[$__rate_interval]))'],
])("the first query for %s with metadata %j", (name, known, query) => expect(defaultQuery(name, known)).toBe(query));

test("parts of a histogram have its help and are counters", () => {
  const all = new Map([["x", { type: "histogram", help: "h", unit: "s" }]]);
  expect(metaOf("x_count", all)).toEqual({ type: "counter", help: "h", unit: "s" });
  expect(metaOf("y", all)).toBeUndefined();
});

test.each([
  ["process_resident_memory_bytes", "bytes"],
  ['process_resident_memory_bytes{job="a"}', "bytes"],
  ["rate(network_bytes_total[5m])", "binBps"],
  ["rate(http_requests_total[5m])", "short"],
  ["histogram_quantile(0.9, sum by (le) (rate(x_seconds_bucket[5m])))", "s"],
  ["rate(x_seconds_sum[5m]) / rate(x_seconds_count[5m])", "s"],
  ["rate(process_cpu_seconds_total[1m])", "short"],
  ["sum(go_goroutines)", "short"],
])("the unit of %s is %s", (query, unit) => expect(guessUnit(query)).toBe(unit));
