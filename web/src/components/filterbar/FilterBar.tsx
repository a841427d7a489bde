import { Autocomplete, NativeSelect, Select } from "@mantine/core";
import IconX from "@tabler/icons-react/dist/esm/icons/IconX.mjs";
import { useEffect, useMemo, useRef, useState, type ReactNode } from "react";

import { likelyNames } from "../editor/metricNames";
import { useNames, useValues, type NameSource } from "../querybuilder/useNames";
import classes from "./filterbar.module.css";

/** A condition of a query as a pill. */
export interface Condition {
  key: string;
  /** What is compared; "" for the text of a line. */
  name: string;
  op: string;
  value: string;
  /** How it reads. */
  text: string;
  /** The ways to compare that are on offer; none for a condition that only its text can change. */
  ops: readonly string[];
  removable: boolean;
}

export interface FilterBarProps {
  label: string;
  conditions: readonly Condition[];
  /** The query says more than pills can. */
  byHand?: boolean;
  source: NameSource;
  /** The selector that narrows the names and values on offer. */
  scope?: string;
  onChange(index: number, op: string, value: string): void;
  onRemove(index: number): void;
  /** Another condition on a name. Without it none can be added. */
  onAdd?(name: string, op: string, value: string): void;
  children?: ReactNode;
}

/** The conditions of a query as pills: each is changed, taken out, or joined by another, and the query's text follows. */
export function FilterBar({ label, conditions, byHand = false, source, scope = "", onChange, onRemove, onAdd, children }: FilterBarProps) {
  const [edited, setEdited] = useState("");
  const [begun, setBegun] = useState("");
  return (
    <div className={classes.bar} role="group" aria-label={label}>
      {conditions.map((one, index) =>
        edited === one.key && one.ops.length > 0 ? (
          <Editing
            key={one.key}
            name={one.name}
            op={one.op}
            value={one.value}
            ops={one.ops}
            source={source}
            onDone={(op, value) => {
              setEdited("");
              if (op !== one.op || value !== one.value) onChange(index, op, value);
            }}
            onCancel={() => setEdited("")}
          />
        ) : (
          <span key={one.key} className={classes.pill} data-negative={one.op.startsWith("!") || undefined}>
            <button
              type="button"
              className={classes.text}
              title={one.ops.length > 0 ? `${one.text}: click to change, Delete to take out` : `${one.text}: changed in the text alone`}
              disabled={one.ops.length === 0}
              onClick={() => setEdited(one.key)}
              onKeyDown={(event) => {
                if (one.removable && (event.key === "Delete" || event.key === "Backspace")) onRemove(index);
              }}
            >
              {one.text}
            </button>
            {one.removable && (
              <button type="button" className={classes.remove} aria-label={`Remove ${one.text}`} onClick={() => onRemove(index)}>
                <IconX size={12} />
              </button>
            )}
          </span>
        ),
      )}
      {onAdd &&
        (begun === "" ? (
          <NewName source={source} scope={scope} taken={conditions} onName={setBegun} />
        ) : (
          <Editing
            name={begun}
            op="="
            value=""
            ops={labelOps}
            source={source}
            scope={scope}
            onDone={(op, value) => {
              setBegun("");
              if (value !== "") onAdd(begun, op, value);
            }}
            onCancel={() => setBegun("")}
          />
        ))}
      {byHand && (
        <span className={classes.byHand} title="The query says more than pills can. It stays as it is written; change it in the text.">
          edited by hand
        </span>
      )}
      {children}
    </div>
  );
}

/** How labels are compared. */
export const labelOps = ["=", "!=", "=~", "!~"] as const;

function NewName({ source, scope, taken, onName }: { source: NameSource; scope: string; taken: readonly Condition[]; onName(name: string): void }) {
  const names = useNames(source, scope);
  const free = useMemo(() => names.filter((name) => name !== "__name__" && !taken.some((one) => one.name === name && one.op === "=")), [names, taken]);
  return <Select size="xs" w={120} aria-label="Filter by a label" placeholder="+ filter" searchable limit={200} data={free} value={null} onChange={(name) => onName(name ?? "")} />;
}

interface EditingProps {
  name: string;
  op: string;
  value: string;
  ops: readonly string[];
  source: NameSource;
  scope?: string;
  onDone(op: string, value: string): void;
  onCancel(): void;
}

function Editing({ name, op: firstOp, value: first, ops, source, scope = "", onDone, onCancel }: EditingProps) {
  const [op, setOp] = useState(firstOp);
  const [value, setValue] = useState(first);
  const field = useRef<HTMLInputElement>(null);
  // Whoever begins a condition goes on to type its value.
  useEffect(() => field.current?.focus(), []);
  const known = useValues(source, name, scope, name !== "");
  const offers = useMemo(() => likelyNames(known, value === first ? "" : value), [known, value, first]);
  return (
    <span className={classes.editing}>
      {name}
      <NativeSelect size="xs" w={64} aria-label={`How ${name || "the line"} is compared`} data={[...ops]} value={op} onChange={(event) => setOp(event.currentTarget.value)} />
      <Autocomplete
        size="xs"
        w={200}
        ref={field}
        aria-label={`Value of ${name || "the line"}`}
        data={offers}
        filter={({ options }) => options}
        limit={100}
        value={value}
        onChange={setValue}
        onOptionSubmit={(chosen) => onDone(op, chosen)}
        onKeyDown={(event) => {
          if (event.key === "Enter") onDone(op, value);
          if (event.key === "Escape") {
            event.stopPropagation();
            onCancel();
          }
        }}
      />
    </span>
  );
}
