import { num, obj, str } from "../../lib/dashboard/json";
import { mapPoint, type MapPoint } from "./mercator";

/** What of the map is seen: the place in the middle, and how large. At zoom 0 the world is 256 pixels wide, and twice that with each step. */
export interface MapView extends MapPoint {
  zoom: number;
}

/** Pixels. */
export interface Size {
  width: number;
  height: number;
}

const closest = 14;

// Parts of the world that a panel can be set to: longitude, latitude and zoom.
const regions: Record<string, readonly [lon: number, lat: number, zoom: number]> = {
  "north-america": [-100, 40, 3],
  "south-america": [-60, -20, 3],
  europe: [15, 52, 3.4],
  africa: [18, 3, 3],
  "west-asia": [53, 26, 4],
  "south-asia": [78, 20, 4],
  "south-east-asia": [106, 10, 4],
  "east-asia": [104, 34, 4],
  australia: [135, -27, 4],
  oceania: [165, -16, 3.4],
};

/** Width of the world in pixels. */
export function worldWidth({ zoom }: MapView): number {
  return 256 * 2 ** zoom;
}

// Where people live, from the north of Greenland to the south of Chile.
const peopled = { top: 0.08, bottom: 0.7 };

/** The zoom at which the whole world is seen. */
export function leastZoom({ width, height }: Size): number {
  return Math.max(Math.log2(Math.min(width, height / (peopled.bottom - peopled.top)) / 256), 0);
}

/** A view as near to `view` as there is: no smaller than the world, and with its middle on the map. */
export function within(view: MapView, size: Size): MapView {
  const zoom = Math.min(Math.max(view.zoom, leastZoom(size)), closest);
  const width = worldWidth({ ...view, zoom });
  // As much of a side as is seen stays on the map; where all of it is seen, its middle is.
  const keep = (at: number, seen: number, low: number, high: number): number => (seen >= high - low ? (low + high) / 2 : Math.min(Math.max(at, low + seen / 2), high - seen / 2));
  return { zoom, x: keep(view.x, size.width / width, 0, 1), y: keep(view.y, size.height / width, peopled.top / 2, 1) };
}

/** The view that a panel's `view` option asks for, of the `points` that it shows. */
export function viewOf(option: unknown, points: readonly MapPoint[], size: Size): MapView {
  const { id, lon, lat, zoom, padding } = obj(option);
  const whole = { x: 0.5, y: (peopled.top + peopled.bottom) / 2, zoom: 0 };
  if (id === "fit") return within(fitting(points, size, num(padding) ?? 10) ?? whole, size);
  if (id === "coords") return within({ ...(mapPoint(num(lon) ?? 0, num(lat) ?? 0) ?? whole), zoom: num(zoom) ?? 1 }, size);
  const region = regions[str(id)];
  if (!region) return within(whole, size);
  return within({ ...(mapPoint(region[0], region[1]) ?? whole), zoom: region[2] }, size);
}

/** All points, with `padding` percent of their extent around them. */
function fitting(points: readonly MapPoint[], { width, height }: Size, padding: number): MapView | undefined {
  const [first] = points;
  if (!first) return undefined;
  let [west, east, north, south] = [first.x, first.x, first.y, first.y];
  for (const { x, y } of points) {
    west = Math.min(west, x);
    east = Math.max(east, x);
    north = Math.min(north, y);
    south = Math.max(south, y);
  }
  const around = 1 + (2 * padding) / 100;
  const zoom = Math.log2(Math.min(width / ((east - west) * around), height / ((south - north) * around)) / 256);
  // A single place is seen with what is around it.
  return { x: (west + east) / 2, y: (north + south) / 2, zoom: Math.min(zoom, 6) };
}

/** The view after zooming in by `by` steps while the place at `x` and `y`, pixels from the middle, stays where it is. */
export function zoomed(view: MapView, by: number, size: Size, { x, y }: MapPoint = { x: 0, y: 0 }): MapView {
  const next = within({ ...view, zoom: view.zoom + by }, size);
  const [before, after] = [worldWidth(view), worldWidth(next)];
  return within({ zoom: next.zoom, x: view.x + x / before - x / after, y: view.y + y / before - y / after }, size);
}

/** The view after the map was moved by so many pixels. */
export function moved(view: MapView, { x, y }: MapPoint, size: Size): MapView {
  const width = worldWidth(view);
  return within({ ...view, x: view.x - x / width, y: view.y - y / width }, size);
}
