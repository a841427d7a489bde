import { niceStep } from "./step";
import type { Source } from "./datasource";
import { durationMs } from "./duration";
import type { Selection } from "./formats";
import { mentioned, type Scope, type ScopeValue } from "./interpolate";
import { bool } from "./json";
import type { AdhocFilter, VariableModel, VariableOption } from "./model";
import { queryText } from "./readVariables";
import { allText, allValue } from "./sourceFormat";
import { stepText } from "../step";
import type { TimeRange } from "../time";
import { autoValue, customOptions, intervalOptions, sourceOptions } from "./variableOptions";

/** A variable with its options and what is chosen of them. */
export interface VariableState {
  model: VariableModel;
  options: VariableOption[];
  /** Values chosen; `$__all` is All. */
  chosen: string[];
  filters: AdhocFilter[];
  /** Why its options could not be had. */
  error?: string;
}

/** Names of the variables that `variable` needs to be known before it. */
export function dependsOn(variable: VariableModel, all: readonly VariableModel[]): string[] {
  const texts = [queryText(variable.query), JSON.stringify(variable.query), variable.regex, JSON.stringify(variable.datasource ?? "")].join(" ");
  const names = new Set(mentioned(texts));
  return all.filter((one) => one.name !== variable.name && names.has(one.name)).map((one) => one.name);
}

/**
 * Variables in rounds: those of one round depend only on rounds before, so that each round can be asked at once. Ones
 * that depend on each other in a circle come last, together.
 */
export function inRounds(variables: readonly VariableModel[]): VariableModel[][] {
  const rounds: VariableModel[][] = [];
  const known = new Set<string>();
  let left = [...variables];
  while (left.length > 0) {
    const ready = left.filter((one) => dependsOn(one, variables).every((name) => known.has(name)));
    const round = ready.length > 0 ? ready : left;
    rounds.push(round);
    for (const one of round) known.add(one.name);
    left = left.filter((one) => !round.includes(one));
  }
  return rounds;
}

/** Options of a variable that no data source needs to be asked for. */
export function staticOptions(variable: VariableModel, sources: readonly Source[]): VariableOption[] {
  switch (variable.type) {
    case "custom":
      return customOptions(queryText(variable.query));
    case "interval":
      return intervalOptions(variable);
    case "datasource":
      return sourceOptions(variable, sources);
    default:
      return [];
  }
}

/** What is chosen: by the URL, else as saved with the dashboard where that still exists, else the first option. */
export function choose(variable: VariableModel, options: readonly VariableOption[], fromURL: readonly string[] | undefined): string[] {
  if (variable.type === "constant") return [queryText(variable.query)];
  if (variable.type === "textbox") return [fromURL?.[0] ?? variable.current.value[0] ?? queryText(variable.query)];
  if (variable.type === "adhoc" || variable.type === "groupby") return fromURL ? [...fromURL] : [...variable.current.value];
  if (fromURL && fromURL.length > 0) {
    const given = fromURL.map((one) => (one === allText && variable.includeAll ? allValue : valueOf(one, options)));
    return variable.multi ? given : given.slice(0, 1);
  }
  const saved = variable.current.value;
  if (variable.includeAll && saved.includes(allValue)) return [allValue];
  const values = saved.map((one, index) => existing(one, variable.current.text[index] ?? one, options)).filter((one) => one !== undefined);
  if (values.length > 0) return variable.multi ? values : values.slice(0, 1);
  if (variable.multi && saved.length === 0 && variable.current.value.length === 0 && variable.includeAll) return [allValue];
  const [first] = options;
  return first ? [first.value] : [];
}

/** A link may name an option by its text. */
function valueOf(given: string, options: readonly VariableOption[]): string {
  if (options.some((one) => one.value === given)) return given;
  return options.find((one) => one.text === given)?.value ?? given;
}

function existing(value: string, text: string, options: readonly VariableOption[]): string | undefined {
  return (options.find((one) => one.value === value) ?? options.find((one) => one.text === text || one.text === value))?.value;
}

/** What the chosen values are written as. All is all options, unless the variable has a value of its own for it. */
export function selectionOf(state: VariableState, range: TimeRange): Selection {
  const { model, options, chosen } = state;
  if (chosen.includes(allValue)) {
    return { value: model.allValue === "" ? options.map((one) => one.value) : model.allValue, text: allText };
  }
  const values = chosen.map((one) => (one === autoValue(model.name) || one === "auto" ? autoInterval(model, range) : one));
  const texts = chosen.map((one) => options.find((option) => option.value === one)?.text ?? one);
  if (model.multi) return { value: values, text: texts };
  return { value: values[0] ?? "", text: texts[0] ?? "" };
}

/** The values that a row or panel is repeated for: of All each option, whatever All is written as. */
export function repeatValues(state: VariableState): { value: string[]; text: string[] } {
  const values = state.chosen.includes(allValue) ? state.options.map((one) => one.value) : state.chosen;
  return { value: values, text: values.map((value) => state.options.find((one) => one.value === value)?.text ?? value) };
}

function autoInterval(model: VariableModel, range: TimeRange): string {
  const least = durationMs(model.autoMin) ?? 1000;
  return stepText(niceStep((range.to - range.from) / Math.max(1, model.autoCount), least));
}

/** The scope that variables make. */
export function variableScope(states: readonly VariableState[], range: TimeRange): Scope {
  const scope = new Map<string, ScopeValue>();
  for (const state of states) scope.set(state.model.name, selectionOf(state, range));
  scope.set("__all_variables", states.map((state) => urlParams(state)).filter((one) => one !== "").join("&"));
  return scope;
}

/** `var-name=value` for each chosen value, as links hand them over. */
export function urlParams(state: VariableState): string {
  if (state.model.skipUrlSync) return "";
  const values = state.model.type === "adhoc" ? state.filters.map(writeFilter) : state.chosen;
  return values.map((value) => `var-${encodeURIComponent(state.model.name)}=${encodeURIComponent(value)}`).join("&");
}

/** `key|operator|value`, bars within escaped as Grafana does. */
export function writeFilter(filter: AdhocFilter): string {
  return [filter.key, filter.operator, filter.value].map((part) => part.replaceAll("|", "__gfp__")).join("|");
}

export function parseFilter(text: string): AdhocFilter | undefined {
  const [key = "", operator = "", ...value] = text.split("|").map((part) => part.replaceAll("__gfp__", "|"));
  return key === "" || operator === "" ? undefined : { key, operator, value: value.join("|") };
}

/** The values that the search of a URL has for a variable. */
export function fromSearch(search: Readonly<Record<string, unknown>>, name: string): string[] | undefined {
  const value = search[`var-${name}`];
  if (value === undefined) return undefined;
  return Array.isArray(value) ? value.map(String) : [String(value)];
}

/** True when a text is one of the ways of writing a switched-on flag. */
export function switchedOn(value: unknown): boolean {
  return value === "" || bool(value) || value === "1" || value === "tv";
}
