import { TagsInput } from "@mantine/core";
import { useState } from "react";

import { metricFunctions, scalarFunctions, takesAttribute, writeTraces, type TraceCondition, type TraceStage } from "../../lib/traceql/build";
import { readTraces } from "../../lib/traceql/read";
import { unusual } from "../../lib/traceql/usual";
import { AddMenu, Choice, Part, TextPart, Typed } from "./fields";
import { useBuilt } from "./useBuilt";
import { useNames, useValues, type NameSource } from "./useNames";
import { UsualSpans } from "./UsualSpans";
import classes from "./querybuilder.module.css";

interface TraceBuilderProps {
  query: string;
  source: NameSource;
  onChange: (query: string) => void;
}

/** TraceQL: what spans must be, and what is made of them. */
export function TraceBuilder({ query, source, onChange }: TraceBuilderProps) {
  const [built, put] = useBuilt(query, readTraces, writeTraces, onChange);
  // A condition whose value is not chosen yet: in the query it would leave nothing.
  const [begun, setBegun] = useState<TraceCondition & { kind: "condition" }>();
  const names = useNames(source);
  if (!built) {
    return (
      <p className={classes.note}>
        The builder shows one filter of spans and what follows it. This query relates several, or has a comment or a mistake: it stays as text.{" "}
        <button type="button" className={classes.over} onClick={() => onChange("{}")}>
          Start over
        </button>
      </p>
    );
  }
  const { conditions, stages, join } = built;
  const without = (index: number): string => writeTraces({ join: "&&", conditions: join === "&&" ? conditions.filter((one, at) => at !== index && one.kind === "condition" && one.value !== "") : [], stages: [] });
  const fields = [...new Set([...intrinsics, ...names])];
  // What holds together has its usual conditions in places of their own.
  const together = join === "&&" || conditions.length < 2;
  const addStep = <AddMenu label="Step" items={stages.some((one) => one.kind === "metrics") ? onSeries : onSpans} onAdd={(one) => put({ ...built, stages: [...stages, one] })} />;
  const finish = (next: TraceCondition & { kind: "condition" }): void => {
    setBegun(next.value === "" ? next : undefined);
    if (next.value !== "") put({ ...built, conditions: [...conditions, next] });
  };
  return (
    <div className={classes.builder} role="group" aria-label="Builder">
      <div className={classes.row}>
        <span className={classes.title}>Spans</span>
        {together && <UsualSpans conditions={conditions} source={source} onChange={(next) => put({ ...built, conditions: next })} />}
        {(together ? unusual(conditions) : conditions.map((one, index) => ({ one, index }))).map(({ one, index }) => (
          <Part key={index} remove={one.kind === "text" ? "Remove this condition" : `Remove the condition on ${one.field}`} onRemove={() => put({ ...built, conditions: conditions.toSpliced(index, 1) })}>
            {one.kind === "text" ? <TextPart>{one.text}</TextPart> : <ConditionParts condition={one} fields={fields} source={source} narrow={without(index)} onChange={(next) => put({ ...built, conditions: conditions.with(index, next) })} />}
          </Part>
        ))}
        {begun && (
          <Part remove={`Remove the condition on ${begun.field}`} onRemove={() => setBegun(undefined)}>
            <ConditionParts condition={begun} fields={fields} source={source} narrow={without(-1)} onChange={finish} />
          </Part>
        )}
        {conditions.length > 1 && <Choice label="Conditions hold" width={80} data={["&&", "||"]} value={join} onChange={(next) => put({ ...built, join: next === "||" ? "||" : "&&" })} />}
        <AddMenu label="Condition" items={together ? others : [...usual, ...others]} onAdd={finish} />
        {stages.length === 0 && addStep}
      </div>
      {stages.length > 0 && (
        <div className={classes.row}>
          <span className={classes.title}>Then</span>
          {stages.map((stage, index) => (
            // Steps have no identity but their place.
            // oxlint-disable-next-line react/no-array-index-key
            <Part key={index} remove="Remove this step" onRemove={() => put({ ...built, stages: stages.toSpliced(index, 1) })}>
              <Stage stage={stage} fields={fields} onChange={(next) => put({ ...built, stages: stages.with(index, next) })} />
            </Part>
          ))}
          {addStep}
        </div>
      )}
    </div>
  );
}

const intrinsics = ["name", "status", "statusMessage", "kind", "duration", "traceDuration", "rootName", "rootServiceName"];
const words: Record<string, readonly string[]> = {
  status: ["error", "ok", "unset"],
  kind: ["server", "client", "internal", "producer", "consumer", "unspecified"],
};
const comparisons = ["=", "!=", "=~", "!~", ">", ">=", "<", "<="];
const bare = /^(?:-?\d+(?:\.\d+)?(?:ns|us|µs|ms|s|m|h)?|true|false|nil|\$\w+|\$\{[^}]+\})$/;

interface ConditionPartsProps {
  condition: TraceCondition & { kind: "condition" };
  fields: readonly string[];
  source: NameSource;
  /** The other conditions, which narrow the values on offer. */
  narrow: string;
  onChange: (condition: TraceCondition & { kind: "condition" }) => void;
}

