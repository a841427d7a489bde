import { TagsInput } from "@mantine/core";

import { lineFunctions, logAggregations, takesParameter, valueFunctions, writeLogs, type BuiltLogs, type LogStage, type LogStep } from "../../lib/logql/build";
import { readLogs } from "../../lib/logql/read";
import { AddMenu, Choice, Conditions, GroupingField, Part, TextPart, Typed } from "./fields";
import { useBuilt } from "./useBuilt";
import { useNames, type NameSource } from "./useNames";
import classes from "./querybuilder.module.css";

interface LogBuilderProps {
  query: string;
  source: NameSource;
  onChange: (query: string) => void;
}

/** LogQL: the streams, what is done to their lines in order, and what is computed of them. */
export function LogBuilder({ query, source, onChange }: LogBuilderProps) {
  const [built, put] = useBuilt(query, readLogs, writeLogs, onChange);
  const labels = useNames(source);
  if (!built) return <p className={classes.note}>The builder shows a selector and the pipeline behind it. This query has a comment, parentheses or a mistake there: it stays as text.</p>;
  const without = (index: number): string => writeLogs({ matchers: built.matchers.filter((one, at) => at !== index && one.value !== ""), stages: [], steps: [] });
  // What parsers make of lines is not known before they run.
  const names = [...new Set([...labels, ...namedIn(built)])];
  return (
    <div className={classes.builder} role="group" aria-label="Builder">
      <div className={classes.row}>
        <span className={classes.title}>Streams</span>
        <Conditions conditions={built.matchers} labels={labels} source={source} without={without} onChange={(matchers) => put({ ...built, matchers })} />
      </div>
      <div className={classes.row}>
        <span className={classes.title}>Lines</span>
        {built.stages.map((stage, index) => (
          // oxlint-disable-next-line react/no-array-index-key
          <Part key={index} remove="Remove this stage" onRemove={() => put({ ...built, stages: built.stages.toSpliced(index, 1) })}>
            <Stage stage={stage} names={names} onChange={(next) => put({ ...built, stages: built.stages.with(index, next) })} />
          </Part>
        ))}
        <AddMenu label="Stage" items={stages} disabled={built.matchers.length === 0} onAdd={(stage) => put({ ...built, stages: [...built.stages, stage] })} />
      </div>
      <div className={classes.row}>
        <span className={classes.title}>Numbers</span>
        {built.steps.map((step, index) => (
          // The first step makes numbers of lines: without it the others have nothing to work on.
          // oxlint-disable-next-line react/no-array-index-key
          <Part key={index} remove="Remove this step" onRemove={() => put({ ...built, steps: index === 0 ? [] : built.steps.toSpliced(index, 1) })}>
            <Step step={step} names={names} onChange={(next) => put({ ...built, steps: built.steps.with(index, next) })} />
          </Part>
        ))}
        <AddMenu label="Operation" items={built.steps.length === 0 ? windows : operations} disabled={built.matchers.length === 0} onAdd={(step) => put({ ...built, steps: [...built.steps, step] })} />
      </div>
    </div>
  );
}

/** Names that the query itself speaks of. */
function namedIn({ stages, steps }: BuiltLogs): string[] {
  return [
    "level",
    "detected_level",
    ...stages.flatMap((stage) => (stage.kind === "filter" ? [stage.name] : stage.kind === "unwrap" ? [stage.label] : stage.kind === "labels" ? stage.labels : [])),
    ...steps.flatMap((step) => ("labels" in step ? step.labels : [])),
  ].filter((name) => name !== "");
}

const lineOperators = ["|=", "!=", "|~", "!~", "|>", "!>"];
const comparisons = ["=", "!=", "=~", "!~", "==", ">", ">=", "<", "<="];
const textual = new Set(["=", "!=", "=~", "!~"]);

