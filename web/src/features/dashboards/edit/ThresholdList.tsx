import { ActionIcon, Button, NumberInput, Select, TextInput, useComputedColorScheme } from "@mantine/core";
import IconX from "@tabler/icons-react/dist/esm/icons/IconX.mjs";

import { namedColour } from "../../../lib/dashboard/colour";
import { getIn } from "../../../lib/dashboard/edit";
import { obj, objs, str, type Obj } from "../../../lib/dashboard/json";
import { migrateMappings, migrateThresholds } from "../../../lib/dashboard/migrateFieldConfig";
import type { Put } from "./OptionList";
import classes from "./panelEditor.module.css";

/** The thresholds, value mappings and data links of a panel. */
export function ThresholdList({ panel, put }: { panel: Obj; put: Put }) {
  return (
    <>
      <Thresholds panel={panel} put={put} />
      <Mappings panel={panel} put={put} />
      <Links panel={panel} put={put} />
    </>
  );
}

const thresholdsPath = ["fieldConfig", "defaults", "thresholds"];

function Thresholds({ panel, put }: { panel: Obj; put: Put }) {
  const scheme = useComputedColorScheme("light");
  const { mode, steps } = migrateThresholds(getIn(panel, thresholdsPath)) as { mode: string; steps: { value: number | null; color: string }[] };
  const set = (next: readonly { value: number | null; color: string }[]): void => put(thresholdsPath, { mode, steps: next.toSorted((a, b) => (a.value ?? -Infinity) - (b.value ?? -Infinity)) });
  const change = (index: number, patch: { value?: number | null; color?: string }): void => set(steps.map((step, at) => (at === index ? { ...step, ...patch } : step)));
  return (
    <fieldset className={classes.section}>
      <legend>Thresholds</legend>
      {steps.map((step, index) => (
        // Steps have no identity but their place.
        // oxlint-disable-next-line react/no-array-index-key
        <div key={index} className={classes.step}>
          <span className={classes.swatch} style={{ background: namedColour(step.color, scheme) ?? step.color }} aria-hidden="true" />
          <TextInput aria-label={`Colour of step ${index + 1}`} value={step.color} onChange={(event) => change(index, { color: event.currentTarget.value })} />
          {step.value === null ? <span>from below</span> : <NumberInput size="xs" aria-label={`Value of step ${index + 1}`} value={step.value} onChange={(value) => change(index, { value: Number(value) })} />}
          {step.value !== null && (
            <ActionIcon aria-label={`Remove step ${index + 1}`} onClick={() => set(steps.filter((_, at) => at !== index))}>
              <IconX size={14} />
            </ActionIcon>
          )}
        </div>
      ))}
      <div className={classes.queryTools}>
        <Button variant="default" onClick={() => set(steps.length === 0 ? [{ value: null, color: "green" }] : [...steps, { value: (steps.at(-1)?.value ?? 70) + 10, color: "red" }])}>
          Add a step
        </Button>
        <Select aria-label="Steps count in" w={130} data={[{ value: "absolute", label: "Values" }, { value: "percentage", label: "Percent of range" }]} value={mode} onChange={(next) => put(thresholdsPath, { mode: next, steps })} />
      </div>
    </fieldset>
  );
}

const mappingsPath = ["fieldConfig", "defaults", "mappings"];

function Mappings({ panel, put }: { panel: Obj; put: Put }) {
  const mappings = migrateMappings(getIn(panel, mappingsPath));
  const at = mappings.findIndex((one) => one.type === "value");
  const values = Object.entries(obj(mappings[at]?.options));
  const others = mappings.filter((one) => one.type !== "value");
  const set = (next: readonly (readonly [string, unknown])[]): void => put(mappingsPath, [...(next.length > 0 ? [{ type: "value", options: Object.fromEntries(next) }] : []), ...others]);
  return (
    <fieldset className={classes.section}>
      <legend>Values as texts</legend>
      {values.map(([value, result], index) => (
        // oxlint-disable-next-line react/no-array-index-key
        <div key={index} className={classes.step}>
          <TextInput aria-label="Value" value={value} onChange={(event) => set(values.map((one, place) => (place === index ? [event.currentTarget.value, one[1]] : one)))} />
          <TextInput aria-label={`Text for ${value}`} value={str(obj(result).text)} onChange={(event) => set(values.map((one, place) => (place === index ? [one[0], { ...obj(one[1]), text: event.currentTarget.value }] : one)))} />
          <ActionIcon aria-label={`Remove the text for ${value}`} onClick={() => set(values.filter((_, place) => place !== index))}>
            <IconX size={14} />
          </ActionIcon>
        </div>
      ))}
      {others.length > 0 && <p className={classes.note}>And {others.length} by range, pattern or special value; see the JSON.</p>}
      <Button variant="default" onClick={() => set([...values, [freeKey(values.map(([key]) => key)), { text: "" }]])}>
        Add a text
      </Button>
    </fieldset>
  );
}

function freeKey(taken: readonly string[]): string {
  for (let next = 0; ; next++) if (!taken.includes(String(next))) return String(next);
}

const linksPath = ["fieldConfig", "defaults", "links"];

function Links({ panel, put }: { panel: Obj; put: Put }) {
  const links = objs(getIn(panel, linksPath));
  const change = (index: number, patch: Obj): void => put(linksPath, links.map((link, at) => (at === index ? { ...link, ...patch } : link)));
  return (
    <fieldset className={classes.section}>
      <legend>Links of values</legend>
      {links.map((link, index) => (
        // oxlint-disable-next-line react/no-array-index-key
        <div key={index} className={classes.step}>
          <TextInput aria-label="Title of the link" placeholder="Title" value={str(link.title)} onChange={(event) => change(index, { title: event.currentTarget.value })} />
          <TextInput aria-label="Address of the link" placeholder="/d/uid?var-job=${__field.labels.job}" value={str(link.url)} onChange={(event) => change(index, { url: event.currentTarget.value })} />
          <ActionIcon aria-label="Remove the link" onClick={() => put(linksPath, links.filter((_, at) => at !== index))}>
            <IconX size={14} />
          </ActionIcon>
        </div>
      ))}
      <Button variant="default" onClick={() => put(linksPath, [...links, { title: "", url: "", targetBlank: false }])}>
        Add a link
      </Button>
    </fieldset>
  );
}
