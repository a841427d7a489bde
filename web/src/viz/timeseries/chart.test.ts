import { describe, expect, it, test } from "vitest";

import type { Cell, FieldConfig, Frame } from "../../lib/dashboard/frame";
import { series } from "../../lib/dashboard/testFrames";
import { alignLines, plotColumns, stackGroups } from "./columns";
import { readExemplars, traceIdOf } from "./exemplars";
import { readLines } from "./lines";
import { chartOptions, lone } from "./options";
import { prepareChart, tickTexts } from "./prepare";
import { readScales, scaleEnds } from "./scales";

const look = { scheme: "dark", zone: "UTC" } as const;
const plain = (texts: readonly string[]): string[] => texts.map((text) => text.replaceAll("\u202f", " "));
const custom = (of: Record<string, unknown>, rest: FieldConfig = {}): { config: FieldConfig } => ({ config: { ...rest, custom: of } });
const at = (frame: Frame, times: number[]): Frame => ({ ...frame, fields: [{ ...frame.fields[0]!, values: times }, ...frame.fields.slice(1)] });

describe("series on one axis of time", () => {
  it("stay as they are where they have the same times", () => {
    const { times, columns } = alignLines(readLines([series("A", "a", [1, null, 3]), series("A", "b", [4, 5, NaN])], look));
    expect(times).toEqual([1_700_000_000, 1_700_000_060, 1_700_000_120]);
    expect(columns).toEqual([[1, null, 3], [4, 5, null]]);
  });

  it("are not broken by times that only others have", () => {
    const lines = readLines([at(series("A", "a", [1, 2]), [0, 60_000]), at(series("B", "b", [5, 6, 7]), [0, 30_000, 60_000])], look);
    expect(alignLines(lines).columns).toEqual([[1, undefined, 2], [5, 6, 7]]);
  });

  it("are broken where one of their own steps is missing", () => {
    const lines = readLines([at(series("A", "a", [1, 2, 3]), [0, 60_000, 240_000])], look);
    expect(alignLines(lines)).toEqual({ times: [0, 60, 120, 240], columns: [[1, 2, null, 3]] });
  });

  it("are broken until their next value, also at times that only others have", () => {
    const lines = readLines([at(series("A", "a", [1, 2, 3]), [0, 60_000, 240_000]), at(series("B", "b", Array<number>(9).fill(5)), [0, 1, 2, 3, 4, 5, 6, 7, 8].map((half) => half * 30_000))], look);
    expect(alignLines(lines).columns[0]).toEqual([1, undefined, 2, null, null, null, null, null, 3]);
  });

  it.each<[string, unknown, Cell[], (number | null | undefined)[]]>([
    ["kept", false, [1, null, 2], [1, null, 2]],
    ["joined", true, [1, null, 2], [1, undefined, 2]],
    ["joined while they are short", 150_000, [1, null, 2, null, null, 3], [1, undefined, 2, null, null, 3]],
  ])("have gaps %s", (_, spanNulls, values, want) => {
    expect(alignLines(readLines([series("A", "a", values, custom({ spanNulls }))], look)).columns).toEqual([want]);
  });

  it("are ordered by time", () => expect(alignLines(readLines([at(series("A", "a", [3, 1, 2]), [120_000, 0, 60_000])], look)).columns).toEqual([[1, 2, 3]]));
});

describe("what is drawn", () => {
  const drawn = (...frames: Frame[]) => {
    const lines = readLines(frames, look);
    return plotColumns(alignLines(lines), lines, lines.map(() => true), lines.map(() => false));
  };
  const stack = (mode: string, more: Record<string, unknown> = {}) => custom({ stacking: { mode, group: "A" }, ...more });

  it("stands on the series before it", () => expect(drawn(series("A", "a", [1, 2], stack("normal")), series("B", "b", [10, null], stack("normal")))).toEqual([[1, 2], [11, null]]));

  it("has shares of the whole", () => expect(drawn(series("A", "a", [1, 0], stack("percent")), series("B", "b", [3, 0], stack("percent")))).toEqual([[0.25, 0], [1, 0]]));

  it("stands as bars with the first series on top, so that none hides another", () => {
    expect(drawn(series("A", "a", [1], stack("normal", { drawStyle: "bars" })), series("B", "b", [10], stack("normal", { drawStyle: "bars" })))).toEqual([[11], [10]]);
  });

  it("points down where asked for, in a stack of its own", () => {
    expect(drawn(series("A", "in", [1], stack("normal")), series("B", "out", [2], stack("normal", { transform: "negative-Y" })))).toEqual([[1], [-2]]);
  });

  it("leaves out what a logarithm cannot take", () => {
    const lines = readLines([series("A", "a", [0, -1, 5])], look);
    expect(plotColumns(alignLines(lines), lines, [true], [true])).toEqual([[null, null, 5]]);
  });

  it("does not stand on what is hidden", () => {
    const lines = readLines([series("A", "a", [1], stack("normal")), series("B", "b", [2], stack("normal"))], look);
    expect([...stackGroups(lines, [false, true]).values()]).toEqual([[1]]);
  });
});

