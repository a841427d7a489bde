import type { Rule, RuleGroup } from "../../api/rules";
import { AlertState } from "../../components/AlertState";
import { LabelPills } from "../../components/LabelPills";
import { Panel } from "../../components/Panel";
import { StateBadge } from "../../components/StateBadge";
import { Empty } from "../../components/status";
import { age } from "../../lib/timeFormat";
import { formatValue } from "../../lib/units";
import { RuleLink } from "./RuleLink";
import classes from "./alerts.module.css";

/** The rules by group, each with its state and expression. */
export function RuleList({ groups }: { groups: readonly RuleGroup[] }) {
  if (groups.length === 0) return <Empty title="No rule matches" hint="Clear the filter to see all." height={240} />;
  return groups.map((group) => (
    <Panel
      key={`${group.file} ${group.name}`}
      title={group.name}
      flush
      actions={
        <span className={classes.muted}>
          {group.file} · every {formatValue(group.interval, "s")} · {evaluated(group.lastEvaluation, group.evaluationTime)}
        </span>
      }
    >
      <ul className={classes.list} aria-label={`Rules of ${group.name}`}>
        {group.rules.map((rule) => (
          <li key={`${rule.type} ${rule.name} ${rule.query}`} className={classes.rule}>
            <RuleRow rule={rule} />
          </li>
        ))}
      </ul>
    </Panel>
  ));
}

function RuleRow({ rule }: { rule: Rule }) {
  const alerting = rule.type === "alerting";
  return (
    <>
      <div className={classes.cardHead}>
        {rule.health === "err" ? (
          <StateBadge tone="error">failing</StateBadge>
        ) : alerting ? (
          <AlertState state={rule.state} severity={rule.labels?.severity} />
        ) : (
          <StateBadge tone="muted">records</StateBadge>
        )}
        <strong>{rule.name}</strong>
        {alerting && rule.duration > 0 && <span className={classes.muted}>for {formatValue(rule.duration, "s")}</span>}
        {alerting && rule.alerts.length > 0 && <span className={classes.muted}>{rule.alerts.length} active</span>}
        {rule.labels && <LabelPills labels={rule.labels} />}
        <span className={classes.value}>
          <RuleLink rule={rule} />
        </span>
      </div>
      <code className={classes.expression}>{rule.query}</code>
      {rule.lastError && (
        <div className={classes.error} role="alert">
          {rule.lastError}
        </div>
      )}
    </>
  );
}

function evaluated(last: string | undefined, seconds: number | undefined): string {
  const at = Date.parse(last ?? "");
  // Go's zero time stands for "never".
  if (!Number.isFinite(at) || at <= 0) return "not evaluated yet";
  return `evaluated ${age(at, Date.now())} in ${formatValue(seconds, "s")}`;
}
