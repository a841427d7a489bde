import { expect, test } from "vitest";

import { emptyPane, type Pane } from "./panes";
import { panelOf } from "./panelOf";

const query = (name: string, text: string) => ({ name, text, legend: "", hidden: false });
const panel = (pane: Partial<Pane>, ...queries: ReturnType<typeof query>[]) => panelOf({ ...emptyPane, ...pane }, queries, "");

test("queries and expressions become targets by their names", () => {
  expect(panel({}, query("A", "up"), query("B", "$A * 2")).targets).toEqual([
    expect.objectContaining({ refId: "A", expr: "up", range: true, legendFormat: "__auto" }),
    expect.objectContaining({ refId: "B", type: "math", expression: "$A * 2" }),
  ]);
});

test("each view becomes the panel that shows the same", () => {
  expect(panel({ kind: "stackedBars" }, query("A", "up"))).toMatchObject({ type: "timeseries", title: "up", fieldConfig: { defaults: { custom: { drawStyle: "bars", stacking: { mode: "normal" } } } } });
  expect(panel({ view: "table" }, query("A", "up"))).toMatchObject({ type: "table", targets: [{ instant: true, format: "table" }] });
  expect(panel({ view: "heatmap" }, query("A", "x_seconds_bucket"))).toMatchObject({ type: "heatmap", targets: [{ format: "heatmap", expr: "sum by (le) (increase(x_seconds_bucket[$__rate_interval]))" }] });
});

test("a step that was chosen is the shortest of the panel", () => {
  expect(panel({ step: "5m" }, query("A", "up"))).toMatchObject({ interval: "5m" });
  expect(panel({}, query("A", "up"))).not.toHaveProperty("interval");
});

test("a unit that was not chosen is guessed, as on the page", () => {
  expect(panel({}, query("A", "process_resident_memory_bytes"))).toMatchObject({ fieldConfig: { defaults: { unit: "bytes" } } });
  expect(panel({ unit: "reqps" }, query("A", "up"))).toMatchObject({ fieldConfig: { defaults: { unit: "reqps" } } });
});
