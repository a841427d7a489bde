import { axisLabels } from "../../lib/timeFormat";
import type { PanelRange } from "../panel";
import { timeTicks } from "./ticks";
import classes from "./axis.module.css";

interface TimeAxisProps {
  range: PanelRange;
  zone: string;
  /** Pixels of the axis, and where it begins. */
  width: number;
  left: number;
}

/** Labels of time below a drawing that is no chart of lines. */
export function TimeAxis({ range, zone, width, left }: TimeAxisProps) {
  const ticks = timeTicks(range.from, range.to, Math.max(Math.floor(width / 64), 1));
  const texts = axisLabels(ticks, zone);
  return (
    <div className={classes.time} style={{ marginLeft: left, width }} aria-hidden="true">
      {ticks.map((tick, index) => (
        <span key={tick} style={{ left: `${((tick * 1000 - range.from) / (range.to - range.from)) * 100}%` }}>
          {texts[index]}
        </span>
      ))}
    </div>
  );
}
