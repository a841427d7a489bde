import { hasComment, labelText, partsOf, readPromQL, writeSelector, type PromMatcher, type PromNode } from "./tree";

/** Something done to what is inside it. */
export type BuildStep =
  /** `rate(… [5m])` and its like. */
  | { kind: "window"; fn: string; window: string }
  | { kind: "aggregate"; op: string; param: string; grouping: "by" | "without" | ""; labels: string[] }
  | { kind: "quantile"; value: string }
  /** A function of `callFunctions` with its other arguments, as they are written. */
  | { kind: "call"; fn: string; args: string[] }
  /** With a number or any expression at the right. */
  | { kind: "binary"; op: string; right: string }
  /** What the builder has no controls for: text around what is inside. */
  | { kind: "text"; before: string; after: string };

/** A query as the builder edits it: a selector, and steps from the inside out. */
export interface BuiltQuery {
  metric: string;
  matchers: PromMatcher[];
  steps: BuildStep[];
}

/** Functions of a window that the builder offers. */
export const windowFunctions = ["rate", "increase", "irate", "delta", "idelta", "deriv", "avg_over_time", "min_over_time", "max_over_time", "sum_over_time", "count_over_time", "last_over_time", "stddev_over_time", "present_over_time", "changes", "resets"] as const;

/** Aggregations that the builder offers. */
export const aggregations = ["sum", "avg", "min", "max", "count", "topk", "bottomk", "quantile", "stddev"] as const;

/** An argument that a function takes behind the series. */
export interface CallArgument {
  label: string;
  first: string;
  /** A text in quotes; without it a number. */
  quoted?: boolean;
}

const text = (label: string, first: string): CallArgument => ({ label, first: JSON.stringify(first), quoted: true });

/** Functions of the series as they are that the builder offers, with their arguments behind the series. */
export const callFunctions: ReadonlyMap<string, readonly CallArgument[]> = new Map([
  ["abs", []],
  ["ceil", []],
  ["floor", []],
  ["round", []],
  ["sqrt", []],
  ["exp", []],
  ["ln", []],
  ["log2", []],
  ["log10", []],
  ["sgn", []],
  ["clamp", [{ label: "Least", first: "0" }, { label: "Most", first: "1" }]],
  ["clamp_min", [{ label: "Least", first: "0" }]],
  ["clamp_max", [{ label: "Most", first: "1" }]],
  ["sort", []],
  ["sort_desc", []],
  ["absent", []],
  ["timestamp", []],
  ["scalar", []],
  ["label_replace", [text("New label", "new"), text("Replacement", "$1"), text("Of the label", "instance"), text("Pattern", "(.*)")]],
  ["histogram_avg", []],
  ["histogram_count", []],
  ["histogram_sum", []],
]);

/** Whether an aggregation takes a number before the series. */
export function takesNumber(op: string): boolean {
  return op === "topk" || op === "bottomk" || op === "quantile";
}

/** Takes a query apart around its first selector; undefined if it has none, a mistake, or a comment, which writing it would lose. */
export function readBuilt(query: string): BuiltQuery | undefined {
  if (query.trim() === "") return { metric: "", matchers: [], steps: [] };
  const root = readPromQL(query.trim());
  return root && !hasComment(query) ? descend(root, query.trim()) : undefined;
}

function descend(node: PromNode, query: string): BuiltQuery | undefined {
  if (node.kind === "selector") return { metric: node.metric, matchers: node.matchers, steps: [] };
  const step = stepOf(node);
  const inner = step?.inner ?? partsOf(node).find(hasSelector);
  if (!inner) return undefined;
  const built = descend(inner, query);
  if (!built) return undefined;
  return { ...built, steps: [...built.steps, step?.step ?? { kind: "text", before: query.slice(node.from, inner.from), after: query.slice(inner.to, node.to) }] };
}

function hasSelector(node: PromNode): boolean {
  return node.kind === "selector" || partsOf(node).some(hasSelector);
}

function stepOf(node: PromNode): { step: BuildStep; inner: PromNode } | undefined {
  if (node.kind === "aggregate" && (aggregations as readonly string[]).includes(node.op)) {
    return { step: { kind: "aggregate", op: node.op, param: node.param?.text ?? "", grouping: node.grouping, labels: node.labels }, inner: node.inner };
  }
  if (node.kind === "call") {
    const [first, second] = node.args;
    if (node.args.length === 1 && first?.kind === "window" && first.resolution === undefined && (windowFunctions as readonly string[]).includes(node.name)) {
      return { step: { kind: "window", fn: node.name, window: first.window }, inner: first.inner };
    }
    const others = node.args.slice(1);
    if (first && first.kind !== "window" && hasSelector(first) && callFunctions.get(node.name)?.length === others.length && others.every((one) => one.kind === "number" || one.kind === "string" || one.kind === "unary")) {
      return { step: { kind: "call", fn: node.name, args: others.map((one) => one.text) }, inner: first };
    }
    if (node.name === "histogram_quantile" && first && !hasSelector(first) && second) return { step: { kind: "quantile", value: first.text }, inner: second };
  }
  if (node.kind === "binary" && node.matching === "" && hasSelector(node.left) && !/^(and|or|unless)$/.test(node.op)) {
    return { step: { kind: "binary", op: node.op, right: node.right.text }, inner: node.left };
  }
  return undefined;
}

/** The query of what was built. */
export function writeBuilt({ metric, matchers, steps }: BuiltQuery): string {
  if (metric === "" && matchers.length === 0) return "";
  return steps.reduce(wrap, writeSelector(metric, matchers));
}

function wrap(inner: string, step: BuildStep): string {
  switch (step.kind) {
    case "window":
      return `${step.fn}(${inner}[${step.window || "$__rate_interval"}])`;
    case "aggregate": {
      const labels = step.labels.length > 0 || step.grouping === "without" ? ` ${step.grouping || "by"} (${step.labels.map(labelText).join(", ")})` : "";
      return `${step.op}${labels}${labels === "" ? "" : " "}(${takesNumber(step.op) ? `${step.param || (step.op === "quantile" ? "0.95" : "10")}, ` : ""}${inner})`;
    }
    case "quantile":
      return `histogram_quantile(${step.value || "0.95"}, ${inner})`;
    case "call":
      return `${step.fn}(${[inner, ...step.args].join(", ")})`;
    case "binary":
      return step.right.trim() === "" ? inner : `${inner} ${step.op} ${step.right}`;
    case "text":
      return `${step.before}${inner}${step.after}`;
  }
}

/** A query with another condition on each selector, in the place of one on the same label. */
export function addMatcher(query: string, matcher: PromMatcher): string {
  const root = readPromQL(query);
  if (!root) return query;
  let out = query;
  const selectors: PromNode[] = [];
  const visit = (node: PromNode): void => {
    if (node.kind === "selector") selectors.push(node);
    partsOf(node).forEach(visit);
  };
  visit(root);
  for (const one of selectors.toReversed()) {
    if (one.kind !== "selector") continue;
    const rest = one.matchers.filter((each) => each.name !== matcher.name || (matcher.op === "!=" && each.op === "!=" && each.value !== matcher.value));
    out = out.slice(0, one.from) + writeSelector(one.metric, [...rest, matcher]) + out.slice(one.to);
  }
  return out;
}
