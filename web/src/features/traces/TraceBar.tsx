import { Autocomplete, Button, SegmentedControl, Text, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense, useMemo, useState } from "react";

import { tagNames, tagValues } from "../../api/tempo";
import type { Completions } from "../../components/editor/language";
import { QueryEditor } from "../../components/editor/QueryEditor";
import { useTime } from "../../components/time/TimeContext";
import { parseDuration } from "../../lib/duration";
import { addCondition, readConditions, setCondition, writeConditions, type Condition } from "../../lib/traceqlEdit";
import { AttributeFilter } from "./AttributeFilter";
import classes from "./TraceBar.module.css";

const QueryBuilder = lazy(async () => ({ default: (await import("../../components/querybuilder/QueryBuilder")).QueryBuilder }));

interface TraceBarProps {
  query: string;
  /** The server refused the query. */
  refused: boolean;
  /** Runs a query; the same one again asks anew. */
  onRun(query: string): void;
}

const SERVICE = "resource.service.name";

/** The query as text, fields for its usual parts, and a builder for all others: ways to write the same. */
export function TraceBar({ query, refused, onRun }: TraceBarProps) {
  const [draft, setDraft] = useState({ of: query, text: query });
  const [building, setBuilding] = useState(false);
  // A query from elsewhere (the builder, a link, Back) replaces what was being typed.
  const text = draft.of === query ? draft.text : query;
  const { range } = useTime();
  const completions = useMemo<Completions>(() => {
    const seconds = { start: Math.floor(range.from / 1000), end: Math.ceil(range.to / 1000) };
    return { names: () => tagNames(seconds), values: (name) => tagValues(name, { query: "{}", ...seconds }) };
  }, [range]);
  const edited = text !== query;

  return (
    <div className={classes.bar}>
      <div className={classes.line}>
        <div className={classes.editor}>
          <QueryEditor
            language="traceql"
            label="TraceQL query"
            placeholder="{}"
            value={text}
            onChange={(next) => setDraft({ of: query, text: next })}
            onRun={(next) => onRun(next.trim() || "{}")}
            completions={completions}
            invalid={refused && !edited}
          />
        </div>
        <Button variant={edited ? "filled" : "default"} onClick={() => onRun(text.trim() || "{}")}>
          Run
        </Button>
        <Button variant={building ? "filled" : "default"} aria-expanded={building} onClick={() => setBuilding(!building)}>
          Builder
        </Button>
      </div>
      {building ? (
        <Suspense fallback={null}>
          <QueryBuilder language="traceql" query={text} onChange={(next) => onRun(next)} />
        </Suspense>
      ) : (
        <QuickFields key={query} query={query} onRun={onRun} />
      )}
    </div>
  );
}

