import { ActionIcon, Button, Select, Switch } from "@mantine/core";
import IconArrowDown from "@tabler/icons-react/dist/esm/icons/IconArrowDown.mjs";
import IconArrowUp from "@tabler/icons-react/dist/esm/icons/IconArrowUp.mjs";
import IconTrash from "@tabler/icons-react/dist/esm/icons/IconTrash.mjs";
import { useState } from "react";

import { obj, str, type Obj } from "../../../lib/dashboard/json";
import { transformIds } from "../../../lib/dashboard/transform";
import { parseObject } from "./JsonDialog";
import { JsonField } from "./JsonField";
import classes from "./panelEditor.module.css";

interface TransformListProps {
  transformations: readonly Obj[];
  onChange: (next: readonly Obj[]) => void;
}

/** What is done to the answers before they are drawn, in order. */
export function TransformList({ transformations, onChange }: TransformListProps) {
  const replace = (index: number, next: Obj): void => onChange(transformations.map((one, at) => (at === index ? next : one)));
  const move = (index: number, by: 1 | -1): void => {
    const one = transformations[index];
    const to = index + by;
    if (one && to >= 0 && to < transformations.length) onChange(transformations.filter((_, at) => at !== index).toSpliced(to, 0, one));
  };
  return (
    <>
      {transformations.map((one, index) => (
        // Transformations have no identity but their place.
        // oxlint-disable-next-line react/no-array-index-key
        <section key={`${index} ${str(one.id)}`} className={classes.query} aria-label={`Transformation ${index + 1}`}>
          <div className={classes.queryHead}>
            <Select aria-label="Transformation" searchable data={choices(str(one.id))} value={str(one.id)} onChange={(id) => replace(index, { id, options: {} })} />
            <Switch label="On" checked={one.disabled !== true} onChange={(event) => replace(index, event.currentTarget.checked ? without(one, "disabled") : { ...one, disabled: true })} />
            <span className={classes.space} />
            <ActionIcon aria-label="Move up" onClick={() => move(index, -1)}>
              <IconArrowUp size={16} />
            </ActionIcon>
            <ActionIcon aria-label="Move down" onClick={() => move(index, 1)}>
              <IconArrowDown size={16} />
            </ActionIcon>
            <ActionIcon aria-label="Remove the transformation" onClick={() => onChange(transformations.filter((_, at) => at !== index))}>
              <IconTrash size={16} />
            </ActionIcon>
          </div>
          <Options value={obj(one.options)} onChange={(options) => replace(index, { ...one, options })} />
        </section>
      ))}
      <Button variant="default" onClick={() => onChange([...transformations, { id: "organize", options: {} }])}>
        Add a transformation
      </Button>
    </>
  );
}

function choices(current: string): string[] {
  return transformIds.includes(current) ? [...transformIds] : [...transformIds, current];
}

function without(value: Obj, key: string): Obj {
  return Object.fromEntries(Object.entries(value).filter(([name]) => name !== key));
}

function Options({ value, onChange }: { value: Obj; onChange: (value: Obj) => void }) {
  const given = JSON.stringify(value, null, 2);
  const [draft, setDraft] = useState({ of: given, text: given });
  const text = draft.of === given ? draft.text : given;
  const read = parseObject(text);
  return (
    <>
      <JsonField label="Options as JSON" value={text} onChange={(next) => setDraft({ of: given, text: next })} rows={Math.min(14, Math.max(3, text.split("\n").length))} />
      {typeof read === "string" && (
        <p role="alert" className={classes.problem}>
          {read}
        </p>
      )}
      {text !== given && typeof read !== "string" && (
        <div>
          <Button variant="default" onClick={() => onChange(read)}>
            Apply
          </Button>
        </div>
      )}
    </>
  );
}
