import { describe, expect, test } from "vitest";

import type { Span } from "./trace";
import { traceCalls } from "./traceCalls";
import { layoutFlame, waysTo } from "./traceFlame";
import { foldBelow, foldInsides, foldSound } from "./traceFold";
import { foldedKeys, toggleFolds } from "./traceFolding";
import { groupOperations } from "./traceGroups";
import { tracePaths } from "./tracePaths";
import { clockSkews, isAsync } from "./traceSkew";
import { readStretch, writeStretch } from "./traceStretch";
import { buildTree, visibleRows } from "./traceTree";
import { largestDeltas, versus } from "./traceVersus";

const MS = 1_000_000;

/** A span of `service name`, from and to milliseconds. */
function span(spanId: string, parentId: string, operation: string, from: number, to: number, over: Partial<Span> = {}): Span {
  const [service = "", name = ""] = operation.split(" ");
  const base = 1_700_000_000_000_000_000n;
  return {
    traceId: "t",
    spanId,
    parentId,
    name,
    service,
    kind: "internal",
    start: base + BigInt(Math.round(from * MS)),
    end: base + BigInt(Math.round(to * MS)),
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

const shop = [
  span("a", "", "shop order", 0, 100),
  span("b", "a", "payment charge", 10, 60, { status: "error" }),
  span("c", "a", "db query", 60, 70),
  span("d", "a", "db query", 70, 90),
  span("e", "b", "db query", 20, 30),
];

describe("paths", () => {
  test("spans of one operation under the same callers are one, longest first", () => {
    const { tops, all } = tracePaths(buildTree(shop));
    expect(all).toHaveLength(4);
    const [top] = tops;
    expect(top).toMatchObject({ service: "shop", name: "order", total: 100 * MS, self: 20 * MS, errors: 0, depth: 0 });
    expect(top!.children.map((path) => [path.service, path.spans.length, path.total / MS, path.errors])).toEqual([
      ["payment", 1, 50, 1],
      ["db", 2, 30, 0],
    ]);
    expect(waysTo(top!.children[0]!.children[0]).map((path) => path.name)).toEqual(["order", "charge", "query"]);
  });

  test("a chain of ten thousand spans comes out at once", () => {
    const chain = Array.from({ length: 10_000 }, (_, i) => span(`s${i}`, i === 0 ? "" : `s${i - 1}`, `svc op${i}`, i / 1000, 20 - i / 1000));
    const { tops, all } = tracePaths(buildTree(chain));
    expect(all).toHaveLength(10_000);
    const flame = layoutFlame(tops, 1 / 400, 80);
    expect(flame.rows).toBe(80);
    expect(flame.hidden).toBe(1);
  });
});

describe("flame", () => {
  test("boxes are as wide as their share of the time of what is above", () => {
    const flame = layoutFlame(tracePaths(buildTree(shop)).tops, 0, 100);
    expect(flame.boxes.map(({ path, left, width, row }) => [path.service, row, Number(left.toFixed(3)), Number(width.toFixed(3))])).toEqual(
      expect.arrayContaining([
        ["shop", 0, 0, 1],
        ["payment", 1, 0, 0.5],
        ["db", 1, 0.5, 0.3],
        ["db", 2, 0, 0.1],
      ]),
    );
    expect(flame.rows).toBe(3);
  });

  test("children that ran at once share the width of their parent", () => {
    const tree = buildTree([span("a", "", "x a", 0, 10), span("b", "a", "x b", 0, 10), span("c", "a", "x c", 0, 10)]);
    const widths = layoutFlame(tracePaths(tree).tops, 0, 9).boxes.map((box) => box.width);
    expect(widths.toSorted()).toEqual([0.5, 0.5, 1]);
  });

  test("what is too narrow is counted, with nothing below it", () => {
    const tree = buildTree([span("a", "", "x a", 0, 1000), span("b", "a", "x b", 0, 1), span("c", "b", "x c", 0, 1)]);
    expect(layoutFlame(tracePaths(tree).tops, 0.01, 9)).toMatchObject({ rows: 1, hidden: 1 });
  });
});

describe("operations", () => {
  test("are counted with their own time, the 95th percentile by nearest rank, and the longest span", () => {
    const [first, ...rest] = groupOperations(buildTree(shop));
    expect([first, ...rest].map((one) => [one!.service, one!.count, one!.self / MS])).toEqual([
      ["payment", 1, 40],
      ["db", 3, 40],
      ["shop", 1, 20],
    ]);
    expect(rest[0]).toMatchObject({ total: 40 * MS, p95: 20 * MS, max: 20 * MS, errors: 0 });
    expect(rest[0]!.longest.key).toBe("d");
    expect(rest[1]!.critical).toBe(20 * MS);
  });
});

test("calls are counted between services, not within one", () => {
  const { parts, calls } = traceCalls(buildTree([...shop, span("f", "c", "db fetch", 61, 62)]));
  expect(parts).toEqual([
    { name: "shop", spans: 1, errors: 0, self: 20 * MS },
    { name: "payment", spans: 1, errors: 1, self: 40 * MS },
    { name: "db", spans: 4, errors: 0, self: 40 * MS },
  ]);
  expect(calls.map(({ from, to, count, errors, total }) => [from, to, count, errors, total / MS])).toEqual([
    ["shop", "payment", 1, 1, 50],
    ["payment", "db", 1, 0, 10],
    ["shop", "db", 2, 0, 30],
  ]);
});

describe("clocks", () => {
  test("a span before what caused it tells by how much clocks differ at least", () => {
    const tree = buildTree([span("a", "", "shop order", 10, 100, { kind: "client" }), span("b", "a", "payment charge", 4, 50, { kind: "server" }), span("c", "a", "payment charge", 9, 50)]);
    expect(clockSkews(tree)).toEqual([{ service: "payment", caller: "shop", spans: 2, by: 6 * MS }]);
  });

  test("a server that ends after the client that waited for it, too; what nobody waited for may", () => {
    expect(clockSkews(buildTree([span("a", "", "x a", 0, 10, { kind: "client" }), span("b", "a", "y b", 1, 15, { kind: "server" })]))).toMatchObject([{ by: 5 * MS }]);
    expect(clockSkews(buildTree([span("a", "", "x a", 0, 10, { kind: "producer" }), span("b", "a", "y b", 1, 15, { kind: "consumer" })]))).toEqual([]);
  });

  test("within a service, and by less than 0.1 ms, nothing is said", () => {
    expect(clockSkews(buildTree([span("a", "", "x a", 5, 10), span("b", "a", "x b", 1, 6), span("c", "a", "y c", 4.95, 6)]))).toEqual([]);
  });

  test("a span that began after its parent had ended is asynchronous", () => {
    const tree = buildTree([span("a", "", "x a", 0, 10), span("b", "a", "y b", 10, 15), span("c", "a", "y c", 9, 15)]);
    expect(tree.nodes.filter(isAsync).map((node) => node.key)).toEqual(["b"]);
  });
});

describe("folding", () => {
  const tree = buildTree([...shop, span("f", "c", "db fetch", 61, 62), span("g", "f", "db disk", 61, 62)]);
  const left = (folded: ReadonlySet<string>) => visibleRows(tree, folded).map((row) => row.key);

  test("down to a level", () => {
    expect(left(foldBelow(tree, 1))).toEqual(["a"]);
    expect(left(foldBelow(tree, 2))).toEqual(["a", "b", "c", "d"]);
  });

  test("what stays within a service", () => {
    expect(left(foldInsides(tree))).toEqual(["a", "b", "e", "c", "d"]);
  });

  test("all but what failed", () => {
    expect(left(foldSound(tree))).toEqual(["a", "b", "c", "d"]);
  });

  test("a link has a rule, and rows that are the other way", () => {
    const of = (folding: string) => left(foldedKeys(tree, folding));
    expect(of("")).toEqual(left(new Set()));
    expect(of("2")).toEqual(left(foldBelow(tree, 2)));
    expect(of("insides")).toEqual(left(foldInsides(tree)));
    expect(of("sound")).toEqual(left(foldSound(tree)));
    const opened = toggleFolds("2", ["c"]);
    expect(opened).toBe("2.c");
    expect(of(opened)).toEqual(["a", "b", "c", "f", "d"]);
    expect(toggleFolds(opened, ["c"])).toBe("2");
    expect(of(toggleFolds("", ["c"]))).not.toContain("f");
    expect(of("no rule.nobody")).toEqual(of(""));
  });

  test("a link is short, however many rows were folded", () => {
    const many = Array.from({ length: 1000 }, (_, index) => index.toString(16).padStart(16, "0"));
    const folding = toggleFolds("", many);
    expect(folding.length).toBeLessThan(1200);
    expect(folding).toContain("000003e7");
  });
});

describe("a trace against another", () => {
  const other = [
    span("1", "", "shop order", 0, 60),
    span("2", "1", "payment charge", 5, 10),
    span("3", "1", "db query", 10, 40),
    span("4", "1", "mail send", 40, 60),
  ];
  const rows = versus(tracePaths(buildTree(shop)), tracePaths(buildTree(other)));

  test("operations are aligned by their way from the top, in the order of a tree", () => {
    expect(rows.map(({ service, depth, verdict, delta }) => [service, depth, verdict, delta / MS])).toEqual([
      ["shop", 0, "slower", 40],
      ["payment", 1, "slower", 45],
      ["db", 2, "new", 10],
      ["db", 1, "same", 0],
      ["mail", 1, "missing", -20],
    ]);
    expect(rows[1]).toMatchObject({ moreErrors: 1, moreSpans: 0 });
    expect(rows[3]).toMatchObject({ moreSpans: 1 });
  });

  test("the other way round it is faster", () => {
    const back = versus(tracePaths(buildTree(other)), tracePaths(buildTree(shop)));
    expect(back.find((row) => row.service === "payment")).toMatchObject({ verdict: "faster", delta: -45 * MS, moreErrors: -1 });
  });

  test("the largest differences are those of own time", () => {
    expect(largestDeltas(rows, 3).map(({ service, selfDelta }) => [service, selfDelta / MS])).toEqual([
      ["payment", 35],
      ["mail", -20],
      ["shop", 15],
    ]);
  });

  test("a trace does not differ from itself", () => {
    const same = versus(tracePaths(buildTree(shop)), tracePaths(buildTree(shop)));
    expect(new Set(same.map((row) => row.verdict))).toEqual(new Set(["same"]));
    expect(largestDeltas(same, 9)).toEqual([]);
  });
});

test("a stretch of time survives its URL; what is none is all of the trace", () => {
  expect(readStretch(writeStretch({ from: 5.4, to: 99 }), 100)).toEqual({ from: 5, to: 99 });
  expect(readStretch("5-200", 100)).toEqual({ from: 5, to: 100 });
  for (const text of ["", "9-5", "a-b", "200-300", "1-2-3"]) expect(readStretch(text, 100)).toBeUndefined();
  expect(writeStretch(undefined)).toBe("");
});
