import { ActionIcon, Switch, TextInput } from "@mantine/core";
import IconArrowDown from "@tabler/icons-react/dist/esm/icons/IconArrowDown.mjs";
import IconArrowUp from "@tabler/icons-react/dist/esm/icons/IconArrowUp.mjs";

import { compact, num, obj, str } from "../../../../lib/dashboard/json";
import classes from "../panelEditor.module.css";
import type { FormProps } from "./form";

/** The fields in their order: each is shown or not, and under which name. */
export function OrganizeForm({ options, known, onChange }: FormProps) {
  const excluded = obj(options.excludeByName);
  const order = obj(options.indexByName);
  const renamed = obj(options.renameByName);
  // Fields that are not there now keep their settings.
  const all = [...new Set([...known.names, ...Object.keys(excluded), ...Object.keys(renamed), ...Object.keys(order)])];
  const names = all.toSorted((a, b) => (num(order[a]) ?? Infinity) - (num(order[b]) ?? Infinity) || all.indexOf(a) - all.indexOf(b));
  const move = (name: string, by: 1 | -1): void => {
    const at = names.indexOf(name);
    const to = at + by;
    if (to < 0 || to >= names.length) return;
    const next = names.toSpliced(at, 1).toSpliced(to, 0, name);
    onChange({ ...options, indexByName: Object.fromEntries(next.map((one, index) => [one, index])) });
  };
  if (names.length === 0) return <p className={classes.note}>The queries have no fields yet.</p>;
  return (
    <ul className={classes.fieldList} aria-label="Fields">
      {names.map((name) => (
        <li key={name} className={classes.step}>
          <ActionIcon size="sm" aria-label={`Move ${name} up`} onClick={() => move(name, -1)}>
            <IconArrowUp size={14} />
          </ActionIcon>
          <ActionIcon size="sm" aria-label={`Move ${name} down`} onClick={() => move(name, 1)}>
            <IconArrowDown size={14} />
          </ActionIcon>
          <Switch aria-label={`Show ${name}`} checked={excluded[name] !== true} onChange={(event) => onChange({ ...options, excludeByName: compact({ ...excluded, [name]: event.currentTarget.checked ? undefined : true }) })} />
          <span className={classes.fieldName} data-absent={!known.names.includes(name) || undefined}>
            {name}
          </span>
          <TextInput size="xs" style={{ flex: 1 }} aria-label={`New name of ${name}`} placeholder={name} value={str(renamed[name])} onChange={(event) => onChange({ ...options, renameByName: compact({ ...renamed, [name]: event.currentTarget.value || undefined }) })} />
        </li>
      ))}
    </ul>
  );
}
