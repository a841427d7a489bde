import { describe, expect, it } from "vitest";

import { strokes } from "./colour";

describe("strokes", () => {
  it("keep a name's colour from chart to chart", () => {
    const [alone] = strokes(["payment"], "light");
    const among = strokes(["payment", "cart"], "light");
    expect(among[0]).toEqual(alone);
  });

  it("differ within a chart, up to 24 series", () => {
    const names = Array.from({ length: 24 }, (_, index) => `series ${index}`);
    const seen = new Set(strokes(names, "dark").map(({ colour, dash }) => `${colour} ${dash.join()}`));
    expect(seen.size).toBe(24);
  });

  it("use all eight colours before any dash", () => {
    const names = Array.from({ length: 8 }, (_, index) => `s${index}`);
    const eight = strokes(names, "light");
    expect(new Set(eight.map((one) => one.colour)).size).toBe(8);
    expect(eight.every((one) => one.dash.length === 0)).toBe(true);
  });

  it("have dashes from the fifth series on where they are to be distinct, and the same hues", () => {
    const names = Array.from({ length: 8 }, (_, index) => `s${index}`);
    const distinct = strokes(names, "light", true);
    expect(distinct.map(({ colour }) => colour)).toEqual(strokes(names, "light").map(({ colour }) => colour));
    expect(distinct.map(({ dash }) => dash.length > 0)).toEqual([false, false, false, false, true, true, true, true]);
  });

  it("still have a colour after that", () => {
    const names = Array.from({ length: 100 }, (_, index) => `s${index}`);
    expect(strokes(names, "light").every((one) => /^#[0-9A-F]{6}$/.test(one.colour))).toBe(true);
  });
});
