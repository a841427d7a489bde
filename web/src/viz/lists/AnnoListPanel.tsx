import { num, str } from "../../lib/dashboard/json";
import { formatTime } from "../../lib/timeFormat";
import { useLook } from "../look";
import { NoData } from "../NoData";
import type { PanelProps } from "../panel";
import classes from "./lists.module.css";
import { frameRows, textsOf } from "./rows";

/** What was noted of this time, newest first. */
export function AnnoListPanel({ frames, options, timeZone }: PanelProps) {
  const { zone } = useLook(timeZone);
  const rows = frameRows(frames).toSorted((a, b) => Number(b("time")) - Number(a("time")));
  if (rows.length === 0) return <NoData>No annotations</NoData>;
  return (
    <ul className={classes.list} aria-label="Annotations">
      {rows.slice(0, num(options.limit) ?? 10).map((row) => (
        <li key={`${String(row("time"))} ${str(row("title"))} ${str(row("text"))}`} className={classes.entry}>
          <time className={classes.note}>{formatTime(Number(row("time")), zone)}</time>
          <span className={classes.main}>{[str(row("title")), str(row("text"))].filter((text) => text !== "").join(": ")}</span>
          {options.showTags !== false &&
            textsOf(row("tags")).map((tag) => (
              <span key={tag} className={classes.tag}>
                {tag}
              </span>
            ))}
        </li>
      ))}
    </ul>
  );
}
