import type { Labels } from "./labels";

/** A condition on one label, as silences and routes have them. */
export interface LabelMatcher {
  name: string;
  value: string;
  isRegex: boolean;
  isEqual?: boolean | undefined;
}

const one = /^\s*([a-zA-Z_][\w.]*)\s*(=~|!~|!=|=)\s*(?:"((?:[^"\\]|\\.)*)"|([^",}\s]*))\s*(?:,|$)/;

/** Reads `a="b", c=~"d.*"`, with or without braces. Undefined if it is not that. */
export function parseMatchers(text: string): LabelMatcher[] | undefined {
  let rest = text.trim().replace(/^\{/, "").replace(/\}$/, "").trim();
  const found: LabelMatcher[] = [];
  while (rest !== "") {
    const parts = one.exec(rest);
    if (!parts) return undefined;
    const [whole, name = "", operator = "", quoted, bare = ""] = parts;
    found.push({
      name,
      value: quoted === undefined ? bare : quoted.replace(/\\(["\\])/g, "$1").replace(/\\n/g, "\n"),
      isRegex: operator.endsWith("~"),
      isEqual: !operator.startsWith("!"),
    });
    rest = rest.slice(whole.length).trim();
  }
  return found.length > 0 ? found : undefined;
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
