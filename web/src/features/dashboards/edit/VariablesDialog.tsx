import { ActionIcon, Button, Modal, Select, Switch, TextInput } from "@mantine/core";
import IconArrowDown from "@tabler/icons-react/dist/esm/icons/IconArrowDown.mjs";
import IconArrowUp from "@tabler/icons-react/dist/esm/icons/IconArrowUp.mjs";
import IconTrash from "@tabler/icons-react/dist/esm/icons/IconTrash.mjs";
import { useState } from "react";

import { getIn, setIn } from "../../../lib/dashboard/edit";
import { bool, num, obj, objs, str, type Obj } from "../../../lib/dashboard/json";
import { queryText } from "../../../lib/dashboard/readVariables";
import { useShared } from "../DashboardContext";
import classes from "./edit.module.css";

interface VariablesDialogProps {
  raw: Obj;
  onClose: () => void;
  onApply: (raw: Obj) => void;
}

const types = [
  { value: "query", label: "From a query" },
  { value: "custom", label: "A list of values" },
  { value: "interval", label: "Intervals" },
  { value: "datasource", label: "Data sources" },
  { value: "textbox", label: "Typed text" },
  { value: "constant", label: "A constant" },
  { value: "adhoc", label: "Filters" },
];

const sorts = ["As they come", "A to Z", "Z to A", "0 to 9", "9 to 0", "a to z", "z to a", "Natural", "Natural, descending"].map((label, index) => ({ value: String(index), label }));

/** The variables of the dashboard: their order, and each one's definition. */
export function VariablesDialog({ raw, onClose, onApply }: VariablesDialogProps) {
  const [list, setList] = useState<readonly Obj[]>(() => objs(obj(raw.templating).list));
  const [at, setAt] = useState(0);
  const current = list[at];
  const names = list.map((one) => str(one.name));
  const bad = names.find((name, index) => !/^\w+$/.test(name) || names.indexOf(name) !== index);

  const put = (path: readonly string[], value: unknown): void => setList((before) => before.map((one, index) => (index === at ? (setIn(one, path, value) as Obj) : one)));
  const move = (by: 1 | -1): void => {
    const to = at + by;
    if (to < 0 || to >= list.length || !current) return;
    setList((before) => before.filter((_, index) => index !== at).toSpliced(to, 0, current));
    setAt(to);
  };
  const add = (): void => {
    setList((before) => [...before, { name: freeName(names), type: "query", query: "", datasource: { type: "prometheus", uid: "prometheus" }, refresh: 1, sort: 1, multi: false, includeAll: false, current: {}, hide: 0 }]);
    setAt(list.length);
  };
  const apply = (): void => {
    onApply(setIn(raw, ["templating", "list"], [...list]) as Obj);
    onClose();
  };
  return (
    <Modal opened onClose={onClose} title="Variables" size="xl" transitionProps={{ duration: 120 }}>
      <div className={classes.split}>
        <div className={classes.sideList} role="listbox" aria-label="Variables">
          {list.map((one, index) => (
            <button key={`${index} ${str(one.name)}`} type="button" role="option" aria-selected={index === at} className={classes.sideItem} onClick={() => setAt(index)}>
              {str(one.name) || "(no name)"} <span className={classes.note}>{str(one.type)}</span>
            </button>
          ))}
          <Button variant="default" onClick={add}>
            Add a variable
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
              <ActionIcon
                aria-label="Remove"
                onClick={() => {
                  setList((before) => before.filter((_, index) => index !== at));
                  setAt(Math.max(0, at - 1));
                }}
              >
                <IconTrash size={16} />
              </ActionIcon>
            </div>
            <Fields key={at} variable={current} put={put} />
          </div>
        ) : (
          <p className={classes.note}>A variable is a value that queries and titles name, as $name, and that readers choose.</p>
        )}
      </div>
      {bad !== undefined && (
        <p role="alert" className={classes.problem}>
          {bad === "" ? "A variable needs a name." : `“${bad}” cannot be a name: letters, digits and underscores, each name once.`}
        </p>
      )}
      <Button mt={12} disabled={bad !== undefined} onClick={apply}>
        Apply
      </Button>
    </Modal>
  );
}

function freeName(names: readonly string[]): string {
  for (let index = 1; ; index++) if (!names.includes(`variable${index}`)) return `variable${index}`;
}

function Fields({ variable, put }: { variable: Obj; put: (path: readonly string[], value: unknown) => void }) {
  const { sources } = useShared();
  const type = str(variable.type, "query");
  const text = (label: string, path: readonly string[], description?: string) => (
    <TextInput label={label} {...(description ? { description } : {})} value={str(getIn(variable, path))} onChange={(event) => put(path, event.currentTarget.value)} />
  );
  const flag = (label: string, member: string) => <Switch label={label} checked={bool(variable[member])} onChange={(event) => put([member], event.currentTarget.checked)} />;
  const source = typeof variable.datasource === "string" ? variable.datasource : str(obj(variable.datasource).uid);
  const listed = sources.map((one) => ({ value: one.uid, label: one.name }));
  return (
    <>
      {text("Name", ["name"])}
      <Select label="Kind" data={types.some((one) => one.value === type) ? types : [...types, { value: type, label: type }]} value={type} onChange={(value) => put(["type"], value)} />
      {text("Label", ["label"], "Shown instead of the name")}
      <Select
        label="Show"
        data={[
          { value: "0", label: "Label and value" },
          { value: "1", label: "Value only" },
          { value: "2", label: "Nothing" },
        ]}
        value={String(num(variable.hide) ?? 0)}
        onChange={(value) => put(["hide"], Number(value))}
      />
      {(type === "query" || type === "adhoc") && (
        <Select
          label="Data source"
          searchable
          data={listed.some((one) => one.value === source) || source === "" ? listed : [...listed, { value: source, label: source }]}
          value={source}
          onChange={(uid) => put(["datasource"], { type: sources.find((one) => one.uid === uid)?.type, uid })}
        />
      )}
      {type === "query" && (
        <>
          <TextInput
            label="Query"
            description="label_values(metric, label), label_values(label), label_names(), metrics(regex), query_result(expr)"
            value={queryText(variable.query)}
            onChange={(event) => put(["query"], typeof variable.query === "object" && variable.query !== null && "query" in variable.query ? { ...variable.query, query: event.currentTarget.value } : event.currentTarget.value)}
          />
          {text("Regex", ["regex"], "/pattern/ keeps what matches; a group is the value; groups named text and value are both")}
          <Select label="Order" data={sorts} value={String(num(variable.sort) ?? 0)} onChange={(value) => put(["sort"], Number(value))} />
          <Switch label="Ask again when the time range changes" checked={num(variable.refresh) === 2} onChange={(event) => put(["refresh"], event.currentTarget.checked ? 2 : 1)} />
        </>
      )}
      {(type === "custom" || type === "interval" || type === "textbox" || type === "constant") && text(type === "custom" || type === "interval" ? "Values, with commas between" : "Value", ["query"])}
      {type === "interval" && flag("Offer one fitted to the range", "auto")}
      {type === "datasource" && <Select label="Kind of source" data={["prometheus", "loki", "tempo", "jaeger", "alertmanager"]} value={queryText(variable.query)} onChange={(value) => put(["query"], value)} />}
      {["query", "custom", "datasource"].includes(type) && (
        <>
          {flag("Several values can be chosen", "multi")}
          {flag("Offer All", "includeAll")}
          {bool(variable.includeAll) && text("What All is written as", ["allValue"], "Empty: all values")}
        </>
      )}
    </>
  );
}
