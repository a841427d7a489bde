import { ActionIcon, Autocomplete, Button, Menu, Select, TagsInput, TextInput } from "@mantine/core";
import IconPlus from "@tabler/icons-react/dist/esm/icons/IconPlus.mjs";
import IconX from "@tabler/icons-react/dist/esm/icons/IconX.mjs";
import { useMemo, useState, type ReactNode } from "react";

import { likelyNames } from "../editor/metricNames";
import { useValues, type NameSource } from "./useNames";
import classes from "./querybuilder.module.css";

/** One part of a query, in a frame, with the way to take it out. */
export function Part({ remove, onRemove, children }: { remove: string; onRemove: () => void; children: ReactNode }) {
  return (
    <span className={classes.part}>
      {children}
      <ActionIcon size="xs" variant="subtle" aria-label={remove} onClick={onRemove}>
        <IconX size={12} />
      </ActionIcon>
    </span>
  );
}

/** A part that has no controls, as it is written. */
export function TextPart({ children }: { children: string }) {
  return <code className={classes.text}>{children}</code>;
}

interface TypedProps {
  label: string;
  width: number;
  value: string;
  onChange: (value: string) => void;
  placeholder?: string;
  /** What is on offer, the likeliest to a typed text first; anything else can be typed. */
  data?: readonly string[];
  onFocus?: () => void;
  /** Spaces at the ends belong to the value. */
  exact?: boolean;
}

/** A text that counts when the field is left, Enter is pressed or an offer is taken. */
export function Typed({ label, width, value, onChange, data, placeholder = "", onFocus, exact = false }: TypedProps) {
  const [draft, setDraft] = useState({ of: value, text: value });
  const text = draft.of === value ? draft.text : value;
  const done = (next: string): void => {
    const taken = exact ? next : next.trim();
    if (taken !== value) onChange(taken);
  };
  const offers = useMemo(() => likelyNames(data ?? [], text === value ? "" : text), [data, text, value]);
  const common = { size: "xs", w: width, "aria-label": label, placeholder, value: text, onBlur: () => done(text), ...(onFocus ? { onFocus } : {}) };
  if (data) {
    return (
      <Autocomplete
        {...common}
        data={offers}
        filter={({ options }) => options}
        limit={100}
        onChange={(next) => setDraft({ of: value, text: next })}
        onOptionSubmit={done}
        onKeyDown={(event) => {
          if (event.key === "Enter") done(text);
        }}
      />
    );
  }
  return (
    <TextInput
      {...common}
      onChange={(event) => setDraft({ of: value, text: event.currentTarget.value })}
      onKeyDown={(event) => {
        if (event.key === "Enter") done(text);
      }}
    />
  );
}

/** One of a few words; one that is not among them is offered too. */
export function Choice({ label, width, value, data, onChange }: { label: string; width: number; value: string; data: readonly string[]; onChange: (value: string) => void }) {
  return <Select size="xs" w={width} aria-label={label} allowDeselect={false} searchable={data.length > 12} data={data.includes(value) ? [...data] : [value, ...data]} value={value} onChange={(next) => next !== null && onChange(next)} />;
}

export interface LabelCondition {
  name: string;
  op: "=" | "!=" | "=~" | "!~";
  value: string;
}

const operators = ["=", "!=", "=~", "!~"] as const;

interface ConditionFieldProps {
  condition: LabelCondition;
  labels: readonly string[];
  source: NameSource;
  /** The selector without this condition, which narrows the values on offer. */
  selector: string;
  onChange: (condition: LabelCondition) => void;
  onRemove: () => void;
}

/** A condition on a label of a selector. */
function ConditionField({ condition, labels, source, selector, onChange, onRemove }: ConditionFieldProps) {
  const [wanted, setWanted] = useState(false);
  const { name } = condition;
  const values = useValues(source, name, selector, wanted);
  return (
    <Part remove={`Remove the condition on ${name}`} onRemove={onRemove}>
      <Select size="xs" w={150} aria-label="Label" searchable data={[...new Set([name, ...labels])]} value={name} onChange={(next) => onChange({ ...condition, name: next ?? name })} />
      <Choice label={`How ${name} is compared`} width={64} data={operators} value={condition.op} onChange={(op) => onChange({ ...condition, op: op as LabelCondition["op"] })} />
      <Typed exact label={`Value of ${name}`} width={170} value={condition.value} data={values} onFocus={() => setWanted(true)} onChange={(value) => onChange({ ...condition, value })} />
    </Part>
  );
}

interface ConditionsProps {
  conditions: readonly LabelCondition[];
  labels: readonly string[];
  source: NameSource;
  /** The selector without the condition at a place; with all of them at -1. */
  without: (index: number) => string;
  onChange: (conditions: LabelCondition[]) => void;
}

/** The conditions of a selector, and the way to another. */
export function Conditions({ conditions, labels, source, without, onChange }: ConditionsProps) {
  // One whose value is not chosen yet: in the query it would leave nothing.
  const [begun, setBegun] = useState<LabelCondition>();
  const free = labels.filter((name) => !conditions.some((one) => one.name === name));
  return (
    <>
      {conditions.map((condition, index) => (
        <ConditionField
          // Conditions have no identity but their place.
          // oxlint-disable-next-line react/no-array-index-key
          key={index}
          condition={condition}
          labels={labels}
          source={source}
          selector={without(index)}
          onChange={(next) => onChange(conditions.with(index, next))}
          onRemove={() => onChange(conditions.toSpliced(index, 1))}
        />
      ))}
      {begun && (
        <ConditionField
          condition={begun}
          labels={labels}
          source={source}
          selector={without(-1)}
          onChange={(next) => {
            setBegun(next.value === "" ? next : undefined);
            if (next.value !== "") onChange([...conditions, next]);
          }}
          onRemove={() => setBegun(undefined)}
        />
      )}
      <Select size="xs" w={120} aria-label="Add a condition" placeholder="+ filter" searchable limit={200} data={free} value={null} onChange={(name) => name && setBegun({ name, op: "=", value: "" })} />
    </>
  );
}

interface GroupingProps {
  grouping: "by" | "without" | "";
  labels: string[];
  known: readonly string[];
  onChange: (grouping: "by" | "without", labels: string[]) => void;
}

/** What series are put together by. */
export function GroupingField({ grouping, labels, known, onChange }: GroupingProps) {
  return (
    <>
      <Choice label="Grouping" width={88} data={["by", "without"]} value={grouping || "by"} onChange={(next) => onChange(next === "without" ? "without" : "by", labels)} />
      <TagsInput size="xs" miw={160} aria-label="Labels to group by" placeholder={labels.length === 0 ? "nothing: into one" : ""} data={[...known]} value={labels} onChange={(next) => onChange(grouping || "by", next)} />
    </>
  );
}

/** A menu of what can be added. */
export function AddMenu<Item>({ label, items, onAdd, disabled = false }: { label: string; items: readonly { label: string; item: Item }[]; onAdd: (item: Item) => void; disabled?: boolean }) {
  return (
    <Menu withinPortal>
      <Menu.Target>
        <Button size="compact-xs" variant="default" leftSection={<IconPlus size={12} />} disabled={disabled}>
          {label}
        </Button>
      </Menu.Target>
      <Menu.Dropdown mah={420} style={{ overflow: "auto" }}>
        {items.map((one) => (
          <Menu.Item key={one.label} onClick={() => onAdd(structuredClone(one.item))}>
            {one.label}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
