import { useMemo } from "react";

import { backgroundOf, readable } from "../../lib/dashboard/colour";
import type { Look } from "../../lib/dashboard/display";
import { fieldLinks, type FieldLink } from "../../lib/dashboard/displayLinks";
import { fieldValues, type FieldValue } from "../../lib/dashboard/fieldvalues";
import { num, obj, str } from "../../lib/dashboard/json";
import { formatValue, joinValue } from "../../lib/units";
import { LinkedValue } from "../LinkedValue";
import { useLook } from "../look";
import { NoData } from "../NoData";
import type { PanelProps } from "../panel";
import { fitText, orientationOf, textEm, tileGrid } from "../tiles";
import { Trend } from "../Trend";
import shared from "../viz.module.css";
import classes from "./stat.module.css";

/** Single values, large, each with its course behind it. */
export function StatPanel({ title, frames, options, timeZone, width, height, interpolate }: PanelProps) {
  const look = useLook(timeZone);
  const values = useMemo(() => fieldValues(frames, obj(options.reduceOptions), look), [frames, options.reduceOptions, look]);
  if (values.length === 0) return <NoData />;
  const grid = tileGrid(values.length, width, height, orientationOf(options.orientation), 2.2);
  const settings = readSettings(options, values.length);
  return (
    <div className={shared.tiles} style={{ gridTemplateColumns: `repeat(${grid.columns}, minmax(0, 1fr))` }} role="group" aria-label={title === "" ? "Values" : title}>
      {values.map((value) => (
        <Tile
          key={value.key}
          value={value}
          width={grid.width}
          height={Math.max(grid.height, 20)}
          settings={settings}
          look={look}
          links={fieldLinks({ ...value, frames }, look, interpolate)}
        />
      ))}
    </div>
  );
}

interface Settings {
  colour: "none" | "value" | "background" | "background_solid";
  graph: boolean;
  name: boolean;
  number: boolean;
  centre: boolean;
  wide: boolean;
  change: "none" | "standard" | "inverted" | "same_as_value";
  valueSize: number | undefined;
  titleSize: number | undefined;
}

function readSettings(options: PanelProps["options"], count: number): Settings {
  const mode = str(options.textMode, "auto");
  const text = obj(options.text);
  const colour = str(options.colorMode, "value");
  const change = str(options.percentChangeColorMode, "standard");
  return {
    colour: colour === "none" || colour === "background" || colour === "background_solid" ? colour : "value",
    graph: str(options.graphMode, "area") === "area",
    name: mode === "name" || mode === "value_and_name" || (mode === "auto" && count > 1),
    number: mode !== "name" && mode !== "none",
    centre: options.justifyMode === "center" || (str(options.justifyMode, "auto") === "auto" && count === 1),
    wide: options.wideLayout !== false,
    change: options.showPercentChange !== true ? "none" : change === "inverted" || change === "same_as_value" ? change : "standard",
    valueSize: num(text.valueSize),
    titleSize: num(text.titleSize),
  };
}

interface TileProps {
  value: FieldValue;
  width: number;
  height: number;
  settings: Settings;
  look: Look;
  links: readonly FieldLink[];
}

function Tile({ value, width, height, settings, look, links }: TileProps) {
  const { display, name, trend, field } = value;
  const filled = settings.colour.startsWith("background");
  const ground = backgroundOf(value.colour);
  const graph = settings.graph && trend && height > 40 && !Number.isNaN(display.numeric) ? trend : undefined;
  const beside = settings.wide && settings.name && settings.number && width / height > 2.6;
  const sizes = sizesOf(value, { width, height, settings, beside, graph: graph !== undefined });
  // Large text may have less contrast.
  const ink = filled ? ground.ink : settings.colour === "value" ? readable(value.colour, look.scheme, sizes.value >= 24 ? 3 : 4.5) : "var(--o-text)";
  const trendColour = filled ? ink : settings.colour === "none" ? "#7F8998" : value.colour;
  return (
    <div
      className={classes.tile}
      data-fill={settings.colour === "background" ? "gradient" : filled || undefined}
      data-centre={settings.centre || undefined}
      data-beside={beside || undefined}
      data-graph={graph ? true : undefined}
      style={{ color: ink, minHeight: height, ...(filled && { "--tile": ground.fill }) }}
      role="group"
      aria-label={`${name}: ${joinValue(display)}`}
    >
      {settings.name && (
        <div className={classes.name} style={{ fontSize: sizes.title }} title={name}>
          {name}
        </div>
      )}
      {settings.number && (
        <div className={classes.value} style={{ fontSize: sizes.value, lineHeight: 1.15 }}>
          <LinkedValue links={links}>
            {display.prefix !== "" && <span className={classes.unit}>{display.prefix}</span>}
            {display.text}
            {display.suffix !== "" && <span className={classes.unit}>{`\u202f${display.suffix}`}</span>}
          </LinkedValue>
          {settings.change !== "none" && value.change !== undefined && <Change change={value.change} mode={settings.change} filled={filled} />}
        </div>
      )}
      {graph && (
        <div className={classes.trend}>
          <Trend {...graph} width={Math.max(Math.round(width), 1)} height={Math.round(height * (settings.name && !beside ? 0.34 : 0.42))} colour={trendColour} min={field.config.min} max={field.config.max} fill={filled ? 0.16 : 0.18} />
        </div>
      )}
    </div>
  );
}

interface Room {
  width: number;
  height: number;
  settings: Settings;
  beside: boolean;
  graph: boolean;
}

/** Sizes of name and value: as large as the tile allows, in steps so that a value that ticks does not shake. */
function sizesOf({ display, name }: FieldValue, { width, height, settings, beside, graph }: Room): { title: number; value: number } {
  const room = width - 16 - (settings.change === "none" ? 0 : 64);
  const share = beside ? (graph ? 0.42 : 0.6) : settings.name ? (graph ? 0.4 : 0.5) : graph ? 0.5 : 0.62;
  const text = `${display.prefix}${display.text}`;
  // The unit is written smaller.
  const em = textEm(text) + 0.6 * textEm(display.suffix) + (display.suffix === "" ? 0 : 0.2);
  const under = settings.name && !beside ? (height - 34) / 1.2 : height;
  const fits = Math.min(height * share, under, ((beside ? 0.55 : 1) * room) / Math.max(em, 1));
  const value = Math.max(12, Math.min(fits, 84));
  const title = fitText(name, beside ? room * 0.42 : room, settings.number ? Math.min(Math.max(height * 0.16, 12), 18) : Math.min(height * 0.4, 48), 11);
  return { title: settings.titleSize ?? Math.round(title), value: settings.valueSize ?? Math.floor(value / 2) * 2 };
}

function Change({ change, mode, filled }: { change: number; mode: Settings["change"]; filled: boolean }) {
  const good = mode === "inverted" ? change < 0 : change > 0;
  const token = change === 0 || mode === "same_as_value" || filled ? undefined : good ? "ok" : "error";
  return (
    <span className={classes.change} style={token ? { color: `var(--o-${token})` } : undefined}>
      <span aria-hidden="true">{change > 0 ? "▲" : change < 0 ? "▼" : "▬"}</span> {formatValue(Math.abs(change), "percentunit")}
    </span>
  );
}
