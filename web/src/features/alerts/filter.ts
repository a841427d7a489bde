import type { Rule, RuleGroup } from "../../api/rules";
import { sortAlerts } from "../../lib/alerts";
import type { Labels } from "../../lib/labels";
import { filterMatchers, matches } from "../../lib/matchers";

/** An alerting rule. */
export type AlertingRule = Extract<Rule, { type: "alerting" }>;

/**
 * The groups with the rules that have `filter` in their group's name, their own, labels, query, or in a label of an alert of
 * theirs; or whose labels, or those of such an alert, satisfy it where it is written as matchers.
 */
export function matching(groups: readonly RuleGroup[], filter: string): RuleGroup[] {
  const wanted = filter.trim().toLowerCase();
  if (wanted === "") return [...groups];
  const matchers = filterMatchers(filter);
  const fits = (rule: Rule): boolean => (matchers ? labelSets(rule).some((labels) => matches(matchers, labels)) : words(rule).some((word) => word.toLowerCase().includes(wanted)));
  return groups
    .map((group) => (!matchers && group.name.toLowerCase().includes(wanted) ? group : { ...group, rules: group.rules.filter(fits) }))
    .filter((group) => group.rules.length > 0);
}

function labelSets(rule: Rule): Labels[] {
  if (rule.type !== "alerting") return [rule.labels ?? {}];
  return [{ alertname: rule.name, ...rule.labels }, ...rule.alerts.map(({ labels }) => labels)];
}

function words(rule: Rule): string[] {
  const own = [rule.name, rule.query, ...pairs(rule.labels)];
  return rule.type === "alerting" ? [...own, ...rule.alerts.flatMap((alert) => pairs(alert.labels))] : own;
}

function pairs(labels: Readonly<Record<string, string>> = {}): string[] {
  return Object.entries(labels).map(([key, value]) => `${key}=${value}`);
}

/** The rules of `groups` that have alerts, those with the gravest first, each with its alerts in that order. */
export function active(groups: readonly RuleGroup[]): AlertingRule[] {
  const rules = groups.flatMap((group) =>
    group.rules.flatMap((rule) => (rule.type === "alerting" && rule.alerts.length > 0 ? [{ ...rule, alerts: sortAlerts(rule.alerts) }] : [])),
  );
  const order = sortAlerts(rules.flatMap((rule) => rule.alerts.slice(0, 1)));
  return rules.toSorted((a, b) => order.findIndex((alert) => alert === a.alerts[0]) - order.findIndex((alert) => alert === b.alerts[0]));
}

/** A state that rules are picked by. */
export type RuleState = "any" | "firing" | "pending" | "inactive" | "failing" | "recording";

/** The groups with the rules in a state; those without any are left out. */
export function inState(groups: readonly RuleGroup[], state: RuleState): RuleGroup[] {
  if (state === "any") return [...groups];
  const fits = (rule: Rule): boolean => {
    if (state === "failing") return rule.health === "err";
    if (state === "recording") return rule.type === "recording";
    return rule.type === "alerting" && rule.state === state;
  };
  return groups.map((group) => ({ ...group, rules: group.rules.filter(fits) })).filter((group) => group.rules.length > 0);
}
