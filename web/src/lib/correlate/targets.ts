import type { Labels } from "../labels";
import type { TimeRange } from "../time";
import { identify, logMatchers, traceConditions } from "./identity";
import { defaultRules, type Around, type Rule, type SubjectKind, type TargetKind } from "./rules";

/** Something on the page that other signals may tell more of. */
export interface Subject {
  kind: SubjectKind;
  /** Labels of a series, stream or alert; attributes of a span. */
  labels: Labels;
  /** When it was, or began. Unix milliseconds. */
  time?: number | undefined;
  /** When it ended; `time` without it. */
  end?: number | undefined;
  /** The chart's step, in milliseconds. */
  stepMs?: number | undefined;
  traceId?: string | undefined;
  spanId?: string | undefined;
  /** Name of the span. */
  operation?: string | undefined;
  /** The query that shows it. */
  query?: string | undefined;
  /** The value of a series at `time`; durations in seconds. */
  value?: number | undefined;
  /** The shape of a log line, with `<_>` for what varies. */
  pattern?: string | undefined;
}

/** A place where more is told of a subject. */
export interface Target {
  rule: string;
  to: TargetKind;
  title: string;
  queries: string[];
  /** Undefined keeps the page's. */
  range: TimeRange | undefined;
}

/** Where `subject` leads by `rules`, in their order. `now` ends what lasts until now. Unix milliseconds. */
export function correlate(subject: Subject, now: number, rules: readonly Rule[] = defaultRules): Target[] {
  const values = literals(subject);
  return rules.flatMap((rule): Target[] => {
    if (!rule.from.includes(subject.kind) || !looksLike(subject, rule.when)) return [];
    const queries = rule.queries.map((template) => fill(template, values, rule.to));
    if (!queries.every((query) => query !== undefined)) return [];
    return [{ rule: rule.id, to: rule.to, title: rule.title, queries, range: rangeOf(subject, rule.around, now) }];
  });
}

interface Values {
  /** Written as they are. */
  plain: Record<string, string | undefined>;
  /** Written as string literals, or bare where a query is not what is made. */
  quoted: Record<string, string | undefined>;
}

function literals(subject: Subject): Values {
  const known = identify(subject.labels);
  const { value } = subject;
  return {
    plain: {
      logs: logMatchers(known) || undefined,
      traces: traceConditions(known) || undefined,
      query: subject.query,
      duration: value !== undefined && value > 0 && Number.isFinite(value) ? `${Number((value * 1000).toPrecision(3))}ms` : undefined,
    },
    quoted: { ...known, traceId: subject.traceId, spanId: subject.spanId, operation: subject.operation, pattern: subject.pattern },
  };
}

function fill(template: string, { plain, quoted }: Values, to: TargetKind): string | undefined {
  let missing = false;
  const bare = to === "trace" || to === "service" || to === "browse";
  // The braces of a selector may stand right around those of a placeholder.
  const filled = template.replace(/\{\{(\w+)\}\}/g, (_, name: string) => {
    const value = plain[name] ?? quoted[name];
    if (!value) missing = true;
    return name in plain || bare ? (value ?? "") : JSON.stringify(value);
  });
  return missing ? undefined : filled;
}

function looksLike({ labels, query = "", value }: Subject, when: Rule["when"]): boolean {
  const { __name__: name = "" } = labels;
  if (when === "error") return /err|fail|exception|fault|panic/i.test(`${name} ${query}`) || Object.values(labels).some((one) => /^(5\d\d|STATUS_CODE_ERROR|error)$/.test(one));
  if (when === "latency") return value !== undefined && /histogram_quantile|latency|duration|_seconds/.test(`${name} ${query}`);
  return true;
}

const minuteMs = 60_000;
// A point tells of what was before it, and lines and spans come later than numbers: a step of a second would find nothing.
const leastStepMs = 30_000;

function rangeOf(subject: Subject, around: Around, now: number): TimeRange | undefined {
  if (around === "page" || subject.time === undefined) return undefined;
  const width = (side: number | "step"): number => (side === "step" ? Math.max(subject.stepMs ?? minuteMs, leastStepMs) : side * minuteMs);
  const to = around.after === "now" ? now : (subject.end ?? subject.time) + width(around.after);
  return { from: subject.time - width(around.before), to };
}

const tracePattern = /(?<![0-9a-f])[0-9a-f]{32}(?![0-9a-f])/i;

/** The trace that a text names: 32 hex digits by themselves. Lower case. */
export function traceIdIn(text: string): string | undefined {
  const id = tracePattern.exec(text)?.[0].toLowerCase();
  return id === undefined || /^0+$/.test(id) ? undefined : id;
}

/** The shape of a line for LogQL's `|>`: what looks like a number, an id or a quoted value is `<_>`. */
export function patternOf(line: string): string {
  const first = line.split("\n", 1)[0] ?? "";
  const shape = first
    .slice(0, 400)
    .replace(/"(?:[^"\\]|\\.)*"(\s*:)?/g, (text, key?: string) => (key || (/\s/.test(text) && !/\d/.test(text)) ? text : '"<_>"'))
    .replace(/[^\s"'=:,()[\]{}<>]*\d[^\s"'=:,()[\]{}<>]*/g, "<_>")
    .replace(/<_>(?:[.:,/-]?<_>)+/g, "<_>");
  return `${shape}${line.length > first.length || first.length > 400 ? "<_>" : ""}`.replace(/(?:<_>){2,}/g, "<_>");
}
