import { places } from "virtual:world";

import { fieldName } from "../../lib/dashboard/fieldname";
import type { Cell, Field, Frame } from "../../lib/dashboard/frame";
import { obj, str, type Obj } from "../../lib/dashboard/json";
import { geohashPoint, mapPoint, type MapPoint } from "./mercator";

/** Where a row of a frame is on the map; undefined for one that is nowhere. */
export type Locate = (row: number) => MapPoint | undefined;

const countries = new Map(
  places.flatMap(([alpha2, alpha3, name, lon, lat]) => {
    const point = mapPoint(lon, lat);
    return point ? [alpha2, alpha3, name].map((key) => [key.toLowerCase(), point] as const) : [];
  }),
);

/** Finds the places of a frame's rows by the `location` of a layer; undefined where the frame has none. */
export function locator(frame: Frame, location: Obj): Locate | undefined {
  const named = (...names: string[]): Field | undefined => {
    const wanted = names.filter((name) => name !== "").map((name) => name.toLowerCase());
    return frame.fields.find((field) => wanted.includes(field.name.toLowerCase()) || wanted.includes(fieldName(field, frame).toLowerCase()));
  };
  switch (str(location.mode, "auto")) {
    case "coords":
      return byCoords(named(str(location.latitude)) ?? named("latitude", "lat"), named(str(location.longitude)) ?? named("longitude", "lon", "lng"));
    case "geohash":
      return by(named(str(location.geohash)) ?? named("geohash"), geohashPoint);
    case "lookup": {
      const field = named(str(location.lookup)) ?? frame.fields.find((one) => one.type === "string");
      return knows(str(location.gazetteer)) ? by(field, country) : undefined;
    }
    case "auto":
      return byCoords(named("latitude", "lat"), named("longitude", "lon", "lng")) ?? by(named("geohash"), geohashPoint) ?? by(named("lookup", "country", "country_code", "geoip_country_code"), country);
    default:
      return undefined;
  }
}

function byCoords(lat: Field | undefined, lon: Field | undefined): Locate | undefined {
  return lat && lon && ((row) => mapPoint(degrees(lon.values[row]), degrees(lat.values[row])));
}

function degrees(value: Cell | undefined): number {
  return typeof value === "number" ? value : typeof value === "string" && value.trim() !== "" ? Number(value) : NaN;
}

function by(field: Field | undefined, find: (text: string) => MapPoint | undefined): Locate | undefined {
  return field && ((row) => find(str(field.values[row]).trim()));
}

function country(text: string): MapPoint | undefined {
  return countries.get(text.toLowerCase());
}

/** Of the lists of places that Grafana brings, countries are known: a "CA" of another list may mean California. */
function knows(gazetteer: string): boolean {
  return gazetteer === "" || gazetteer.includes("countries");
}

/** The rows that a layer is about: of all frames, or of those of the query that its filter names. */
export function layerFrames(frames: readonly Frame[], layer: Obj): Frame[] {
  const { id, options } = obj(layer.filterData);
  return frames.filter((frame) => id !== "byRefId" || str(options) === "" || frame.refId === str(options));
}
