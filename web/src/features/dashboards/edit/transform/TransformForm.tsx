import { Autocomplete, MultiSelect, NumberInput, Select, Switch, TagsInput, TextInput } from "@mantine/core";

import { setIn } from "../../../../lib/dashboard/edit";
import { isObj, num, obj, str, strs, type Obj } from "../../../../lib/dashboard/json";
import { settingsFor, settingValue, type TransformKind, type TransformSetting } from "../../../../lib/dashboard/transformSchema";
import classes from "../panelEditor.module.css";
import { calcChoices, type FormProps } from "./form";
import { GroupByForm } from "./GroupByForm";
import { OrganizeForm } from "./OrganizeForm";
import { ConvertForm, SortForm, TrendForm, ValueFilterForm } from "./RowForms";

/** The options of a transformation as a form. Options that have no control stay as they are. */
export function TransformForm({ form, ...props }: FormProps & { form: TransformKind["form"] }) {
  switch (form) {
    case "organize":
      return <OrganizeForm {...props} />;
    case "groupBy":
      return <GroupByForm {...props} />;
    case "filterByValue":
      return <ValueFilterForm {...props} />;
    case "sortBy":
      return <SortForm {...props} />;
    case "convertFieldType":
      return <ConvertForm {...props} />;
    case "timeSeriesTable":
      return <TrendForm {...props} />;
    default:
      return (
        <div className={classes.settings}>
          {settingsFor(form, props.options).map((setting) => (
            <Setting key={setting.path.join(".")} setting={setting} {...props} />
          ))}
        </div>
      );
  }
}

function Setting({ setting, options, known, onChange }: FormProps & { setting: TransformSetting }) {
  const value = settingValue(options, setting);
  const put = (next: unknown): void => onChange(setIn(options, setting.path, next) as Obj);
  const common = { label: setting.label, ...(setting.hint === undefined ? {} : { placeholder: setting.hint }) };
  switch (setting.kind) {
    case "switch":
      return <Switch mt={18} label={setting.label} checked={value === true} onChange={(event) => put(event.currentTarget.checked)} />;
    case "number":
      return <NumberInput size="xs" w={130} {...common} value={num(value) ?? ""} onChange={(next) => put(next === "" ? undefined : Number(next))} />;
    case "choice": {
      const current = str(value);
      const data = setting.choices ?? [];
      return <Select size="xs" w={210} label={setting.label} allowDeselect={false} data={data.some((one) => one.value === current) ? [...data] : [...data, { value: current, label: current }]} value={current} onChange={put} />;
    }
    case "calc":
      return <Select size="xs" w={170} label={setting.label} searchable allowDeselect={false} data={calcChoices} value={str(value)} onChange={put} />;
    case "calcs":
      return <MultiSelect size="xs" miw={240} {...common} searchable data={calcChoices} value={strs(value)} onChange={put} />;
    case "field":
    case "label":
      return <Autocomplete size="xs" w={210} {...common} data={setting.kind === "label" ? known.labels : known.names} limit={200} value={str(value)} onChange={(next) => put(next === "" ? undefined : next)} />;
    case "fields":
    case "labels":
      return <TagsInput size="xs" miw={260} {...common} data={setting.kind === "labels" ? known.labels : known.names} value={strs(value)} onChange={(next) => put(next.length === 0 ? undefined : next)} />;
    case "refs":
      return <MultiSelect size="xs" miw={200} label={setting.label} data={[...new Set([...known.refs, ...refsOf(value)])]} value={refsOf(value)} onChange={(next) => put(next.length === 0 ? undefined : next.join("|"))} />;
    case "operand":
      return <Autocomplete size="xs" w={210} label={setting.label} placeholder="A field or a number" data={known.names} limit={200} value={operandText(value)} onChange={(next) => put(operand(next))} />;
    case "text":
      return <TextInput size="xs" w={210} {...common} value={str(value)} onChange={(event) => put(event.currentTarget.value === "" ? undefined : event.currentTarget.value)} />;
  }
}

function refsOf(value: unknown): string[] {
  return strs(value).flatMap((one) => one.split("|")).filter((one) => one !== "");
}

/** The field or number of a calculation, in the form of today or of before. */
function operandText(value: unknown): string {
  if (!isObj(value)) return str(value);
  return str(obj(value.matcher).options) || str(value.fixed);
}

function operand(text: string): unknown {
  if (text === "") return undefined;
  return num(text) === undefined ? { matcher: { id: "byName", options: text } } : { fixed: text };
}
