import { Button, Select } from "@mantine/core";
import { useMemo, useState } from "react";

import { ownGroup, type OwnGroup, type Rule, type RuleGroup } from "../../api/rules";
import { AlertState } from "../../components/AlertState";
import { LabelPills } from "../../components/LabelPills";
import { StateBadge } from "../../components/StateBadge";
import { Empty } from "../../components/status";
import { age } from "../../lib/timeFormat";
import { formatValue } from "../../lib/units";
import { inState, type RuleState } from "./filter";
import { RemoveGroup } from "./Removal";
import { RuleDetail } from "./RuleDetail";
import type { RuleDraft } from "./ruleDraft";
import { RuleEditor, type EditedRule } from "./RuleEditor";
import { RuleLink } from "./RuleLink";
import { Sections, type Section } from "./Sections";
import classes from "./alerts.module.css";

interface RuleListProps {
  groups: readonly RuleGroup[];
  /** A rule is to be made of this at once, if it has an expression. */
  fresh: Pick<RuleDraft, "name" | "expr" | "signal">;
  /** With all their rules, also those that a filter hides: a change writes a group as a whole. */
  whole: readonly RuleGroup[];
  state: RuleState;
  onState: (state: RuleState) => void;
  /** Of the rule whose details are open: its group's file and name, and its place in there. */
  open: string;
  onOpen: (key: string) => void;
}

const states: { value: RuleState; label: string }[] = [
  { value: "any", label: "Any state" },
  { value: "firing", label: "Firing" },
  { value: "pending", label: "Pending" },
  { value: "inactive", label: "Inactive" },
  { value: "failing", label: "Failing" },
  { value: "recording", label: "Recording rules" },
];

/** The rules by group, each with its state, expression, and on demand its graph. */
export function RuleList({ groups, whole: all, state, onState, open, onOpen, fresh }: RuleListProps) {
  const [edited, setEdited] = useState<EditedRule | "new" | undefined>(fresh.expr === "" ? undefined : "new");
  const sections = useMemo(() => sectionsOf(inState(groups, state), all), [groups, state, all]);
  return (
    <>
      <div className={classes.tools}>
        <Select size="xs" className={classes.by} aria-label="State" allowDeselect={false} data={states} value={state} onChange={(value) => onState((value ?? "any") as RuleState)} />
        <Button size="compact-sm" onClick={() => setEdited("new")}>
          New rule
        </Button>
      </div>
      {sections.length === 0 && <Empty title="No rule matches" hint="Clear the filter to see all." height={240} />}
      <Sections label="Rules" sections={sections} rowKey={(row) => row.key}>
        {({ key, rule, whole, index, own }) => (
          <>
            <RuleRow rule={rule} open={open === key} onToggle={() => onOpen(open === key ? "" : key)} />
            {open === key && <RuleDetail group={whole} index={index} rule={rule} own={own} onEdit={setEdited} />}
          </>
        )}
      </Sections>
      {edited && <RuleEditor of={edited === "new" ? undefined : edited} fresh={fresh} groups={all} onClose={() => setEdited(undefined)} />}
    </>
  );
}

interface ListedRule {
  key: string;
  rule: Rule;
  whole: RuleGroup;
  index: number;
  own: OwnGroup | undefined;
}

/** The rules of some groups, each with its place in the group as a whole. */
function sectionsOf(shown: readonly RuleGroup[], all: readonly RuleGroup[]): Section<ListedRule>[] {
  const keyOf = ({ file, name }: RuleGroup): string => `${file} ${name}`;
  const wholes = new Map(all.map((group) => [keyOf(group), group]));
  return shown.map((group) => {
    const own = ownGroup(group.file);
    const whole = wholes.get(keyOf(group)) ?? group;
    const places = new Map(whole.rules.map((rule, index) => [rule, index]));
    const rows = group.rules.map((rule): ListedRule => {
      const index = places.get(rule) ?? -1;
      return { key: `${keyOf(group)} ${index}`, rule, whole, index, own };
    });
    return { key: keyOf(group), title: group.name, note: <GroupNote group={whole} own={own} />, label: `Rules of ${group.name}`, rows };
  });
}

function GroupNote({ group, own }: { group: RuleGroup; own: OwnGroup | undefined }) {
  return (
    <span className={classes.groupNote}>
      <span title={group.file}>{own ? `made here (${own.namespace})` : (group.file.split(/[\\/]/).at(-1) ?? "")}</span> · every {formatValue(group.interval, "s")} · {evaluated(group.lastEvaluation, group.evaluationTime)}
      {own && (
        <>
          {" · "}
          <RemoveGroup own={own} group={group} />
        </>
      )}
    </span>
  );
}

function RuleRow({ rule, open, onToggle }: { rule: Rule; open: boolean; onToggle: () => void }) {
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
        <span className={classes.links}>
          <button type="button" className={classes.textButton} aria-expanded={open} onClick={onToggle}>
            {open ? "Hide details" : "Details"}
          </button>
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
