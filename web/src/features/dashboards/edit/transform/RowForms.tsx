import { ActionIcon, Autocomplete, Button, Select, Switch, TextInput } from "@mantine/core";
import IconX from "@tabler/icons-react/dist/esm/icons/IconX.mjs";
import type { ReactNode } from "react";

import { bool, obj, objs, str, type Obj } from "../../../../lib/dashboard/json";
import classes from "../panelEditor.module.css";
import { calcChoices, type FormProps } from "./form";

interface RowsProps {
  rows: readonly Obj[];
  add: string;
  first: Obj;
  onChange: (rows: readonly Obj[]) => void;
  children: (row: Obj, put: (patch: Obj) => void) => ReactNode;
}

/** A list of settings of one kind. */
function Rows({ rows, add, first, onChange, children }: RowsProps) {
  return (
    <>
      {rows.map((row, index) => (
        // Rows have no identity but their place.
        // oxlint-disable-next-line react/no-array-index-key
        <div key={index} className={classes.step}>
          {children(row, (patch) => onChange(rows.map((one, at) => (at === index ? { ...one, ...patch } : one))))}
          <ActionIcon size="sm" aria-label={`Remove ${index + 1}`} onClick={() => onChange(rows.filter((_, at) => at !== index))}>
            <IconX size={14} />
          </ActionIcon>
        </div>
      ))}
      <div>
        <Button size="compact-xs" variant="default" onClick={() => onChange([...rows, structuredClone(first)])}>
          {add}
        </Button>
      </div>
    </>
  );
}

function FieldName({ label, value, names, onChange }: { label: string; value: string; names: readonly string[]; onChange: (name: string) => void }) {
  return <Autocomplete size="xs" w={210} aria-label={label} placeholder={label} data={[...names]} limit={200} value={value} onChange={onChange} />;
}

/** Which field rows are ordered by. */
export function SortForm({ options, known, onChange }: FormProps) {
  return (
    <Rows rows={objs(options.sort)} add="Order by a field" first={{ field: known.names[0] ?? "", desc: true }} onChange={(sort) => onChange({ ...options, sort })}>
      {(row, put) => (
        <>
          <FieldName label="Field" names={known.names} value={str(row.field)} onChange={(field) => put({ field })} />
          <Switch label="Largest first" checked={bool(row.desc)} onChange={(event) => put({ desc: event.currentTarget.checked })} />
        </>
      )}
    </Rows>
  );
}

const types = [
  { value: "number", label: "Number" },
  { value: "string", label: "Text" },
  { value: "time", label: "Time" },
  { value: "boolean", label: "True or false" },
  { value: "other", label: "JSON" },
];

/** As what the values of fields are read. */
export function ConvertForm({ options, known, onChange }: FormProps) {
  return (
    <Rows rows={objs(options.conversions)} add="Convert a field" first={{ targetField: known.names[0] ?? "", destinationType: "number" }} onChange={(conversions) => onChange({ ...options, conversions })}>
      {(row, put) => (
        <>
          <FieldName label="Field" names={known.names} value={str(row.targetField)} onChange={(targetField) => put({ targetField })} />
          <Select size="xs" w={130} aria-label="Read as" allowDeselect={false} data={types} value={str(row.destinationType)} onChange={(destinationType) => put({ destinationType })} />
        </>
      )}
    </Rows>
  );
}

const conditions = [
  { value: "greater", label: "is above" },
  { value: "greaterOrEqual", label: "is at least" },
  { value: "lower", label: "is below" },
  { value: "lowerOrEqual", label: "is at most" },
  { value: "between", label: "is between" },
  { value: "equal", label: "is" },
  { value: "notEqual", label: "is not" },
  { value: "substring", label: "contains" },
  { value: "notSubstring", label: "does not contain" },
  { value: "regex", label: "matches" },
  { value: "isNull", label: "has no value" },
  { value: "isNotNull", label: "has a value" },
];

/** Conditions on the values of rows. */
export function ValueFilterForm({ options, known, onChange }: FormProps) {
  return (
    <>
      <div className={classes.queryTools}>
        <Select size="xs" w={150} aria-label="Rows" allowDeselect={false} data={[{ value: "include", label: "Keep rows" }, { value: "exclude", label: "Leave out rows" }]} value={str(options.type, "include")} onChange={(type) => onChange({ ...options, type })} />
        <Select size="xs" w={150} aria-label="Conditions hold" allowDeselect={false} data={[{ value: "any", label: "where any holds" }, { value: "all", label: "where all hold" }]} value={str(options.match, "any")} onChange={(match) => onChange({ ...options, match })} />
      </div>
      <Rows rows={objs(options.filters)} add="Add a condition" first={{ fieldName: known.names[0] ?? "", config: { id: "greater", options: { value: 0 } } }} onChange={(filters) => onChange({ ...options, filters })}>
        {(row, put) => {
          const config = obj(row.config);
          const id = str(config.id);
          const given = obj(config.options);
          const operand = (label: string, member: string) => <TextInput size="xs" w={120} aria-label={label} value={str(given[member])} onChange={(event) => put({ config: { ...config, options: { ...given, [member]: event.currentTarget.value } } })} />;
          return (
            <>
              <FieldName label="Field" names={known.names} value={str(row.fieldName)} onChange={(fieldName) => put({ fieldName })} />
              <Select size="xs" w={140} aria-label="Condition" allowDeselect={false} data={conditions.some((one) => one.value === id) ? conditions : [...conditions, { value: id, label: id }]} value={id} onChange={(next) => put({ config: { ...config, id: next } })} />
              {id === "between" || id === "range" ? (
                <>
                  {operand("From", "from")}
                  {operand("To", "to")}
                </>
              ) : (
                id !== "isNull" && id !== "isNotNull" && operand("Value", "value")
              )}
            </>
          );
        }}
      </Rows>
    </>
  );
}

/** Which value of its course each series of a query is ordered and labelled by. */
export function TrendForm({ options, known, onChange }: FormProps) {
  const refs = known.refs.length > 0 ? known.refs : Object.keys(options);
  return (
    <div className={classes.settings}>
      {refs.map((ref) => (
        <Select key={ref} size="xs" w={190} label={`Value of query ${ref}`} searchable allowDeselect={false} data={calcChoices} value={str(obj(options[ref]).stat, "lastNotNull")} onChange={(stat) => onChange({ ...options, [ref]: { ...obj(options[ref]), stat } })} />
      ))}
    </div>
  );
}
