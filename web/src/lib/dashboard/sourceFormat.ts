import type { SourceType } from "./datasource";
import { escapeRegex, type FormatInput } from "./formats";
import type { DefaultFormat } from "./interpolate";
import type { VariableModel } from "./model";

/**
 * How a variable stands in a query without a format. In PromQL and LogQL it is inside a quoted matcher: a variable that
 * can have several values is a regular expression there, any other its bare value. A double quote in it does not end the
 * quotes it stands in.
 */
export function queryFormat(type: SourceType, variables: readonly VariableModel[]): DefaultFormat {
  const several = new Set(variables.filter((one) => one.multi || one.includeAll).map((one) => one.name));
  const traces = type === "tempo" || type === "jaeger";
  return (input, before) => {
    const { value } = input;
    const written = !traces ? quotedMatcher(input, several) : Array.isArray(value) ? alternatives(value.map(escapeQuoted)) : value;
    return written.includes('"') && openQuote(before) === '"' ? written.replaceAll('"', '\\"') : written;
  };
}

/** The quote that a text ends within, or "". */
function openQuote(text: string): string {
  let quote = "";
  for (let i = 0; i < text.length; i++) {
    const char = text.charAt(i);
    if (quote === "" && char === "#") i = (text.indexOf("\n", i) + 1 || text.length + 1) - 1;
    else if (quote === "" && /["'`]/.test(char)) quote = char;
    else if (char === quote) quote = "";
    else if (char === "\\" && quote !== "`") i++;
  }
  return quote;
}

function quotedMatcher({ name, value, text }: FormatInput, several: ReadonlySet<string>): string {
  if (Array.isArray(value)) return alternatives(value.map(escapeQuoted));
  // All with a value of its own is written by the author, as a regular expression.
  if (text === allText) return value;
  return several.has(name) ? escapeQuoted(value) : value.replace(/\\/g, "\\\\");
}

/** The text of the option that stands for every value. */
export const allText = "All";
/** Its value, in URLs and saved selections. */
export const allValue = "$__all";

function alternatives(values: readonly string[]): string {
  return values.length === 1 ? (values[0] ?? "") : `(${values.join("|")})`;
}

/** A value as a regular expression within a quoted text: the escapes are escaped once more. */
function escapeQuoted(value: string): string {
  return escapeRegex(value).replace(/\\\//g, "/").replace(/\\/g, "\\\\");
}
