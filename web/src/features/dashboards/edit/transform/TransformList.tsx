import { ActionIcon, Button, Menu, Select, Switch } from "@mantine/core";
import IconArrowDown from "@tabler/icons-react/dist/esm/icons/IconArrowDown.mjs";
import IconArrowUp from "@tabler/icons-react/dist/esm/icons/IconArrowUp.mjs";
import IconTrash from "@tabler/icons-react/dist/esm/icons/IconTrash.mjs";
import { useMemo, useState } from "react";

import type { Frame } from "../../../../lib/dashboard/frame";
import { obj, str, type Obj } from "../../../../lib/dashboard/json";
import { applyTransforms, transformIds, type TransformScope } from "../../../../lib/dashboard/transform";
import { transformKind, transformKinds } from "../../../../lib/dashboard/transformSchema";
import { parseObject } from "../JsonDialog";
import { JsonField } from "../JsonField";
import classes from "../panelEditor.module.css";
import { fieldsIn } from "./fieldsIn";
import { TransformForm } from "./TransformForm";

interface TransformListProps {
  transformations: readonly Obj[];
  /** What the queries answered, before the first transformation. */
  frames: readonly Frame[];
  scope: TransformScope;
  onChange: (transformations: readonly Obj[]) => void;
}

/** What is done to the answers before they are drawn, in order. */
export function TransformList({ transformations, frames, scope, onChange }: TransformListProps) {
  // What reaches each one: the names that its form offers.
  const reaching = useMemo(() => transformations.map((_, index) => applyTransforms(frames, transformations.slice(0, index), scope).frames), [transformations, frames, scope]);
  const replace = (index: number, next: Obj): void => onChange(transformations.map((one, at) => (at === index ? next : one)));
  const move = (index: number, by: 1 | -1): void => {
    const one = transformations[index];
    const to = index + by;
    if (one && to >= 0 && to < transformations.length) onChange(transformations.filter((_, at) => at !== index).toSpliced(to, 0, one));
  };
  return (
    <>
      {transformations.map((one, index) => (
        <Transformation
          // Transformations have no identity but their place.
          // oxlint-disable-next-line react/no-array-index-key
          key={`${index} ${str(one.id)}`}
          place={index + 1}
          value={one}
          frames={reaching[index] ?? []}
          onChange={(next) => replace(index, next)}
          onMove={(by) => move(index, by)}
          onRemove={() => onChange(transformations.filter((_, at) => at !== index))}
        />
      ))}
      <Menu position="bottom-start" withinPortal>
        <Menu.Target>
          <Button variant="default">Add a transformation ▾</Button>
        </Menu.Target>
        <Menu.Dropdown mah={420} style={{ overflow: "auto" }}>
          {transformKinds.map((kind) => (
            <Menu.Item key={kind.id} onClick={() => onChange([...transformations, { id: kind.id, options: {} }])}>
              {kind.name}
              <span className={classes.about}>{kind.about}</span>
            </Menu.Item>
          ))}
        </Menu.Dropdown>
      </Menu>
    </>
  );
}

interface TransformationProps {
  place: number;
  value: Obj;
  frames: readonly Frame[];
  onChange: (value: Obj) => void;
  onMove: (by: 1 | -1) => void;
  onRemove: () => void;
}

function Transformation({ place, value, frames, onChange, onMove, onRemove }: TransformationProps) {
  const [asJson, setAsJson] = useState(false);
  const known = useMemo(() => fieldsIn(frames), [frames]);
  const id = str(value.id);
  const kind = transformKind(id);
  const filter = obj(value.filter);
  const setOptions = (options: Obj): void => onChange({ ...value, options });
  return (
    <section className={classes.query} aria-label={`Transformation ${place}`}>
      <div className={classes.queryHead}>
        <span className={classes.refId}>{place}</span>
        <Select aria-label="Transformation" searchable w={220} data={choices(id)} value={id} onChange={(next) => next && next !== id && onChange({ id: next, options: {} })} />
        <Switch label="On" checked={value.disabled !== true} onChange={(event) => onChange(event.currentTarget.checked ? without(value, "disabled") : { ...value, disabled: true })} />
        <Select
          aria-label="Only answers of"
          w={150}
          data={[{ value: "", label: "All answers" }, ...known.refs.map((ref) => ({ value: ref, label: `Only query ${ref}` })), ...(filter.id !== undefined && !known.refs.includes(str(filter.options)) ? [{ value: str(filter.options), label: `Only ${str(filter.options) || str(filter.id)}` }] : [])]}
          value={filter.id === undefined ? "" : str(filter.options)}
          onChange={(ref) => onChange(ref ? { ...value, filter: { id: "byRefId", options: ref } } : without(value, "filter"))}
        />
        <span className={classes.space} />
        {kind && (
          <Button size="compact-xs" variant={asJson ? "filled" : "subtle"} aria-expanded={asJson} onClick={() => setAsJson(!asJson)}>
            JSON
          </Button>
        )}
        <ActionIcon aria-label="Move up" onClick={() => onMove(-1)}>
          <IconArrowUp size={16} />
        </ActionIcon>
        <ActionIcon aria-label="Move down" onClick={() => onMove(1)}>
          <IconArrowDown size={16} />
        </ActionIcon>
        <ActionIcon aria-label="Remove the transformation" onClick={onRemove}>
          <IconTrash size={16} />
        </ActionIcon>
      </div>
      {kind && <p className={classes.note}>{kind.about}.</p>}
      {kind && !asJson ? <TransformForm form={kind.form} options={obj(value.options)} known={known} onChange={setOptions} /> : <OptionsJson value={obj(value.options)} onChange={setOptions} />}
    </section>
  );
}

function choices(current: string): { value: string; label: string }[] {
  const formless = [...transformIds, current].filter((id, index, all) => id !== "" && !transformKind(id) && all.indexOf(id) === index);
  return [...transformKinds.map(({ id, name }) => ({ value: id, label: name })), ...formless.map((id) => ({ value: id, label: id }))];
}

function without(value: Obj, key: string): Obj {
  return Object.fromEntries(Object.entries(value).filter(([name]) => name !== key));
}

function OptionsJson({ value, onChange }: { value: Obj; onChange: (value: Obj) => void }) {
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