describe("scales", () => {
  const scales = (...frames: Frame[]) => readScales(readLines(frames, look), look);
  it("are one for each unit, the second at the right", () => {
    const { scales: made, of } = scales(series("A", "a", [1], { config: { unit: "s" } }), series("B", "b", [1], { config: { unit: "bytes" } }), series("C", "c", [1], { config: { unit: "s" } }));
    expect(made.map(({ unit, side }) => [unit, side])).toEqual([["s", "left"], ["bytes", "right"]]);
    expect(of).toEqual([0, 1, 0]);
  });

  it("stand where a series says", () => {
    const { scales: made } = scales(series("A", "a", [1]), series("B", "b", [1], custom({ axisPlacement: "right", axisLabel: "load" })), series("C", "c", [1], custom({ axisPlacement: "hidden" })));
    expect(made.map(({ side, label }) => [side, label])).toEqual([["left", ""], ["right", "load"], ["hidden", ""]]);
  });

  it.each<[string, FieldConfig, [number, number], [number, number]]>([
    ["begin at zero where that is near", {}, [10, 100], [0, 105]],
    ["stay with the data where zero is far", {}, [90, 100], [89.5, 100.5]],
    ["end where they are told", { min: 0, max: 50 }, [10, 100], [0, 50]],
    ["reach to soft ends", { custom: { axisSoftMin: 0, axisSoftMax: 200 } }, [90, 100], [0, 200]],
    ["give way beyond soft ends", { custom: { axisSoftMax: 50 } }, [0, 100], [0, 105]],
    ["have zero in their middle", { custom: { axisCenteredZero: true } }, [-10, 40], [-44, 44]],
    ["begin at zero for bars", { custom: { drawStyle: "bars" } }, [90, 100], [0, 105]],
    ["have a height for a level line", {}, [5, 5], [0, 5.5]],
    ["have a height for nothing but zeros", {}, [0, 0], [0, 1]],
  ])("%s", (_, config, [low, high], want) => {
    const [scale] = scales(series("A", "a", [1], { config })).scales;
    const ends = scaleEnds(scale!, low, high);
    expect(ends[0]).toBeCloseTo(want[0]);
    expect(ends[1]).toBeCloseTo(want[1]);
  });

  it("have the settings of all their series", () => {
    const { scales: made } = scales(series("A", "a", [1], { config: { min: 5 } }), series("B", "b", [1], { config: { min: 1, max: 9 } }));
    expect(made.map(({ min, max }) => [min, max])).toEqual([[1, 9]]);
  });

  it("tell their ticks apart", () => {
    const [scale] = scales(series("A", "a", [1])).scales;
    expect(plain(tickTexts([1000.25, 1000.5, 1000.75, null], { ...scale!, unit: "none" }))).toEqual(["1 000.25", "1 000.5", "1 000.75", ""]);
    expect(plain(tickTexts([1_000_100, 1_000_200], scale!))).toEqual(["1.0001 M", "1.0002 M"]);
  });

  it("write what mappings say", () => {
    const [scale] = scales(series("A", "a", [1], { config: { mappings: [{ type: "value", options: { "1": { text: "up" } } }] } })).scales;
    expect(tickTexts([0, 1], scale!)).toEqual(["0", "up"]);
  });
});

test("settings of another type fall back", () => {
  const [line] = readLines([series("A", "a", [1], custom({ drawStyle: 7, lineWidth: "x", fillOpacity: 500, lineStyle: { fill: "dash", dash: [4, "2"] }, stacking: "normal", spanNulls: "yes" }))], look);
  expect(line).toMatchObject({ draw: "line", width: 1, fill: 1, stroke: { dash: [4, 2] }, stack: undefined, span: false });
});

test("a value without neighbours is a point", () => {
  expect(lone([1, null, 2, 3, null, undefined, 4, undefined, null, 5])).toEqual([0, 6, 9]);
  expect(lone([1, undefined, 2])).toEqual([]);
});

test("bands fill between a stack's series, and down to the one that is named", () => {
  const frames = [
    series("A", "a", [1], custom({ stacking: { mode: "normal" } })),
    series("B", "b", [2], custom({ stacking: { mode: "normal" } })),
    series("C", "max", [3], custom({ fillBelowTo: "min" })),
    series("D", "min", [1]),
  ];
  const chart = prepareChart(frames, look);
  const setup = { chart, look, theme: { text: "#fff", grid: "#333", surface: "#000" }, width: 400, height: 200, drawing: () => ({ marks: [], exemplars: [] }) };
  expect(chartOptions({ ...setup, shown: [true, true, true, true] }).bands?.map((band) => band.series)).toEqual([[2, 1], [3, 4]]);
  expect(chartOptions({ ...setup, shown: [true, false, true, false] }).bands).toEqual([]);
});

test("exemplars have labels, and some of them a trace", () => {
  const frame: Frame = {
    refId: "A",
    name: "",
    meta: { type: "exemplars" },
    fields: [
      { name: "Time", type: "time", values: [1000, 2000], config: {} },
      { name: "Value", type: "number", values: [0.5, null], config: {} },
      { name: "trace_id", type: "string", values: ["ABCDEF0123456789abcdef0123456789", "x"], config: {} },
    ],
  };
  const [only, ...others] = readExemplars([frame, series("B", "b", [1])]);
  expect(others).toEqual([]);
  expect(only).toEqual({ time: 1000, value: 0.5, labels: { trace_id: "ABCDEF0123456789abcdef0123456789" } });
  expect(traceIdOf(only!)).toBe("abcdef0123456789abcdef0123456789");
  expect(readLines([frame], look)).toEqual([]);
});
