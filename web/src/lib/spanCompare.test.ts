import { describe, expect, test } from "vitest";

import { apart, bucketHistograms, findings, histograms, readComparison, valueCondition, type ComparedSeries, type SpanComparison } from "./spanCompare";

/** compare()'s series of an attribute: value to [in the selection, in the rest]. */
function attribute(name: string, values: Record<string, [number, number]>, bare = false): ComparedSeries[] {
  const one = (kind: string, value: string, count: number): ComparedSeries => ({ labels: { __meta_type: kind, [name]: value }, ...(bare ? { bare: [name] } : {}), points: [[60, count]] });
  const all = Object.entries(values);
  const total = (side: 0 | 1) => all.reduce((sum, [, pair]) => sum + pair[side], 0);
  return [
    ...all.flatMap(([value, [selection, baseline]]) => [one("selection", value, selection), one("baseline", value, baseline)]),
    { labels: { __meta_type: "selection_total", [name]: "nil" }, points: [[60, total(0)]] },
    { labels: { __meta_type: "baseline_total", [name]: "nil" }, points: [[60, total(1)]] },
  ];
}

const kinds = attribute("kind", { server: [10, 100] });

describe("a comparison", () => {
  test("has shares of all spans, the most telling attribute first, and leaves out what says only that they failed", () => {
    const read = readComparison([
      ...kinds,
      ...attribute("resource.zone", { a: [2, 60], b: [8, 40] }),
      // Half of the selected spans have it, none of the rest.
      ...attribute("span.retry", { "1": [5, 0] }),
      ...attribute("status", { error: [10, 0] }),
    ]);
    expect(read).toMatchObject({ selection: 10, baseline: 100 });
    expect(read.attributes.map(({ attribute: name, gap, values }) => [name, Number(gap.toFixed(3)), values[0]])).toEqual([
      ["span.retry", 0.5, { value: "1", selection: 0.5, baseline: 0 }],
      ["resource.zone", 0.4, { value: "b", selection: 0.8, baseline: 0.4 }],
      ["kind", 0, { value: "server", selection: 1, baseline: 1 }],
    ]);
  });

  test("values that mean no attribute do not count, and without spans there is nothing to say", () => {
    const read = readComparison([...kinds, ...attribute("resource.cluster", { nil: [10, 100] })]);
    expect(read.attributes.map((one) => one.attribute)).toEqual(["kind"]);
    expect(readComparison([])).toEqual({ selection: 0, baseline: 0, attributes: [] });
  });

  test("conditions are written as the value's type has it", () => {
    const { attributes } = readComparison([...kinds, ...attribute("span.code", { "500": [10, 0] }, true), ...attribute("resource.zone", { "1": [10, 0] })]);
    const of = (name: string) => attributes.find((one) => one.attribute === name)!;
    expect(valueCondition(of("span.code"), "500", "=")).toEqual({ field: "span.code", op: "=", value: "500", quoted: false });
    expect(valueCondition(of("resource.zone"), "1", "!=")).toEqual({ field: "resource.zone", op: "!=", value: "1", quoted: true });
    expect(valueCondition(of("kind"), "server", "=").quoted).toBe(false);
  });
});

describe("findings", () => {
  const overall = readComparison([
    ...kinds,
    ...attribute("name", { charge: [9, 10], list: [1, 90] }),
    ...attribute("resource.zone", { a: [4, 50], b: [6, 50] }),
    ...attribute("resource.pod", { a1: [2, 25], a2: [2, 25], b1: [3, 25], b2: [3, 25] }),
  ]);
  const charge: SpanComparison = readComparison([
    ...attribute("kind", { server: [9, 10] }),
    ...attribute("name", { charge: [9, 10] }),
    ...attribute("resource.pod", { b1: [9, 3], a1: [0, 7] }),
    ...attribute("resource.zone", { b: [9, 3], a: [0, 7] }),
  ]);

  test("of all spans name the operation", () => {
    expect(findings(overall, [])[0]).toMatchObject({ attribute: "name", gap: 0.8 });
  });

  test("within an operation say why, and what has fewer values comes first", () => {
    const list = findings(overall, [{ service: "payment", name: "charge", share: 0.9, comparison: charge }]);
    expect(list.map((one) => [one.attribute, one.values[0]?.value, one.within?.service])).toEqual([
      ["resource.zone", "b", "payment"],
      ["resource.pod", "b1", "payment"],
    ]);
  });

  test("an operation with too few spans to say anything is passed over", () => {
    const few = readComparison([...attribute("kind", { server: [2, 1] }), ...attribute("resource.zone", { b: [2, 0], a: [0, 1] })]);
    expect(findings(overall, [{ service: "x", name: "y", share: 1, comparison: few }])[0]?.attribute).toBe("name");
  });
});

test("of what is told of one side alone the other may have some, up to its rarest or what is left", () => {
  const many = (kind: string, name: string, value: string, count: number): ComparedSeries => ({ labels: { __meta_type: kind, [name]: value }, bare: [name], points: [[0, count]] });
  const series: ComparedSeries[] = [
    many("selection", "kind", "server", 100),
    many("selection_total", "kind", "nil", 100),
    many("baseline", "kind", "server", 100),
    many("baseline_total", "kind", "nil", 100),
    many("selection", "span.user", "a", 40),
    many("selection_total", "span.user", "nil", 40),
    many("baseline", "span.user", "b", 30),
    many("baseline", "span.user", "c", 10),
    many("baseline_total", "span.user", "nil", 90),
  ];
  const [user] = readComparison(series).attributes;
  expect(user?.beyond).toEqual({ selection: 0, baseline: 0.5 });
  expect(user?.values[0]).toEqual({ value: "a", selection: 0.4, baseline: 0.1, atMost: "baseline" });
  expect(user?.gap).toBeCloseTo(0.3);
});

test("buckets that double make two histograms, without the selection in the rest", () => {
  const both = bucketHistograms(new Map([[8, 3], [32, 1]]), new Map([[8, 3], [16, 6]]));
  expect(both).toEqual({ bounds: [4, 8, 16, 32], selection: [0.75, 0, 0.25], baseline: [0, 1, 0] });
  expect(apart(both!)).toBe(1);
  expect(bucketHistograms(new Map([[8, 3]]), new Map([[8, 3]]))).toBeUndefined();
});

test("numbers lie in two histograms over one scale, which is logarithmic where they are far apart", () => {
  const near = histograms([{ value: "0", selection: 0.5, baseline: 0 }, { value: "5", selection: 0, baseline: 1 }, { value: "10", selection: 0.5, baseline: 0 }], 2);
  expect(near).toEqual({ bounds: [0, 5, 10], selection: [0.5, 0.5], baseline: [0, 1] });
  const far = histograms([{ value: "1", selection: 1, baseline: 0 }, { value: "10000", selection: 0, baseline: 1 }], 4);
  expect(far.bounds.map(Math.round)).toEqual([1, 10, 100, 1000, 10_000]);
  expect(far.baseline).toEqual([0, 0, 0, 1]);
  expect(histograms([{ value: "7", selection: 1, baseline: 1 }], 2).selection).toEqual([1, 0]);
});
