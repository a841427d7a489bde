import { readSource } from "./datasource";
import { bool, isObj, num, obj, objs, str, strs, type Obj } from "./json";
import type { AdhocFilter, VariableModel, VariableOption, VariableType } from "./model";

const types: readonly VariableType[] = ["query", "custom", "constant", "interval", "textbox", "datasource", "adhoc", "groupby", "system"];

/** The variables of `templating.list`, of any age. Of those with the same name the first one counts. */
export function readVariables(all: readonly Obj[]): VariableModel[] {
  const names = all.map((one) => str(one.name));
  return all.filter((_, index) => names[index] !== "" && names.indexOf(names[index] ?? "") === index).map(readVariable);
}

function readVariable(one: Obj): VariableModel {
  const type = types.find((known) => known === one.type) ?? "custom";
  const hide = num(one.hide) ?? 0;
  return {
    name: str(one.name),
    type,
    label: str(one.label),
    description: str(one.description),
    // A constant was hidden by being one.
    hide: hide === 2 || (type === "constant" && one.hide === undefined) ? "variable" : hide === 1 ? "label" : "none",
    multi: bool(one.multi),
    includeAll: bool(one.includeAll),
    allValue: str(one.allValue),
    query: one.query ?? one.definition ?? "",
    datasource: readSource(one.datasource),
    regex: str(one.regex),
    sort: num(one.sort) ?? 0,
    // One that was never refreshed is asked on load since schema 29; `true` and `false` of old dashboards mean the same.
    refresh: num(one.refresh) === 2 ? "range" : "load",
    skipUrlSync: bool(one.skipUrlSync),
    current: currentOf(one, type),
    options: objs(one.options).flatMap((option): VariableOption[] => {
      const [value] = strs(option.value);
      return value === undefined ? [] : [{ value, text: strs(option.text)[0] ?? value }];
    }),
    auto: bool(one.auto),
    autoCount: num(one.auto_count) ?? 30,
    autoMin: str(one.auto_min, "10s"),
    filters: objs(one.filters).map(readFilter),
  };
}

function currentOf(one: Obj, type: VariableType): VariableModel["current"] {
  const current = isObj(one.current) ? one.current : {};
  const value = strs(current.value);
  const text = strs(current.text);
  if (value.length === 0 && (type === "textbox" || type === "constant")) {
    const query = str(one.query);
    return { value: [query], text: [query] };
  }
  return { value, text: text.length === value.length ? text : value };
}

export function readFilter(one: Obj): AdhocFilter {
  return { key: str(one.key), operator: str(one.operator, "="), value: str(one.value) };
}

/** The text of a query variable, whichever of the forms it was saved in. */
export function queryText(query: unknown): string {
  if (typeof query === "string") return query;
  const form = obj(query);
  return str(form.query) || str(form.expr);
}
