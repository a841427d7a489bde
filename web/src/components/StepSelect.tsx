import { Select } from "@mantine/core";

import { mostPoints, parseStep, pointsIn, roundSteps, stepText } from "../lib/step";
import type { TimeRange } from "../lib/time";

interface StepSelectProps {
  size?: "xs";
  /** As a link has it, such as `15s`; "" for one that goes by the range. */
  value: string;
  /** What that is now, in milliseconds. */
  autoMs: number;
  range: TimeRange;
  onChange: (step: string) => void;
}

const auto = "auto";

/** Chooses how far apart the points of a chart are: by the range, or one that the server has an answer for. */
export function StepSelect({ size, value, autoMs, range, onChange }: StepSelectProps) {
  const chosen = parseStep(value);
  const offered = roundSteps.filter((step) => pointsIn(range, step) <= mostPoints && step <= range.to - range.from);
  const steps = chosen === undefined || offered.includes(chosen) ? offered : [...offered, chosen].toSorted((a, b) => a - b);
  return (
    <Select
      {...(size && { size })}
      w={132}
      aria-label="Step"
      title="How far apart the points of the chart are"
      data={[{ value: auto, label: `Step: auto (${stepText(autoMs)})` }, ...steps.map((step) => ({ value: stepText(step), label: `Step: ${stepText(step)}` }))]}
      value={chosen === undefined ? auto : stepText(chosen)}
      allowDeselect={false}
      onChange={(step) => onChange(step === null || step === auto ? "" : step)}
    />
  );
}