function Stage({ stage, names, onChange }: { stage: LogStage; names: readonly string[]; onChange: (stage: LogStage) => void }) {
  switch (stage.kind) {
    case "line":
      return (
        <>
          line
          <Choice label="How lines are compared" width={64} data={lineOperators} value={stage.op} onChange={(op) => onChange({ ...stage, op })} />
          <Typed exact label="Text of the line" width={200} value={stage.values[0] ?? ""} onChange={(value) => onChange({ ...stage, values: stage.values.length > 1 ? stage.values.with(0, value) : [value] })} />
          {stage.values.slice(1).map((value, index) => (
            // oxlint-disable-next-line react/no-array-index-key
            <Typed key={index} exact label={`Or the text ${index + 2}`} width={140} value={value} onChange={(next) => onChange({ ...stage, values: next === "" ? stage.values.toSpliced(index + 1, 1) : stage.values.with(index + 1, next) })} />
          ))}
        </>
      );
    case "parser":
      return (
        <>
          <Choice label="Parser" width={100} data={["json", "logfmt", "pattern", "regexp", "unpack"]} value={stage.name} onChange={(name) => onChange({ ...stage, name })} />
          {(stage.name === "pattern" || stage.name === "regexp") && <Typed exact label={stage.name === "pattern" ? "Pattern" : "Expression"} width={260} placeholder={stage.name === "pattern" ? "<ip> - <_> <status>" : "(?P<name>\\w+)"} value={stage.template} onChange={(template) => onChange({ ...stage, template })} />}
        </>
      );
    case "filter":
      return (
        <>
          <Typed label="Field" width={140} data={names} value={stage.name} onChange={(name) => onChange({ ...stage, name: name || stage.name })} />
          <Choice label={`How ${stage.name} is compared`} width={68} data={comparisons} value={stage.op} onChange={(op) => onChange({ ...stage, op, quoted: textual.has(op) && (stage.quoted || op.includes("~")) })} />
          <Typed exact label={`Value of ${stage.name}`} width={150} value={stage.value} onChange={(value) => onChange({ ...stage, value, quoted: textual.has(stage.op) && !(stage.op !== "=~" && stage.op !== "!~" && !stage.quoted && numeric.test(value)) })} />
        </>
      );
    case "unwrap":
      return (
        <>
          value of
          <Typed label="Label with the value" width={140} data={names} value={stage.label} onChange={(label) => onChange({ ...stage, label })} />
          <Choice label="Read as" width={150} data={["number", "duration", "duration_seconds", "bytes"]} value={stage.conversion || "number"} onChange={(conversion) => onChange({ ...stage, conversion: conversion === "number" ? "" : conversion })} />
        </>
      );
    case "format":
      return (
        <>
          line as <Typed exact label="Template of the line" width={280} placeholder="{{.level}} {{.message}}" value={stage.template} onChange={(template) => onChange({ ...stage, template })} />
        </>
      );
    case "labels":
      return (
        <>
          <Choice label="Labels are" width={80} data={["drop", "keep"]} value={stage.how} onChange={(how) => onChange({ ...stage, how: how === "keep" ? "keep" : "drop" })} />
          <TagsInput size="xs" miw={160} aria-label="Labels" data={[...names]} value={stage.labels} onChange={(labels) => onChange({ ...stage, labels })} />
        </>
      );
    case "text":
      return <TextPart>{stage.text}</TextPart>;
  }
}

/** Numbers, durations and sizes, which stand without quotes. */
const numeric = /^-?\d+(?:\.\d+)?(?:[a-zA-Zµ]+)?$/;

function Step({ step, names, onChange }: { step: LogStep; names: readonly string[]; onChange: (step: LogStep) => void }) {
  switch (step.kind) {
    case "window":
      return (
        <>
          <Choice label="Function" width={170} data={[...lineFunctions, ...valueFunctions]} value={step.fn} onChange={(fn) => onChange({ ...step, fn, param: takesParameter(fn) ? step.param : "" })} />
          {takesParameter(step.fn) && <Typed label="Quantile" width={64} placeholder="0.95" value={step.param} onChange={(param) => onChange({ ...step, param })} />}
          over
          <Typed label="Window" width={120} value={step.window} onChange={(window) => onChange({ ...step, window })} />
        </>
      );
    case "aggregate":
      return (
        <>
          <Choice label="Aggregation" width={100} data={logAggregations} value={step.op} onChange={(op) => onChange({ ...step, op, param: takesParameter(op) ? step.param : "" })} />
          {takesParameter(step.op) && <Typed label="Of the aggregation" width={64} placeholder="10" value={step.param} onChange={(param) => onChange({ ...step, param })} />}
          <GroupingField grouping={step.grouping} labels={step.labels} known={names} onChange={(grouping, labels) => onChange({ ...step, grouping, labels })} />
        </>
      );
    case "binary":
      return (
        <>
          <Choice label="Operator" width={68} data={["+", "-", "*", "/", "%", "^", ">", "<", ">=", "<=", "==", "!="]} value={step.op} onChange={(op) => onChange({ ...step, op })} />
          <Typed label="Right side" width={160} value={step.right} onChange={(right) => onChange({ ...step, right })} />
        </>
      );
    case "text":
      return <TextPart>{`${step.before}…${step.after}`}</TextPart>;
  }
}

const stages: { label: string; item: LogStage }[] = [
  { label: "Lines with a text", item: { kind: "line", op: "|=", values: [""] } },
  { label: "Lines that match a pattern", item: { kind: "line", op: "|~", values: [""] } },
  { label: "Fields of JSON", item: { kind: "parser", name: "json", template: "" } },
  { label: "Fields of key=value pairs (logfmt)", item: { kind: "parser", name: "logfmt", template: "" } },
  { label: "Fields by a template (pattern)", item: { kind: "parser", name: "pattern", template: "" } },
  { label: "Fields by groups (regexp)", item: { kind: "parser", name: "regexp", template: "" } },
  { label: "Condition on a field", item: { kind: "filter", name: "level", op: "!=", value: "", quoted: true } },
  { label: "A field as the value (unwrap)", item: { kind: "unwrap", label: "", conversion: "" } },
  { label: "Write the line anew (line_format)", item: { kind: "format", template: "" } },
  { label: "Drop or keep labels", item: { kind: "labels", how: "drop", labels: [] } },
];

const over = (fn: string): LogStep => ({ kind: "window", fn, param: "", window: "$__auto", offset: "", grouping: "", labels: [] });

const windows: { label: string; item: LogStep }[] = [
  { label: "Count lines", item: over("count_over_time") },
  { label: "Lines per second", item: over("rate") },
  { label: "Bytes per second", item: over("bytes_rate") },
  { label: "Mean of the value", item: over("avg_over_time") },
  { label: "Quantile of the value", item: over("quantile_over_time") },
];

const operations: { label: string; item: LogStep }[] = [
  { label: "Sum, mean, top … of groups", item: { kind: "aggregate", op: "sum", param: "", grouping: "by", labels: [] } },
  { label: "Arithmetic or comparison", item: { kind: "binary", op: "*", right: "1" } },
];
