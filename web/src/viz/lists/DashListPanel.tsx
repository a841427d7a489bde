import { str } from "../../lib/dashboard/json";
import { ValueLink } from "../FieldLinks";
import { NoData } from "../NoData";
import type { PanelProps } from "../panel";
import classes from "./lists.module.css";
import { frameRows, textsOf } from "./rows";

/** Links to dashboards. */
export function DashListPanel({ frames, options }: PanelProps) {
  const rows = frameRows(frames);
  if (rows.length === 0) return <NoData>No dashboards</NoData>;
  return (
    <ul className={classes.list} aria-label="Dashboards">
      {rows.map((row) => (
        <li key={str(row("uid"))} className={classes.entry}>
          <ValueLink className={classes.main} link={{ title: str(row("title")), href: str(row("url")), local: true, newTab: false }} />
          {options.showFolderNames !== false && str(row("folder")) !== "" && <span className={classes.note}>{str(row("folder"))}</span>}
          {textsOf(row("tags")).map((tag) => (
            <span key={tag} className={classes.tag}>
              {tag}
            </span>
          ))}
          {row("starred") === true && (
            <span className={classes.note} role="img" aria-label="Starred">
              ★
            </span>
          )}
        </li>
      ))}
    </ul>
  );
}
