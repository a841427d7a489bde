import { Button, Modal, TextInput } from "@mantine/core";
import { useState, type FormEvent } from "react";

import type { InhibitConfig } from "../../../api/routing";
import { Panel } from "../../../components/Panel";
import { Empty } from "../../../components/status";
import { formatMatcher, parseMatchers } from "../../../lib/matchers";
import { FormEnd } from "../FormEnd";
import { Sure } from "../Sure";
import { namesIn } from "./draft";
import type { RoutingDraft } from "./useRoutingDraft";
import alertClasses from "../alerts.module.css";
import classes from "../routing.module.css";

const idle = { isPending: false, error: null };

/** Which alerts keep others quiet, to be changed. */
export function Inhibitions({ of }: { of: RoutingDraft }) {
  const [open, setOpen] = useState<number>();
  const rules = of.config.inhibit_rules ?? [];
  const keep = (next: InhibitConfig[]): void =>
    of.edit(({ inhibit_rules: _before, ...rest }) => ({ ...rest, route: of.config.route, receivers: of.config.receivers, ...(next.length > 0 && { inhibit_rules: next }) }));
  return (
    <Panel
      title="Inhibitions"
      flush
      actions={
        <Button size="compact-xs" variant="default" onClick={() => setOpen(rules.length)}>
          Add inhibition
        </Button>
      }
    >
      {rules.length === 0 && <Empty title="No alert keeps another quiet" hint="Such as: while a whole cluster is down, nobody is told of each of its services." height={80} />}
      <ul className={classes.plain} aria-label="Inhibitions">
        {rules.map((rule, index) => (
          // A rule is where it stands: it has no name.
          // oxlint-disable-next-line react/no-array-index-key
          <li key={index} className={alertClasses.cardHead}>
            <span>
              <code>{(rule.source_matchers ?? []).join(", ")}</code> keeps <code>{(rule.target_matchers ?? []).join(", ")}</code> quiet
              {rule.equal && rule.equal.length > 0 && ` where ${rule.equal.join(", ")} are the same`}
            </span>
            <span className={alertClasses.links}>
              <button type="button" className={alertClasses.textButton} aria-label={`Edit inhibition ${index + 1}`} onClick={() => setOpen(index)}>
                Edit
              </button>
              <Sure action="Remove" of={`inhibition ${index + 1}`} onSure={() => keep(rules.toSpliced(index, 1))} />
            </span>
          </li>
        ))}
      </ul>
      {open !== undefined && <InhibitionForm before={rules[open] ?? {}} onDone={(rule) => keep(rules.toSpliced(open, 1, rule))} onClose={() => setOpen(undefined)} />}
    </Panel>
  );
}

function InhibitionForm({ before, onDone, onClose }: { before: InhibitConfig; onDone: (rule: InhibitConfig) => void; onClose: () => void }) {
  const [source, setSource] = useState((before.source_matchers ?? []).join(", "));
  const [target, setTarget] = useState((before.target_matchers ?? []).join(", "));
  const [equal, setEqual] = useState((before.equal ?? []).join(", "));
  const from = parseMatchers(source);
  const to = parseMatchers(target);
  const fault = !from || !to ? 'Both are matchers, such as severity="critical".' : "";
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (!from || !to) return;
    const { equal: _before, ...rest } = before;
    onDone({ ...rest, source_matchers: from.map(formatMatcher), target_matchers: to.map(formatMatcher), ...(namesIn(equal).length > 0 && { equal: namesIn(equal) }) });
    onClose();
  };
  return (
    <Modal opened onClose={onClose} title="Inhibition" size="lg" closeOnEscape={false} closeOnClickOutside={false}>
      <form className={alertClasses.form} onSubmit={submit}>
        <TextInput label="While one fires that fits" data-autofocus placeholder='alertname="ClusterDown"' value={source} onChange={(event) => setSource(event.currentTarget.value)} />
        <TextInput label="Nobody is told of those that fit" placeholder='severity="warning"' value={target} onChange={(event) => setTarget(event.currentTarget.value)} />
        <TextInput label="If these labels are the same" placeholder="cluster, namespace" value={equal} onChange={(event) => setEqual(event.currentTarget.value)} />
        <FormEnd action="Apply" fault={fault} save={idle} onClose={onClose} />
      </form>
    </Modal>
  );
}
