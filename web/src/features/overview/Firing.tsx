import { Link } from "@tanstack/react-router";

import { AlertState } from "../../components/AlertState";
import { Panel } from "../../components/Panel";
import { Empty, Failure, Loading } from "../../components/status";
import { sortAlerts } from "../../lib/alerts";
import { formatLabels } from "../../lib/labels";
import { logsPlace, tracesPlace } from "../../lib/links";
import { errorLogsOf, failedTracesOf, serviceOf } from "../../lib/service";
import { age } from "../../lib/timeFormat";
import { group } from "../../lib/units";
import { MuteMenu } from "./MuteMenu";
import { useActiveAlerts } from "./useActiveAlerts";
import classes from "./overview.module.css";

// In a storm of thousands the gravest are what one can take in, and what a browser can draw.
const most = 50;

/** What fires and what is about to. */
export function Firing() {
  const alerts = useActiveAlerts();
  return (
    <Panel title="Firing now" flush of={alerts} actions={<Link to="/alerts">All alerts</Link>}>
      {alerts.isPending ? (
        <Loading height={96} what="alerts" />
      ) : alerts.isError ? (
        <div className={classes.padded}>
          <Failure error={alerts.error} retry={alerts.refetch} what="Asking for alerts" />
        </div>
      ) : alerts.data.length === 0 ? (
        <Empty title="Nothing fires" hint="No alerting rule is pending or firing." height={96} />
      ) : (
        <ul className={classes.firing} aria-label="Active alerts">
          {sortAlerts(alerts.data).slice(0, most).map((alert) => (
            <li key={formatLabels(alert.labels)} className={classes.item}>
              <div className={classes.itemHead}>
                <AlertState state={alert.state} severity={alert.labels.severity} />
                <Link to="/alerts" search={{ filter: alert.labels.alertname ?? "" }} className={classes.strong}>
                  {alert.labels.alertname}
                </Link>
                <span>{serviceOf(alert.labels)}</span>
                <span className={classes.when}>{alert.activeAt ? age(Date.parse(alert.activeAt), Date.now()) : ""}</span>
              </div>
              <div className={classes.itemHead}>
                <Link to="/alerts" search={{ filter: `alertname=${alert.labels.alertname ?? ""}`, open: formatLabels(alert.labels) }}>
                  Evidence
                </Link>
                {alert.state === "firing" && <MuteMenu name={alert.labels.alertname ?? ""} labels={alert.labels} />}
                {serviceOf(alert.labels) && <Link {...logsPlace(errorLogsOf(serviceOf(alert.labels)))}>Logs</Link>}
                {serviceOf(alert.labels) && <Link {...tracesPlace(failedTracesOf(serviceOf(alert.labels)))}>Traces</Link>}
              </div>
              {alert.annotations.summary && <div className={classes.text}>{alert.annotations.summary}</div>}
            </li>
          ))}
          {alerts.data.length > most && (
            <li className={classes.item}>
              <Link to="/alerts">
                and {group(alerts.data.length - most)} more
              </Link>
            </li>
          )}
        </ul>
      )}
    </Panel>
  );
}
