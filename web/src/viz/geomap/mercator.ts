/** A place on the map: 0 to 1 from the west and from the north, in the square that Mercator's projection makes of the world. */
export interface MapPoint {
  x: number;
  y: number;
}

// Where the square ends.
const northmost = 85.0511;

/** The place of a longitude and latitude in degrees; undefined for what is none. */
export function mapPoint(lon: number, lat: number): MapPoint | undefined {
  if (!Number.isFinite(lon) || !Number.isFinite(lat) || Math.abs(lon) > 180 || Math.abs(lat) > 90) return undefined;
  const sine = Math.sin((Math.min(Math.max(lat, -northmost), northmost) * Math.PI) / 180);
  return { x: (lon + 180) / 360, y: 0.5 - Math.log((1 + sine) / (1 - sine)) / (4 * Math.PI) };
}

const digits = "0123456789bcdefghjkmnpqrstuvwxyz";

/** The middle of the cell that a geohash names, by its definition of 2008; undefined for a text that is none. */
export function geohashPoint(hash: string): MapPoint | undefined {
  const range = { lon: [-180, 180], lat: [-90, 90] } as { lon: [number, number]; lat: [number, number] };
  let axis: "lon" | "lat" = "lon";
  for (const digit of hash.toLowerCase()) {
    const value = digits.indexOf(digit);
    if (value < 0) return undefined;
    for (let bit = 4; bit >= 0; bit--) {
      const half = range[axis];
      const middle = (half[0] + half[1]) / 2;
      range[axis] = (value >> bit) & 1 ? [middle, half[1]] : [half[0], middle];
      axis = axis === "lon" ? "lat" : "lon";
    }
  }
  return hash === "" ? undefined : mapPoint((range.lon[0] + range.lon[1]) / 2, (range.lat[0] + range.lat[1]) / 2);
}
