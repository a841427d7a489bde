import { ActionIcon, Button, Switch, TextInput } from "@mantine/core";
import IconX from "@tabler/icons-react/dist/esm/icons/IconX.mjs";

import { bool, objs, str, type Obj } from "../../../lib/dashboard/json";
import classes from "./panelEditor.module.css";

/** Links of the panel, or of its values, whose addresses may hold variables. */
export function LinkList({ value, example, onChange }: { value: unknown; example: string; onChange: (value: unknown) => void }) {
  const links = objs(value);
  const change = (index: number, patch: Obj): void => onChange(links.map((link, at) => (at === index ? { ...link, ...patch } : link)));
  return (
    <>
      {links.map((link, index) => (
        // Links have no identity but their place.
        // oxlint-disable-next-line react/no-array-index-key
        <div key={index} className={classes.mapping}>
          <div className={classes.step}>
            <TextInput size="xs" style={{ flex: 1 }} aria-label="Title of the link" placeholder="Title" value={str(link.title)} onChange={(event) => change(index, { title: event.currentTarget.value })} />
            <ActionIcon aria-label="Remove the link" onClick={() => onChange(links.filter((_, at) => at !== index))}>
              <IconX size={14} />
            </ActionIcon>
          </div>
          <TextInput size="xs" aria-label="Address of the link" placeholder={example} value={str(link.url)} onChange={(event) => change(index, { url: event.currentTarget.value })} />
          <Switch mt={4} label="In a new tab" checked={bool(link.targetBlank)} onChange={(event) => change(index, { targetBlank: event.currentTarget.checked })} />
        </div>
      ))}
      <Button variant="default" onClick={() => onChange([...links, { title: "", url: "", targetBlank: false }])}>
        Add a link
      </Button>
    </>
  );
}