function ConditionParts({ condition, fields, source, narrow, onChange }: ConditionPartsProps) {
  const [wanted, setWanted] = useState(false);
  const { field, op, value } = condition;
  const known = words[field.replace(/^span:/, "")];
  const asked = useValues(source, field, narrow, wanted && !known);
  const write = (next: { field?: string; op?: string; value?: string }): void => {
    const made = { field, op, value, ...next };
    const isWord = words[made.field.replace(/^span:/, "")] !== undefined;
    const isDuration = /duration$/i.test(made.field);
    const matches = made.op.includes("~");
    // Text stays text: an attribute may hold "500" as well as 500.
    const quoted = matches || (!isWord && !isDuration && !(bare.test(made.value) && (!condition.quoted || !["=", "!="].includes(made.op))));
    onChange({ kind: "condition", ...made, quoted });
  };
  return (
    <>
      <Typed label="Field" width={190} data={fields} value={field} onChange={(next) => write({ field: next || field, ...(words[next] || /duration$/i.test(next) ? { value: "" } : {}) })} />
      <Choice label={`How ${field} is compared`} width={68} data={comparisons} value={op} onChange={(next) => write({ op: next })} />
      <Typed exact label={`Value of ${field}`} width={170} data={known ?? asked} value={value} onFocus={() => setWanted(true)} placeholder={/duration$/i.test(field) ? "100ms" : ""} onChange={(next) => write({ value: next })} />
    </>
  );
}

function Stage({ stage, fields, onChange }: { stage: TraceStage; fields: readonly string[]; onChange: (stage: TraceStage) => void }) {
  switch (stage.kind) {
    case "metrics":
      return (
        <>
          <Choice label="Function" width={170} data={metricFunctions} value={stage.fn} onChange={(fn) => onChange({ ...stage, fn, attribute: takesAttribute(fn) ? stage.attribute || "duration" : "", params: fn === "quantile_over_time" ? ["0.95"] : [] })} />
          {takesAttribute(stage.fn) && <Typed label="Of the attribute" width={160} data={fields} value={stage.attribute} onChange={(attribute) => onChange({ ...stage, attribute })} />}
          {stage.fn === "quantile_over_time" && <Typed label="Quantiles" width={110} value={stage.params.join(", ")} onChange={(text) => onChange({ ...stage, params: text.split(",").map((one) => one.trim()).filter(Boolean) })} />}
          by
          <TagsInput size="xs" miw={170} aria-label="Attributes to group by" placeholder={stage.by.length === 0 ? "nothing: into one" : ""} data={[...fields]} value={stage.by} onChange={(by) => onChange({ ...stage, by })} />
        </>
      );
    case "top":
      return (
        <>
          <Choice label="Which series" width={100} data={["topk", "bottomk"]} value={stage.fn} onChange={(fn) => onChange({ ...stage, fn: fn === "bottomk" ? "bottomk" : "topk" })} />
          <Typed label="How many" width={64} value={stage.limit} onChange={(limit) => onChange({ ...stage, limit })} />
        </>
      );
    case "scalar":
      return (
        <>
          <Choice label="Function" width={90} data={scalarFunctions} value={stage.fn} onChange={(fn) => onChange({ ...stage, fn, attribute: takesAttribute(fn) ? stage.attribute || "duration" : "" })} />
          {takesAttribute(stage.fn) && <Typed label="Of the attribute" width={160} data={fields} value={stage.attribute} onChange={(attribute) => onChange({ ...stage, attribute })} />}
          <Choice label="Operator" width={68} data={[">", ">=", "<", "<=", "=", "!="]} value={stage.op} onChange={(op) => onChange({ ...stage, op })} />
          <Typed label="Right side" width={80} value={stage.value} onChange={(value) => onChange({ ...stage, value })} />
        </>
      );
    case "select":
      return (
        <>
          with <TagsInput size="xs" miw={200} aria-label="Attributes to show" data={[...fields]} value={stage.attributes} onChange={(attributes) => onChange({ ...stage, attributes })} />
        </>
      );
    case "text":
      return <TextPart>{stage.text}</TextPart>;
  }
}

const condition = (field: string, op: string, value: string, quoted: boolean) => ({ kind: "condition" as const, field, op, value, quoted });

const usual: { label: string; item: TraceCondition & { kind: "condition" } }[] = [
  { label: "Service", item: condition("resource.service.name", "=", "", true) },
  { label: "Name of the span", item: condition("name", "=", "", true) },
  { label: "Duration", item: condition("duration", ">", "", false) },
  { label: "Status", item: condition("status", "=", "error", false) },
];

const others: typeof usual = [
  { label: "Attribute", item: condition("span.http.route", "=", "", true) },
  { label: "Kind", item: condition("kind", "=", "server", false) },
  { label: "Service of the root span", item: condition("rootServiceName", "=", "", true) },
  { label: "Duration of the trace", item: condition("traceDuration", ">", "", false) },
];

const onSpans: { label: string; item: TraceStage }[] = [
  { label: "Spans per second (rate)", item: { kind: "metrics", fn: "rate", attribute: "", params: [], by: [] } },
  { label: "Count spans over time", item: { kind: "metrics", fn: "count_over_time", attribute: "", params: [], by: [] } },
  { label: "Quantile of the duration", item: { kind: "metrics", fn: "quantile_over_time", attribute: "duration", params: ["0.95"], by: [] } },
  { label: "Histogram of the duration", item: { kind: "metrics", fn: "histogram_over_time", attribute: "duration", params: [], by: [] } },
  { label: "Traces with so many such spans", item: { kind: "scalar", fn: "count", attribute: "", op: ">", value: "1" } },
  { label: "Show attributes beside", item: { kind: "select", attributes: [] } },
];

const onSeries: { label: string; item: TraceStage }[] = [{ label: "The largest or smallest series", item: { kind: "top", fn: "topk", limit: "10" } }];
