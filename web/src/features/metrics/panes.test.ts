import { describe, expect, test } from "vitest";

import { emptyPane, emptyQuery, isBrowsing, metricsState, readPanes, referencesIn, writePanes, type Pane } from "./panes";

const read = (search: Record<string, string | string[]>): Pane[] => readPanes(metricsState.read(search));
const query = (text: string) => ({ ...emptyQuery, text });

describe("panes in the URL", () => {
  test("a link with nothing is one empty pane, and browses", () => {
    expect(read({})).toEqual([emptyPane]);
    expect(isBrowsing(metricsState.read({}))).toBe(true);
    expect(isBrowsing(metricsState.read({ q: "up" }))).toBe(false);
    expect(isBrowsing(metricsState.read({ q: "up", mode: "browse" }))).toBe(true);
    expect(isBrowsing(metricsState.read({ mode: "query" }))).toBe(false);
  });

  test("each query has its own pane unless the link says otherwise", () => {
    expect(read({ q: ["a", "b"] }).map((pane) => pane.queries)).toEqual([[query("a")], [query("b")]]);
    expect(read({ q: ["a", "b", "c"], pane: ["0", "0", "1"] }).map((pane) => pane.queries.map((one) => one.text))).toEqual([["a", "b"], ["c"]]);
  });

  test("an unreadable look falls back part by part", () => {
    expect(read({ q: "a", look: "pie.stacked.reqps", opt: "x?" })).toEqual([{ ...emptyPane, queries: [query("a")], kind: "stacked", unit: "reqps", exemplars: false }]);
    expect(read({ q: "a", look: "table.cake" })[0]).toMatchObject({ view: "table", kind: "lines", unit: "auto" });
  });

  test("a step that is none counts as absent", () => {
    expect(read({ q: ["a", "b"], step: ["soon", "5m"] }).map((pane) => pane.step)).toEqual(["", "5m"]);
  });

  test("a unit may have dots in it", () => {
    expect(read({ q: "a", look: "graph.lines.suffix:a.b" })[0]?.unit).toBe("suffix:a.b");
  });

  test("what is written reads back", () => {
    const panes: Pane[] = [
      { ...emptyPane, queries: [query("a"), { text: "$A * 2", legend: "{{x}}", hidden: false }, { text: "c", legend: "", hidden: true }], log: true },
      { ...emptyPane, queries: [query("d")], view: "heatmap", kind: "bars", exemplars: false, step: "15s" },
    ];
    const search = metricsState.write({}, writePanes(panes));
    expect(readPanes(metricsState.read(search))).toEqual(panes);
    expect(search.off).toBe("C");
  });

  test("what is at its default leaves no trace", () => {
    expect(metricsState.write({}, writePanes([{ ...emptyPane, queries: [query("a")] }]))).toEqual({ q: ["a"] });
  });
});

test("an expression names other queries", () => {
  expect(referencesIn("$A / ${B} + $A")).toEqual(["A", "B"]);
  expect(referencesIn("rate(x[$__interval])")).toBeUndefined();
  expect(referencesIn("$Alpha")).toBeUndefined();
});
