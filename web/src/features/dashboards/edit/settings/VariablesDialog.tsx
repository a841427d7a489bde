import { Button, Modal } from "@mantine/core";
import { useState } from "react";

import { setIn } from "../../../../lib/dashboard/edit";
import { mentioned } from "../../../../lib/dashboard/interpolate";
import { obj, objs, str, type Obj } from "../../../../lib/dashboard/json";
import { ListEditor } from "./ListEditor";
import { VariableFields } from "./VariableFields";
import classes from "../edit.module.css";

interface VariablesDialogProps {
  raw: Obj;
  onClose: () => void;
  onApply: (raw: Obj) => void;
}

/** The variables of the dashboard: their order, and each one's definition. */
export function VariablesDialog({ raw, onClose, onApply }: VariablesDialogProps) {
  const [list, setList] = useState<readonly Obj[]>(() => objs(obj(raw.templating).list));
  // What mentions them: panels, links, annotations, and other variables.
  const [used] = useState(() => new Set(mentioned(JSON.stringify({ ...raw, templating: null }))));
  const names = list.map((one) => str(one.name));
  const bad = names.find((name, index) => !/^\w+$/.test(name) || names.indexOf(name) !== index);
  const isUsed = (one: Obj): boolean => one.type === "adhoc" || used.has(str(one.name)) || list.some((other) => other !== one && mentioned(JSON.stringify([other.query, other.regex, other.datasource])).includes(str(one.name))) || repeatsIn(raw, str(one.name));
  const made = (): Obj => ({ name: freeName(names), type: "query", query: "", datasource: { type: "prometheus", uid: "prometheus" }, refresh: 1, sort: 1, multi: false, includeAll: false, current: {}, hide: 0 });
  return (
    <Modal opened onClose={onClose} title="Variables" size="xl" transitionProps={{ duration: 120 }}>
      <ListEditor label="Variables" items={list} name="name" note={(one) => (isUsed(one) ? str(one.type) : `${str(one.type)}, not used`)} add="Add a variable" made={made} hint="A variable is a value that queries and titles name, as $name, and that readers choose." onChange={setList}>
        {(one, put) => <VariableFields variable={one} put={put} />}
      </ListEditor>
      {bad !== undefined && (
        <p role="alert" className={classes.problem}>
          {bad === "" ? "A variable needs a name." : `“${bad}” cannot be a name: letters, digits and underscores, each name once.`}
        </p>
      )}
      <div className={classes.dialogEnd}>
        <Button
          disabled={bad !== undefined}
          onClick={() => {
            onApply(setIn(raw, ["templating", "list"], [...list]) as Obj);
            onClose();
          }}
        >
          Apply
        </Button>
      </div>
    </Modal>
  );
}

/** Whether panels or rows are repeated for it. */
function repeatsIn(raw: Obj, name: string): boolean {
  const all = [...objs(raw.panels), ...objs(raw.rows)];
  return all.flatMap((panel) => [panel, ...objs(panel.panels)]).some((panel) => panel.repeat === name);
}

function freeName(names: readonly string[]): string {
  for (let index = 1; ; index++) if (!names.includes(`variable${index}`)) return `variable${index}`;
}
