import type { Scheme } from "../../lib/colour";
import { alongStops, namedColour, translucent } from "../../lib/dashboard/colour";
import { bool, num, str, type Obj } from "../../lib/dashboard/json";

/** Colours of a scheme from its first end to its other; `first` says which surface the first end is near to. */
interface Ramp {
  stops: readonly string[];
  /** Turned round in dark themes, in all, or never. */
  turned: "dark" | "always" | "never";
}

const sequential = (...stops: string[]): Ramp => ({ stops, turned: "dark" });
const asIs = (...stops: string[]): Ramp => ({ stops, turned: "never" });
const always = (...stops: string[]): Ramp => ({ stops, turned: "always" });

// ColorBrewer's, and the perceptual ones of Matplotlib, by the names that panels have them under.
const ramps: Record<string, Ramp> = {
  Oranges: sequential("#FFF5EB", "#FDD0A2", "#FD8D3C", "#D94801", "#7F2704"),
  Blues: sequential("#F7FBFF", "#C6DBEF", "#6BAED6", "#2171B5", "#08306B"),
  Greens: sequential("#F7FCF5", "#C7E9C0", "#74C476", "#238B45", "#00441B"),
  Greys: sequential("#FFFFFF", "#D9D9D9", "#969696", "#525252", "#000000"),
  Purples: sequential("#FCFBFD", "#DADAEB", "#9E9AC8", "#6A51A3", "#3F007D"),
  Reds: sequential("#FFF5F0", "#FCBBA1", "#FB6A4A", "#CB181D", "#67000D"),
  BuGn: sequential("#F7FCFD", "#CCECE6", "#66C2A4", "#238B45", "#00441B"),
  BuPu: sequential("#F7FCFD", "#BFD3E6", "#8C96C6", "#88419D", "#4D004B"),
  GnBu: sequential("#F7FCF0", "#CCEBC5", "#7BCCC4", "#2B8CBE", "#084081"),
  OrRd: sequential("#FFF7EC", "#FDD49E", "#FC8D59", "#D7301F", "#7F0000"),
  PuBu: sequential("#FFF7FB", "#D0D1E6", "#74A9CF", "#0570B0", "#023858"),
  PuRd: sequential("#F7F4F9", "#D4B9DA", "#DF65B0", "#CE1256", "#67001F"),
  RdPu: sequential("#FFF7F3", "#FCC5C0", "#F768A1", "#AE017E", "#49006A"),
  YlGn: sequential("#FFFFE5", "#D9F0A3", "#78C679", "#238443", "#004529"),
  YlGnBu: sequential("#FFFFD9", "#C7E9B4", "#41B6C4", "#225EA8", "#081D58"),
  YlOrBr: sequential("#FFFFE5", "#FEE391", "#FE9929", "#CC4C02", "#662506"),
  YlOrRd: sequential("#FFFFCC", "#FED976", "#FD8D3C", "#E31A1C", "#800026"),
  Spectral: always("#9E0142", "#F46D43", "#FFFFBF", "#66C2A5", "#5E4FA2"),
  RdYlGn: always("#A50026", "#F46D43", "#FFFFBF", "#66BD63", "#006837"),
  RdYlBu: always("#A50026", "#F46D43", "#FFFFBF", "#74ADD1", "#313695"),
  RdBu: always("#67001F", "#D6604D", "#F7F7F7", "#4393C3", "#053061"),
  Turbo: asIs("#30123B", "#4686FB", "#1AE4B6", "#A4FC3C", "#FABA39", "#E4460A", "#7A0403"),
  Viridis: asIs("#440154", "#3B528B", "#21918C", "#5EC962", "#FDE725"),
  Magma: asIs("#000004", "#51127C", "#B73779", "#FC8961", "#FCFDBF"),
  Plasma: asIs("#0D0887", "#7E03A8", "#CC4778", "#F89540", "#F0F921"),
  Inferno: asIs("#000004", "#57106E", "#BC3754", "#F98E09", "#FCFFA4"),
  Cividis: asIs("#00224E", "#434E6C", "#7D7C78", "#BCAF6F", "#FEE838"),
};
// The page's own: one hue, from the surface up.
const own: Record<Scheme, readonly string[]> = {
  light: ["#E3ECFA", "#9DBBF0", "#5A86E0", "#2457C5", "#0F2C6B"],
  dark: ["#1B2638", "#1F4385", "#307BF7", "#6EA8FE", "#CFE8FF"],
};

/** What a count looks like; the ends are the smallest and largest there are, or those set. */
export interface HeatScale {
  min: number;
  max: number;
  colour(value: number): string;
}

/** The colour scale of a heatmap by its `color` option. */
export function heatScale(color: Obj, values: readonly (readonly (number | null)[])[], scheme: Scheme): HeatScale {
  let low = Infinity;
  let high = -Infinity;
  for (const row of values) {
    for (const value of row) {
      if (value === null) continue;
      if (value < low) low = value;
      if (value > high) high = value;
    }
  }
  const min = num(color.min) ?? (Number.isFinite(low) ? Math.min(low, 0) : 0);
  const max = num(color.max) ?? (Number.isFinite(high) ? high : 1);
  const exponent = str(color.scale) === "linear" ? 1 : (num(color.exponent) ?? 0.5);
  const steps = Math.min(Math.max(num(color.steps) ?? 64, 2), 128);
  const share = (value: number): number => {
    const at = max <= min ? 1 : Math.min(Math.max((value - min) / (max - min), 0), 1) ** exponent;
    return Math.round(at * (steps - 1)) / (steps - 1);
  };
  if (str(color.mode) === "opacity") {
    const fill = namedColour(str(color.fill), scheme) ?? namedColour("dark-orange", scheme) ?? "";
    return { min, max, colour: (value) => translucent(fill, Math.max(share(value), 0.02)) };
  }
  const stops = stopsOf(str(color.scheme), scheme, bool(color.reverse));
  return { min, max, colour: (value) => alongStops(stops, share(value)) };
}

function stopsOf(name: string, scheme: Scheme, reverse: boolean): readonly string[] {
  const ramp = ramps[name];
  const stops = ramp?.stops ?? own[scheme];
  const turned = ramp !== undefined && (ramp.turned === "always" || (ramp.turned === "dark" && scheme === "dark"));
  return turned !== reverse ? stops.toReversed() : stops;
}
