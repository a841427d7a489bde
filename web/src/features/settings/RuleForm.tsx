import { Button, Select, Switch, TextInput } from "@mantine/core";
import { useState, type FormEvent } from "react";

import type { Around, Rule, SubjectKind, TargetKind } from "../../lib/correlate/rules";
import { correlate } from "../../lib/correlate/targets";
import { arounds, aroundText, newId, placeholders, ruleFault, subjectTitles, targetTitles } from "./ruleWords";
import classes from "./settings.module.css";

const whens = [
  { value: "", label: "Always" },
  { value: "error", label: "Where it looks like an error" },
  { value: "latency", label: "Where it looks like a duration" },
];

// What the example at the end of the form is filled with.
const example = {
  labels: { service_name: "cart", k8s_namespace_name: "shop", k8s_pod_name: "cart-7d9f", host_name: "node-1", __name__: "http_errors_duration_seconds" },
  traceId: "4bf92f3577b34da6a3ce929d0e0e4736",
  spanId: "00f067aa0ba902b7",
  operation: "GET /cart",
  pattern: "took <_> ms",
  query: "up",
  value: 0.84,
};

interface RuleFormProps {
  /** Undefined for a new rule. */
  before: Rule | undefined;
  /** Ids that there are. */
  taken: readonly string[];
  save: (rule: Rule) => void;
  saving: boolean;
  cancel: () => void;
}

/** Makes or changes a way from one signal to another. */
export function RuleForm({ before, taken, save, saving, cancel }: RuleFormProps) {
  const [rule, setRule] = useState<Rule>(before ?? { id: "", from: ["series"], to: "logs", title: "", queries: ["{{{logs}}}"], around: { before: 1, after: 1 } });
  const made: Rule = { ...rule, title: rule.title.trim(), queries: rule.queries.map((one) => one.trim()).filter(Boolean), id: before?.id ?? newId(rule.title, taken) };
  const fault = ruleFault(made);
  const times = arounds.some(({ around }) => same(around, rule.around)) ? arounds : [...arounds, { key: "own", title: aroundText(rule.around), around: rule.around }];
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (fault === "") save(made);
  };
  return (
    <form className={classes.rule} onSubmit={submit} aria-label={before ? `Change ${before.title}` : "New rule"}>
      <div className={classes.form}>
        <TextInput label="Offered as" required data-autofocus value={rule.title} onChange={(event) => setRule({ ...rule, title: event.currentTarget.value })} />
        <Select label="Leads to" data={Object.entries(targetTitles).map(([value, label]) => ({ value, label }))} value={rule.to} onChange={(to) => setRule({ ...rule, to: (to ?? "logs") as TargetKind })} />
        <Select
          label="Time"
          data={times.map(({ key, title }) => ({ value: key, label: title }))}
          value={times.find(({ around }) => same(around, rule.around))?.key ?? "page"}
          onChange={(key) => setRule({ ...rule, around: times.find((one) => one.key === key)?.around ?? "page" })}
        />
        <Select
          label="When"
          data={whens}
          value={rule.when ?? ""}
          onChange={(when) => {
            const { when: _, ...rest } = rule;
            setRule(when === "error" || when === "latency" ? { ...rest, when } : rest);
          }}
        />
      </div>
      <fieldset className={classes.kinds}>
        <legend>Offered on</legend>
        {Object.entries(subjectTitles).map(([kind, title]) => (
          <Switch
            key={kind}
            label={title}
            checked={rule.from.includes(kind as SubjectKind)}
            onChange={(event) => setRule({ ...rule, from: event.currentTarget.checked ? [...rule.from, kind as SubjectKind] : rule.from.filter((one) => one !== kind) })}
          />
        ))}
      </fieldset>
      {rule.queries.map((query, index) => (
        <TextInput
          key={index}
          mt={8}
          label={index === 0 ? "Query" : `Query of pane ${index + 1}`}
          {...(index === 0 ? { description: placeholders } : {})}
          value={query}
          onChange={(event) => setRule({ ...rule, queries: rule.queries.map((one, at) => (at === index ? event.currentTarget.value : one)) })}
        />
      ))}
      {rule.to === "metrics" && (
        <Button size="compact-xs" variant="default" mt={8} onClick={() => setRule({ ...rule, queries: [...rule.queries, ""] })}>
          Another pane
        </Button>
      )}
      <Example rule={made} fault={fault} />
      <div className={classes.end}>
        <span className={classes.muted}>{fault}</span>
        <Button variant="default" onClick={cancel}>
          Cancel
        </Button>
        <Button type="submit" loading={saving} disabled={fault !== ""}>
          Save the rule
        </Button>
      </div>
    </form>
  );
}

/** What the rule asks for of a made-up subject. */
function Example({ rule, fault }: { rule: Rule; fault: string }) {
  const [kind] = rule.from;
  if (fault !== "" || kind === undefined) return null;
  const [target] = correlate({ ...example, kind, time: 0 }, 0, [rule]);
  return (
    <div className={classes.code} role="status" aria-label="For example">
      {target ? target.queries.map((query) => <div key={query}>{query}</div>) : "It would not be offered on the service cart."}
    </div>
  );
}

function same(a: Around, b: Around): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
