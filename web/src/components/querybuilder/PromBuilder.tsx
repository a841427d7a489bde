
import { aggregations, callFunctions, readBuilt, takesNumber, windowFunctions, writeBuilt, type BuildStep } from "../../lib/promql/build";
import { writeSelector } from "../../lib/promql/tree";
import { AddMenu, Choice, Conditions, GroupingField, Part, TextPart, Typed } from "./fields";
import { useBuilt } from "./useBuilt";
import { useNames, useValues, type NameSource } from "./useNames";
import classes from "./querybuilder.module.css";

interface PromBuilderProps {
  query: string;
  source: NameSource;
  onChange: (query: string) => void;
}

/** PromQL around its first selector: the metric, its conditions, and what is done to it from the inside out. */
export function PromBuilder({ query, source, onChange }: PromBuilderProps) {
  const [built, put] = useBuilt(query, readBuilt, writeBuilt, onChange);
  const conditions = built?.matchers ?? [];
  const selector = built && (built.metric !== "" || conditions.length > 0) ? writeSelector(built.metric, conditions.filter((one) => one.value !== "")) : "";
  const metrics = useValues(source, "__name__", "", built !== undefined);
  const labels = useNames(source, selector).filter((name) => name !== "__name__");
  if (!built) return <p className={classes.note}>The builder works around the first selector of a query. This one has none, a comment, or a mistake: it stays as text.</p>;
  const without = (index: number): string => {
    const rest = built.matchers.filter((one, at) => at !== index && one.value !== "");
    return built.metric === "" && rest.length === 0 ? "" : writeSelector(built.metric, rest);
  };
  return (
    <div className={classes.builder} role="group" aria-label="Builder">
      <div className={classes.row}>
        <Typed label="Metric" placeholder="Metric" width={320} value={built.metric} data={metrics} onChange={(metric) => put({ ...built, metric })} />
        <Conditions conditions={built.matchers} labels={labels} source={source} without={without} onChange={(matchers) => put({ ...built, matchers })} />
      </div>
      <div className={classes.row}>
        {built.steps.map((step, index) => (
          // oxlint-disable-next-line react/no-array-index-key
          <Part key={index} remove="Remove this step" onRemove={() => put({ ...built, steps: built.steps.toSpliced(index, 1) })}>
            <Step step={step} labels={labels} onChange={(next) => put({ ...built, steps: built.steps.with(index, next) })} />
          </Part>
        ))}
        <AddMenu label="Operation" items={additions} disabled={built.metric === "" && built.matchers.length === 0} onAdd={(step) => put({ ...built, steps: [...built.steps, step] })} />
      </div>
    </div>
  );
}

const arithmetic = ["+", "-", "*", "/", "%", "^", ">", "<", ">=", "<=", "==", "!="];

function Step({ step, labels, onChange }: { step: BuildStep; labels: readonly string[]; onChange: (step: BuildStep) => void }) {
  switch (step.kind) {
    case "window":
      return (
        <>
          <Choice label="Function" width={160} data={windowFunctions} value={step.fn} onChange={(fn) => onChange({ ...step, fn })} />
          over
          <Typed label="Window" width={140} value={step.window} onChange={(window) => onChange({ ...step, window })} />
        </>
      );
    case "aggregate":
      return (
        <>
          <Choice label="Aggregation" width={96} data={aggregations} value={step.op} onChange={(op) => onChange({ ...step, op, param: takesNumber(op) ? step.param : "" })} />
          {takesNumber(step.op) && <Typed label="Of the aggregation" width={64} placeholder={step.op === "quantile" ? "0.95" : "10"} value={step.param} onChange={(param) => onChange({ ...step, param })} />}
          <GroupingField grouping={step.grouping} labels={step.labels} known={labels} onChange={(grouping, next) => onChange({ ...step, grouping, labels: next })} />
        </>
      );
    case "quantile":
      return (
        <>
          quantile <Typed label="Quantile" width={72} value={step.value} onChange={(value) => onChange({ ...step, value })} />
        </>
      );
    case "call":
      return <Call step={step} onChange={onChange} />;
    case "binary":
      return (
        <>
          <Choice label="Operator" width={68} data={arithmetic} value={step.op} onChange={(op) => onChange({ ...step, op })} />
          <Typed label="Right side" width={160} value={step.right} onChange={(right) => onChange({ ...step, right })} />
        </>
      );
    case "text":
      return <TextPart>{`${step.before}…${step.after}`}</TextPart>;
  }
}

function Call({ step, onChange }: { step: BuildStep & { kind: "call" }; onChange: (step: BuildStep) => void }) {
  const known = callFunctions.get(step.fn) ?? [];
  return (
    <>
      <Choice label="Function" width={140} data={[...callFunctions.keys()]} value={step.fn} onChange={(fn) => onChange({ ...step, fn, args: (callFunctions.get(fn) ?? []).map((one) => one.first) })} />
      {known.map((argument, index) => {
        const written = step.args[index] ?? argument.first;
        const value = argument.quoted ? unquoted(written) : written;
        return <Typed key={argument.label} exact={argument.quoted === true} label={argument.label} width={argument.quoted ? 120 : 72} value={value} onChange={(next) => onChange({ ...step, args: step.args.with(index, argument.quoted ? JSON.stringify(next) : next || argument.first) })} />;
      })}
    </>
  );
}

function unquoted(text: string): string {
  try {
    return String(JSON.parse(text));
  } catch {
    return text.slice(1, -1);
  }
}

const additions: { label: string; item: BuildStep }[] = [
  { label: "Rate, increase, … over a window", item: { kind: "window", fn: "rate", window: "$__rate_interval" } },
  { label: "Sum, mean, top … of groups", item: { kind: "aggregate", op: "sum", param: "", grouping: "by", labels: [] } },
  { label: "Quantile of a histogram", item: { kind: "quantile", value: "0.95" } },
  { label: "Function: round, clamp, sort, new label …", item: { kind: "call", fn: "round", args: [] } },
  { label: "Arithmetic or comparison", item: { kind: "binary", op: "*", right: "1" } },
];
