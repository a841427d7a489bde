import { getIn } from "./edit";
import type { Obj } from "./json";

/** One setting of a panel: where it is in the JSON, and the control that it wants. */
export interface OptionSpec {
  section: "Panel" | "Display" | "Legend and tooltip" | "Values" | "Axis";
  label: string;
  path: readonly string[];
  kind: "text" | "area" | "number" | "switch" | "choice" | "unit" | "calcs";
  choices?: readonly { value: string; label: string }[];
  /** What holds where the JSON says nothing. */
  fallback?: string | number | boolean;
  hint?: string;
  /** Panel types that have it; all without. */
  types?: readonly string[];
}

const charts = ["timeseries", "barchart", "histogram", "piechart", "state-timeline", "status-history", "heatmap"];
const time = ["timeseries"];
const reduced = ["stat", "gauge", "bargauge", "piechart"];

function words(...values: readonly string[]): { value: string; label: string }[] {
  return values.map((value) => ({ value, label: value === "" ? "Default" : value.charAt(0).toUpperCase() + value.slice(1).replace(/([a-z])([A-Z])/g, "$1 $2").replaceAll("-", " ").toLowerCase() }));
}

function custom(section: OptionSpec["section"], label: string, member: readonly string[], rest: Partial<OptionSpec> & Pick<OptionSpec, "kind">): OptionSpec {
  return { section, label, path: ["fieldConfig", "defaults", "custom", ...member], types: time, ...rest };
}

function option(section: OptionSpec["section"], label: string, member: readonly string[], rest: Partial<OptionSpec> & Pick<OptionSpec, "kind">): OptionSpec {
  return { section, label, path: ["options", ...member], ...rest };
}

