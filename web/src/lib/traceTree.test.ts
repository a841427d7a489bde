import { describe, expect, test } from "vitest";

import cases from "../../../query/services/testdata/criticalpath.json";
import type { Span } from "./trace";
import { buildTree, findSpans, ORPHAN_ROW, visibleRows } from "./traceTree";

const BASE = 1_732_240_000_000_000_000n;

/** A span from millisecond `from` to `to` of the trace. */
function span(spanId: string, parentId: string, from: number, to: number, over: Partial<Span> = {}): Span {
  return {
    traceId: "t",
    spanId,
    parentId,
    name: spanId,
    service: "shop",
    kind: "internal",
    start: BASE + BigInt(Math.round(from * 1e6)),
    end: BASE + BigInt(Math.round(to * 1e6)),
    status: "unset",
    statusMessage: "",
    attributes: [],
    resource: [],
    scope: "",
    events: [],
    links: [],
    ...over,
  };
}

describe("buildTree", () => {
  test("no spans make an empty tree", () => {
    expect(buildTree([])).toMatchObject({ roots: [], orphans: [], nodes: [], duration: 0, depth: 0 });
  });

  test("children hang below their parents in order of start, whatever the order of arrival", () => {
    const tree = buildTree([span("c", "a", 50, 60), span("d", "b", 12, 15), span("b", "a", 10, 20), span("a", "", 0, 100)]);
    expect(tree.nodes.map((n) => [n.key, n.depth])).toEqual([["a", 0], ["b", 1], ["d", 2], ["c", 1]]);
    expect(tree.start).toBe(BASE);
    expect(tree.duration).toBe(100e6);
    expect(tree.depth).toBe(3);
    expect(tree.roots[0]).toMatchObject({ below: 3 });
  });

  test("a span whose parent is absent is an orphan with its own subtree", () => {
    const tree = buildTree([span("a", "", 0, 10), span("x", "gone", 2, 8), span("y", "x", 3, 4)]);
    expect(tree.orphans.map((n) => [n.key, n.orphan, n.below])).toEqual([["x", "missing", 1]]);
    expect(tree.nodes).toHaveLength(3);
  });

  test("a ring of parents is cut at its earliest span", () => {
    const tree = buildTree([span("a", "c", 5, 9), span("b", "a", 6, 7), span("c", "b", 1, 10), span("leaf", "b", 6, 7)]);
    expect(tree.orphans.map((n) => [n.key, n.orphan])).toEqual([["c", "cycle"]]);
    expect(tree.nodes.map((n) => n.key)).toEqual(["c", "a", "b", "leaf"]);
  });

  test("a span that is its own parent stands alone", () => {
    const tree = buildTree([span("a", "a", 0, 1)]);
    expect(tree.orphans[0]).toMatchObject({ key: "a", orphan: "cycle", below: 0 });
    expect(tree.nodes).toHaveLength(1);
  });

  test("two spans with one id are both kept", () => {
    const tree = buildTree([span("a", "", 0, 10), span("b", "a", 1, 5), span("b", "a", 2, 3)]);
    expect(tree.nodes.map((n) => n.key)).toEqual(["a", "b", "b#2"]);
  });

  test("a span that ends before it starts has no length", () => {
    expect(buildTree([span("a", "", 10, 5)]).nodes[0]!.duration).toBe(0);
  });

  test("self time leaves out overlapping children once, and what they do outside the parent", () => {
    const tree = buildTree([span("a", "", 0, 100), span("b", "a", 10, 40), span("c", "a", 30, 50), span("d", "a", 90, 130)]);
    expect(tree.nodes[0]!.self).toBe(50e6);
  });

  test("errors are counted for the trace and below each span", () => {
    const tree = buildTree([
      span("a", "", 0, 10, { status: "error" }),
      span("b", "a", 1, 9),
      span("c", "b", 2, 3, { status: "error", service: "bank" }),
    ]);
    expect(tree.errors).toBe(2);
    expect(tree.nodes.map((n) => n.errorsBelow)).toEqual([1, 1, 0]);
    expect(tree.services).toEqual(["shop", "bank"]);
  });

  test("ten thousand spans in one chain and ten thousand in one fan are built", () => {
    const chain = Array.from({ length: 10_000 }, (_, i) => span(`s${i}`, i === 0 ? "" : `s${i - 1}`, i / 100, 300 - i / 100));
    const fan = Array.from({ length: 10_000 }, (_, i) => span(`s${i}`, i === 0 ? "" : "s0", i / 100, i / 100 + 1));
    expect(buildTree(chain).depth).toBe(10_000);
    expect(buildTree(fan).roots[0]!.below).toBe(9_999);
  });
});

describe("critical path", () => {
  test.each(cases)("$name", ({ spans, want }) => {
    const path = buildTree(spans.map(([id, parent, from, to]) => span(String(id), String(parent), Number(from), Number(to))));
    const origin = Math.min(...spans.map((s) => Number(s[2])));
    const got = path.nodes
      .flatMap((n) => n.critical.map((s) => [n.key, s.from / 1e6 + origin, s.to / 1e6 + origin] as const))
      .toSorted((a, b) => a[1] - b[1]);
    expect(got).toEqual(want);
  });

  test("its stretches cover the root without overlap", () => {
    const spans = [span("s0", "", 0, 1000)];
    for (let i = 1; i < 300; i++) {
      const from = (i * 37) % 900;
      spans.push(span(`s${i}`, `s${Math.floor(i / 3)}`, from, from + ((i * 53) % 200)));
    }
    const stretches = buildTree(spans)
      .nodes.flatMap((n) => n.critical)
      .toSorted((a, b) => a.from - b.from);
    let cursor = 0;
    for (const s of stretches) {
      expect(s.from).toBe(cursor);
      cursor = s.to;
    }
    expect(cursor).toBe(1000e6);
  });
});

describe("visibleRows", () => {
  const tree = buildTree([span("a", "", 0, 10), span("b", "a", 1, 5), span("c", "b", 2, 3), span("x", "gone", 4, 6)]);
  const rows = (collapsed: string[]) => visibleRows(tree, new Set(collapsed)).map((r) => `${r.level}:${r.key}`);

  test("orphans come last, one level below their own row", () => {
    expect(rows([])).toEqual(["0:a", "1:b", "2:c", "0:orphans", "1:x"]);
  });

  test("what is below a collapsed row is left out", () => {
    expect(rows(["b"])).toEqual(["0:a", "1:b", "0:orphans", "1:x"]);
    expect(rows(["a", ORPHAN_ROW])).toEqual(["0:a", "0:orphans"]);
  });

  test("a leaf is neither open nor closed", () => {
    expect(visibleRows(tree, new Set()).map((r) => r.expanded)).toEqual([true, true, undefined, true, undefined]);
  });
});

test("findSpans looks at names, ids and attributes without regard to case", () => {
  const tree = buildTree([
    span("a", "", 0, 10, { name: "POST /Orders" }),
    span("b", "a", 1, 5, { attributes: [{ key: "db.system", value: "PostgreSQL", type: "string" }] }),
    span("c", "a", 2, 3, { events: [{ name: "exception", time: 0n, attributes: [{ key: "k", value: "Boom", type: "string" }] }] }),
  ]);
  const find = (text: string) => findSpans(tree, text).map((n) => n.key);
  expect(find("orders")).toEqual(["a"]);
  expect(find("postgres")).toEqual(["b"]);
  expect(find("BOOM")).toEqual(["c"]);
  expect(find("db.system")).toEqual(["b"]);
  expect(find("  ")).toEqual([]);
});
