import type { Source } from "./datasource";
import { sourceTypeOf } from "./datasource";
import type { VariableModel, VariableOption } from "./model";
import { queryText } from "./readVariables";

/** `/pattern/flags`, or a bare pattern, as a regular expression; undefined for none or one that is broken. */
export function readRegex(text: string, flags = ""): RegExp | undefined {
  if (text === "") return undefined;
  const delimited = /^\/([\s\S]*)\/([a-z]*)$/.exec(text);
  try {
    return delimited ? new RegExp(delimited[1] ?? "", delimited[2]) : new RegExp(text, flags);
  } catch {
    return undefined;
  }
}

/**
 * Options that the variable's regex keeps, each once. Its named groups `text` and `value` choose the parts, else its
 * first group does.
 */
export function filterOptions(options: readonly VariableOption[], pattern: string): VariableOption[] {
  const regex = readRegex(pattern);
  const kept = new Map<string, VariableOption>();
  const keep = (option: VariableOption): void => {
    if (!kept.has(option.value)) kept.set(option.value, option);
  };
  for (const option of options) {
    if (!regex) {
      keep(option);
      continue;
    }
    const once = regex.global ? null : regex.exec(option.value);
    const all = regex.global ? [...option.value.matchAll(regex)] : once ? [once] : [];
    for (const match of all) {
      const value = match.groups?.value ?? match.groups?.text ?? match.find((part, index) => index > 0 && part !== undefined) ?? match[0];
      if (value === undefined) continue;
      keep({ value, text: match.groups?.text ?? match.groups?.value ?? value });
    }
  }
  return [...kept.values()];
}

const natural = new Intl.Collator("en", { numeric: true, sensitivity: "base" });
const plain = new Intl.Collator("en");
const caseless = new Intl.Collator("en", { sensitivity: "base" });

/** Options in one of the orders of `sort`: 0 as they came; then by letter, by number, without case, natural; odd is ascending. */
export function sortOptions(options: readonly VariableOption[], sort: number): VariableOption[] {
  const compare = comparison(Math.ceil(sort / 2));
  if (!compare) return [...options];
  const sorted = options.toSorted((a, b) => compare(a.text, b.text));
  return sort % 2 === 0 ? sorted.toReversed() : sorted;
}

function comparison(kind: number): ((a: string, b: string) => number) | undefined {
  switch (kind) {
    case 1:
      return plain.compare;
    case 2:
      return (a, b) => firstNumber(a) - firstNumber(b);
    case 3:
      return caseless.compare;
    case 4:
      return natural.compare;
    default:
      return undefined;
  }
}

function firstNumber(text: string): number {
  const found = /-?\d+(\.\d+)?/.exec(text);
  return found ? Number(found[0]) : -1;
}

/** Options of a custom variable: `a, b, Name : value`; a comma within one is written `\,`. */
export function customOptions(query: string): VariableOption[] {
  const parts = query.match(/(?:\\,|[^,])+/g) ?? [];
  return parts.flatMap((part) => {
    const text = part.replace(/\\,/g, ",").trim();
    if (text === "") return [];
    const pair = /^([\s\S]+?)\s:\s([\s\S]+)$/.exec(text);
    return [pair ? { text: (pair[1] ?? "").trim(), value: (pair[2] ?? "").trim() } : { text, value: text }];
  });
}

/** The value that stands for the interval fitted to the range. */
export function autoValue(name: string): string {
  return `$__auto_interval_${name}`;
}

/** Options of an interval variable: its list, with "auto" first if it is on offer. */
export function intervalOptions(variable: VariableModel): VariableOption[] {
  const listed = (queryText(variable.query).match(/(["'])(.*?)\1|[^\s,]+/g) ?? []).map((text) => text.replace(/^["']|["']$/g, ""));
  const auto = variable.auto ? [{ text: "auto", value: autoValue(variable.name) }] : [];
  return [...auto, ...listed.filter((text) => text !== "auto").map((text) => ({ text, value: text }))];
}

/** Options of a data source variable: the sources of its type whose name its regex keeps. */
export function sourceOptions(variable: VariableModel, sources: readonly Source[]): VariableOption[] {
  const type = sourceTypeOf(queryText(variable.query));
  const regex = readRegex(variable.regex);
  const ofType = sources.filter((one) => one.type === type);
  const matching = ofType.filter((one) => !regex || regex.test(one.name));
  // A pattern is about names of another installation; when nothing here has such a name, all of the type are on offer.
  const kept = matching.length > 0 ? matching : ofType;
  return kept.map((one) => ({ text: one.name, value: one.uid }));
}
