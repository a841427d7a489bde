import { NumberInput, Select, Switch, TextInput } from "@mantine/core";

import { sourceTypeOf, type SourceType } from "../../../../lib/dashboard/datasource";
import { getIn } from "../../../../lib/dashboard/edit";
import { bool, num, obj, str, type Obj } from "../../../../lib/dashboard/json";
import { queryText } from "../../../../lib/dashboard/readVariables";
import { useShared } from "../../DashboardContext";
import type { PutItem } from "./ListEditor";
import { VariablePreview } from "./VariablePreview";
import { VariableQuery } from "./VariableQuery";
import classes from "../edit.module.css";

const types = [
  { value: "query", label: "From a query" },
  { value: "custom", label: "A list of values" },
  { value: "interval", label: "Intervals" },
  { value: "datasource", label: "Data sources" },
  { value: "textbox", label: "Typed text" },
  { value: "constant", label: "A constant" },
  { value: "adhoc", label: "Filters" },
  { value: "groupby", label: "Labels to group by" },
];

const sorts = ["As they come", "A to Z", "Z to A", "0 to 9", "9 to 0", "a to z", "z to a", "Natural", "Natural, descending"].map((label, index) => ({ value: String(index), label }));

/** The definition of one variable, and the values that it has with it. */
export function VariableFields({ variable, put }: { variable: Obj; put: PutItem }) {
  const { sources } = useShared();
  const type = str(variable.type, "query");
  const text = (label: string, path: readonly string[], description?: string) => (
    <TextInput label={label} {...(description ? { description } : {})} value={str(getIn(variable, path))} onChange={(event) => put(path, event.currentTarget.value)} />
  );
  const flag = (label: string, member: string) => <Switch label={label} checked={bool(variable[member])} onChange={(event) => put([member], event.currentTarget.checked)} />;
  const uid = typeof variable.datasource === "string" ? variable.datasource : str(obj(variable.datasource).uid);
  const listed = sources.map((one) => ({ value: one.uid, label: one.name }));
  const source = sources.find((one) => one.uid === uid);
  const sourceType: SourceType = source?.type ?? sourceTypeOf(str(obj(variable.datasource).type)) ?? "prometheus";
  const asks = type === "query" || type === "adhoc" || type === "groupby";
  return (
    <>
      {text("Name", ["name"])}
      <Select label="Kind" allowDeselect={false} data={types.some((one) => one.value === type) ? types : [...types, { value: type, label: type }]} value={type} onChange={(value) => put(["type"], value)} />
      <div className={classes.row}>
        {text("Label", ["label"], "Shown instead of the name")}
        {text("Description", ["description"], "Shown when pointed at")}
        <Select
          label="Show"
          description="On the dashboard"
          data={[
            { value: "0", label: "Label and value" },
            { value: "1", label: "Value only" },
            { value: "2", label: "Nothing" },
          ]}
          value={String(num(variable.hide) ?? 0)}
          onChange={(value) => put(["hide"], Number(value))}
        />
      </div>
      {asks && (
        <Select
          label="Data source"
          searchable
          data={listed.some((one) => one.value === uid) || uid === "" ? listed : [...listed, { value: uid, label: uid }]}
          value={uid}
          onChange={(next) => put(["datasource"], { type: sources.find((one) => one.uid === next)?.type, uid: next })}
        />
      )}
      {type === "query" && (
        <>
          <VariableQuery type={sourceType} base={source?.base ?? ""} query={variable.query ?? variable.definition} onChange={(query) => put(["query"], query)} />
          {text("Regex", ["regex"], "/pattern/ keeps what matches; a group is the value; groups named text and value are both")}
          <div className={classes.row}>
            <Select label="Order" data={sorts} value={String(num(variable.sort) ?? 0)} onChange={(value) => put(["sort"], Number(value))} />
            <Switch mt={18} label="Ask again when the time range changes" checked={num(variable.refresh) === 2} onChange={(event) => put(["refresh"], event.currentTarget.checked ? 2 : 1)} />
          </div>
        </>
      )}
      {(type === "custom" || type === "interval" || type === "textbox" || type === "constant") && text(type === "custom" || type === "interval" ? "Values, with commas between" : "Value", ["query"], type === "custom" ? "name : value where they differ" : undefined)}
      {type === "interval" && (
        <>
          {flag("Offer one fitted to the range", "auto")}
          {bool(variable.auto) && (
            <div className={classes.row}>
              <NumberInput label="Steps over the range" min={1} placeholder="30" value={num(variable.auto_count) ?? ""} onChange={(value) => put(["auto_count"], value === "" ? undefined : Number(value))} />
              {text("At least", ["auto_min"])}
            </div>
          )}
        </>
      )}
      {type === "datasource" && (
        <>
          <Select label="Kind of source" data={["prometheus", "loki", "tempo", "jaeger", "alertmanager"]} value={queryText(variable.query)} onChange={(value) => put(["query"], value)} />
          {text("Regex", ["regex"], "Keeps sources whose name matches")}
        </>
      )}
      {["query", "custom", "datasource"].includes(type) && (
        <>
          {flag("Several values can be chosen", "multi")}
          {flag("Offer All", "includeAll")}
          {bool(variable.includeAll) && text("What All is written as", ["allValue"], "Empty: all values")}
        </>
      )}
      <Switch label="Keep the choice out of the URL" checked={bool(variable.skipUrlSync)} onChange={(event) => put(["skipUrlSync"], event.currentTarget.checked)} />
      {type !== "adhoc" && type !== "textbox" && type !== "constant" && <VariablePreview variable={variable} />}
    </>
  );
}
