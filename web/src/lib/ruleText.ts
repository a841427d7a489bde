import type { Labels } from "./labels";

/** An alerting or recording rule as a rule file has it. */
export interface RuleText {
  alert?: string;
  record?: string;
  expr: string;
  for?: string;
  keep_firing_for?: string;
  labels?: Labels;
  annotations?: Labels;
}

/** A group of rules as a rule file has it. */
export interface GroupText {
  name: string;
  interval?: string;
  signal?: string;
  window?: string;
  limit?: number;
  rules: readonly RuleText[];
}

const units: readonly [string, number][] = [
  ["d", 86_400],
  ["h", 3600],
  ["m", 60],
  ["s", 1],
];

/** Seconds as Prometheus writes durations: 5m, 1h30m; "0s" for none. */
export function durationText(seconds: number): string {
  let rest = Math.round(seconds * 1000) / 1000;
  let out = "";
  for (const [unit, size] of units) {
    const count = Math.floor(rest / size);
    if (count > 0) out += `${count}${unit}`;
    rest -= count * size;
  }
  const ms = Math.round(rest * 1000);
  if (ms > 0) out += `${ms}ms`;
  return out === "" ? "0s" : out;
}

/** The document that a rule file with this group would be. */
export function ruleYaml(group: GroupText): string {
  const lines = ["groups:", `  - name: ${scalar(group.name)}`];
  for (const key of ["interval", "signal", "window", "limit"] as const) if (group[key]) lines.push(`    ${key}: ${scalar(String(group[key]))}`);
  lines.push("    rules:");
  for (const rule of group.rules) lines.push(...oneRule(rule).map((line) => `      ${line}`));
  return `${lines.join("\n")}\n`;
}

function oneRule(rule: RuleText): string[] {
  const lines: string[] = [];
  const put = (key: string, value: string): void => {
    const [first, ...more] = value.includes("\n") ? block(value) : [scalar(value)];
    lines.push(`${lines.length === 0 ? "- " : "  "}${key}: ${first}`, ...more);
  };
  if (rule.alert !== undefined) put("alert", rule.alert);
  if (rule.record !== undefined) put("record", rule.record);
  put("expr", rule.expr);
  if (rule.for && rule.for !== "0s") put("for", rule.for);
  if (rule.keep_firing_for && rule.keep_firing_for !== "0s") put("keep_firing_for", rule.keep_firing_for);
  for (const key of ["labels", "annotations"] as const) {
    const pairs = Object.entries(rule[key] ?? {});
    if (pairs.length === 0) continue;
    lines.push(`  ${key}:`);
    for (const [name, value] of pairs) lines.push(`    ${scalar(name)}: ${value.includes("\n") ? JSON.stringify(value) : scalar(value)}`);
  }
  return lines;
}

function block(text: string): string[] {
  return ["|-", ...text.replace(/\n+$/, "").split("\n").map((line) => `    ${line}`)];
}

/** A YAML scalar: plain where that is safe, else quoted as in JSON. */
function scalar(text: string): string {
  const plain = /^[A-Za-z_/(][^\n]*$/.test(text) && !/: |:$| #|\s$/.test(text) && !/^(?:true|false|null|yes|no|on|off|y|n|~)$/i.test(text);
  const number = /^\d+(?:ms|[smhdwy]\d*)+$/.test(text);
  return plain || number ? text : JSON.stringify(text);
}