function QuickFields({ query, onRun }: Pick<TraceBarProps, "query" | "onRun">) {
  const conditions = readConditions(query);
  if (!conditions) {
    return (
      <Text size="sm" c="dimmed">
        Edited by hand: this query has more to it than these fields show.{" "}
        <button type="button" className={classes.reset} onClick={() => onRun("{}")}>
          Start over
        </button>
      </Text>
    );
  }
  const change = (next: Condition, ops?: Condition["op"][]) => {
    const changed = writeConditions(setCondition(conditions, next, ops));
    if (changed !== writeConditions(conditions)) onRun(changed);
  };
  const valueOf = (field: string, ops: Condition["op"][] = ["="]) =>
    conditions.find((one) => one.field === field && ops.includes(one.op))?.value ?? "";
  const known = (one: Condition) =>
    isRootOnly(one) ||
    (one.op === "=" && [SERVICE, "name", "status"].includes(one.field)) || (one.field === "duration" && one.op !== "=" && !one.quoted);
  const others = conditions.filter((one) => !known(one));

  return (
    <div className={classes.builder} role="group" aria-label="Query builder">
      <ValueField label="Service" field={SERVICE} narrow={[]} value={valueOf(SERVICE)} onChange={change} />
      <ValueField label="Operation" field="name" narrow={conditions.filter((one) => one.field === SERVICE)} value={valueOf("name")} onChange={change} />
      <SegmentedControl
        aria-label="Status"
        value={valueOf("status")}
        onChange={(value) => change({ field: "status", op: "=", value, quoted: false })}
        data={[
          { value: "", label: "any status" },
          { value: "error", label: "error" },
          { value: "ok", label: "ok" },
        ]}
      />
      <DurationField
        label="Minimum duration"
        placeholder="at least, e.g. 100ms"
        value={valueOf("duration", [">", ">="])}
        onChange={(value) => change({ field: "duration", op: ">=", value, quoted: false }, [">", ">="])}
      />
      <DurationField
        label="Maximum duration"
        placeholder="less than, e.g. 2s"
        value={valueOf("duration", ["<", "<="])}
        onChange={(value) => change({ field: "duration", op: "<", value, quoted: false }, ["<", "<="])}
      />
      <SegmentedControl
        aria-label="Which spans"
        value={conditions.some(isRootOnly) ? "root" : ""}
        onChange={(value) => change({ ...ROOT_ONLY, value: value === "root" ? ROOT_ONLY.value : "" })}
        data={[
          { value: "", label: "all spans" },
          { value: "root", label: "root spans" },
        ]}
      />
      {others.map((one) => {
        const text = writeConditions([one]).slice(2, -2);
        return (
          <span key={text} className={classes.chip}>
            {text}
            <button
              type="button"
              className={classes.remove}
              aria-label={`Remove ${text}`}
              onClick={() => onRun(writeConditions(conditions.filter((other) => other !== one)))}
            >
              ×
            </button>
          </span>
        );
      })}
      <AttributeFilter conditions={conditions} onAdd={(one) => onRun(addCondition(query, one))} />
    </div>
  );
}

// Spans without a parent are numbered below 0.
const ROOT_ONLY: Condition = { field: "nestedSetParent", op: "<", value: "0", quoted: false };

function isRootOnly({ field, op, value }: Condition): boolean {
  return field === ROOT_ONLY.field && op === ROOT_ONLY.op && value === ROOT_ONLY.value;
}

interface ValueFieldProps {
  label: string;
  field: string;
  /** Conditions that narrow the values on offer. */
  narrow: readonly Condition[];
  value: string;
  onChange(next: Condition): void;
}

function ValueField({ label, field, narrow, value, onChange }: ValueFieldProps) {
  const { range } = useTime();
  const [text, setText] = useState(value);
  const [asked, setAsked] = useState(false);
  const query = writeConditions(narrow);
  const values = useQuery({
    queryKey: ["traces", "values", field, query, range],
    // Names are only looked up for someone who is about to choose one.
    enabled: asked,
    queryFn: ({ signal }) =>
      tagValues(field, { query, start: Math.floor(range.from / 1000), end: Math.ceil(range.to / 1000) }, signal),
  });
  const set = (next: string) => onChange({ field, op: "=", value: next.trim(), quoted: true });
  return (
    <Autocomplete
      size="xs"
      className={classes.field}
      aria-label={label}
      placeholder={`${label}: any`}
      data={values.data ?? []}
      limit={200}
      value={text}
      onFocus={() => setAsked(true)}
      onChange={setText}
      onOptionSubmit={set}
      onBlur={() => set(text)}
      onKeyDown={(event) => {
        if (event.key === "Enter") set(text);
      }}
      clearable
      onClear={() => set("")}
    />
  );
}

interface DurationFieldProps {
  label: string;
  placeholder: string;
  value: string;
  onChange(value: string): void;
}

function DurationField({ label, placeholder, value, onChange }: DurationFieldProps) {
  const [text, setText] = useState(value);
  const wrong = text.trim() !== "" && parseDuration(text) === undefined;
  const submit = () => {
    if (!wrong) onChange(text.trim());
  };
  return (
    <TextInput
      className={classes.duration}
      aria-label={label}
      placeholder={placeholder}
      value={text}
      error={wrong ? "Like 100ms or 1.5s" : undefined}
      onChange={(event) => setText(event.currentTarget.value)}
      onBlur={submit}
      onKeyDown={(event) => {
        if (event.key === "Enter") submit();
      }}
    />
  );
}
