// Made by vite/world.ts from Natural Earth's data.
declare module "virtual:world" {
  /** Width and height of the square, in which the world is drawn by Mercator's projection. */
  export const side: number;
  /** Outlines of all countries, as an SVG path. */
  export const land: string;
  /** Borders between countries, as an SVG path. */
  export const borders: string;
  /** Countries by their ISO 3166 codes; degrees. */
  export const places: readonly (readonly [alpha2: string, alpha3: string, name: string, lon: number, lat: number])[];
}
