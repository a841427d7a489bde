import { Autocomplete, MultiSelect, NumberInput, Select, Switch, TextInput, Textarea } from "@mantine/core";

import { num, str, strs } from "../../../lib/dashboard/json";
import type { OptionSpec } from "../../../lib/dashboard/optionSchema";
import { calcIds, calcName } from "../../../lib/dashboard/reduce";
import { ColourField } from "./ColourField";

// What panels show most; any other id or text can be typed.
const units = [
  "short", "none", "percent", "percentunit", "bytes", "decbytes", "bits", "Bps", "binBps", "bps", "s", "ms", "µs", "ns", "m", "h", "d", "dtdurations", "ops",
  "reqps", "rps", "wps", "iops", "pps", "cps", "opm", "hertz", "celsius", "watt", "volt", "dateTimeAsIso", "dateTimeFromNow", "bool", "string", "locale", "sci",
]; // prettier-ignore

const calcs = calcIds.map((value) => ({ value, label: calcName(value) }));

interface OptionControlProps {
  spec: OptionSpec;
  label: string;
  /** Of the control, where a label element names it. */
  id?: string;
  value: unknown;
  onChange: (value: unknown) => void;
}

/** The control that a setting wants. */
export function OptionControl({ spec, label, id, value, onChange }: OptionControlProps) {
  const named = id === undefined ? { "aria-label": label } : { id };
  switch (spec.kind) {
    case "switch":
      return <Switch {...named} checked={value === undefined ? spec.fallback === true : value === true} onChange={(event) => onChange(event.currentTarget.checked)} />;
    case "number":
      return <NumberInput {...named} size="xs" value={num(value) ?? ""} placeholder={spec.fallback === undefined ? "auto" : String(spec.fallback)} onChange={(next) => onChange(next === "" ? undefined : Number(next))} />;
    case "choice": {
      const current = str(value, String(spec.fallback ?? ""));
      const data = spec.choices ?? [];
      return <Select {...named} size="xs" allowDeselect={false} data={data.some((one) => one.value === current) ? [...data] : [...data, { value: current, label: current || "Default" }]} value={current} onChange={(next) => onChange(next ?? undefined)} />;
    }
    case "area":
      return <Textarea {...named} size="xs" autosize minRows={2} maxRows={10} value={str(value)} onChange={(event) => onChange(event.currentTarget.value || undefined)} />;
    case "unit":
      return <Autocomplete {...named} size="xs" data={units} limit={50} value={str(value)} placeholder="short" onChange={(next) => onChange(next || undefined)} />;
    case "calcs": {
      const chosen = strs(value);
      return <MultiSelect {...named} size="xs" searchable data={[...calcs, ...chosen.filter((one) => !calcIds.includes(one)).map((one) => ({ value: one, label: calcName(one) }))]} value={chosen} placeholder={chosen.length === 0 ? "none" : ""} onChange={onChange} />;
    }
    case "text":
      if (spec.path.at(-1) === "fixedColor") return <ColourField label={label} {...(id === undefined ? {} : { id })} value={str(value)} onChange={(next) => onChange(next || undefined)} />;
      return <TextInput {...named} size="xs" value={str(value)} placeholder={spec.hint} onChange={(event) => onChange(event.currentTarget.value || undefined)} />;
  }
}
