import { describe, expect, it, test } from "vitest";

import { alongStops, backgroundOf, contrast, mix, namedColour, readable, rgbOf, scaleStops, textOn, thresholdAt, thresholdSteps, translucent } from "./colour";

describe("a colour by its name", () => {
  it.each([
    ["green", "dark", "#73BF69"],
    ["green", "light", "#56A64B"],
    ["super-light-blue", "dark", "#C0D8FF"],
    ["dark-red", "dark", "#C4162A"],
    ["dark-red", "light", "#AD0317"],
    ["semi-dark-orange", "dark", "#FF780A"],
    ["#abc", "dark", "#AABBCC"],
    ["#1f78c1", "dark", "#1F78C1"],
    ["rgba(50, 172, 45, 0.97)", "dark", "rgba(50, 172, 45, 0.97)"],
    ["transparent", "dark", "rgba(0, 0, 0, 0)"],
    ["text", "dark", "#E6E9EE"],
  ] as const)("%s in %s is %s", (name, scheme, want) => expect(namedColour(name, scheme)).toBe(want));

  it.each(["", "url(http://evil/x)", "expression(1)", "red; background: url(x)", "#12", "mauve", undefined])("%s is none", (name) =>
    expect(namedColour(name, "dark")).toBeUndefined(),
  );
});

test("colours mix, and let light through", () => {
  expect(mix("#000000", "#FFFFFF", 0.5)).toBe("#808080");
  expect(rgbOf("rgba(1, 2, 3, 0.5)")).toEqual([1, 2, 3]);
  expect(translucent("#FF0000", 0.25)).toBe("rgba(255, 0, 0, 0.25)");
});

test("text is made readable on the surface, and no more than that", () => {
  expect(contrast(readable("#FADE2A", "light"), "#FFFFFF")).toBeGreaterThanOrEqual(4.5);
  expect(contrast(readable("#1F60C4", "dark"), "#161A20")).toBeGreaterThanOrEqual(4.5);
  expect(readable("#E6E9EE", "dark")).toBe("#E6E9EE");
  expect(textOn("#FADE2A")).toBe("#171B21");
  expect(textOn("#C4162A")).toBe("#FFFFFF");
});

test.each(["#73BF69", "#56A64B", "#FF780A", "#F2495C", "#FADE2A", "#FF9830", "#299C46", "#C0D8FF"])("text on %s as a background can be read", (colour) => {
  const { fill, ink } = backgroundOf(colour);
  expect(contrast(fill, ink)).toBeGreaterThanOrEqual(4.5);
});

test("a continuous scale runs through its stops", () => {
  const stops = scaleStops("continuous-GrYlRd", "dark") ?? [];
  expect([0, 0.5, 1, -3, 7, NaN].map((share) => alongStops(stops, share))).toEqual(["#73BF69", "#FADE2A", "#F2495C", "#73BF69", "#F2495C", "#73BF69"]);
  expect(scaleStops("thresholds", "dark")).toBeUndefined();
});

describe("thresholds", () => {
  const steps = [
    { value: null, color: "green" },
    { value: 70, color: "yellow" },
    { value: 90, color: "red" },
  ];
  it("hold from their value on", () => {
    const read = thresholdSteps({ thresholds: { mode: "absolute", steps } }, "dark", { min: 0, max: 1 });
    expect([-5, 69.9, 70, 90, 1000].map((value) => thresholdAt(read, value)?.colour)).toEqual(["#73BF69", "#73BF69", "#FADE2A", "#F2495C", "#F2495C"]);
  });

  it("in percent are spread over the scale", () => {
    const read = thresholdSteps({ thresholds: { mode: "percentage", steps } }, "dark", { min: 100, max: 200 });
    expect(read.map((step) => step.value)).toEqual([-Infinity, 170, 190]);
  });

  it("that nobody set are green, and red from 80 on", () => {
    expect(thresholdSteps({}, "dark", { min: 0, max: 1 }).map((step) => step.value)).toEqual([-Infinity, 80]);
  });
});
