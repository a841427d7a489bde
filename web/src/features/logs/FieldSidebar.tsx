import { ActionIcon, TextInput } from "@mantine/core";
import IconMinus from "@tabler/icons-react/dist/esm/icons/IconMinus.mjs";
import IconPlus from "@tabler/icons-react/dist/esm/icons/IconPlus.mjs";
import IconTableColumn from "@tabler/icons-react/dist/esm/icons/IconTableColumn.mjs";
import { useDeferredValue, useMemo, useState } from "react";

import { summariseFields, type FieldOrigin, type FieldSummary } from "../../lib/logFields";
import type { LogLine } from "../../lib/logLines";
import type { Filter } from "../../lib/logqlEdit";
import { numberStats } from "../../lib/numberStats";
import { counted, formatValue, group } from "../../lib/units";
import classes from "./FieldSidebar.module.css";

/** Lines that are looked at; their number is shown. */
const SAMPLE = 2000;
const TOP = 10;
const none: readonly string[] = [];
const noLines: readonly LogLine[] = [];

const groups: [origin: FieldOrigin, title: string][] = [
  ["label", "Labels"],
  ["metadata", "Structured metadata"],
  ["parsed", "Parsed from the text"],
];

interface FieldSidebarProps {
  lines: readonly LogLine[];
  onFilter(filter: Filter): void;
  /** Fields in columns of their own. */
  columns?: readonly string[];
  onColumn?(name: string): void;
  /** The query has more lines than the list. */
  more?: boolean;
}

/** The fields of the lines in the list with their most frequent values, each a filter to put in or out. */
export function FieldSidebar({ lines: newestLines, onFilter, columns = none, onColumn, more = false }: FieldSidebarProps) {
  // The list comes first: taking lines apart takes longer than a frame.
  const lines = useDeferredValue(newestLines, noLines);
  const [find, setFind] = useState("");
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set(["label service_name", "metadata detected_level", "label detected_level"]));
  const sampled = Math.min(lines.length, SAMPLE);
  const newest = lines[0]?.id;
  const fields = useMemo(
    () => summariseFields(lines.slice(0, SAMPLE)),
    // Another page at the end does not change the sample.
    // oxlint-disable-next-line react/exhaustive-deps
    [newest, sampled],
  );
  const wanted = find.trim().toLowerCase();
  const toggle = (key: string) => {
    const next = new Set(open);
    if (!next.delete(key)) next.add(key);
    setOpen(next);
  };

  return (
    <aside className={classes.sidebar} aria-label="Fields">
      <TextInput size="xs" placeholder="Find a field" aria-label="Find a field" value={find} onChange={(event) => setFind(event.currentTarget.value)} />
      <p className={classes.note}>{more || sampled < lines.length ? `~ of ${group(sampled)} sampled, the first of the list` : sampled > 0 && `Counts of all ${counted(sampled, "line")}`}</p>
      {groups.map(([origin, title]) => {
        const members = fields.filter((field) => field.origin === origin && field.name.toLowerCase().includes(wanted));
        if (members.length === 0) return null;
        return (
          <section key={origin}>
            <h2 className={classes.group}>{title}</h2>
            {members.map((field) => {
              const key = `${origin} ${field.name}`;
              return <Field key={key} field={field} sampled={sampled} open={open.has(key)} onToggle={() => toggle(key)} onFilter={onFilter} column={columns.includes(field.name)} onColumn={onColumn && (() => onColumn(field.name))} />;
            })}
          </section>
        );
      })}
    </aside>
  );
}

interface FieldProps {
  field: FieldSummary;
  sampled: number;
  open: boolean;
  onToggle(): void;
  onFilter(filter: Filter): void;
  /** It has a column of its own. */
  column: boolean;
  onColumn: (() => void) | undefined;
}

function Field({ field, sampled, open, onToggle, onFilter, column, onColumn }: FieldProps) {
  const numbers = open ? numberStats(field.values) : undefined;
  const glyph = useMemo(() => glyphOf(field.values), [field.values]);
  const filter = (op: Filter["op"], value: string) =>
    onFilter({ origin: field.origin, name: field.name, op, value, ...(field.parser && { parser: field.parser }) });
  return (
    <div>
      <button type="button" className={classes.name} aria-expanded={open} onClick={onToggle}>
        <span className={classes.caret} aria-hidden="true">
          {open ? "▾" : "▸"}
        </span>
        <span className={classes.glyph} title={glyph.says}>
          {glyph.sign}
        </span>
        <span className={classes.text} title={field.name}>
          {field.name}
        </span>
        {field.lines < sampled * 0.99 && (
          <span className={classes.share} title={`In ${group(field.lines)} of ${counted(sampled, "line")}`}>
            {percent(field.lines / sampled)}
          </span>
        )}
        <span className={classes.count} title={`${counted(field.values.length, "value")} in ${group(field.lines)} of ${counted(sampled, "line")}`}>
          {group(field.values.length)}
        </span>
      </button>
      {open && onColumn && (
        <button type="button" className={classes.columnButton} aria-pressed={column} onClick={onColumn}>
          <IconTableColumn size={12} /> {column ? "Remove the column" : "Show as a column"}
        </button>
      )}
      {numbers && numbers.count > 1 && (
        <dl className={classes.numbers} aria-label={`Numbers in ${field.name}`}>
          {(["min", "p50", "p95", "max"] as const).map((which) => (
            <div key={which}>
              <dt>{which}</dt>
              <dd>
                {formatValue(numbers[which])}
                {numbers.unit}
              </dd>
            </div>
          ))}
        </dl>
      )}
      {open && (
        <ul className={classes.values}>
          {field.values.slice(0, TOP).map(({ value, lines }) => {
            const share = lines / sampled;
            return (
              <li key={value} className={classes.value}>
                <span className={classes.bar} style={{ width: `${share * 100}%` }} aria-hidden="true" />
                <span className={classes.text} title={value}>
                  {value === "" ? "(empty)" : value}
                </span>
                <span className={classes.count}>{percent(share)}</span>
                <span className={classes.buttons}>
                  <ActionIcon size="xs" variant="subtle" aria-label={`Only ${field.name} = ${value}`} title="Only these (+)" data-filter="in" onClick={() => filter("=", value)}>
                    <IconPlus size={12} />
                  </ActionIcon>
                  <ActionIcon size="xs" variant="subtle" aria-label={`Without ${field.name} = ${value}`} title="Without these (-)" data-filter="out" onClick={() => filter("!=", value)}>
                    <IconMinus size={12} />
                  </ActionIcon>
                </span>
              </li>
            );
          })}
          {field.values.length > TOP && <li className={classes.note}>{group(field.values.length - TOP)} more values</li>}
        </ul>
      )}
    </div>
  );
}

/** What the values of a field look like: a sign for it, and in words. */
function glyphOf(values: FieldSummary["values"]): { sign: string; says: string } {
  const few = values.slice(0, 20);
  if (few.every(({ value }) => value === "true" || value === "false")) return { sign: "?", says: "true or false" };
  if (few.every(({ value }) => /^\d{4}-\d\d-\d\dT?/.test(value))) return { sign: "@", says: "a time" };
  return numberStats(few) ? { sign: "#", says: "a number" } : { sign: "T", says: "text" };
}

function percent(share: number): string {
  const value = share * 100;
  if (value > 0 && value < 1) return "<1 %";
  return value > 99 && value < 100 ? ">99 %" : `${Math.round(value)} %`;
}
