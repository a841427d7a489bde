// @vitest-environment jsdom
import { describe, expect, it, test, vi } from "vitest";

import { chartOptions, dimsLines, incrementsOf, yRange, type Structure } from "./options";

const structure: Structure = {
  kind: "lines",
  strokes: [
    { colour: "#112233", dash: [] },
    { colour: "#445566", dash: [6, 3] },
  ],
  names: ["a", "b"],
  shown: [true, true],
  above: [-1, -1],
  right: [false, false],
  unit: "bytes",
  rightUnit: "s",
  zone: "UTC",
  thresholds: [],
  marks: [],
  stretches: [],
  dims: true,
  theme: { text: "#000", grid: "#eee", surface: "#fff", warn: "#f00", mark: "#00f", pending: "#940" },
  width: 400,
  height: 200,
  syncKey: undefined,
};

describe("the y axis", () => {
  it.each([
    ["starts at zero when zero is near", 1, 10, "lines", [0, 10.6]],
    ["leaves zero out for lines far from it", 90, 100, "lines", [89.4, 100.6]],
    ["starts at zero for bars, whatever the values", 90, 100, "bars", [0, 106]],
    ["reaches below zero for negative values", -10, 10, "lines", [-11.2, 11.2]],
    ["has height when all values are equal", 5, 5, "bars", [0, 5.3]],
    ["has height when all values are zero", 0, 0, "lines", [0, 1]],
    ["has height when there are no values", null, null, "lines", [0, 1]],
  ] as const)("%s", (_, min, max, kind, want) => {
    const [low, high] = yRange(min, max, kind, []);
    expect(low).toBeCloseTo(want[0]);
    expect(high).toBeCloseTo(want[1]);
  });

  it("takes in the thresholds", () => expect(yRange(1, 2, "lines", [{ value: 20 }])[1]).toBeGreaterThan(20));
});

describe("a chart", () => {
  it("counts bytes in powers of two", () => {
    const incrs = chartOptions(structure).axes?.[1]?.incrs as number[];
    expect(incrs).toContain(1024);
    expect(incrs).not.toContain(1000);
  });

  it("draws dashes as the stroke says", () => {
    const [, a, b] = chartOptions(structure).series;
    expect(a).toMatchObject({ label: "a", stroke: "#112233", dash: [], show: true });
    expect(b?.dash).toEqual([6, 3]);
  });

  it("fills a stack between shown neighbours only", () => {
    const stacked = chartOptions({ ...structure, kind: "stacked", names: ["a", "b", "c"], shown: [true, false, true] });
    expect(stacked.bands).toEqual([{ series: [3, 1] }]);
  });

  it("fills between two of its lines while both are shown", () => {
    expect(chartOptions({ ...structure, above: [1, -1] }).bands).toEqual([{ series: [1, 2], fill: "#1122332e" }]);
    expect(chartOptions({ ...structure, above: [1, -1], shown: [true, false] }).bands).toEqual([]);
  });

  it("has a second axis for what is read off it, in its own unit", () => {
    expect(chartOptions(structure).axes).toHaveLength(2);
    const { axes = [], scales, series } = chartOptions({ ...structure, right: [false, true], thresholds: [{ value: 1e9 }] });
    expect(axes.map(({ side }) => side)).toEqual([undefined, undefined, 1]);
    expect(series.map(({ scale }) => scale)).toEqual([undefined, undefined, "right"]);
    expect((axes[2]!.values as unknown as (plot: null, ticks: number[]) => string[])(null, [0.5])).toEqual(["500\u202fms"]);
    const reach = (scale: string) => (scales![scale]!.range as unknown as (plot: null, min: number, max: number) => [number, number])(null, 1, 2)[1];
    expect(reach("y"), "a threshold is at the left").toBeGreaterThan(1e9);
    expect(reach("right")).toBeLessThan(3);
  });

  it("draws marks within its range, their labels inside the plot", () => {
    const drawn: [label: string, x: number, align: string][] = [];
    const ctx = {
      textAlign: "",
      measureText: () => ({ width: 30 }),
      fillText: (label: string, x: number) => drawn.push([label, x, ctx.textAlign]),
      ...Object.fromEntries(["save", "restore", "setLineDash", "beginPath", "moveTo", "lineTo", "stroke"].map((name) => [name, () => {}])),
    };
    const plot = { ctx, bbox: { left: 0, top: 0, width: 100, height: 50 }, valToPos: (time: number) => time };
    vi.stubGlobal("devicePixelRatio", 1);
    const marks = [-5, 20, 90, 130].map((time) => ({ time, label: `v${time}` }));
    for (const draw of chartOptions({ ...structure, marks }).hooks?.draw ?? []) (draw as (plot: unknown) => void)(plot);
    expect(drawn).toEqual([
      ["v20", 24, "left"],
      ["v90", 86, "right"],
    ]);
  });

  it("shares its crosshair when asked to", () => {
    expect(chartOptions(structure).cursor?.sync).toBeUndefined();
    expect(chartOptions({ ...structure, syncKey: "page" }).cursor?.sync).toEqual({ key: "page" });
  });
});

test("many lines are drawn thinner", () => {
  const names = Array.from({ length: 20 }, (_, index) => String(index));
  expect(chartOptions({ ...structure, names, shown: names.map(() => true) }).series[1]).toMatchObject({ width: 1, alpha: 0.7 });
});

it("of many values no line stands out, since all would be drawn again at each move of the pointer", () => {
  expect(dimsLines(1, 100)).toBe(false);
  expect(dimsLines(20, 1000)).toBe(true);
  expect(dimsLines(100, 720)).toBe(false);
  expect(chartOptions({ ...structure, dims: false }).focus?.alpha).toBe(1);
});

it.each([
  ["s", 90, 120],
  ["s", 4000, 7200],
  ["s", 0.003, 0.005],
  ["ms", 16_000, 30_000],
  ["dtdurations", 700, 900],
  ["m", 50, 60],
  ["bytes", 1500, 2048],
  ["short", 90, 100],
])("ticks in %s that are to be %d apart are %d apart", (unit, least, step) => {
  const found = incrementsOf(unit).find((one) => one >= least);
  expect(found).toBeCloseTo(step, 9);
});
