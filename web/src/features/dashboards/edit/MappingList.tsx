import { ActionIcon, Menu, Button, Select, TextInput } from "@mantine/core";
import IconX from "@tabler/icons-react/dist/esm/icons/IconX.mjs";

import { mappingRows, mappingsOf, type MappingRow } from "../../../lib/dashboard/mappingRows";
import { migrateMappings } from "../../../lib/dashboard/migrateFieldConfig";
import { ColourField } from "./ColourField";
import classes from "./panelEditor.module.css";

const specials = [
  { value: "null", label: "no value" },
  { value: "nan", label: "NaN" },
  { value: "null+nan", label: "no value or NaN" },
  { value: "true", label: "true" },
  { value: "false", label: "false" },
  { value: "empty", label: "an empty text" },
];

/** Texts and colours that stand for values: for one value, a range, what matches a pattern, or what is none. */
export function MappingList({ value, onChange }: { value: unknown; onChange: (value: unknown) => void }) {
  const rows = mappingRows(migrateMappings(value));
  const set = (next: readonly MappingRow[]): void => onChange(mappingsOf(next));
  const change = (index: number, patch: Partial<MappingRow>): void => set(rows.map((row, at) => (at === index ? { ...row, ...patch } : row)));
  const add = (type: MappingRow["type"], first: string): void => set([...rows, { type, of: first, to: "", text: "", color: "", rest: {} }]);
  return (
    <>
      {rows.map((row, index) => (
        // Rows have no identity but their place.
        // oxlint-disable-next-line react/no-array-index-key
        <div key={index} className={classes.mapping}>
          <div className={classes.step}>
            {row.type === "special" ? (
              <Select size="xs" aria-label="Which values" allowDeselect={false} data={specials} value={row.of} onChange={(of) => change(index, { of: of ?? row.of })} />
            ) : row.type === "range" ? (
              <>
                <TextInput size="xs" aria-label="From" placeholder="from" value={row.of} onChange={(event) => change(index, { of: event.currentTarget.value })} />
                <TextInput size="xs" aria-label="To" placeholder="to" value={row.to} onChange={(event) => change(index, { to: event.currentTarget.value })} />
              </>
            ) : (
              <TextInput size="xs" style={{ flex: 1 }} aria-label={row.type === "regex" ? "Pattern" : "Value"} placeholder={row.type === "regex" ? "/^node-(.*)$/" : "1"} value={row.of} onChange={(event) => change(index, { of: event.currentTarget.value })} />
            )}
            <ActionIcon aria-label={`Remove the text for ${row.of}`} onClick={() => set(rows.filter((_, at) => at !== index))}>
              <IconX size={14} />
            </ActionIcon>
          </div>
          <div className={classes.step}>
            <TextInput size="xs" aria-label={`Text for ${row.of}`} placeholder="Text" value={row.text} onChange={(event) => change(index, { text: event.currentTarget.value })} />
            <ColourField label={`Colour for ${row.of}`} value={row.color} onChange={(color) => change(index, { color })} />
          </div>
        </div>
      ))}
      <Menu position="bottom-start" withinPortal>
        <Menu.Target>
          <Button variant="default">Add a text ▾</Button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item onClick={() => add("value", freeKey(rows))}>For a value</Menu.Item>
          <Menu.Item onClick={() => add("range", "")}>For a range</Menu.Item>
          <Menu.Item onClick={() => add("regex", "")}>For what matches a pattern</Menu.Item>
          <Menu.Item onClick={() => add("special", "null")}>For no value, NaN, true, false</Menu.Item>
        </Menu.Dropdown>
      </Menu>
    </>
  );
}

function freeKey(rows: readonly MappingRow[]): string {
  for (let next = 0; ; next++) if (!rows.some((row) => row.type === "value" && row.of === String(next))) return String(next);
}
