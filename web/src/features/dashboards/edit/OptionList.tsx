import { Autocomplete, NumberInput, Select, Switch, TextInput, Textarea } from "@mantine/core";
import { useId, useState } from "react";

import { getIn } from "../../../lib/dashboard/edit";
import { num, str, strs, type Obj } from "../../../lib/dashboard/json";
import { isModified, optionsFor, type OptionSpec } from "../../../lib/dashboard/optionSchema";
import classes from "./panelEditor.module.css";

export type Put = (path: readonly (string | number)[], value: unknown) => void;

interface OptionListProps {
  panel: Obj;
  type: string;
  put: Put;
}

const sections: readonly OptionSpec["section"][] = ["Panel", "Display", "Legend and tooltip", "Axis", "Values"];

/** The settings of a panel, found by a word. What differs from the default is marked, and can be put back. */
export function OptionList({ panel, type, put }: OptionListProps) {
  const [find, setFind] = useState("");
  const specs = optionsFor(type, find);
  return (
    <>
      <TextInput aria-label="Find a setting" placeholder="Find a setting" value={find} onChange={(event) => setFind(event.currentTarget.value)} />
      {sections.map((section) => {
        const own = specs.filter((spec) => spec.section === section);
        if (own.length === 0) return null;
        return (
          <fieldset key={section} className={classes.section}>
            <legend>{section}</legend>
            {own.map((spec) => (
              <Option key={spec.path.join(".")} spec={spec} panel={panel} put={put} />
            ))}
          </fieldset>
        );
      })}
      {specs.length === 0 && <p className={classes.note}>No setting has these words. The JSON has them all.</p>}
    </>
  );
}

function Option({ spec, panel, put }: { spec: OptionSpec; panel: Obj; put: Put }) {
  const id = useId();
  const modified = isModified(panel, spec);
  return (
    <div className={classes.option} data-modified={modified || undefined}>
      <label htmlFor={id}>{spec.label}</label>
      <Control id={id} spec={spec} value={getIn(panel, spec.path)} onChange={(value) => put(spec.path, value)} />
      {modified ? (
        <button type="button" className={classes.reset} title="Back to the default" aria-label={`Reset ${spec.label}`} onClick={() => put(spec.path, undefined)}>
          ↺
        </button>
      ) : (
        <span />
      )}
    </div>
  );
}

// What panels show most; any other id or text can be typed.
const units = [
  "short", "none", "percent", "percentunit", "bytes", "decbytes", "bits", "Bps", "binBps", "bps", "s", "ms", "µs", "ns", "m", "h", "d", "dtdurations", "ops",
  "reqps", "rps", "wps", "iops", "pps", "cps", "opm", "hertz", "celsius", "watt", "volt", "dateTimeAsIso", "dateTimeFromNow", "bool", "string", "locale", "sci",
]; // prettier-ignore

const calcs = ["lastNotNull", "last", "mean", "min", "max", "sum", "count", "range", "delta", "first", "firstNotNull", "diff"];

function Control({ id, spec, value, onChange }: { id: string; spec: OptionSpec; value: unknown; onChange: (value: unknown) => void }) {
  switch (spec.kind) {
    case "switch":
      return <Switch id={id} checked={value === undefined ? spec.fallback === true : value === true} onChange={(event) => onChange(event.currentTarget.checked)} />;
    case "number":
      return <NumberInput id={id} size="xs" value={num(value) ?? ""} placeholder={spec.fallback === undefined ? "auto" : String(spec.fallback)} onChange={(next) => onChange(next === "" ? undefined : Number(next))} />;
    case "choice": {
      const current = str(value, String(spec.fallback ?? ""));
      const data = spec.choices ?? [];
      return <Select id={id} data={data.some((one) => one.value === current) ? [...data] : [...data, { value: current, label: current || "Default" }]} value={current} onChange={(next) => onChange(next ?? undefined)} />;
    }
    case "area":
      return <Textarea id={id} size="xs" autosize minRows={2} maxRows={10} value={str(value)} onChange={(event) => onChange(event.currentTarget.value || undefined)} />;
    case "unit":
      return <Autocomplete id={id} size="xs" data={units} limit={50} value={str(value)} placeholder="short" onChange={(next) => onChange(next || undefined)} />;
    case "calcs":
      return <Autocomplete id={id} size="xs" data={calcs} value={strs(value).join(", ")} placeholder="lastNotNull" onChange={(next) => onChange(next.split(",").map((one) => one.trim()).filter(Boolean))} />;
    case "text":
      return <TextInput id={id} value={str(value)} placeholder={spec.hint} onChange={(event) => onChange(event.currentTarget.value || undefined)} />;
  }
}
