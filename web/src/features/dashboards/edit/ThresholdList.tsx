import { ActionIcon, Button, NumberInput, Select } from "@mantine/core";
import IconX from "@tabler/icons-react/dist/esm/icons/IconX.mjs";

import { migrateThresholds } from "../../../lib/dashboard/migrateFieldConfig";
import { ColourField } from "./ColourField";
import classes from "./panelEditor.module.css";

interface Step {
  value: number | null;
  color: string;
}

/** Steps of colours by value; the first one holds from below. */
export function ThresholdList({ value, onChange }: { value: unknown; onChange: (value: unknown) => void }) {
  const { mode, steps } = migrateThresholds(value) as { mode: string; steps: Step[] };
  const set = (next: readonly Step[]): void => onChange({ mode, steps: next.toSorted((a, b) => (a.value ?? -Infinity) - (b.value ?? -Infinity)) });
  const change = (index: number, patch: Partial<Step>): void => set(steps.map((step, at) => (at === index ? { ...step, ...patch } : step)));
  return (
    <>
      {steps.map((step, index) => (
        // Steps have no identity but their place.
        // oxlint-disable-next-line react/no-array-index-key
        <div key={index} className={classes.step}>
          <ColourField label={`Colour of step ${index + 1}`} value={step.color} onChange={(color) => change(index, { color })} />
          {step.value === null ? <span className={classes.below}>from below</span> : <NumberInput size="xs" aria-label={`Value of step ${index + 1}`} value={step.value} onChange={(next) => next !== "" && change(index, { value: Number(next) })} />}
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
        <Select aria-label="Steps count in" w={130} data={[{ value: "absolute", label: "Values" }, { value: "percentage", label: "Percent of range" }]} value={mode} onChange={(next) => onChange({ mode: next, steps })} />
      </div>
    </>
  );
}
