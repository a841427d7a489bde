import { SegmentedControl, TextInput } from "@mantine/core";
import { useState } from "react";

import { parseDuration } from "../../lib/duration";
import { isUsual, setUsual, usualIn, type Usual } from "../../lib/traceql/usual";
import { writeTraces, type TraceCondition } from "../../lib/traceql/build";
import { Typed } from "./fields";
import { useValues, type NameSource } from "./useNames";

interface UsualSpansProps {
  /** Conditions that hold together, the usual ones and others. */
  conditions: readonly TraceCondition[];
  source: NameSource;
  onChange: (conditions: TraceCondition[]) => void;
}

/** What most searches are about, as fields that are always there: service, operation, status, duration, and root spans alone. */
export function UsualSpans({ conditions, source, onChange }: UsualSpansProps) {
  const usual = usualIn(conditions);
  const set = (next: Partial<Usual>): void => onChange(setUsual(conditions, next));
  const services = conditions.filter((one) => isUsual(one) === "service");
  return (
    <>
      <Name label="Service" field="resource.service.name" source={source} narrow={[]} value={usual.service} onChange={(service) => set({ service })} />
      <Name label="Operation" field="name" source={source} narrow={services} value={usual.operation} onChange={(operation) => set({ operation })} />
      <SegmentedControl
        aria-label="Status"
        size="xs"
        value={usual.status}
        onChange={(status) => set({ status })}
        data={[
          { value: "", label: "any status" },
          { value: "error", label: "error" },
          { value: "ok", label: "ok" },
        ]}
      />
      <Duration label="Minimum duration" placeholder="at least 100ms" value={usual.least} onChange={(least) => set({ least })} />
      <Duration label="Maximum duration" placeholder="less than 2s" value={usual.most} onChange={(most) => set({ most })} />
      <SegmentedControl
        aria-label="Which spans"
        size="xs"
        value={usual.root ? "root" : ""}
        onChange={(which) => set({ root: which === "root" })}
        data={[
          { value: "", label: "all spans" },
          { value: "root", label: "root spans" },
        ]}
      />
    </>
  );
}

interface NameProps {
  label: string;
  field: string;
  source: NameSource;
  /** Conditions that narrow the values on offer. */
  narrow: TraceCondition[];
  value: string;
  onChange: (value: string) => void;
}

function Name({ label, field, source, narrow, value, onChange }: NameProps) {
  const [wanted, setWanted] = useState(false);
  const values = useValues(source, field, writeTraces({ join: "&&", conditions: narrow, stages: [] }), wanted);
  return <Typed label={label} width={180} placeholder={`${label}: any`} data={values} value={value} onFocus={() => setWanted(true)} onChange={onChange} />;
}

interface DurationProps {
  label: string;
  placeholder: string;
  value: string;
  onChange: (value: string) => void;
}

function Duration({ label, placeholder, value, onChange }: DurationProps) {
  const [draft, setDraft] = useState({ of: value, text: value });
  const text = draft.of === value ? draft.text : value;
  const taken = text.trim();
  // A dashboard's variable may stand for one.
  const wrong = taken !== "" && !taken.startsWith("$") && parseDuration(taken) === undefined;
  const submit = (): void => {
    if (!wrong && taken !== value) onChange(taken);
  };
  return (
    <TextInput
      size="xs"
      w={120}
      aria-label={label}
      placeholder={placeholder}
      value={text}
      error={wrong ? "Like 100ms or 1.5s" : undefined}
      onChange={(event) => setDraft({ of: value, text: event.currentTarget.value })}
      onBlur={submit}
      onKeyDown={(event) => {
        if (event.key === "Enter") submit();
      }}
    />
  );
}
