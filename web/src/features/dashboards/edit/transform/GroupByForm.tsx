import { MultiSelect, Select } from "@mantine/core";

import { compact, obj, str, strs } from "../../../../lib/dashboard/json";
import classes from "../panelEditor.module.css";
import { calcChoices, type FormProps } from "./form";

const uses = [
  { value: "", label: "Left out" },
  { value: "groupby", label: "Group by it" },
  { value: "aggregate", label: "Calculate" },
];

/** What is done with each field: rows are grouped by it, or calculated over. */
export function GroupByForm({ options, known, onChange }: FormProps) {
  const fields = obj(options.fields);
  const names = [...new Set([...known.names, ...Object.keys(fields)])];
  const put = (name: string, plan: Record<string, unknown> | undefined): void => onChange({ ...options, fields: compact({ ...fields, [name]: plan }) });
  if (names.length === 0) return <p className={classes.note}>The queries have no fields yet.</p>;
  return (
    <ul className={classes.fieldList} aria-label="Fields">
      {names.map((name) => {
        const plan = obj(fields[name]);
        const use = str(plan.operation);
        return (
          <li key={name} className={classes.step}>
            <span className={classes.fieldName} data-absent={!known.names.includes(name) || undefined}>
              {name}
            </span>
            <Select size="xs" w={130} aria-label={`What is done with ${name}`} allowDeselect={false} data={uses} value={use} onChange={(next) => put(name, next ? { aggregations: next === "aggregate" ? ["lastNotNull"] : [], operation: next } : undefined)} />
            {use === "aggregate" && <MultiSelect size="xs" style={{ flex: 1 }} searchable aria-label={`Calculations of ${name}`} data={calcChoices} value={strs(plan.aggregations)} onChange={(aggregations) => put(name, { ...plan, aggregations })} />}
          </li>
        );
      })}
    </ul>
  );
}
