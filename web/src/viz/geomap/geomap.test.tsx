// @vitest-environment jsdom
import { cleanup, fireEvent, screen } from "@testing-library/react";
import { afterEach, describe, expect, it, test, vi } from "vitest";

import { applyFieldConfig } from "../../lib/dashboard/fieldconfig";
import type { Frame } from "../../lib/dashboard/frame";
import { table } from "../../lib/dashboard/testFrames";
import { renderPanel } from "../testPanel";
import { GeomapPanel } from "./GeomapPanel";
import { readLayers } from "./layers";
import { locator } from "./locate";
import { geohashPoint, mapPoint } from "./mercator";
import { symbolPath } from "./symbols";
import { leastZoom, moved, viewOf, within, worldWidth, zoomed } from "./view";

afterEach(cleanup);

vi.mock("../../components/useSize", () => ({ useSize: () => ({ ref: { current: null }, width: 400, height: 200 }) }));
HTMLCanvasElement.prototype.getContext = (() => null) as never;

const look = { scheme: "light", zone: "UTC" } as const;
const size = { width: 800, height: 400 };
const near = (point: { x: number; y: number } | undefined): (number | undefined)[] => [point?.x, point?.y].map((one) => one && Math.round(one * 1000) / 1000);

describe("places", () => {
  it("are where Mercator's projection has them", () => {
    expect(near(mapPoint(0, 0))).toEqual([0.5, 0.5]);
    expect(near(mapPoint(-180, 85.0511))).toEqual([0, 0]);
    expect(near(mapPoint(180, -90))).toEqual([1, 1]);
    expect(near(mapPoint(13.4, 52.5))).toEqual([0.537, 0.328]);
  });

  test.each([
    [181, 0],
    [0, 91],
    [NaN, 0],
  ])("are none at %s, %s", (lon, lat) => {
    expect(mapPoint(lon, lat)).toBeUndefined();
  });

  it("are read from geohashes", () => {
    // The example of the definition: 57.64911, 10.40744.
    expect(near(geohashPoint("u4pruydqqvj"))).toEqual(near(mapPoint(10.40744, 57.64911)));
    expect(geohashPoint("ail")).toBeUndefined();
    expect(geohashPoint("")).toBeUndefined();
  });
});

describe("rows are found", () => {
  const at = (frame: Frame, location = {}): (number | undefined)[] => near(locator(frame, location)?.(0));
  const berlin = near(mapPoint(13.4, 52.5));

  it("by columns of coordinates, of whatever type and name", () => {
    expect(at(table("A", { Latitude: [52.5], Longitude: [13.4] }))).toEqual(berlin);
    expect(at(table("A", { lat: ["52.5"], lng: ["13.4"] }))).toEqual(berlin);
    expect(at(table("A", { north: [52.5], east: [13.4] }), { mode: "coords", latitude: "north", longitude: "east" })).toEqual(berlin);
    expect(at(table("A", { lat: [null], lon: [13.4] }))).toEqual([undefined, undefined]);
  });

  it("by a geohash", () => {
    expect(at(table("A", { geohash: ["u33d"] }))).toEqual(near(geohashPoint("u33d")));
    expect(at(table("A", { cell: ["u33d"] }), { mode: "geohash", geohash: "cell" })).toEqual(near(geohashPoint("u33d")));
  });

  it("by codes and names of countries", () => {
    const found = ["DE", "deu", "Germany"].map((key) => at(table("A", { Field: [key] }), { mode: "lookup", lookup: "Field" }));
    expect(found[0]?.[0]).toBeGreaterThan(0.52);
    expect(found[0]?.[0]).toBeLessThan(0.54);
    expect(new Set(found.map(String)).size).toBe(1);
    // Too small for the outline of the world, and still known.
    expect(at(table("A", { Field: ["SG"] }), { mode: "lookup" })[0]).toBeCloseTo(0.788, 2);
  });

  it("not by lists of places that are not known", () => {
    expect(locator(table("A", { Field: ["CA"] }), { mode: "lookup", gazetteer: "public/gazetteer/usa-states.json" })).toBeUndefined();
    expect(locator(table("A", { Field: ["CA"] }), { mode: "wkt" })).toBeUndefined();
    expect(locator(table("A", { Field: ["CA"] }), {})).toBeUndefined();
  });
});

