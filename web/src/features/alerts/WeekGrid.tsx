import type { TimeInterval } from "../../api/alertdesk";
import { besides, days, weekOf } from "./week";
import classes from "./routing.module.css";

/** The hours of a week that a named interval covers. */
export function WeekGrid({ name, intervals }: { name: string; intervals: readonly TimeInterval[] }) {
  const week = weekOf(intervals);
  return (
    <div className={classes.week}>
      <div>
        <b>{name}</b> <span className={classes.muted}>{besides(intervals).join(" · ")}</span>
      </div>
      <div className={classes.grid} role="img" aria-label={`${name}: ${days.map((day, column) => `${day} ${hoursText(week[column] ?? [])}`).join("; ")}`}>
        {days.map((day, column) => (
          <div key={day} className={classes.day}>
            <span className={classes.dayName}>{day.slice(0, 3)}</span>
            {(week[column] ?? []).map((part, hour) => (
              // The hours of a day never change places.
              // oxlint-disable-next-line react/no-array-index-key
              <span key={hour} className={classes.hour} style={{ opacity: part === 0 ? undefined : 0.35 + part * 0.65 }} data-on={part > 0 || undefined} title={`${day} ${hour}:00`} />
            ))}
          </div>
        ))}
        <div className={classes.hours}>
          <span>0</span>
          <span>6</span>
          <span>12</span>
          <span>18</span>
          <span>24 h</span>
        </div>
      </div>
    </div>
  );
}

function hoursText(hours: readonly number[]): string {
  const out: string[] = [];
  let from = -1;
  [...hours, 0].forEach((part, hour) => {
    if (part > 0 && from < 0) from = hour;
    if (part === 0 && from >= 0) {
      out.push(`${from} to ${hour}`);
      from = -1;
    }
  });
  return out.length === 0 ? "never" : out.join(" and ");
}
