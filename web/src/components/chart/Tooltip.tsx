import type { Aligned } from "../../lib/align";
import type { Stroke } from "../../lib/colour";
import { formatTime } from "../../lib/timeFormat";
import { formatValue } from "../../lib/units";
import { Swatch } from "./Swatch";
import classes from "./chart.module.css";

/** Where the pointer is over a plot. */
export interface Hover {
  /** Into the times of the data. */
  index: number;
  /** Pixels from the plot's corner. */
  left: number;
  top: number;
  /** The y scale's value under the pointer. */
  value: number;
}

interface TooltipProps {
  hover: Hover;
  aligned: Aligned;
  names: readonly string[];
  shown: readonly boolean[];
  strokes: readonly Stroke[];
  unit: string;
  zone: string;
  /** Of the plot, in pixels: decides the side. */
  width: number;
}

const maxRows = 12;

/** The values under the crosshair, largest first, the one nearest the pointer in bold. */
export function Tooltip({ hover, aligned, names, shown, strokes, unit, zone, width }: TooltipProps) {
  const time = aligned.times[hover.index];
  if (time === undefined) return null;
  const rows = aligned.columns.flatMap((column, series) => {
    const value = column[hover.index];
    return shown[series] && value !== null && value !== undefined ? [{ series, value }] : [];
  });
  if (rows.length === 0) return null;
  rows.sort((a, b) => b.value - a.value);
  const nearest = rows.reduce((best, row) => (Math.abs(row.value - hover.value) < Math.abs(best.value - hover.value) ? row : best));
  const first = Math.max(0, Math.min(rows.indexOf(nearest) - Math.floor(maxRows / 2), rows.length - maxRows));
  const side = hover.left > width / 2 ? { right: width - hover.left + 12 } : { left: hover.left + 12 };
  return (
    <div className={classes.tooltip} style={{ top: 8, ...side }}>
      <div className={classes.tooltipTime}>{formatTime(time * 1000, zone)}</div>
      {rows.slice(first, first + maxRows).map((row) => (
        <div key={row.series} className={classes.tooltipRow} data-nearest={row === nearest || undefined}>
          <Swatch stroke={strokes[row.series]} />
          <span className={classes.tooltipName}>{names[row.series]}</span>
          <span className={classes.number}>{formatValue(row.value, unit)}</span>
        </div>
      ))}
      {rows.length > maxRows && <div className={classes.tooltipTime}>{rows.length - maxRows} more</div>}
    </div>
  );
}
