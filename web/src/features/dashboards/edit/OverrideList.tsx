import { ActionIcon, Button, Select, TextInput } from "@mantine/core";
import IconX from "@tabler/icons-react/dist/esm/icons/IconX.mjs";
import { useState } from "react";

import { getIn } from "../../../lib/dashboard/edit";
import { obj, objs, str, type Obj } from "../../../lib/dashboard/json";
import type { Put } from "./OptionList";
import classes from "./panelEditor.module.css";

const matchers = [
  { value: "byName", label: "The field named" },
  { value: "byRegexp", label: "Fields whose name matches" },
  { value: "byType", label: "Fields of type" },
  { value: "byFrameRefID", label: "Fields of the query" },
];

const properties = [
  "color", "unit", "displayName", "decimals", "min", "max", "noValue", "custom.lineWidth", "custom.fillOpacity", "custom.drawStyle", "custom.lineStyle",
  "custom.showPoints", "custom.stacking", "custom.axisPlacement", "custom.transform", "custom.hideFrom", "custom.hidden", "custom.width", "custom.align",
  "custom.cellOptions", "custom.spanNulls", "custom.fillBelowTo", "links", "mappings", "thresholds",
]; // prettier-ignore

const path = ["fieldConfig", "overrides"];

/** Settings that hold for some fields only. */
export function OverrideList({ panel, put }: { panel: Obj; put: Put }) {
  const overrides = objs(getIn(panel, path));
  const replace = (index: number, next: Obj): void => put(path, overrides.map((one, at) => (at === index ? next : one)));
  return (
    <>
      {overrides.map((override, index) => {
        const matcher = obj(override.matcher);
        const own = objs(override.properties);
        return (
          // Overrides have no identity but their place.
          // oxlint-disable-next-line react/no-array-index-key
          <section key={index} className={classes.query} aria-label={`Override ${index + 1}`}>
            <div className={classes.queryHead}>
              <Select aria-label="Which fields" data={matchers.some((one) => one.value === matcher.id) ? matchers : [...matchers, { value: str(matcher.id), label: str(matcher.id) }]} value={str(matcher.id)} onChange={(id) => replace(index, { ...override, matcher: { id, options: matcher.options ?? "" } })} />
              {typeof matcher.options === "object" ? <code>{JSON.stringify(matcher.options)}</code> : <TextInput aria-label="Name or pattern" value={str(matcher.options)} onChange={(event) => replace(index, { ...override, matcher: { ...matcher, options: event.currentTarget.value } })} />}
              <span className={classes.space} />
              <ActionIcon aria-label="Remove the override" onClick={() => put(path, overrides.filter((_, at) => at !== index))}>
                <IconX size={16} />
              </ActionIcon>
            </div>
            {own.map((property, place) => (
              // oxlint-disable-next-line react/no-array-index-key
              <div key={`${place} ${str(property.id)}`} className={classes.step}>
                <span style={{ width: 160 }}>{str(property.id)}</span>
                <PropertyValue value={property.value} label={str(property.id)} onChange={(value) => replace(index, { ...override, properties: own.map((one, at) => (at === place ? { ...one, value } : one)) })} />
                <ActionIcon aria-label={`Remove ${str(property.id)}`} onClick={() => replace(index, { ...override, properties: own.filter((_, at) => at !== place) })}>
                  <IconX size={14} />
                </ActionIcon>
              </div>
            ))}
            <Select aria-label="Add a setting" placeholder="Add a setting" searchable w={240} data={properties.filter((id) => !own.some((one) => one.id === id))} value={null} onChange={(id) => id && replace(index, { ...override, properties: [...own, { id, value: first[id] ?? "" }] })} />
          </section>
        );
      })}
      <Button variant="default" onClick={() => put(path, [...overrides, { matcher: { id: "byName", options: "" }, properties: [] }])}>
        Add an override
      </Button>
    </>
  );
}

// What a setting is at first, where a text would be of the wrong kind.
const first: Record<string, unknown> = {
  color: { mode: "fixed", fixedColor: "red" },
  decimals: 2,
  min: 0,
  max: 100,
  "custom.lineWidth": 1,
  "custom.fillOpacity": 10,
  "custom.lineStyle": { fill: "dash", dash: [10, 10] },
  "custom.stacking": { mode: "none", group: "A" },
  "custom.hideFrom": { legend: true, tooltip: true, viz: true },
  "custom.hidden": true,
  "custom.width": 120,
  "custom.cellOptions": { type: "color-text" },
  "custom.spanNulls": true,
  "custom.transform": "negative-Y",
  "custom.axisPlacement": "right",
  links: [],
  mappings: [],
  thresholds: { mode: "absolute", steps: [{ value: null, color: "green" }, { value: 80, color: "red" }] },
};

/** A value as JSON; a bare word counts as text. It is taken over when the field is left, if it can be read. */
function PropertyValue({ label, value, onChange }: { label: string; value: unknown; onChange: (value: unknown) => void }) {
  const given = typeof value === "string" ? value : JSON.stringify(value ?? "");
  const [draft, setDraft] = useState({ of: given, text: given });
  const text = draft.of === given ? draft.text : given;
  const read = readValue(text, typeof value);
  const apply = (): void => {
    if (text !== given && read !== undefined) onChange(read);
  };
  return (
    <TextInput
      style={{ flex: 1 }}
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
