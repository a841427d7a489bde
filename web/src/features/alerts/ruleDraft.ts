import { groupYaml, type OwnGroup, type Rule, type RuleGroup } from "../../api/rules";
import type { Labels } from "../../lib/labels";
import { durationText, type GroupText, type RuleText } from "../../lib/ruleText";
import type { Signal } from "./EvidenceGraph";

/** A rule while it is edited: every part as text. What a recording rule has not is left as it is. */
export interface RuleDraft {
  kind: "alert" | "record";
  name: string;
  /** Name of its group; "" is a group of the rule's own name. */
  group: string;
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
  kind: "alert",
  name: "",
  group: "",
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
  if (!rule) return emptyRule;
  const common = {
    name: rule.name,
    group: group.name,
    signal: group.signal ?? ("metrics" as const),
    expr: rule.query,
    interval: durationText(group.interval),
    labels: Object.entries(rule.labels ?? {})
      .map(([name, value]) => `${name}=${/^[^",}\s]+$/.test(value) ? value : JSON.stringify(value)}`)
      .join(", "),
  };
  if (rule.type === "recording") return { ...emptyRule, ...common, kind: "record" };
  const { summary = "", description = "", runbook_url: runbook = "", ...others } = rule.annotations ?? {};
  return { ...common, kind: "alert", for: durationText(rule.duration), keepFiringFor: rule.keepFiringFor ? durationText(rule.keepFiringFor) : "", summary, description, runbook, others };
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
  const common = { expr: draft.expr.trim(), ...(Object.keys(labels).length > 0 ? { labels } : {}) };
  if (draft.kind === "record") return { record: draft.name.trim(), ...common };
  const annotations = annotationsOf(draft);
  return {
    alert: draft.name.trim(),
    ...common,
    ...(draft.for.trim() === "" ? {} : { for: draft.for.trim() }),
    ...(draft.keepFiringFor.trim() === "" ? {} : { keep_firing_for: draft.keepFiringFor.trim() }),
    ...(Object.keys(annotations).length > 0 ? { annotations } : {}),
  };
}

/** The group with the rule as edited, which is a new one without `index`; without `group`, a group of its own. */
export function groupText(group: RuleGroup | undefined, index: number | undefined, draft: RuleDraft, labels: Labels): GroupText {
  const edited = draftText(draft, labels);
  const rules = (group?.rules ?? []).map((rule, at) => (at === index ? edited : textOf(rule)));
  return {
    name: group?.name ?? (draft.group.trim() || draft.name.trim()),
    ...(draft.interval.trim() === "" ? {} : { interval: draft.interval.trim() }),
    ...(draft.signal === "metrics" ? {} : { signal: draft.signal }),
    ...(group?.limit ? { limit: group.limit } : {}),
    rules: index === undefined ? [...rules, edited] : rules,
  };
}

/** A group with all of its rules, or those that `keeps` says. */
export function wholeText(group: RuleGroup, keeps: (index: number) => boolean = () => true): GroupText {
  return {
    name: group.name,
    interval: durationText(group.interval),
    ...(group.signal ? { signal: group.signal } : {}),
    ...(group.limit ? { limit: group.limit } : {}),
    rules: group.rules.filter((_, at) => keeps(at)).map(textOf),
  };
}

/** Keys of a group that /api/v1/rules does not tell, as they are kept. */
export async function keptKeys(own: OwnGroup, name: string): Promise<Record<string, string>> {
  const text = await groupYaml(own, name, new AbortController().signal);
  const kept: Record<string, string> = {};
  for (const key of ["window", "query_offset"]) {
    const found = new RegExp(`^${key}: (\\S+)$`, "m").exec(text)?.[1];
    if (found) kept[key] = found;
  }
  return kept;
}
