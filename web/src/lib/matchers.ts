import type { Labels } from "./labels";

/** A condition on one label, as silences and routes have them. */
export interface LabelMatcher {
  name: string;
  value: string;
  isRegex: boolean;
  isEqual?: boolean | undefined;
}

const one = /^\s*(?:([a-zA-Z_][\w.]*)|"((?:[^"\\]|\\.)+)")\s*(=~|!~|!=|=)\s*(?:"((?:[^"\\]|\\.)*)"|([^",}\s]*))\s*(?:,|$)/;

/** Reads `a="b", c=~"d.*"`, with or without braces. Undefined if it is not that. */
export function parseMatchers(text: string): LabelMatcher[] | undefined {
  let rest = text.trim().replace(/^\{/, "").replace(/\}$/, "").trim();
  const found: LabelMatcher[] = [];
  while (rest !== "") {
    const parts = one.exec(rest);
    if (!parts) return undefined;
    const [whole, plain = "", named, operator = "", inQuotes, bare = ""] = parts;
    found.push({
      name: named === undefined ? plain : unescape(named),
      value: inQuotes === undefined ? bare : unescape(inQuotes),
      isRegex: operator.endsWith("~"),
      isEqual: !operator.startsWith("!"),
    });
    rest = rest.slice(whole.length).trim();
  }
  return found.length > 0 ? found : undefined;
}

/** What stands in double quotes: of all escapes Alertmanager knows those of a quote, a backslash and a line feed. */
function unescape(text: string): string {
  return text.replace(/\\(["\\n])/g, (_, char: string) => (char === "n" ? "\n" : char));
}

/** A matcher as Alertmanager writes it: `severity=~"warn.*"`. */
export function formatMatcher({ name, value, isRegex, isEqual = true }: LabelMatcher): string {
  const operator = isEqual ? (isRegex ? "=~" : "=") : isRegex ? "!~" : "!=";
  return `${/^[a-zA-Z_][\w.]*$/.test(name) ? name : quoted(name)}${operator}${quoted(value)}`;
}

function quoted(text: string): string {
  return `"${text.replace(/["\\]/g, "\\$&").replaceAll("\n", "\\n")}"`;
}

/** Several, as parseMatchers reads them. */
export function formatMatchers(matchers: readonly LabelMatcher[]): string {
  return matchers.map(formatMatcher).join(", ");
}

/** The conditions that a filter consists of, if it is written as such, in braces or with quotes; else it is words to look for. */
export function filterMatchers(filter: string): LabelMatcher[] | undefined {
  const text = filter.trim();
  return text.startsWith("{") || /[\w.]\s*(?:[=!]~|!?=)\s*"/.test(text) ? parseMatchers(text) : undefined;
}

/** Whether a set of labels fits all conditions; a label that is absent is an empty one. */
export function matches(matchers: readonly LabelMatcher[], labels: Labels): boolean {
  return matchers.every(({ name, value, isRegex, isEqual = true }) => {
    const has = labels[name] ?? "";
    return (isRegex ? fits(value, has) : has === value) === isEqual;
  });
}

function fits(pattern: string, text: string): boolean {
  try {
    return new RegExp(`^(?:${pattern})$`, "s").test(text);
  } catch {
    return false;
  }
}

/** Matchers that fit exactly the given labels. */
export function exactly(labels: Labels): LabelMatcher[] {
  return Object.keys(labels)
    .toSorted((a, b) => Number(b === "alertname") - Number(a === "alertname") || a.localeCompare(b))
    .map((name) => ({ name, value: labels[name] ?? "", isRegex: false, isEqual: true }));
}

/** Reads labels written as `a=b, c="d"`. Undefined where something is no equality. */
export function parseLabels(text: string): Record<string, string> | undefined {
  if (text.trim() === "") return {};
  const parsed = parseMatchers(text);
  if (!parsed || parsed.some((matcher) => matcher.isRegex || matcher.isEqual === false)) return undefined;
  return Object.fromEntries(parsed.map(({ name, value }) => [name, value]));
}
