import type { Scheme } from "../colour";
import type { FieldConfig } from "./frame";

// Grafana's hues from lightest to darkest; on a light surface each name means the next darker shade.
const hues: Record<string, readonly string[]> = {
  red: ["#FFA6B0", "#FF7383", "#F2495C", "#E02F44", "#C4162A", "#AD0317"],
  orange: ["#FFCB7D", "#FFB357", "#FF9830", "#FF780A", "#FA6400", "#E55400"],
  yellow: ["#FFF899", "#FFEE52", "#FADE2A", "#F2CC0C", "#E0B400", "#CC9D00"],
  green: ["#C8F2C2", "#96D98D", "#73BF69", "#56A64B", "#37872D", "#19730E"],
  blue: ["#C0D8FF", "#8AB8FF", "#5794F2", "#3274D9", "#1F60C4", "#1250B0"],
  purple: ["#DEB6F2", "#CA95E5", "#B877D9", "#A352CC", "#8F3BB8", "#7C2EA3"],
};
const shades = ["super-light-", "light-", "", "semi-dark-", "dark-"];

/** The names of colours that fit both themes, as they are offered: plain ones first. */
export const hueNames: readonly string[] = ["", "semi-dark-", "dark-", "light-", "super-light-"].flatMap((shade) => Object.keys(hues).map((hue) => shade + hue)).concat("text", "transparent");

// The tokens that names of parts of the page stand for, again: a canvas cannot resolve CSS variables.
const parts: Record<string, Record<Scheme, string>> = {
  text: { light: "#171B21", dark: "#E6E9EE" },
  "panel-bg": { light: "#FFFFFF", dark: "#161A20" },
  background: { light: "#FFFFFF", dark: "#161A20" },
  gray: { light: "#596372", dark: "#9AA4B2" },
  grey: { light: "#596372", dark: "#9AA4B2" },
  white: { light: "#FFFFFF", dark: "#FFFFFF" },
  black: { light: "#000000", dark: "#000000" },
};

/**
 * The colour that a dashboard names: one of Grafana's (`semi-dark-blue`), hex, `rgb()` or `rgba()`, or a part of the page.
 * As hex, or `rgba()` where it lets light through; undefined for a text that is no colour.
 */
