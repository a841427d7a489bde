import { ActionIcon, Button, Popover, TextInput } from "@mantine/core";
import IconFilter from "@tabler/icons-react/dist/esm/icons/IconFilter.mjs";
import { useState } from "react";

import classes from "./table.module.css";

interface ColumnFilterProps {
  /** Of the column. */
  name: string;
  /** Of all cells, repeated as they are. */
  texts: readonly string[];
  /** What is let through; undefined for everything. */
  chosen: ReadonlySet<string> | undefined;
  onChoose(chosen: ReadonlySet<string> | undefined): void;
}

const most = 200;

/** A button in a column's head that opens a list of its values, to show only some of them. */
export function ColumnFilter({ name, texts, chosen, onChoose }: ColumnFilterProps) {
  const [open, setOpen] = useState(false);
  const [find, setFind] = useState("");
  return (
    <Popover opened={open} onChange={setOpen} position="bottom-end" withinPortal>
      <Popover.Target>
        <ActionIcon
          size={24}
          aria-label={`Filter ${name}`}
          aria-pressed={chosen !== undefined}
          color={chosen ? "accent" : "gray"}
          onClick={(event) => {
            event.stopPropagation();
            setOpen(!open);
          }}
        >
          <IconFilter size={13} />
        </ActionIcon>
      </Popover.Target>
      <Popover.Dropdown className={classes.filter}>{open && <Choices name={name} texts={texts} chosen={chosen} onChoose={onChoose} find={find} onFind={setFind} />}</Popover.Dropdown>
    </Popover>
  );
}

function Choices({ name, texts, chosen, onChoose, find, onFind }: ColumnFilterProps & { find: string; onFind(text: string): void }) {
  const values = [...new Set(texts)].toSorted(new Intl.Collator("en", { numeric: true }).compare);
  const shown = values.filter((value) => value.toLowerCase().includes(find.toLowerCase()));
  const toggle = (value: string): void => {
    const next = new Set(chosen ?? []);
    if (!next.delete(value)) next.add(value);
    onChoose(next.size === 0 ? undefined : next);
  };
  return (
    <>
      <TextInput aria-label={`Find values of ${name}`} placeholder="Find" value={find} onChange={(event) => onFind(event.currentTarget.value)} />
      <div className={classes.choices} role="group" aria-label={`Values of ${name}`}>
        {shown.slice(0, most).map((value) => (
          <label key={value} className={classes.choice}>
            <input type="checkbox" checked={chosen?.has(value) ?? false} onChange={() => toggle(value)} />
            <span>{value === "" ? "(empty)" : value}</span>
          </label>
        ))}
        {shown.length > most && <div className={classes.more}>{shown.length - most} more: find them by text</div>}
      </div>
      <Button size="compact-xs" variant="default" disabled={!chosen} onClick={() => onChoose(undefined)}>
        Show all
      </Button>
    </>
  );
}
