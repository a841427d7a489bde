import { useMemo } from "react";

import { readable } from "../../lib/dashboard/colour";
import type { Look } from "../../lib/dashboard/display";
import { fieldLinks, type FieldLink } from "../../lib/dashboard/displayLinks";
import { fieldValues, type FieldValue } from "../../lib/dashboard/fieldvalues";
import { num, obj, str } from "../../lib/dashboard/json";
import { joinValue } from "../../lib/units";
import { LinkedValue } from "../LinkedValue";
import { useLook } from "../look";
import { NoData } from "../NoData";
import type { PanelProps } from "../panel";
import { orientationOf, textEm } from "../tiles";
import { Bar, type BarMode } from "./Bar";
import classes from "./bargauge.module.css";

/** Values as bars on one scale: below each other, or upright beside each other. */
export function BarGaugePanel({ title, frames, options, timeZone, width, height, interpolate }: PanelProps) {
  const look = useLook(timeZone);
  const values = useMemo(() => fieldValues(frames, obj(options.reduceOptions), look), [frames, options.reduceOptions, look]);
  if (values.length === 0) return <NoData />;
  const orientation = orientationOf(options.orientation);
  const upright = orientation === "vertical" || (orientation === "auto" && width > height * 1.2 && values.length > 1 && width / values.length < 160);
  const settings = readSettings(options, values, { width, height, upright });
  const links = (value: FieldValue) => fieldLinks({ ...value, frames }, look, interpolate);
  return (
    <div
      className={classes.bars}
      data-upright={upright || undefined}
      style={upright ? { gridTemplateColumns: `repeat(${values.length}, minmax(${settings.thin}px, 1fr))` } : { gridAutoRows: `minmax(${settings.thin}px, ${settings.thick}px)` }}
      role="group"
      aria-label={title === "" ? "Bars" : title}
    >
      {values.map((value) => (
        <Row key={value.key} value={value} settings={settings} look={look} links={links(value)} />
      ))}
    </div>
  );
}

interface Settings {
  mode: BarMode;
  upright: boolean;
  unfilled: boolean;
  name: "none" | "top" | "left";
  /** Room for names and values beside the bars, pixels. */
  nameWidth: number;
  valueWidth: number;
  values: "color" | "text" | "hidden";
  /** Least and most that a bar takes across. */
  thin: number;
  thick: number;
  length: number;
  valueSize: number | undefined;
  titleSize: number | undefined;
}

function readSettings(options: PanelProps["options"], values: readonly FieldValue[], box: { width: number; height: number; upright: boolean }): Settings {
  const mode = str(options.displayMode, "gradient");
  const placement = str(options.namePlacement, "auto");
  const text = obj(options.text);
  const each = (box.upright ? box.width : box.height) / values.length;
  const titleSize = num(text.titleSize);
  const longest = (of: (value: FieldValue) => string, size: number): number => Math.max(...values.map((value) => textEm(of(value)) * size), 0) + 12;
  const top = placement === "top" || (placement === "auto" && each >= 46);
  const valueMode = str(options.valueMode, "color");
  return {
    mode: mode === "lcd" || mode === "basic" ? mode : "gradient",
    upright: box.upright,
    unfilled: options.showUnfilled !== false,
    name: values.length === 1 && placement === "auto" ? "none" : placement === "hidden" ? "none" : top || box.upright ? "top" : "left",
    nameWidth: Math.min(longest((value) => value.name, titleSize ?? 12), box.width * 0.4),
    valueWidth: Math.min(longest((value) => joinValue(value.display), 13), box.width * 0.4),
    values: valueMode === "text" || valueMode === "hidden" ? valueMode : "color",
    thin: options.sizing === "manual" ? (num(box.upright ? options.minVizWidth : options.minVizHeight) ?? 16) : 16,
    thick: options.sizing === "manual" ? (num(options.maxVizHeight) ?? 300) : 300,
    length: box.upright ? box.height : box.width,
    valueSize: num(text.valueSize),
    titleSize,
  };
}

interface RowProps {
  value: FieldValue;
  settings: Settings;
  look: Look;
  links: readonly FieldLink[];
}

function Row({ value, settings, look, links }: RowProps) {
  const { name, display } = value;
  const ink = settings.values === "text" ? undefined : readable(value.colour, look.scheme);
  return (
    <div className={classes.row} data-name={settings.name} data-upright={settings.upright || undefined} role="group" aria-label={`${name}: ${joinValue(display)}`}>
      {settings.name !== "none" && (
        <div className={classes.name} style={{ fontSize: settings.titleSize, ...(settings.name === "left" && { width: settings.nameWidth }) }} title={name}>
          {name}
        </div>
      )}
      <div className={classes.track}>
        <Bar value={value} mode={settings.mode} upright={settings.upright} unfilled={settings.unfilled} length={settings.length} look={look} />
        {settings.values !== "hidden" && (
          <div className={classes.value} style={{ color: ink, fontSize: settings.valueSize, ...(!settings.upright && { width: settings.valueWidth }) }}>
            <LinkedValue links={links}>{joinValue(display)}</LinkedValue>
          </div>
        )}
      </div>
    </div>
  );
}