export function namedColour(name: string | undefined, scheme: Scheme): string | undefined {
  const text = name?.trim() ?? "";
  if (/^#([0-9a-f]{3,4}|[0-9a-f]{6}|[0-9a-f]{8})$/i.test(text)) return fullHex(text);
  if (/^(rgb|hsl)a?\([\d\s.,%/+-]+\)$/i.test(text)) return text;
  if (text === "transparent") return "rgba(0, 0, 0, 0)";
  const part = parts[text.toLowerCase()];
  if (part) return part[scheme];
  const [, shade = "", hue = ""] = /^((?:super-light|light|semi-dark|dark)-)?([a-z]+)$/.exec(text) ?? [];
  const row = hues[hue];
  return row?.[shades.indexOf(shade) + (scheme === "light" ? 1 : 0)];
}

function fullHex(hex: string): string {
  return hex.length > 5 ? hex.toUpperCase() : hex.replace(/[^#]/g, "$&$&").toUpperCase();
}

type RGB = [red: number, green: number, blue: number];

/** Red, green and blue of a hex or `rgb()` colour, 0 to 255; undefined for others. What lets light through is taken as full. */
export function rgbOf(colour: string): RGB | undefined {
  if (colour.startsWith("#")) {
    const hex = fullHex(colour);
    return [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16)) as RGB;
  }
  const numbers = /^rgba?\(/i.test(colour) ? (colour.match(/[\d.]+/g) ?? []).map(Number) : [];
  const [red, green, blue] = numbers;
  return red === undefined || green === undefined || blue === undefined ? undefined : [red, green, blue];
}

/** `colour` letting light through: `alpha` is 0 for glass, 1 for itself. */
export function translucent(colour: string, alpha: number): string {
  const rgb = rgbOf(colour);
  return rgb ? `rgba(${rgb.join(", ")}, ${Math.round(Math.min(Math.max(alpha, 0), 1) * 1000) / 1000})` : colour;
}

function toHex(rgb: readonly number[]): string {
  return `#${rgb.map((part) => Math.round(Math.min(Math.max(part, 0), 255)).toString(16).padStart(2, "0")).join("")}`.toUpperCase();
}

/** `share` of the way from one colour to another, 0 to 1. */
export function mix(from: string, to: string, share: number): string {
  const a = rgbOf(from);
  const b = rgbOf(to);
  return a && b ? toHex(a.map((part, index) => part + ((b[index] ?? part) - part) * share)) : from;
}

function luminance([red, green, blue]: RGB): number {
  const linear = [red, green, blue].map((part) => (part / 255 <= 0.04045 ? part / 255 / 12.92 : ((part / 255 + 0.055) / 1.055) ** 2.4));
  return 0.2126 * (linear[0] ?? 0) + 0.7152 * (linear[1] ?? 0) + 0.0722 * (linear[2] ?? 0);
}

/** Contrast of two colours by WCAG, 1 to 21. */
export function contrast(one: string, other: string): number {
  const [dark = 0, light = 0] = [luminance(rgbOf(one) ?? [0, 0, 0]), luminance(rgbOf(other) ?? [0, 0, 0])].toSorted((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
}

/** `colour` as text on the page's surface: darker or lighter as far as `ratio` of contrast asks. */
export function readable(colour: string, scheme: Scheme, ratio = 4.5): string {
  const surface = parts["panel-bg"]?.[scheme] ?? "#FFFFFF";
  const towards = scheme === "light" ? "#000000" : "#FFFFFF";
  let text = colour;
  for (let step = 1; step <= 20 && contrast(text, surface) < ratio; step++) text = mix(colour, towards, step / 20);
  return text;
}

/** Black or white, whichever can be read better on `background`. */
export function textOn(background: string): string {
  return contrast(background, "#FFFFFF") >= contrast(background, "#171B21") ? "#FFFFFF" : "#171B21";
}

/**
 * A colour as a background, and the colour of text on it: darkened as far as white text needs, but for the lightest, which
 * have dark text.
 */
export function backgroundOf(colour: string): { fill: string; ink: string } {
  if (contrast(colour, "#FFFFFF") < 2.2) return { fill: colour, ink: "#171B21" };
  let fill = colour;
  for (let step = 1; step <= 20 && contrast(fill, "#FFFFFF") < 4.5; step++) fill = mix(colour, "#000000", step / 20);
  return { fill, ink: "#FFFFFF" };
}

const scales: Record<string, readonly string[]> = {
  "continuous-GrYlRd": ["green", "yellow", "red"],
  "continuous-RdYlGr": ["red", "yellow", "green"],
  "continuous-BlYlRd": ["dark-blue", "super-light-yellow", "dark-red"],
  "continuous-YlRd": ["super-light-yellow", "dark-red"],
  "continuous-BlPu": ["blue", "purple"],
  "continuous-YlBl": ["super-light-yellow", "dark-blue"],
  "continuous-blues": ["panel-bg", "dark-blue"],
  "continuous-reds": ["panel-bg", "dark-red"],
  "continuous-greens": ["panel-bg", "dark-green"],
  "continuous-purples": ["panel-bg", "dark-purple"],
  "continuous-oranges": ["panel-bg", "dark-orange"],
  "continuous-viridis": ["#440154", "#3B528B", "#21918C", "#5EC962", "#FDE725"],
  "continuous-magma": ["#000004", "#51127C", "#B73779", "#FC8961", "#FCFDBF"],
  "continuous-plasma": ["#0D0887", "#7E03A8", "#CC4778", "#F89540", "#F0F921"],
  "continuous-inferno": ["#000004", "#57106E", "#BC3754", "#F98E09", "#FCFFA4"],
  "continuous-cividis": ["#00224E", "#434E6C", "#7D7C78", "#BCAF6F", "#FEE838"],
};

/** Stops of a continuous colour mode, low to high; undefined for other modes. */
export function scaleStops(mode: string, scheme: Scheme): string[] | undefined {
  return scales[mode]?.map((name) => namedColour(name, scheme) ?? name);
}

/** The colour at `share` (0 to 1) of the way along `stops`. */
export function alongStops(stops: readonly string[], share: number): string {
  const at = Math.min(Math.max(Number.isNaN(share) ? 0 : share, 0), 1) * (stops.length - 1);
  const index = Math.min(Math.floor(at), stops.length - 2);
  return mix(stops[Math.max(index, 0)] ?? "#000000", stops[index + 1] ?? stops[0] ?? "#000000", at - index);
}

/** A shade of `colour` for the `index`th of several series. */
export function shadeOf(colour: string, index: number): string {
  const steps = [0, 0.25, -0.25, 0.45, -0.45, 0.6, -0.6];
  const by = steps[index % steps.length] ?? 0;
  return mix(colour, by > 0 ? "#FFFFFF" : "#000000", Math.abs(by));
}

/** One stretch of a threshold scale: its colour holds from `value` (-Infinity for the base) up to the next. */
export interface ThresholdStep {
  value: number;
  colour: string;
}

type Thresholds = NonNullable<FieldConfig["thresholds"]>;

// What Grafana gives a panel whose JSON has none.
const defaultThresholds: Thresholds = { mode: "absolute", steps: [{ value: null, color: "green" }, { value: 80, color: "red" }] };

/** Thresholds in the values of the field, ascending; those in percent are spread over `range`. */
export function thresholdSteps(config: FieldConfig, scheme: Scheme, range: { min: number; max: number }): ThresholdStep[] {
  const { mode, steps } = config.thresholds ?? defaultThresholds;
  const value = (at: number): number => (mode === "percentage" ? range.min + (at / 100) * (range.max - range.min) : at);
  return steps
    .map((step, index) => ({
      value: step.value === null || (index === 0 && !Number.isFinite(step.value)) ? -Infinity : value(step.value),
      colour: namedColour(step.color, scheme) ?? namedColour("green", scheme) ?? "",
    }))
    .toSorted((a, b) => a.value - b.value);
}

/** The step that holds at `value`: the last one begun, or the first of all. */
export function thresholdAt(steps: readonly ThresholdStep[], value: number): ThresholdStep | undefined {
  return steps.findLast((step) => value >= step.value) ?? steps[0];
}
