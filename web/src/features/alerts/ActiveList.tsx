import { Link } from "@tanstack/react-router";

import type { ActiveAlert } from "../../api/rules";
import { AlertState } from "../../components/AlertState";
import { LabelPills } from "../../components/LabelPills";
import { Panel } from "../../components/Panel";
import { Empty } from "../../components/status";
import { useTime } from "../../components/time/TimeContext";
import { splitComparison } from "../../lib/alerts";
import { formatLabels } from "../../lib/labels";
import { logsPlace, tracesPlace } from "../../lib/links";
import { logsOf, serviceOf, tracesOf } from "../../lib/service";
import { age, formatTime } from "../../lib/timeFormat";
import { formatValue } from "../../lib/units";
import { AlertGraph } from "./AlertGraph";
import type { AlertingRule } from "./filter";
import { RuleLink } from "./RuleLink";
import classes from "./alerts.module.css";

/** Firing and pending alerts by rule: what the rule looks at, drawn, and the ways to the evidence of each alert. */
export function ActiveList({ rules, filtered }: { rules: readonly AlertingRule[]; filtered: boolean }) {
  if (rules.length === 0) {
    return filtered ? (
      <Empty title="No active alert matches" hint="Clear the filter to see all." height={240} />
    ) : (
      <Empty title="Nothing fires" hint="No alerting rule is pending or firing now." height={240} />
    );
  }
  return rules.map((rule) => (
    <Panel
      key={`${rule.name} ${rule.query}`}
      title={rule.name}
      flush
      actions={<RuleLink rule={rule} query={rule.signal ? rule.query : (splitComparison(rule.query)?.value ?? rule.query)} />}
    >
      <code className={classes.expression}>{rule.query}</code>
      {rule.signal === undefined && <AlertGraph rule={rule} />}
      <ul className={classes.list} aria-label={`Alerts of ${rule.name}`}>
        {rule.alerts.map((alert) => (
          <li key={formatLabels(alert.labels)} className={classes.rule}>
            <Alert alert={alert} />
          </li>
        ))}
      </ul>
    </Panel>
  ));
}

function Alert({ alert }: { alert: ActiveAlert }) {
  const { zone } = useTime();
  const { summary, description, runbook_url: runbook } = alert.annotations;
  const since = Date.parse(alert.activeAt ?? "");
  const service = serviceOf(alert.labels);
  return (
    <>
      <div className={classes.cardHead}>
        <AlertState state={alert.state} severity={alert.labels.severity} />
        <strong>{summary ?? formatLabels(alert.labels)}</strong>
        {Number.isFinite(since) && (
          <span className={classes.muted} title={formatTime(since, zone)}>
            {age(since, Date.now())}
          </span>
        )}
        <span className={classes.value}>
          value <b>{formatValue(Number(alert.value))}</b>
        </span>
      </div>
      {description && <div className={classes.muted}>{description}</div>}
      <div className={classes.cardHead}>
        <LabelPills labels={alert.labels} omit={["alertname"]} />
        <span className={classes.links}>
          {service && <Link {...logsPlace(logsOf(service))}>Logs of {service}</Link>}
          {service && <Link {...tracesPlace(tracesOf(service))}>Traces of {service}</Link>}
          {runbook && /^https?:/.test(runbook) && (
            <a href={runbook} rel="noopener noreferrer" target="_blank">
              Runbook
            </a>
          )}
        </span>
      </div>
    </>
  );
}
