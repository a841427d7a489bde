import type { ReactNode } from "react";

import type { TimeRange } from "../../lib/time";
import { formatTime } from "../../lib/timeFormat";
import classes from "./lanes.module.css";

/** A stretch of a lane; Unix milliseconds. */
export interface Period {
  from: number;
  to: number;
  level: "warn" | "error";
  title: string;
}

/** One row of the chart. */
export interface Lane {
  key: string;
  name: ReactNode;
  /** The name as text. */
  words: string;
  periods: readonly Period[];
  /** Moments, such as attempts to deliver. */
  dots?: readonly { at: number; level: "ok" | "warn" | "error" | "info"; title: string }[];
}

interface LanesProps {
  label: string;
  lanes: readonly Lane[];
  range: TimeRange;
  zone: string;
}

/** When what was the case: a row for each thing, a bar for each stretch of time. */
export function Lanes({ label, lanes, range, zone }: LanesProps) {
  const span = range.to - range.from;
  const at = (ms: number): number => Math.min(Math.max((ms - range.from) / span, 0), 1) * 100;
  const within = (ms: number): boolean => ms >= range.from && ms <= range.to;
  return (
    <div className={classes.chart} role="list" aria-label={label}>
      {lanes.map((lane) => (
        <div key={lane.key} role="listitem" className={classes.lane} aria-label={summary(lane)}>
          <div className={classes.name} title={lane.words}>
            {lane.name}
          </div>
          <div className={classes.track} aria-hidden="true">
            {lane.periods
              .filter((one) => one.to >= range.from && one.from <= range.to)
              .map((one) => (
                <span key={one.from} className={classes.bar} data-level={one.level} style={{ left: `${at(one.from)}%`, width: `${Math.max(at(one.to) - at(one.from), 0.2)}%` }} title={one.title} />
              ))}
            {lane.dots
              ?.filter((one) => within(one.at))
              .map((one) => <span key={`${one.at} ${one.title}`} className={classes.dot} data-level={one.level} style={{ left: `${at(one.at)}%` }} title={one.title} />)}
          </div>
        </div>
      ))}
      <div className={classes.axis} aria-hidden="true">
        <span>{formatTime(range.from, zone)}</span>
        <span>{formatTime(range.to, zone)}</span>
      </div>
    </div>
  );
}

function summary({ words, periods, dots = [] }: Lane): string {
  const bad = dots.filter((one) => one.level === "error" || one.level === "warn").length;
  const told = dots.length === 0 ? "" : `, ${dots.length} other events, ${bad} of them failures`;
  return `${words}: ${periods.filter((one) => one.level === "error").length} firing periods${told}`;
}
