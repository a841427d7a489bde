import { ActionIcon, Button } from "@mantine/core";
import IconArrowDown from "@tabler/icons-react/dist/esm/icons/IconArrowDown.mjs";
import IconArrowUp from "@tabler/icons-react/dist/esm/icons/IconArrowUp.mjs";
import IconCopy from "@tabler/icons-react/dist/esm/icons/IconCopy.mjs";
import IconTrash from "@tabler/icons-react/dist/esm/icons/IconTrash.mjs";
import { useState, type ReactNode } from "react";

import { setIn } from "../../../../lib/dashboard/edit";
import { str, type Obj } from "../../../../lib/dashboard/json";
import classes from "../edit.module.css";

/** Sets a member of the item that is open; undefined takes it away. */
export type PutItem = (path: readonly (string | number)[], value: unknown) => void;

interface ListEditorProps {
  /** Of the list, for those who cannot see it. */
  label: string;
  items: readonly Obj[];
  /** The member that names an item. */
  name: "name" | "title";
  note: (item: Obj) => string;
  add: string;
  made: () => Obj;
  /** Said where nothing is chosen. */
  hint: string;
  onChange: (items: readonly Obj[]) => void;
  children: (item: Obj, put: PutItem) => ReactNode;
}

/** A list whose order counts at the left, and the item that is open at the right. */
export function ListEditor({ label, items, name, note, add, made, hint, onChange, children }: ListEditorProps) {
  const [at, setAt] = useState(0);
  const current = items[at];
  const move = (by: 1 | -1): void => {
    const to = at + by;
    if (!current || to < 0 || to >= items.length) return;
    onChange(items.toSpliced(at, 1).toSpliced(to, 0, current));
    setAt(to);
  };
  const put: PutItem = (path, value) => onChange(items.map((one, index) => (index === at ? (setIn(one, path, value) as Obj) : one)));
  const append = (item: Obj): void => {
    onChange([...items, item]);
    setAt(items.length);
  };
  return (
    <div className={classes.split}>
      <div className={classes.sideList}>
        <div role="listbox" aria-label={label} className={classes.options}>
          {items.map((one, index) => (
            // Items may have one name; what tells them apart is their place.
            // oxlint-disable-next-line react/no-array-index-key
            <button key={`${index} ${str(one[name])}`} type="button" role="option" aria-selected={index === at} className={classes.sideItem} onClick={() => setAt(index)}>
              {str(one[name]) || "(no name)"} <span className={classes.note}>{note(one)}</span>
            </button>
          ))}
        </div>
        <Button variant="default" onClick={() => append(made())}>
          {add}
        </Button>
      </div>
      {current ? (
        <div className={classes.form}>
          <div className={classes.rowTools}>
            <ActionIcon aria-label="Move up" onClick={() => move(-1)}>
              <IconArrowUp size={16} />
            </ActionIcon>
            <ActionIcon aria-label="Move down" onClick={() => move(1)}>
              <IconArrowDown size={16} />
            </ActionIcon>
            <ActionIcon aria-label="Duplicate" onClick={() => append({ ...structuredClone(current), [name]: `${str(current[name])}_copy` })}>
              <IconCopy size={16} />
            </ActionIcon>
            <ActionIcon
              aria-label="Remove"
              onClick={() => {
                onChange(items.toSpliced(at, 1));
                setAt(Math.max(0, at - 1));
              }}
            >
              <IconTrash size={16} />
            </ActionIcon>
          </div>
          <div key={at} className={classes.form}>
            {children(current, put)}
          </div>
        </div>
      ) : (
        <p className={classes.note}>{hint}</p>
      )}
    </div>
  );
}
