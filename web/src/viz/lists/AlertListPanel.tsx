import { AlertState } from "../../components/AlertState";
import { LabelPills } from "../../components/LabelPills";
import { num, obj, str } from "../../lib/dashboard/json";
import { age, formatTime } from "../../lib/timeFormat";
import { ValueLink } from "../FieldLinks";
import { useLook } from "../look";
import { NoData } from "../NoData";
import type { PanelProps } from "../panel";
import { chooseAlerts } from "./alerts";
import classes from "./lists.module.css";
import { frameRows } from "./rows";

const place = { title: "Alerts", href: "/alerts", local: true, newTab: false };

/** Alerts that are active now, those that matter most first. */
export function AlertListPanel({ frames, options, range, timeZone, interpolate }: PanelProps) {
  const { zone } = useLook(timeZone);
  const alerts = chooseAlerts(frameRows(frames), options, interpolate);
  if (alerts.length === 0) return <NoData>No active alerts</NoData>;
  if (str(options.viewMode) === "stat") return <div className={classes.count}>{alerts.length}</div>;
  return (
    <ul className={classes.list} aria-label="Alerts">
      {alerts.slice(0, num(options.maxItems) ?? 20).map((alert) => (
        <li key={alert.key} className={classes.entry}>
          <AlertState state={alert.state} severity={alert.labels.severity} />
          <ValueLink className={classes.main} link={{ ...place, title: alert.name }} />
          {alert.summary !== "" && <span className={classes.note}>{alert.summary}</span>}
          {obj(options).showInstances !== false && <LabelPills labels={alert.labels} omit={["alertname", "severity"]} />}
          {alert.since !== undefined && (
            <span className={classes.note} title={formatTime(alert.since, zone)}>
              {age(alert.since, range.to)}
            </span>
          )}
        </li>
      ))}
    </ul>
  );
}
