import { ActionIcon, Button, Modal, Select, TextInput } from "@mantine/core";
import IconArrowDown from "@tabler/icons-react/dist/esm/icons/IconArrowDown.mjs";
import IconArrowUp from "@tabler/icons-react/dist/esm/icons/IconArrowUp.mjs";
import IconGripVertical from "@tabler/icons-react/dist/esm/icons/IconGripVertical.mjs";
import { useState, type PointerEvent } from "react";

import { changeRow, removeRow } from "../../../lib/dashboard/edit";
import type { RowModel } from "../../../lib/dashboard/model";
import type { PlacedSection } from "../../../lib/dashboard/repeat";
import { useShared } from "../DashboardContext";
import { sectionAt, useDropMark } from "./dropTarget";
import { useEditor } from "./EditorContext";
import classes from "./edit.module.css";

/** What can be done with a heading: move it with its panels, rename, repeat, fold for everyone, remove. */
export function RowTools({ row, sections }: { row: RowModel; sections: readonly PlacedSection[] }) {
  const editor = useEditor();
  const { dashboard } = useShared();
  const markDrop = useDropMark();
  const [dragging, setDragging] = useState(false);
  const [open, setOpen] = useState(false);
  const [title, setTitle] = useState(row.title);
  const [repeat, setRepeat] = useState(row.repeat);
  if (!editor) return null;
  const { apply } = editor.draft;
  const close = (): void => setOpen(false);
  const rows = sections.flatMap((section) => section.row?.id ?? []);
  const at = rows.indexOf(row.id);
  const name = row.title || "Row";
  const step = (by: 1 | -1): void => {
    const over = rows[at + by];
    if (over !== undefined) editor.moveRow(row.id, over);
  };
  const other = (event: PointerEvent): HTMLElement | undefined => {
    const found = sectionAt(event);
    const id = Number(found?.dataset.section);
    return rows.includes(id) && id !== row.id ? found : undefined;
  };
  const drop = (event: PointerEvent): void => {
    markDrop(undefined);
    setDragging(false);
    const target = dragging ? other(event) : undefined;
    if (target) editor.moveRow(row.id, Number(target.dataset.section));
  };
  return (
    <>
      <span
        className={classes.grip}
        aria-hidden="true"
        title="Drag the row with its panels"
        onPointerDown={(event) => {
          event.preventDefault();
          event.currentTarget.setPointerCapture(event.pointerId);
          setDragging(true);
        }}
        onPointerMove={(event) => dragging && markDrop(other(event))}
        onPointerUp={drop}
        onPointerCancel={() => {
          markDrop(undefined);
          setDragging(false);
        }}
      >
        <IconGripVertical size={16} />
      </span>
      <ActionIcon aria-label={`Move ${name} up`} disabled={at <= 0} onClick={() => step(-1)}>
        <IconArrowUp size={16} />
      </ActionIcon>
      <ActionIcon aria-label={`Move ${name} down`} disabled={at < 0 || at >= rows.length - 1} onClick={() => step(1)}>
        <IconArrowDown size={16} />
      </ActionIcon>
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
          <Select label="Repeat for each value of the variable" data={[{ value: "", label: "Not repeated" }, ...[...new Set([...dashboard.variables.map((one) => one.name), ...(repeat === "" ? [] : [repeat])])].map((value) => ({ value, label: `$${value}` }))]} value={repeat} onChange={(next) => setRepeat(next ?? "")} />
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
