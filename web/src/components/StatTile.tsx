import type { ReactNode } from "react";

import classes from "./StatTile.module.css";

interface StatTileProps {
  title: ReactNode;
  /** The number, with its unit. */
  value: ReactNode;
  /** Below the number: what it is made of. */
  note?: ReactNode;
  /** A theme token's name for the number, where it tells a state. */
  token?: string;
  /** The course of the number. */
  trend?: ReactNode;
}

/** One number that matters. */
export function StatTile({ title, value, note, token, trend }: StatTileProps) {
  return (
    <div className={classes.tile} role="group" aria-label={typeof title === "string" ? title : undefined}>
      <div className={classes.title}>{title}</div>
      <div className={classes.row}>
        <span className={classes.value} style={token ? { color: `var(--o-${token})` } : undefined}>
          {value}
        </span>
        {trend}
      </div>
      <div className={classes.note}>{note}</div>
    </div>
  );
}