describe("a view", () => {
  it("shows the whole world unless told", () => {
    const view = viewOf({ id: "zero", zoom: 5 }, [], size);
    expect(view.zoom).toBe(leastZoom(size));
    expect(view.x).toBe(0.5);
    expect(worldWidth(view)).toBeLessThanOrEqual(size.width);
  });

  it("has all places in sight", () => {
    const points = [mapPoint(-10, 35), mapPoint(30, 60)].flatMap((point) => point ?? []);
    const view = viewOf({ id: "fit" }, points, size);
    for (const { x, y } of points) {
      expect(Math.abs(x - view.x) * worldWidth(view)).toBeLessThan(size.width / 2);
      expect(Math.abs(y - view.y) * worldWidth(view)).toBeLessThan(size.height / 2);
    }
    expect(viewOf({ id: "fit" }, [], size)).toEqual(viewOf({}, [], size));
  });

  it("is where its coordinates are", () => {
    expect(near(viewOf({ id: "coords", lon: 13.4, lat: 52.5, zoom: 6 }, [], size))).toEqual(near(mapPoint(13.4, 52.5)));
  });

  it("keeps the place under the pointer when it is zoomed", () => {
    const before = viewOf({ id: "coords", lon: 13.4, lat: 52.5, zoom: 6 }, [], size);
    const at = { x: 100, y: -50 };
    const after = zoomed(before, 1, size, at);
    expect(after.x + at.x / worldWidth(after)).toBeCloseTo(before.x + at.x / worldWidth(before), 9);
    expect(after.zoom).toBe(7);
  });

  it("does not leave the map", () => {
    expect(moved(viewOf({ id: "europe" }, [], size), { x: 1e6, y: 1e6 }, size).x).toBeGreaterThan(0);
    expect(within({ x: 0.5, y: 0.5, zoom: -3 }, size).zoom).toBe(leastZoom(size));
  });
});

describe("layers", () => {
  const frames = (config = {}): Frame[] => applyFieldConfig([table("A", { country: ["DE", "FR", "Atlantis"], Value: [10, 20, 30] }), table("B", { lat: [1], lon: [2], Value: [5] })], { defaults: config, overrides: [] }, (text) => text);

  it("size and colour their marks by fields, and count what is nowhere", () => {
    const { layers, notes } = readLayers(
      { layers: [{ type: "markers", location: { mode: "auto" }, filterData: { id: "byRefId", options: "A" }, config: { style: { size: { field: "Value", min: 2, max: 12 }, color: { field: "Value" }, text: { field: "country" } } } }] },
      frames({ color: { mode: "thresholds" }, thresholds: { mode: "absolute", steps: [{ value: null, color: "#111111" }, { value: 15, color: "#222222" }] } }),
      look,
    );
    expect(layers[0]?.marks.map(({ size: radius, colour, text }) => ({ radius, colour, text }))).toEqual([
      { radius: 2, colour: "#111111", text: "DE" },
      { radius: 7, colour: "#222222", text: "FR" },
    ]);
    expect(notes).toEqual(["1 of 3 rows have no place that is known."]);
    expect(layers[0]?.keys).toEqual([
      { text: "< 15", colours: ["#111111"] },
      { text: "15+", colours: ["#222222"] },
    ]);
  });

  it("read the style that maps had before 8.3", () => {
    const { layers } = readLayers({ layers: [{ type: "markers", config: { color: { fixed: "#ABCDEF" }, size: { fixed: 9 }, fillOpacity: 0.3, shape: "square" } }] }, frames(), look);
    expect(layers[0]).toMatchObject({ opacity: 0.3, symbol: "square" });
    expect(layers[0]?.marks[0]).toMatchObject({ colour: "#ABCDEF", size: 9 });
  });

  it("say which of them are not drawn", () => {
    expect(readLayers({ layers: [{ type: "geojson" }, { type: "heatmap", config: { weight: { fixed: 0.5 } } }] }, frames(), look)).toMatchObject({
      notes: ["Layers of type geojson are not drawn.", "1 of 4 rows have no place that is known."],
      layers: [{ kind: "heatmap", marks: [{ size: 0.5 }, { size: 0.5 }, { size: 0.5 }] }],
    });
  });
});

test.each(["circle", "square", "triangle", "star", "cross", "x-mark", "plane"])("a %s has an outline", (symbol) => {
  expect(symbolPath(`img/icons/marker/${symbol}.svg`, 5)).toMatch(/^M[-\d.]/);
});

describe("a map", () => {
  const frames = [table("A", { country: ["DE", "FR"], Value: [10, 20] })];

  it("says how many places it has, and tells of the one under the pointer", () => {
    const { container } = renderPanel(GeomapPanel, { frames });
    expect(screen.getByRole("group", { name: "Panel: 2 places" })).toBeVisible();
    const marks = container.querySelectorAll("g > path[fill]");
    expect(marks).toHaveLength(2);
    fireEvent.pointerMove(marks[0] as Element, { clientX: 50, clientY: 50 });
    expect(screen.getByText("DE")).toBeVisible();
    fireEvent.pointerLeave(marks[0] as Element);
  });

  it("is zoomed by its buttons and the keyboard", () => {
    const { container } = renderPanel(GeomapPanel, { frames });
    const scale = (): string | null | undefined => container.querySelector("svg[aria-hidden] > g")?.getAttribute("transform");
    const whole = scale();
    fireEvent.click(screen.getByRole("button", { name: "Zoom in" }));
    const closer = scale();
    expect(closer).not.toBe(whole);
    fireEvent.keyDown(screen.getByRole("application"), { key: "ArrowLeft" });
    expect(scale()).not.toBe(closer);
    fireEvent.keyDown(screen.getByRole("application"), { key: "0" });
    expect(scale()).toBe(whole);
  });

  it("says so without data", () => {
    renderPanel(GeomapPanel, { frames: [] });
    expect(screen.getByText("No data")).toBeVisible();
  });
});