/** All settings that have a control; whatever else a panel has stays in its JSON. */
export const optionSpecs: readonly OptionSpec[] = [
  { section: "Panel", label: "Title", path: ["title"], kind: "text", fallback: "" },
  { section: "Panel", label: "Description", path: ["description"], kind: "area", fallback: "" },
  { section: "Panel", label: "Transparent", path: ["transparent"], kind: "switch", fallback: false },
  { section: "Panel", label: "Repeat for the variable", path: ["repeat"], kind: "text", fallback: "", hint: "The name of a variable" },
  { section: "Panel", label: "Repeat direction", path: ["repeatDirection"], kind: "choice", choices: [{ value: "h", label: "Beside each other" }, { value: "v", label: "Below each other" }], fallback: "h" },
  { section: "Panel", label: "Most in a line", path: ["maxPerRow"], kind: "number", fallback: 4 },
  { section: "Panel", label: "Own range", path: ["timeFrom"], kind: "text", fallback: "", hint: "24h, now/d" },
  { section: "Panel", label: "Shifted back by", path: ["timeShift"], kind: "text", fallback: "", hint: "1d" },
  { section: "Panel", label: "Hide that label", path: ["hideTimeOverride"], kind: "switch", fallback: false },
  { section: "Panel", label: "Shortest step", path: ["interval"], kind: "text", fallback: "", hint: "1m" },
  { section: "Panel", label: "Most points", path: ["maxDataPoints"], kind: "number" },

  custom("Display", "Style", ["drawStyle"], { kind: "choice", choices: words("line", "bars", "points"), fallback: "line" }),
  custom("Display", "Line", ["lineInterpolation"], { kind: "choice", choices: words("linear", "smooth", "stepBefore", "stepAfter"), fallback: "linear" }),
  custom("Display", "Line width", ["lineWidth"], { kind: "number", fallback: 1 }),
  custom("Display", "Fill, percent", ["fillOpacity"], { kind: "number", fallback: 0 }),
  custom("Display", "Gradient", ["gradientMode"], { kind: "choice", choices: words("none", "opacity", "hue", "scheme"), fallback: "none" }),
  custom("Display", "Points", ["showPoints"], { kind: "choice", choices: words("auto", "always", "never"), fallback: "auto" }),
  custom("Display", "Point size", ["pointSize"], { kind: "number", fallback: 5 }),
  custom("Display", "Stack", ["stacking", "mode"], { kind: "choice", choices: words("none", "normal", "percent"), fallback: "none" }),
  custom("Display", "Connect gaps", ["spanNulls"], { kind: "switch", fallback: false }),
  custom("Display", "Show thresholds", ["thresholdsStyle", "mode"], { kind: "choice", choices: words("off", "line", "dashed", "area", "line+area", "dashed+area"), fallback: "off" }),

  option("Display", "Content", ["content"], { kind: "area", types: ["text"], fallback: "" }),
  option("Display", "Written as", ["mode"], { kind: "choice", choices: words("markdown", "html", "code"), types: ["text"], fallback: "markdown" }),
  option("Display", "Calculation", ["reduceOptions", "calcs"], { kind: "calcs", types: reduced }),
  option("Display", "Each row a value", ["reduceOptions", "values"], { kind: "switch", types: reduced, fallback: false }),
  option("Display", "Fields", ["reduceOptions", "fields"], { kind: "text", types: reduced, fallback: "", hint: "A name or /pattern/; empty for numbers" }),
  option("Display", "Colour", ["colorMode"], { kind: "choice", choices: words("none", "value", "background", "background_solid"), types: ["stat"], fallback: "value" }),
  option("Display", "Sparkline", ["graphMode"], { kind: "choice", choices: words("none", "area"), types: ["stat"], fallback: "area" }),
  option("Display", "Text", ["textMode"], { kind: "choice", choices: words("auto", "value", "value_and_name", "name", "none"), types: ["stat"], fallback: "auto" }),
  option("Display", "Direction", ["orientation"], { kind: "choice", choices: words("auto", "horizontal", "vertical"), types: ["stat", "gauge", "bargauge", "barchart"], fallback: "auto" }),
  option("Display", "Threshold labels", ["showThresholdLabels"], { kind: "switch", types: ["gauge"], fallback: false }),
  option("Display", "Threshold marks", ["showThresholdMarkers"], { kind: "switch", types: ["gauge"], fallback: true }),
  option("Display", "Bars", ["displayMode"], { kind: "choice", choices: words("gradient", "lcd", "basic"), types: ["bargauge"], fallback: "gradient" }),
  option("Display", "Show the empty part", ["showUnfilled"], { kind: "switch", types: ["bargauge"], fallback: true }),
  option("Display", "Form", ["pieType"], { kind: "choice", choices: words("pie", "donut"), types: ["piechart"], fallback: "pie" }),
  option("Display", "Header", ["showHeader"], { kind: "switch", types: ["table"], fallback: true }),
  option("Display", "Pages", ["footer", "enablePagination"], { kind: "switch", types: ["table"], fallback: false }),
  custom("Display", "Cells", ["cellOptions", "type"], { kind: "choice", choices: words("auto", "color-text", "color-background", "gauge", "sparkline", "json-view"), types: ["table"], fallback: "auto" }),
  custom("Display", "Align", ["align"], { kind: "choice", choices: words("auto", "left", "center", "right"), types: ["table"], fallback: "auto" }),
  option("Display", "Newest first", ["sortOrder"], { kind: "choice", choices: words("Descending", "Ascending"), types: ["logs"], fallback: "Descending" }),
  option("Display", "Time", ["showTime"], { kind: "switch", types: ["logs"], fallback: true }),
  option("Display", "Wrap lines", ["wrapLogMessage"], { kind: "switch", types: ["logs"], fallback: false }),
  option("Display", "Shows", ["view", "id"], { kind: "choice", choices: [{ value: "zero", label: "The world" }, { value: "fit", label: "All places" }, ...words("europe", "africa", "north-america", "south-america", "west-asia", "south-asia", "south-east-asia", "east-asia", "australia", "oceania"), { value: "coords", label: "A place" }], types: ["geomap"], fallback: "zero" }),
  option("Display", "Longitude", ["view", "lon"], { kind: "number", types: ["geomap"], hint: "Of the place" }),
  option("Display", "Latitude", ["view", "lat"], { kind: "number", types: ["geomap"], hint: "Of the place" }),
  option("Display", "Zoom", ["view", "zoom"], { kind: "number", types: ["geomap"], hint: "Of the place: 1 is the world, 10 a city" }),
  option("Display", "Zoom by the wheel", ["controls", "mouseWheelZoom"], { kind: "switch", types: ["geomap"], fallback: false }),
  option("Display", "Compute the buckets", ["calculate"], { kind: "switch", types: ["heatmap"], fallback: false }),

  option("Legend and tooltip", "Legend", ["legend", "showLegend"], { kind: "switch", types: charts, fallback: true }),
  option("Legend and tooltip", "Legend as", ["legend", "displayMode"], { kind: "choice", choices: words("list", "table"), types: charts, fallback: "list" }),
  option("Legend and tooltip", "Legend at the", ["legend", "placement"], { kind: "choice", choices: words("bottom", "right"), types: charts, fallback: "bottom" }),
  option("Legend and tooltip", "Legend calculations", ["legend", "calcs"], { kind: "calcs", types: charts }),
  option("Legend and tooltip", "Tooltip", ["tooltip", "mode"], { kind: "choice", choices: words("single", "multi", "none"), types: charts, fallback: "single" }),
  option("Legend and tooltip", "Tooltip order", ["tooltip", "sort"], { kind: "choice", choices: words("none", "asc", "desc"), types: charts, fallback: "none" }),

  custom("Axis", "Axis label", ["axisLabel"], { kind: "text", fallback: "" }),
  custom("Axis", "Axis at the", ["axisPlacement"], { kind: "choice", choices: words("auto", "left", "right", "hidden"), fallback: "auto" }),
  custom("Axis", "Soft minimum", ["axisSoftMin"], { kind: "number" }),
  custom("Axis", "Soft maximum", ["axisSoftMax"], { kind: "number" }),
  custom("Axis", "Scale", ["scaleDistribution", "type"], { kind: "choice", choices: words("linear", "log", "symlog"), fallback: "linear" }),

  { section: "Values", label: "Unit", path: ["fieldConfig", "defaults", "unit"], kind: "unit" },
  { section: "Values", label: "Minimum", path: ["fieldConfig", "defaults", "min"], kind: "number" },
  { section: "Values", label: "Maximum", path: ["fieldConfig", "defaults", "max"], kind: "number" },
  { section: "Values", label: "Decimals", path: ["fieldConfig", "defaults", "decimals"], kind: "number" },
  { section: "Values", label: "Name", path: ["fieldConfig", "defaults", "displayName"], kind: "text", fallback: "", hint: "${__field.labels.job}" },
  { section: "Values", label: "Without a value", path: ["fieldConfig", "defaults", "noValue"], kind: "text", fallback: "" },
  { section: "Values", label: "Colours", path: ["fieldConfig", "defaults", "color", "mode"], kind: "choice", choices: words("palette-classic", "thresholds", "fixed", "shades", "continuous-GrYlRd", "continuous-RdYlGr", "continuous-BlYlRd", "continuous-YlRd", "continuous-BlPu", "continuous-blues", "continuous-reds", "continuous-greens"), fallback: "palette-classic" },
  { section: "Values", label: "The fixed colour", path: ["fieldConfig", "defaults", "color", "fixedColor"], kind: "text", fallback: "", hint: "semi-dark-blue, #3653D4" },
];

/** The settings of a panel type whose label, section or hint has the words. */
export function optionsFor(type: string, find: string): OptionSpec[] {
  const sought = find.toLowerCase().split(/\s+/).filter(Boolean);
  return optionSpecs.filter((spec) => {
    if (spec.types && !spec.types.includes(type)) return false;
    const text = `${spec.section} ${spec.label} ${spec.hint ?? ""}`.toLowerCase();
    return sought.every((word) => text.includes(word));
  });
}

/** True where the panel's JSON says something else than what would hold anyway. */
export function isModified(panel: Obj, spec: OptionSpec): boolean {
  const value = getIn(panel, spec.path);
  return value !== undefined && value !== spec.fallback;
}
