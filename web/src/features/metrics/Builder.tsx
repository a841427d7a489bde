import { ActionIcon, Autocomplete, Button, Menu, Select, TagsInput, TextInput } from "@mantine/core";
import IconPlus from "@tabler/icons-react/dist/esm/icons/IconPlus.mjs";
import IconX from "@tabler/icons-react/dist/esm/icons/IconX.mjs";
import { useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";

import { labelNames, labelValues } from "../../api/prom";
import { likelyNames } from "../../components/editor/metricNames";
import { useTime } from "../../components/time/TimeContext";
import { aggregations, readBuilt, takesNumber, windowFunctions, writeBuilt, type BuildStep, type BuiltQuery } from "../../lib/promql/build";
import { writeSelector, type PromMatcher } from "../../lib/promql/tree";
import classes from "./metrics.module.css";

/** A query by choosing its parts; what it cannot show stays as text. */
export function Builder({ query, onChange }: { query: string; onChange: (query: string) => void }) {
  const built = useMemo(() => readBuilt(query), [query]);
  const { range } = useTime();
  const selector = built ? writeSelector(built.metric, built.matchers.filter((one) => one.value !== "")) : "";
  const names = useQuery({ queryKey: ["prom", "names", range], queryFn: ({ signal }) => labelValues("__name__", range, signal), staleTime: 60_000 });
  const labels = useQuery({
    queryKey: ["prom", "labels", selector, range],
    queryFn: ({ signal }) => labelNames(range, signal, selector === "" ? undefined : selector),
    staleTime: 60_000,
  });
  if (!built) return <p className={classes.caption}>The builder works around the first selector of a query; this text has none, or a mistake in it.</p>;
  const known = (labels.data ?? []).filter((name) => name !== "__name__");
  const put = (patch: Partial<BuiltQuery>): void => onChange(writeBuilt({ ...built, ...patch }));
  const putStep = (at: number, step: BuildStep | null): void => put({ steps: step ? built.steps.with(at, step) : built.steps.toSpliced(at, 1) });
  return (
    <div className={classes.builder} role="group" aria-label="Builder">
      <div className={classes.builderRow}>
        <MetricField key={built.metric} metric={built.metric} names={names.data ?? []} onChange={(metric) => put({ metric })} />
        {built.matchers.map((matcher, index) => (
          // Conditions have no identity but their place.
          // oxlint-disable-next-line react/no-array-index-key
          <MatcherField key={index} matcher={matcher} labels={known} selector={built.metric} onChange={(next) => put({ matchers: next ? built.matchers.with(index, next) : built.matchers.toSpliced(index, 1) })} />
        ))}
        <AddFilter labels={known.filter((name) => !built.matchers.some((one) => one.name === name))} onAdd={(name) => put({ matchers: [...built.matchers, { name, op: "=", value: "" }] })} />
      </div>
      <div className={classes.builderRow}>
        {built.steps.map((step, index) => (
          // Steps have no identity but their place.
          // oxlint-disable-next-line react/no-array-index-key
          <StepField key={index} step={step} labels={known} onChange={(next) => putStep(index, next)} />
        ))}
        <AddStep onAdd={(step) => put({ steps: [...built.steps, step] })} disabled={built.metric === "" && built.matchers.length === 0} />
      </div>
    </div>
  );
}

function MetricField({ metric, names, onChange }: { metric: string; names: readonly string[]; onChange: (metric: string) => void }) {
  const [typed, setTyped] = useState(metric);
  return (
    <Autocomplete
      size="xs"
      w={320}
      aria-label="Metric"
      placeholder="Metric"
      value={typed}
      data={useMemo(() => likelyNames(names, typed), [names, typed])}
      filter={({ options }) => options}
      limit={100}
      onChange={setTyped}
      onOptionSubmit={onChange}
      onBlur={() => typed !== metric && onChange(typed.trim())}
    />
  );
}

const operators = ["=", "!=", "=~", "!~"] as const;

interface MatcherFieldProps {
  matcher: PromMatcher;
  labels: readonly string[];
  selector: string;
  onChange: (matcher: PromMatcher | null) => void;
}

function MatcherField({ matcher, labels, selector, onChange }: MatcherFieldProps) {
  const { range } = useTime();
  const [typed, setTyped] = useState({ of: matcher.value, text: matcher.value });
  const value = typed.of === matcher.value ? typed.text : matcher.value;
  const values = useQuery({
    queryKey: ["prom", "values", matcher.name, selector, range],
    queryFn: ({ signal }) => labelValues(matcher.name, range, signal, selector === "" ? undefined : writeSelector(selector, [])),
    staleTime: 60_000,
  });
  const take = (next: string): void => onChange({ ...matcher, value: next });
  return (
    <span className={classes.matcher}>
      <Select size="xs" w={140} aria-label="Label" searchable data={[...new Set([matcher.name, ...labels])]} value={matcher.name} onChange={(name) => onChange({ ...matcher, name: name ?? matcher.name })} />
      <Select size="xs" w={64} aria-label={`How ${matcher.name} is compared`} data={[...operators]} value={matcher.op} onChange={(op) => onChange({ ...matcher, op: (op ?? "=") as PromMatcher["op"] })} />
      <Autocomplete
        size="xs"
        w={150}
        aria-label={`Value of ${matcher.name}`}
        data={values.data ?? []}
        limit={100}
        value={value}
        onChange={(text) => setTyped({ of: matcher.value, text })}
        onOptionSubmit={take}
        onBlur={() => value !== matcher.value && take(value)}
      />
      <ActionIcon size="xs" variant="subtle" aria-label={`Remove the condition on ${matcher.name}`} onClick={() => onChange(null)}>
        <IconX size={12} />
      </ActionIcon>
    </span>
  );
}

function AddFilter({ labels, onAdd }: { labels: readonly string[]; onAdd: (name: string) => void }) {
  return <Select size="xs" w={120} aria-label="Add a condition" placeholder="+ filter" searchable data={[...labels]} value={null} onChange={(name) => name && onAdd(name)} />;
}

function StepField({ step, labels, onChange }: { step: BuildStep; labels: readonly string[]; onChange: (step: BuildStep | null) => void }) {
  return (
    <span className={classes.step}>
      <StepControls step={step} labels={labels} onChange={onChange} />
      <ActionIcon size="xs" variant="subtle" aria-label="Remove this step" onClick={() => onChange(null)}>
        <IconX size={12} />
      </ActionIcon>
    </span>
  );
}

function StepControls({ step, labels, onChange }: { step: BuildStep; labels: readonly string[]; onChange: (step: BuildStep) => void }) {
  switch (step.kind) {
    case "window":
      return (
        <>
          <Select size="xs" w={150} aria-label="Function" data={[...windowFunctions]} value={step.fn} onChange={(fn) => onChange({ ...step, fn: fn ?? step.fn })} />
          over
          <Typed label="Window" width={140} value={step.window} onChange={(window) => onChange({ ...step, window })} />
        </>
      );
    case "aggregate":
      return (
        <>
          <Select size="xs" w={96} aria-label="Aggregation" data={[...aggregations]} value={step.op} onChange={(op) => onChange({ ...step, op: op ?? step.op, param: takesNumber(op ?? "") ? step.param : "" })} />
          {takesNumber(step.op) && <Typed label="Of the aggregation" width={64} value={step.param} onChange={(param) => onChange({ ...step, param })} />}
          <Select size="xs" w={88} aria-label="Grouping" data={["by", "without"]} value={step.grouping || "by"} onChange={(grouping) => onChange({ ...step, grouping: grouping === "without" ? "without" : "by" })} />
          <TagsInput size="xs" miw={160} aria-label="Labels to group by" data={[...labels]} value={step.labels} onChange={(next) => onChange({ ...step, grouping: step.grouping || "by", labels: next })} />
        </>
      );
    case "quantile":
      return (
        <>
          quantile <Typed label="Quantile" width={72} value={step.value} onChange={(value) => onChange({ ...step, value })} />
        </>
      );
    case "binary":
      return (
        <>
          <Select size="xs" w={68} aria-label="Operator" data={["+", "-", "*", "/", "%", "^", ">", "<", ">=", "<=", "==", "!="]} value={step.op} onChange={(op) => onChange({ ...step, op: op ?? step.op })} />
          <Typed label="Right side" width={160} value={step.right} onChange={(right) => onChange({ ...step, right })} />
        </>
      );
    case "text":
      return (
        <code>
          {step.before}…{step.after}
        </code>
      );
  }
}

/** A text that counts when the field is left or Enter is pressed. */
function Typed({ label, width, value, onChange }: { label: string; width: number; value: string; onChange: (value: string) => void }) {
  const [draft, setDraft] = useState({ of: value, text: value });
  const text = draft.of === value ? draft.text : value;
  const done = (): void => {
    if (text !== value) onChange(text.trim());
  };
  return (
    <TextInput
      size="xs"
      w={width}
      aria-label={label}
      value={text}
      onChange={(event) => setDraft({ of: value, text: event.currentTarget.value })}
      onBlur={done}
      onKeyDown={(event) => {
        if (event.key === "Enter") done();
      }}
    />
  );
}

const additions: { label: string; step: BuildStep }[] = [
  { label: "Rate, increase, … over a window", step: { kind: "window", fn: "rate", window: "$__rate_interval" } },
  { label: "Sum, mean, top … of groups", step: { kind: "aggregate", op: "sum", param: "", grouping: "by", labels: [] } },
  { label: "Quantile of a histogram", step: { kind: "quantile", value: "0.95" } },
  { label: "Arithmetic or comparison", step: { kind: "binary", op: "*", right: "1" } },
];

function AddStep({ onAdd, disabled }: { onAdd: (step: BuildStep) => void; disabled: boolean }) {
  return (
    <Menu withinPortal>
      <Menu.Target>
        <Button size="compact-xs" variant="default" leftSection={<IconPlus size={12} />} disabled={disabled}>
          Operation
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {additions.map(({ label, step }) => (
          <Menu.Item key={label} onClick={() => onAdd(step)}>
            {label}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
