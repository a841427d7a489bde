import { readFileSync } from "node:fs";

import { geoArea, geoCentroid, geoMercator, geoPath, type GeoContext } from "d3-geo";
import { feature, mesh } from "topojson-client";
import type { GeometryCollection, Topology } from "topojson-specification";
import type { Plugin } from "vite";

const name = "virtual:world";
// The square that outlines are drawn in: at zoom 5 of the map each of its units is a pixel.
const side = 8192;

type World = Topology<{ countries: GeometryCollection<{ name: string }> }>;

/** Makes the module `virtual:world`: outlines of the world as paths, and where its countries are, from Natural Earth's data. */
export function world(): Plugin {
  return {
    name: "oriel-world",
    resolveId: (id) => (id === name ? `\0${name}` : null),
    load: (id) => {
      if (id !== `\0${name}`) return null;
      const exported = { side, ...outlines(read("world-atlas/countries-110m.json")), places: places(read("world-atlas/countries-50m.json")) };
      return Object.entries(exported)
        .map(([member, value]) => `export const ${member} = ${JSON.stringify(value)};`)
        .join("\n");
    },
  };
}

function read<T = World>(path: string): T {
  return JSON.parse(readFileSync(`node_modules/${path}`, "utf8")) as T;
}

function outlines(topology: World): { land: string; borders: string } {
  const { countries } = topology.objects;
  const projection = geoMercator()
    .scale(side / (2 * Math.PI))
    .translate([side / 2, side / 2]);
  const draw = (shape: Parameters<ReturnType<typeof geoPath>>[0]): string => {
    const path = relativePath();
    geoPath(projection, path.context)(shape);
    return path.text();
  };
  return { land: draw(feature(topology, countries)), borders: draw(mesh(topology, countries, (a, b) => a !== b)) };
}

/** Writes an SVG path in whole units, each point by its distance from the one before: half as long as with absolute ones. */
function relativePath(): { context: GeoContext; text: () => string } {
  let path = "";
  let at = { x: 0, y: 0 };
  let start = at;
  const step = (command: string, x: number, y: number): void => {
    const next = { x: Math.round(x), y: Math.round(y) };
    const by = [next.x - at.x, next.y - at.y];
    if (command === "l" && by.every((one) => one === 0)) return;
    path += command + by.join(" ").replace(" -", "-");
    at = next;
  };
  return {
    context: {
      beginPath: () => undefined,
      moveTo: (x, y) => {
        step("m", x, y);
        start = at;
      },
      lineTo: (x, y) => step("l", x, y),
      closePath: () => {
        path += "z";
        at = start;
      },
      arc: () => undefined,
    },
    text: () => path,
  };
}

/** Countries by their ISO 3166 codes, each with the middle of its largest part: longitude and latitude in tenths of a degree. */
function places(topology: World): [alpha2: string, alpha3: string, name: string, lon: number, lat: number][] {
  const codes = new Map(read<[string, string, string][]>("i18n-iso-countries/codes.json").map(([alpha2, alpha3, numeric]) => [numeric, [alpha2, alpha3] as const]));
  return feature(topology, topology.objects.countries).features.flatMap(({ id, geometry, properties }) => {
    const code = codes.get(String(id));
    if (!code) return [];
    const parts = geometry.type === "MultiPolygon" ? geometry.coordinates.map((coordinates) => ({ type: "Polygon" as const, coordinates })) : [geometry];
    const [largest] = parts.toSorted((a, b) => geoArea(b) - geoArea(a));
    if (!largest) return [];
    const [lon, lat] = geoCentroid(largest);
    return [[...code, properties.name, Math.round(lon * 10) / 10, Math.round(lat * 10) / 10]];
  });
}
