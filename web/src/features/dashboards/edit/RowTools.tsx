import { Button, Modal, TextInput } from "@mantine/core";
import { useState } from "react";

import { changeRow, removeRow } from "../../../lib/dashboard/edit";
import type { RowModel } from "../../../lib/dashboard/model";
import { useEditor } from "./EditorContext";
import classes from "./edit.module.css";

/** What can be done with a heading: rename, repeat, fold for everyone, remove. */
export function RowTools({ row }: { row: RowModel }) {
  const editor = useEditor();
  const [open, setOpen] = useState(false);
  const [title, setTitle] = useState(row.title);
  const [repeat, setRepeat] = useState(row.repeat);
  if (!editor) return null;
  const { apply } = editor.draft;
  const close = (): void => setOpen(false);
  return (
    <>
      <Button variant="subtle" onClick={() => setOpen(true)}>
        Edit row
      </Button>
      <Modal opened={open} onClose={close} title="Row" transitionProps={{ duration: 120 }}>
        <form
          className={classes.form}
          onSubmit={(event) => {
            event.preventDefault();
            apply((raw) => changeRow(raw, row.id, { title, repeat }));
            close();
          }}
        >
          <TextInput label="Title" value={title} onChange={(event) => setTitle(event.currentTarget.value)} />
          <TextInput label="Repeat for each value of the variable" value={repeat} onChange={(event) => setRepeat(event.currentTarget.value)} />
          <Button type="submit">Apply</Button>
          <Button
            variant="default"
            onClick={() => {
              apply((raw) => changeRow(raw, row.id, { collapsed: !row.collapsed }));
              close();
            }}
          >
            {row.collapsed ? "Open it when the dashboard opens" : "Fold it when the dashboard opens"}
          </Button>
          <Button variant="default" onClick={() => apply((raw) => removeRow(raw, row.id, false))}>
            Remove the row, keep its panels
          </Button>
          <Button variant="default" color="error" onClick={() => apply((raw) => removeRow(raw, row.id, true))}>
            Remove the row and its panels
          </Button>
        </form>
      </Modal>
    </>
  );
}
