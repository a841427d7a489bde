import { Autocomplete, Button, SegmentedControl, Text, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";

import { tagNames, tagValues } from "../../api/tempo";
import type { Completions } from "../../components/editor/language";
import { QueryEditor } from "../../components/editor/QueryEditor";
import { useTime } from "../../components/time/TimeContext";
import { parseDuration } from "../../lib/duration";
import { readConditions, setCondition, writeConditions, type Condition } from "../../lib/traceqlEdit";
import classes from "./TraceBar.module.css";

interface TraceBarProps {
  query: string;
  /** The server refused the query. */
  refused: boolean;
  /** Runs a query; the same one again asks anew. */
  onRun(query: string): void;
}

const SERVICE = "resource.service.name";

/** The query as text, and a builder for its usual parts, two ways to write the same. */
export function TraceBar({ query, refused, onRun }: TraceBarProps) {
  const [draft, setDraft] = useState({ of: query, text: query });
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
      </div>
      <Builder key={query} query={query} onRun={onRun} />
    </div>
  );
}

function Builder({ query, onRun }: Pick<TraceBarProps, "query" | "onRun">) {
  const conditions = readConditions(query);
  if (!conditions) {
    return (
      <Text size="sm" c="dimmed">
        Edited by hand: this query has more to it than the builder shows.{" "}
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
    (one.op === "=" && [SERVICE, "name", "status"].includes(one.field)) || (one.field === "duration" && (one.op === ">" || one.op === ">="));
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
        value={valueOf("duration", [">", ">="])}
        onChange={(value) => change({ field: "duration", op: ">=", value, quoted: false }, [">", ">="])}
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
    </div>
  );
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

function DurationField({ value, onChange }: { value: string; onChange(value: string): void }) {
  const [text, setText] = useState(value);
  const wrong = text.trim() !== "" && parseDuration(text) === undefined;
  const submit = () => {
    if (!wrong) onChange(text.trim());
  };
  return (
    <TextInput
      className={classes.duration}
      aria-label="Minimum duration"
      placeholder="at least, e.g. 100ms"
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
