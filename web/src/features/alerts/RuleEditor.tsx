import { Button, Modal, Select, Switch, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useMemo, useState, type FormEvent } from "react";

import { groupYaml, saveGroup, type OwnGroup, type RuleGroup } from "../../api/rules";
import { QueryEditor } from "../../components/editor/QueryEditor";
import { useTime } from "../../components/time/TimeContext";
import { parseDuration } from "../../lib/duration";
import type { Labels } from "../../lib/labels";
import { parseLabels } from "../../lib/matchers";
import { ruleYaml, type GroupText } from "../../lib/ruleText";
import { Backtest } from "./Backtest";
import { EvidenceGraph, type Signal } from "./EvidenceGraph";
import { annotationsOf, emptyRule, groupText, ruleOf, type RuleDraft } from "./ruleDraft";
import { FormEnd } from "./FormEnd";
import { TextPreview } from "./TextPreview";
import classes from "./alerts.module.css";

const signals = [
  { value: "metrics", label: "Metrics (PromQL)" },
  { value: "logs", label: "Logs (LogQL)" },
  { value: "traces", label: "Traces (TraceQL)" },
];
const languages = { metrics: "promql", logs: "logql", traces: "traceql" } as const;

/** The rule to change and the group that it is in. */
export interface EditedRule {
  own: OwnGroup;
  group: RuleGroup;
  index: number;
}

/** Makes an alerting rule, or changes one that came through the API. Shows what it measures and when it would have fired. */
export function RuleEditor({ of, fresh, onClose }: { of: EditedRule | undefined; fresh?: Partial<RuleDraft>; onClose: () => void }) {
  const { range } = useTime();
  const client = useQueryClient();
  const [draft, setDraft] = useState<RuleDraft>(() => (of ? ruleOf(of.group, of.index) : { ...emptyRule, ...fresh }));
  const [shown, setShown] = useState(draft.expr);
  const [texts] = useDebouncedValue(
    useMemo(() => annotationsOf(draft), [draft]),
    400,
  );
  const [yaml, setYaml] = useState(false);
  const put = (patch: Partial<RuleDraft>): void => setDraft((before) => ({ ...before, ...patch }));

  const labels = parseLabels(draft.labels);
  const group: GroupText = groupText(of?.group, of?.index, draft, labels ?? {});
  const fault = faultOf(draft, labels);
  const save = useMutation({
    mutationFn: async () => {
      const own = of?.own ?? { place: draft.signal === "logs" ? "logs" : "metrics", namespace: "page" };
      await saveGroup(own, of ? { ...(await keptKeys(of)), ...group } : group);
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

  return (
    <Modal opened onClose={onClose} title={of ? `Change ${draft.alert}` : "New alerting rule"} size="xl" closeOnEscape={false} closeOnClickOutside={false}>
      <form className={classes.form} onSubmit={submit}>
        <div className={classes.fields}>
          <TextInput label="Name" data-autofocus value={draft.alert} onChange={(event) => put({ alert: event.currentTarget.value })} />
          <Select label="About" data={signals} allowDeselect={false} disabled={of !== undefined} value={draft.signal} onChange={(value) => put({ signal: (value ?? "metrics") as Signal })} />
        </div>
        <div>
          <div className={classes.label}>Fires for each series of</div>
          <QueryEditor
            language={languages[draft.signal]}
            label="Expression"
            placeholder='sum by (job) (rate(errors_total[5m])) > 1'
            value={draft.expr}
            onChange={(edited) => put({ expr: edited })}
            onRun={setShown}
          />
        </div>
        <div className={classes.fields}>
          <TextInput label="For" description="How long it holds before it fires" value={draft.for} onChange={(event) => put({ for: event.currentTarget.value })} />
          <TextInput label="Keep firing for" description="After it no longer holds" value={draft.keepFiringFor} onChange={(event) => put({ keepFiringFor: event.currentTarget.value })} />
          <TextInput label="Evaluated every" description="With its group" value={draft.interval} onChange={(event) => put({ interval: event.currentTarget.value })} />
        </div>
        <TextInput label="Labels" placeholder="severity=critical, team=shop" value={draft.labels} error={labels === undefined ? "Labels are written as name=value, name=value." : undefined} onChange={(event) => put({ labels: event.currentTarget.value })} />
        <TextInput label="Summary" placeholder="{{ $labels.job }} fails {{ $value | humanizePercentage }} of its requests" value={draft.summary} onChange={(event) => put({ summary: event.currentTarget.value })} />
        <TextInput label="Description" value={draft.description} onChange={(event) => put({ description: event.currentTarget.value })} />
        <TextInput label="Runbook" placeholder="https://" value={draft.runbook} onChange={(event) => put({ runbook: event.currentTarget.value })} />

        <div className={classes.actions}>
          <Button size="compact-sm" variant="default" disabled={draft.expr.trim() === ""} onClick={() => setShown(draft.expr.trim())}>
            Preview
          </Button>
          <Switch size="xs" label="As YAML" checked={yaml} onChange={(event) => setYaml(event.currentTarget.checked)} />
        </div>
        {shown !== "" && <EvidenceGraph name={draft.alert || "the rule"} expression={shown} signal={draft.signal} range={range} height={140} />}
        {shown !== "" && Object.keys(texts).length > 0 && labels && <TextPreview expr={shown} signal={draft.signal} labels={labels} annotations={texts} />}
        {yaml && <pre className={classes.yaml}>{ruleYaml(group)}</pre>}
        <Backtest of={{ expr: draft.expr.trim(), for: draft.for || "0s", keep_firing_for: draft.keepFiringFor || "0s", labels: labels ?? {}, signal: draft.signal }} />

        <FormEnd action="Save" fault={fault} save={save} onClose={onClose} />
      </form>
    </Modal>
  );
}

function faultOf(draft: RuleDraft, labels: Labels | undefined): string {
  if (draft.alert.trim() === "") return "The rule has no name.";
  if (draft.expr.trim() === "") return "The rule has no expression.";
  for (const text of [draft.for, draft.keepFiringFor, draft.interval]) {
    if (text.trim() !== "" && parseDuration(text.trim()) === undefined) return `"${text}" is no duration; write 30s, 5m or 1h30m.`;
  }
  return labels === undefined ? "The labels cannot be read." : "";
}

/** Keys of a group that /api/v1/rules does not tell, as they are kept. */
async function keptKeys({ own, group }: EditedRule): Promise<Record<string, string>> {
  const text = await groupYaml(own, group.name, new AbortController().signal);
  const kept: Record<string, string> = {};
  for (const key of ["window", "query_offset"]) {
    const found = new RegExp(`^${key}: (\\S+)$`, "m").exec(text)?.[1];
    if (found) kept[key] = found;
  }
  return kept;
}
