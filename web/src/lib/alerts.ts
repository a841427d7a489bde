import type { Labels } from "./labels";
import { formatValue, unitOf } from "./units";

/** What ordering needs of an alert. */
interface Alert {
  state: string;
  labels: Labels;
  /** RFC 3339. */
  activeAt?: string | undefined;
}

const severities = ["critical", "page", "error", "warning", "warn", "info"];

/** Alerts in the order to look at them: firing before pending, then by severity, the oldest first. */
export function sortAlerts<A extends Alert>(alerts: readonly A[]): A[] {
  return alerts.toSorted(
    (a, b) =>
      Number(b.state === "firing") - Number(a.state === "firing") || severity(a) - severity(b) || (a.activeAt ?? "").localeCompare(b.activeAt ?? ""),
  );
}

function severity(alert: Alert): number {
  const rank = severities.indexOf(alert.labels.severity?.toLowerCase() ?? "");
  return rank < 0 ? severities.length : rank;
}

/** A comparison of an expression with a number, as alerting rules end in: the value to draw, and the line to draw it against. */
export interface Comparison {
  value: string;
  threshold: number;
}

/** Splits `expr > 0.05` into its parts; undefined when the expression does not end in such a comparison. */
export function splitComparison(expression: string): Comparison | undefined {
  const parts = /^([^]*?)\s*(?:>=|<=|==|!=|>|<)\s*(?:bool\s+)?(-?\d+(?:\.\d+)?(?:e[+-]?\d+)?)\s*$/i.exec(expression);
  const [, value = "", number] = parts ?? [];
  // A comparison inside brackets, or one of several joined by and/or, is not the whole.
  if (!number || value === "" || !balanced(value) || /\b(and|or|unless)\b/i.test(outside(value))) return undefined;
  return { value, threshold: Number(number) };
}

/** The unit of what an alerting expression compares, as far as its metrics tell. */
export function ruleUnit(expression: string): string {
  const query = splitComparison(expression)?.value ?? expression;
  if (/(?:^|[^a-z])ratio/i.test(query)) return "percentunit";
  if (/histogram_quantile|_seconds/.test(query) && !/_count/.test(query)) return "s";
  return /^[\w:]+$/.test(query) ? unitOf(query) : "short";
}

/** What is left of an objective's error budget, 1 for all of it; below 0 it is overdrawn. */
export function budgetText(left: number): string {
  return left < 0 ? `Overdrawn by ${formatValue(-left, "percentunit", 0)} of the budget` : `${formatValue(left, "percentunit", 1)} of the budget left`;
}

function balanced(text: string): boolean {
  let depth = 0;
  for (const char of outsideStrings(text)) {
    if ("([{".includes(char)) depth++;
    if (")]}".includes(char)) depth--;
    if (depth < 0) return false;
  }
  return depth === 0;
}

/** The part of an expression that stands in no brackets. */
function outside(text: string): string {
  let depth = 0;
  let out = "";
  for (const char of outsideStrings(text)) {
    if ("([{".includes(char)) depth++;
    else if (")]}".includes(char)) depth--;
    else if (depth === 0) out += char;
  }
  return out;
}

function outsideStrings(text: string): string {
  return text.replace(/"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`[^`]*`/g, "");
}
