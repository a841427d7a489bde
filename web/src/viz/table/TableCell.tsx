import type { CSSProperties } from "react";

import { backgroundOf, readable, translucent } from "../../lib/dashboard/colour";
import type { DisplayValue, FieldRange, Look } from "../../lib/dashboard/display";
import { jsonText } from "../../lib/dashboard/displayJson";
import type { FieldLink } from "../../lib/dashboard/displayLinks";
import type { Cell, Field } from "../../lib/dashboard/frame";
import { trendOf } from "../../lib/dashboard/transformSeries";
import { joinValue } from "../../lib/units";
import { Bar } from "../bargauge/Bar";
import { ValueLink } from "../FieldLinks";
import { LinkedValue } from "../LinkedValue";
import { Trend } from "../Trend";
import type { CellLook } from "./cells";
import classes from "./table.module.css";

interface TableCellProps {
  value: Cell;
  field: Field;
  display: DisplayValue;
  range: FieldRange;
  look: CellLook;
  scheme: Look;
  links: readonly FieldLink[];
}

const fallback = "#7F8998";

/** What stands in a cell. */
export function TableCell({ value, field, display, range, look, scheme, links }: TableCellProps) {
  const text = joinValue(display);
  const colour = display.colour ?? fallback;
  switch (look.kind) {
    case "color-text":
      return (
        <span style={{ color: readable(colour, scheme.scheme) }}>
          <LinkedValue links={links}>{text}</LinkedValue>
        </span>
      );
    case "gauge":
      return (
        <span className={classes.gauge}>
          <span className={classes.gaugeBar}>
            <Bar value={{ display, field, range, colour }} mode={look.mode === "lcd" || look.mode === "basic" ? look.mode : "gradient"} upright={false} unfilled length={120} look={scheme} />
          </span>
          {look.showsValue && <span style={{ color: readable(colour, scheme.scheme) }}>{text}</span>}
        </span>
      );
    case "sparkline": {
      const trend = trendOf(value);
      const times = trend?.fields.find((one) => one.type === "time");
      const values = trend?.fields.find((one) => one.type === "number");
      if (!values) return text;
      return (
        <span className={classes.trend}>
          <Trend times={times?.values ?? values.values.map((_, row) => row)} values={values.values} width={110} height={20} colour={display.colour ?? "var(--o-accent)"} min={field.config.min} max={field.config.max} />
          <span>{text}</span>
        </span>
      );
    }
    case "pill":
      return text === "" ? null : (
        <span className={classes.pill} style={display.colour ? { background: translucent(display.colour, 0.2) } : undefined}>
          {text}
        </span>
      );
    case "json-view":
      return (
        <code className={classes.json} title={documentText(value, 2)}>
          {documentText(value, 0)}
        </code>
      );
    case "data-links":
      return (
        <span className={classes.links}>
          {links.map((link) => (
            <ValueLink key={`${link.title} ${link.href}`} link={link} />
          ))}
        </span>
      );
    default:
      return (
        <LinkedValue links={links}>
          <span title={text.length > 24 ? text : undefined} data-linked={links.length > 0 || undefined} className={classes.text}>
            {text}
          </span>
        </LinkedValue>
      );
  }
}

function documentText(value: Cell, indent: number): string {
  return typeof value === "string" ? value : jsonText(value, indent);
}

/** The background of a cell that has one, with a colour of text that can be read on it. */
export function cellBackground(look: CellLook, display: DisplayValue): CSSProperties | undefined {
  if (look.kind !== "color-background" || display.colour === undefined) return undefined;
  const { fill, ink } = backgroundOf(display.colour);
  return look.mode === "basic" ? { background: fill, color: ink } : { background: `linear-gradient(90deg, ${fill}, ${translucent(fill, 0.82)})`, color: ink };
}
