import type { Rule, RuleGroup } from "../../api/rules";
import type { Labels } from "../../lib/labels";
import { durationText, type GroupText, type RuleText } from "../../lib/ruleText";
import type { Signal } from "./EvidenceGraph";

/** An alerting rule while it is edited: every part as text. */
export interface RuleDraft {
  alert: string;
  signal: Signal;
  expr: string;
  for: string;
  keepFiringFor: string;
  interval: string;
  labels: string;
  summary: string;
  description: string;
  runbook: string;
  /** Annotations that have no field. */
  others: Labels;
}

/** What a new rule begins as. */
export const emptyRule: RuleDraft = {
  alert: "",
  signal: "metrics",
  expr: "",
  for: "5m",
  keepFiringFor: "",
  interval: "1m",
  labels: "severity=warning",
  summary: "",
  description: "",
  runbook: "",
  others: {},
};

/** A rule of a group, to be edited. */
export function ruleOf(group: RuleGroup, index: number): RuleDraft {
  const rule = group.rules[index];
  if (rule?.type !== "alerting") return emptyRule;
  const { summary = "", description = "", runbook_url: runbook = "", ...others } = rule.annotations ?? {};
  return {
    alert: rule.name,
    signal: group.signal ?? "metrics",
    expr: rule.query,
    for: durationText(rule.duration),
    keepFiringFor: rule.keepFiringFor ? durationText(rule.keepFiringFor) : "",
    interval: durationText(group.interval),
    labels: Object.entries(rule.labels ?? {})
      .map(([name, value]) => `${name}=${/^[^",}\s]+$/.test(value) ? value : JSON.stringify(value)}`)
      .join(", "),
    summary,
    description,
    runbook,
    others,
  };
}

function textOf(rule: Rule): RuleText {
  const labels = rule.labels && Object.keys(rule.labels).length > 0 ? { labels: rule.labels } : {};
  if (rule.type === "recording") return { record: rule.name, expr: rule.query, ...labels };
  return {
    alert: rule.name,
    expr: rule.query,
    ...(rule.duration > 0 ? { for: durationText(rule.duration) } : {}),
    ...(rule.keepFiringFor ? { keep_firing_for: durationText(rule.keepFiringFor) } : {}),
    ...labels,
    ...(rule.annotations && Object.keys(rule.annotations).length > 0 ? { annotations: rule.annotations } : {}),
  };
}

/** A rule's annotations as they are edited: templates. */
export function annotationsOf({ others, summary, description, runbook }: RuleDraft): Labels {
  return { ...others, ...(summary === "" ? {} : { summary }), ...(description === "" ? {} : { description }), ...(runbook === "" ? {} : { runbook_url: runbook }) };
}

function draftText(draft: RuleDraft, labels: Labels): RuleText {
  const annotations = annotationsOf(draft);
  return {
    alert: draft.alert.trim(),
    expr: draft.expr.trim(),
    ...(draft.for.trim() === "" ? {} : { for: draft.for.trim() }),
    ...(draft.keepFiringFor.trim() === "" ? {} : { keep_firing_for: draft.keepFiringFor.trim() }),
    ...(Object.keys(labels).length > 0 ? { labels } : {}),
    ...(Object.keys(annotations).length > 0 ? { annotations } : {}),
  };
}

/** The group with the rule as edited: a group of its own for a new rule. */
export function groupText(group: RuleGroup | undefined, index: number | undefined, draft: RuleDraft, labels: Labels): GroupText {
  const edited = draftText(draft, labels);
  return {
    name: group?.name ?? draft.alert.trim(),
    ...(draft.interval.trim() === "" ? {} : { interval: draft.interval.trim() }),
    ...(draft.signal === "metrics" ? {} : { signal: draft.signal }),
    ...(group?.limit ? { limit: group.limit } : {}),
    rules: group ? group.rules.map((rule, at) => (at === index ? edited : textOf(rule))) : [edited],
  };
}

/** A group without one of its rules; undefined if that was the only one. */
export function without(group: RuleGroup, index: number): GroupText | undefined {
  const rules = group.rules.filter((_, at) => at !== index).map(textOf);
  if (rules.length === 0) return undefined;
  return { name: group.name, interval: durationText(group.interval), ...(group.signal ? { signal: group.signal } : {}), ...(group.limit ? { limit: group.limit } : {}), rules };
}

/** One rule as a rule file has it. */
export function oneRule(group: RuleGroup, index: number): GroupText {
  const rule = group.rules[index];
  return { name: group.name, interval: durationText(group.interval), ...(group.signal ? { signal: group.signal } : {}), rules: rule ? [textOf(rule)] : [] };
}
