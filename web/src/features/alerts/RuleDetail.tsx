import { Button } from "@mantine/core";
import { useState } from "react";

import type { OwnGroup, Rule, RuleGroup } from "../../api/rules";
import { AlertState } from "../../components/AlertState";
import { KeyValue } from "../../components/KeyValue";
import { LabelPills } from "../../components/LabelPills";
import { useTime } from "../../components/time/TimeContext";
import { ruleUnit } from "../../lib/alerts";
import { durationText, ruleYaml } from "../../lib/ruleText";
import { age, formatTime } from "../../lib/timeFormat";
import { formatValue } from "../../lib/units";
import { Backtest } from "./Backtest";
import { EvidenceGraph } from "./EvidenceGraph";
import { Texts } from "./Texts";
import { RemoveRule } from "./Removal";
import { wholeText } from "./ruleDraft";
import type { EditedRule } from "./RuleEditor";
import classes from "./alerts.module.css";

interface RuleDetailProps {
  /** Whole, also where a filter hides rules of it. */
  group: RuleGroup;
  index: number;
  rule: Rule;
  own: OwnGroup | undefined;
  onEdit: (edited: EditedRule) => void;
}

/** A rule's graph over the page's range, its series now, its texts as they come out, and what it would have done. */
export function RuleDetail({ group, index, rule, own, onEdit }: RuleDetailProps) {
  const { range, zone } = useTime();
  const [yaml, setYaml] = useState(false);
  const signal = rule.signal ?? "metrics";
  const alerting = rule.type === "alerting";
  return (
    <div className={classes.evidence}>
      <div className={classes.actions}>
        {own && (
          <Button size="compact-sm" variant="default" onClick={() => onEdit({ own, group, index })}>
            Edit
          </Button>
        )}
        {own && <RemoveRule own={own} group={group} index={index} rule={rule} />}
        {!own && <span className={classes.muted}>Read-only: it stands in {group.file}.</span>}
        <button type="button" className={classes.textButton} aria-expanded={yaml} onClick={() => setYaml(!yaml)}>
          {yaml ? "Hide YAML" : "YAML"}
        </button>
      </div>
      {yaml && <pre className={classes.yaml}>{ruleYaml(wholeText(group, (at) => at === index))}</pre>}
      <EvidenceGraph name={rule.name} expression={rule.query} signal={signal} range={range} records={!alerting} />
      {alerting && rule.alerts.length > 0 && (
        <ul className={classes.list} aria-label={`Series of ${rule.name}`}>
          {rule.alerts.map((alert) => (
            <li key={JSON.stringify(alert.labels)} className={classes.rule}>
              <div className={classes.cardHead}>
                <AlertState state={alert.state} severity={alert.labels.severity} />
                <span>{alert.annotations.summary}</span>
                {alert.activeAt !== undefined && (
                  <span className={classes.muted} title={formatTime(Date.parse(alert.activeAt), zone)}>
                    {age(Date.parse(alert.activeAt), Date.now())}
                  </span>
                )}
                <span className={classes.value}>
                  value <b>{formatValue(Number(alert.value), ruleUnit(rule.query))}</b>
                </span>
              </div>
              <LabelPills labels={alert.labels} omit={["alertname"]} />
              <Texts annotations={alert.annotations} omit="summary" />
            </li>
          ))}
        </ul>
      )}
      {alerting && (
        <>
          <KeyValue
            mono={false}
            pairs={[
              ...(rule.duration > 0 ? [{ key: "for", value: durationText(rule.duration) }] : []),
              ...(rule.keepFiringFor ? [{ key: "keep_firing_for", value: durationText(rule.keepFiringFor) }] : []),
              ...Object.entries(rule.annotations ?? {}).map(([key, value]) => ({ key, value })),
            ]}
          />
          <Backtest of={{ expr: rule.query, for: durationText(rule.duration), keep_firing_for: durationText(rule.keepFiringFor ?? 0), labels: {}, signal }} />
        </>
      )}
    </div>
  );
}
