import { ActionIcon } from "@mantine/core";
import IconCopy from "@tabler/icons-react/dist/esm/icons/IconCopy.mjs";
import IconX from "@tabler/icons-react/dist/esm/icons/IconX.mjs";
import { useEffect, useEffectEvent, type ReactNode } from "react";

import type { Aligned } from "../../lib/align";
import type { Stroke } from "../../lib/colour";
import { formatTime } from "../../lib/timeFormat";
import { formatValue } from "../../lib/units";
import { announce } from "../announce";
import { copyText } from "../clipboard";
import { Swatch } from "./Swatch";
import classes from "./chart.module.css";

/** Where the pointer is over a plot. */
export interface Hover {
  /** Into the times of the data. */
  index: number;
  /** Pixels from the plot's corner. */
  left: number;
  top: number;
  /** How far from the pointer a value of a series is drawn, in pixels. */
  away: (series: number, value: number) => number;
}

interface TooltipProps {
  hover: Hover;
  aligned: Aligned;
  names: readonly string[];
  shown: readonly boolean[];
  strokes: readonly Stroke[];
  /** Of each series. */
  units: readonly string[];
  zone: string;
  /** Of the plot, in pixels: decides the side. */
  width: number;
  /** It stays where it is and can be used: all values, each with what more there is to do with it. */
  pinned?: { menu: ((index: number) => ReactNode) | undefined; onClose: () => void } | undefined;
}

const maxRows = 12;

/** The values under the crosshair, largest first, the one nearest the pointer in bold. */
export function Tooltip({ hover, aligned, names, shown, strokes, units, zone, width, pinned }: TooltipProps) {
  const close = useEffectEvent(() => pinned?.onClose());
  const isPinned = pinned !== undefined;
  useEffect(() => {
    if (!isPinned) return undefined;
    const onKey = (event: KeyboardEvent): void => {
      if (event.key !== "Escape" || (event.target instanceof HTMLElement && event.target.closest("[role='menu']"))) return;
      // It closes before what else Esc closes on the page.
      event.stopImmediatePropagation();
      close();
    };
    window.addEventListener("keydown", onKey, { capture: true });
    return () => window.removeEventListener("keydown", onKey, { capture: true });
  }, [isPinned]);
  const time = aligned.times[hover.index];
  if (time === undefined) return null;
  const rows = aligned.columns.flatMap((column, series) => {
    const value = column[hover.index];
    return shown[series] && value !== null && value !== undefined ? [{ series, value }] : [];
  });
  if (rows.length === 0) return null;
  rows.sort((a, b) => b.value - a.value);
  const nearest = rows.reduce((best, row) => (hover.away(row.series, row.value) < hover.away(best.series, best.value) ? row : best));
  const first = Math.max(0, Math.min(rows.indexOf(nearest) - Math.floor(maxRows / 2), rows.length - maxRows));
  const side = hover.left > width / 2 ? { right: width - hover.left + 12 } : { left: hover.left + 12 };
  const shownRows = pinned ? rows : rows.slice(first, first + maxRows);
  const text = (): string => [formatTime(time * 1000, zone), ...rows.map(({ series, value }) => `${names[series] ?? ""}\t${value}`)].join("\n");
  return (
    <div className={classes.tooltip} style={{ top: 8, ...side }} data-pinned={isPinned || undefined} role={isPinned ? "dialog" : undefined} aria-label={isPinned ? "Values" : undefined}>
      <div className={classes.tooltipTime}>
        {formatTime(time * 1000, zone)}
        {pinned && (
          <span className={classes.tooltipTools}>
            <ActionIcon size="xs" variant="subtle" aria-label="Copy the values" onClick={() => void copyText(text()).then(() => announce("Values copied."))}>
              <IconCopy size={12} />
            </ActionIcon>
            <ActionIcon size="xs" variant="subtle" aria-label="Let go (Esc)" onClick={pinned.onClose}>
              <IconX size={12} />
            </ActionIcon>
          </span>
        )}
      </div>
      {shownRows.map((row) => (
        <div key={row.series} className={classes.tooltipRow} data-nearest={row === nearest || undefined}>
          <Swatch stroke={strokes[row.series]} />
          <span className={classes.tooltipName}>{names[row.series]}</span>
          <span className={classes.number}>{formatValue(row.value, units[row.series])}</span>
          {pinned?.menu?.(row.series)}
        </div>
      ))}
      {rows.length > shownRows.length && <div className={classes.tooltipTime}>{rows.length - shownRows.length} more</div>}
    </div>
  );
}
