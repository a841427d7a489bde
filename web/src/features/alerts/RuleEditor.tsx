import { Autocomplete, Button, Modal, SegmentedControl, Select, Switch, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";

import { ownGroup, saveGroup, type OwnGroup, type RuleGroup } from "../../api/rules";
import { QueryEditor } from "../../components/editor/QueryEditor";
import { useTime } from "../../components/time/TimeContext";
import { parseDuration } from "../../lib/duration";
import type { Labels } from "../../lib/labels";
import { parseLabels } from "../../lib/matchers";
import { durationText, ruleYaml, type GroupText } from "../../lib/ruleText";
import { counted } from "../../lib/units";
import { AlertFields, AlertPreview } from "./AlertFields";
import { EvidenceGraph, type Signal } from "./EvidenceGraph";
import { FormEnd } from "./FormEnd";
import { emptyRule, groupText, keptKeys, ruleOf, type RuleDraft } from "./ruleDraft";
import classes from "./alerts.module.css";

const kinds = [
  { value: "alert", label: "Alerting rule" },
  { value: "record", label: "Recording rule" },
];
const signals = [
  { value: "metrics", label: "Metrics (PromQL)" },
  { value: "logs", label: "Logs (LogQL)" },
  { value: "traces", label: "Traces (TraceQL)" },
];
const languages = { metrics: "promql", logs: "logql", traces: "traceql" } as const;
const words = {
  alert: { rule: "alerting rule", name: "HighErrorRatio", means: "Fires for each series of", expr: "sum by (job) (rate(errors_total[5m])) > 1", labels: "severity=critical, team=shop" },
  record: { rule: "recording rule", name: "job:errors:rate5m", means: "Records the series of", expr: "sum by (job) (rate(errors_total[5m]))", labels: "team=shop" },
} as const;

/** The rule to change and the group that it is in. */
export interface EditedRule {
  own: OwnGroup;
  group: RuleGroup;
  index: number;
}

interface RuleEditorProps {
  /** Undefined for a new rule. */
  of: EditedRule | undefined;
  fresh?: Partial<RuleDraft>;
  /** All groups there are: a new rule may join one that was made here. */
  groups: readonly RuleGroup[];
  onClose: () => void;
}

/** Makes an alerting or a recording rule, or changes one that came through the API. Shows what it measures, and what it would have done. */
export function RuleEditor({ of, fresh, groups, onClose }: RuleEditorProps) {
  const { range } = useTime();
  const client = useQueryClient();
  const [draft, setDraft] = useState<RuleDraft>(() => (of ? ruleOf(of.group, of.index) : { ...emptyRule, ...fresh }));
  const [shown, setShown] = useState(draft.expr);
  const [yaml, setYaml] = useState(false);
  const put = (patch: Partial<RuleDraft>): void => setDraft((before) => ({ ...before, ...patch }));
  const own: OwnGroup = of?.own ?? { place: draft.signal === "logs" ? "logs" : "metrics", namespace: "page" };
  const joins = of ? undefined : neighbours(groups, own).find(({ name }) => name === (draft.group.trim() || draft.name.trim()));

  const labels = parseLabels(draft.labels);
  const group: GroupText = groupText(of?.group ?? joins, of?.index, draft, labels ?? {});
  const fault = faultOf(draft, labels) || (joins && (joins.signal ?? "metrics") !== draft.signal ? `The group ${joins.name} is about ${joins.signal ?? "metrics"}; name another.` : "");
  const save = useMutation({
    mutationFn: async () => {
      const whole = of?.group ?? joins;
      await saveGroup(own, whole ? { ...(await keptKeys(own, whole.name)), ...group } : group);
    },
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ["rules"] });
      onClose();
    },
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (fault === "") save.mutate();
  };
  const word = words[draft.kind];
  const joined = (name: string): Partial<RuleDraft> => {
    const found = neighbours(groups, own).find((one) => one.name === name.trim());
    return found ? { interval: durationText(found.interval) } : {};
  };

  return (
    <Modal opened onClose={onClose} title={of ? `Change ${ruleOf(of.group, of.index).name}` : `New ${word.rule}`} size="xl" closeOnEscape={false} closeOnClickOutside={false}>
      <form className={classes.form} onSubmit={submit}>
        {!of && (
          <SegmentedControl
            aria-label="Kind of rule"
            size="xs"
            data={kinds}
            value={draft.kind}
            // A label of how grave it is goes with what fires only.
            onChange={(kind) => put({ kind: kind as RuleDraft["kind"], labels: draft.labels === emptyRule.labels || draft.labels === "" ? (kind === "alert" ? emptyRule.labels : "") : draft.labels })}
          />
        )}
        <div className={classes.fields}>
          <TextInput label="Name" placeholder={word.name} data-autofocus value={draft.name} onChange={(event) => put({ name: event.currentTarget.value })} />
          <Select label="About" data={signals} allowDeselect={false} disabled={of !== undefined} value={draft.signal} onChange={(value) => put({ signal: (value ?? "metrics") as Signal })} />
        </div>
        <div>
          <div className={classes.label}>{word.means}</div>
          <QueryEditor language={languages[draft.signal]} label="Expression" placeholder={word.expr} value={draft.expr} onChange={(edited) => put({ expr: edited })} onRun={setShown} />
        </div>
        <div className={classes.fields}>
          <Autocomplete
            label="Group"
            description={joins ? `Joins ${counted(joins.rules.length, "rule")}, which are evaluated one after the other` : "Its rules are evaluated one after the other"}
            placeholder={draft.name.trim() || "its own"}
            disabled={of !== undefined}
            data={neighbours(groups, own).flatMap(({ name, signal = "metrics" }) => (signal === draft.signal ? [name] : []))}
            value={draft.group}
            onChange={(name) => put({ group: name, ...joined(name) })}
          />
          <TextInput label="Evaluated every" description="With its group" value={draft.interval} onChange={(event) => put({ interval: event.currentTarget.value })} />
        </div>
        <TextInput label="Labels" placeholder={word.labels} value={draft.labels} error={labels === undefined ? "Labels are written as name=value, name=value." : undefined} onChange={(event) => put({ labels: event.currentTarget.value })} />
        {draft.kind === "alert" && <AlertFields draft={draft} put={put} />}

        <div className={classes.actions}>
          <Button size="compact-sm" variant="default" disabled={draft.expr.trim() === ""} onClick={() => setShown(draft.expr.trim())}>
            Preview
          </Button>
          <Switch size="xs" label="As YAML" checked={yaml} onChange={(event) => setYaml(event.currentTarget.checked)} />
        </div>
        {shown !== "" && <EvidenceGraph name={draft.name || "the rule"} expression={shown} signal={draft.signal} range={range} height={140} records={draft.kind === "record"} />}
        {draft.kind === "alert" && <AlertPreview draft={draft} shown={shown} labels={labels} />}
        {yaml && <pre className={classes.yaml}>{ruleYaml(group)}</pre>}

        <FormEnd action="Save" fault={fault} save={save} onClose={onClose} />
      </form>
    </Modal>
  );
}

/** The groups that are kept beside a rule of `own`. */
function neighbours(groups: readonly RuleGroup[], { place, namespace }: OwnGroup): RuleGroup[] {
  return groups.filter(({ file }) => {
    const one = ownGroup(file);
    return one?.place === place && one.namespace === namespace;
  });
}

function faultOf(draft: RuleDraft, labels: Labels | undefined): string {
  if (draft.name.trim() === "") return "The rule has no name.";
  if (draft.expr.trim() === "") return "The rule has no expression.";
  for (const text of [draft.interval, ...(draft.kind === "alert" ? [draft.for, draft.keepFiringFor] : [])]) {
    if (text.trim() !== "" && parseDuration(text.trim()) === undefined) return `"${text}" is no duration; write 30s, 5m or 1h30m.`;
  }
  return labels === undefined ? "The labels cannot be read." : "";
}
