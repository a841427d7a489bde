import { Switch, TextInput } from "@mantine/core";
import { useId, useState } from "react";

import { bool, obj } from "../../../lib/dashboard/json";
import { optionSpecs, type OptionSpec } from "../../../lib/dashboard/optionSchema";
import { LinkList } from "./LinkList";
import { MappingList } from "./MappingList";
import { OptionControl } from "./OptionControl";
import { ThresholdList } from "./ThresholdList";
import classes from "./panelEditor.module.css";

const defaults = ["fieldConfig", "defaults"];

/** The id of a setting of fields as overrides write it: where it is below the defaults. */
function overrideId(spec: OptionSpec): string | undefined {
  return spec.path[0] === defaults[0] && spec.path[1] === defaults[1] ? spec.path.slice(2).join(".") : undefined;
}

// Whole members, whose parts have controls of their own among the settings.
const whole: Record<string, { label: string; first: unknown; parts?: readonly string[] }> = {
  color: { label: "Colours", first: { mode: "fixed", fixedColor: "red" }, parts: ["color.mode", "color.fixedColor"] },
  thresholds: { label: "Thresholds", first: { mode: "absolute", steps: [{ value: null, color: "green" }, { value: 80, color: "red" }] } },
  mappings: { label: "Values as texts", first: [] },
  links: { label: "Links of values", first: [] },
  "custom.lineStyle": { label: "Dashes", first: { fill: "dash", dash: [10, 10] } },
  "custom.stacking": { label: "Stack", first: { mode: "none", group: "A" }, parts: ["custom.stacking.mode"] },
  "custom.hideFrom": { label: "Hide from", first: { legend: false, tooltip: false, viz: true } },
  "custom.hidden": { label: "Hide the column", first: true },
  "custom.width": { label: "Width of the column", first: 120 },
  "custom.minWidth": { label: "Least width of the column", first: 80 },
  "custom.filterable": { label: "Filter of the column", first: true },
  "custom.cellOptions": { label: "Cells", first: { type: "color-text" }, parts: ["custom.cellOptions.type"] },
  "custom.transform": { label: "Turned around", first: "negative-Y" },
  "custom.fillBelowTo": { label: "Fill down to", first: "" },
  "custom.thresholdsStyle": { label: "Show thresholds", first: { mode: "line" }, parts: ["custom.thresholdsStyle.mode"] },
  "custom.scaleDistribution": { label: "Scale", first: { type: "linear" }, parts: ["custom.scaleDistribution.type"] },
};
const parts = new Set(Object.values(whole).flatMap((one) => one.parts ?? []));

function specOf(id: string): OptionSpec | undefined {
  return optionSpecs.find((spec) => overrideId(spec) === id);
}

/** The settings that an override can have, for a type of panel. */
export function overrideIds(type: string): string[] {
  const single = optionSpecs.filter((spec) => !spec.types || spec.types.includes(type)).flatMap((spec) => overrideId(spec) ?? []);
  const mentioned = (id: string): boolean => !id.startsWith("custom.") || type === "timeseries" || type === "table" || type === "barchart";
  return [...new Set([...single.filter((id) => !parts.has(id)), ...Object.keys(whole).filter(mentioned)])].toSorted((a, b) => overrideLabel(a).localeCompare(overrideLabel(b)));
}

/** The setting's name; its id where it has none. */
export function overrideLabel(id: string): string {
  return whole[id]?.label ?? specOf(id)?.label ?? id;
}

/** What a setting is at first. */
export function overrideFirst(id: string): unknown {
  return structuredClone(whole[id]?.first ?? specOf(id)?.fallback ?? (specOf(id)?.kind === "number" ? 0 : ""));
}

interface OverrideValueProps {
  id: string;
  value: unknown;
  onChange: (value: unknown) => void;
}

/** The value of a setting in the control that it has among the panel's settings; JSON for one without. */
export function OverrideValue({ id, value, onChange }: OverrideValueProps) {
  const label = overrideLabel(id);
  const control = useId();
  const spec = specOf(id);
  switch (id) {
    case "thresholds":
      return <ThresholdList value={value} onChange={onChange} />;
    case "mappings":
      return <MappingList value={value} onChange={onChange} />;
    case "links":
      return <LinkList value={value} example="/d/uid?var-job=${__field.labels.job}" onChange={onChange} />;
    case "custom.hideFrom":
      return (
        <div className={classes.queryTools}>
          {(["legend", "tooltip", "viz"] as const).map((part) => (
            <Switch key={part} label={part === "viz" ? "Chart" : part === "legend" ? "Legend" : "Tooltip"} checked={bool(obj(value)[part])} onChange={(event) => onChange({ ...obj(value), [part]: event.currentTarget.checked })} />
          ))}
        </div>
      );
    case "custom.hidden":
    case "custom.filterable":
      return <Switch aria-label={label} checked={value === true} onChange={(event) => onChange(event.currentTarget.checked)} />;
  }
  const inner = whole[id]?.parts;
  if (inner && typeof value === "object" && value !== null) {
    return (
      <div className={classes.queryTools}>
        {inner.map((part) => {
          const of = specOf(part);
          const member = part.slice(id.length + 1);
          return of && <OptionControl key={part} spec={of} label={of.label} value={obj(value)[member]} onChange={(next) => onChange({ ...obj(value), [member]: next })} />;
        })}
      </div>
    );
  }
  if (spec) return <OptionControl id={control} label={label} spec={spec} value={value} onChange={(next) => onChange(next ?? overrideFirst(id))} />;
  return <JsonValue label={label} value={value} onChange={onChange} />;
}

/** A value as JSON; text without quotes where it was a text. It is taken over when the field is left, if it can be read. */
function JsonValue({ label, value, onChange }: { label: string; value: unknown; onChange: (value: unknown) => void }) {
  const given = typeof value === "string" ? value : JSON.stringify(value ?? "");
  const [draft, setDraft] = useState({ of: given, text: given });
  const text = draft.of === given ? draft.text : given;
  const read = readValue(text, typeof value);
  const apply = (): void => {
    if (text !== given && read !== undefined) onChange(read);
  };
  return (
    <TextInput
      aria-label={`Value of ${label}`}
      value={text}
      error={read === undefined}
      onChange={(event) => setDraft({ of: given, text: event.currentTarget.value })}
      onBlur={apply}
      onKeyDown={(event) => {
        if (event.key === "Enter") apply();
      }}
    />
  );
}

function readValue(text: string, before: string): unknown {
  if (before === "string") return text;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
