import type { Around, Rule, SubjectKind, TargetKind } from "../../lib/correlate/rules";

/** Where rules may start, for a person. */
export const subjectTitles: Record<SubjectKind, string> = { series: "series", line: "log line", span: "span", alert: "alert", exemplar: "exemplar", service: "service" };

/** Where rules may lead, for a person. */
export const targetTitles: Record<TargetKind, string> = { logs: "Logs", traces: "Traces", metrics: "Metrics", browse: "Browse metrics", trace: "One trace", service: "Service" };

/** The times around a subject that a rule may choose. */
export const arounds: readonly { key: string; title: string; around: Around }[] = [
  { key: "page", title: "range of the page", around: "page" },
  { key: "step", title: "one step around it", around: { before: "step", after: "step" } },
  { key: "minute", title: "1 min around it", around: { before: 1, after: 1 } },
  { key: "quarter", title: "15 min around it", around: { before: 15, after: 15 } },
  { key: "half", title: "30 min around it", around: { before: 30, after: 30 } },
  { key: "since", title: "30 min before it until now", around: { before: 30, after: "now" } },
];

/** A time around a subject in words. */
export function aroundText(around: Around): string {
  const known = arounds.find((one) => JSON.stringify(one.around) === JSON.stringify(around));
  if (known || around === "page") return known?.title ?? "range of the page";
  const side = (value: number | string): string => (typeof value === "number" ? `${value} min` : value);
  return `${side(around.before)} before it to ${around.after === "now" ? "now" : `${side(around.after)} after`}`;
}

/** An id for a rule of this title that none of `taken` is. */
export function newId(title: string, taken: readonly string[]): string {
  const base = title.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-").replaceAll(/^-|-$/g, "").slice(0, 70) || "rule";
  for (let number = 1; ; number++) {
    const id = number === 1 ? base : `${base}-${number}`;
    if (!taken.includes(id)) return id;
  }
}

/** Names that a query may have in double braces, and of what each tells. */
export const placeholders = "{{logs}} and {{traces}} are conditions on what it is; {{service}}, {{namespace}}, {{pod}}, {{host}}, {{traceId}}, {{spanId}}, {{operation}}, {{pattern}}, {{duration}} and {{query}} are of it.";

/** What is wrong with a rule that somebody writes; "" for nothing. */
export function ruleFault({ title, from, queries }: Rule): string {
  if (title.trim() === "") return "The rule needs a name.";
  if (from.length === 0) return "Choose what it is offered on.";
  if (queries.length === 0) return "It needs a query.";
  const known = new Set(["logs", "traces", "query", "duration", "service", "namespace", "pod", "host", "traceId", "spanId", "operation", "pattern"]);
  for (const query of queries) for (const [, name = ""] of query.matchAll(/\{\{(\w+)\}\}/g)) if (!known.has(name)) return `Nothing is called {{${name}}}.`;
  return "";
}
