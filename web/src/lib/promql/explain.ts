import { partsOf, type PromMatcher, type PromNode } from "./tree";

/** What a part of an expression does, in a plain sentence without the parts inside it. */
export function explain(node: PromNode): string {
  switch (node.kind) {
    case "selector":
      return `All series ${node.metric === "" ? "" : `of ${node.metric} `}${conditions(node.matchers)}`.trim();
    case "window":
      return node.resolution === undefined ? `The samples of the last ${node.window} before each point` : `Evaluated every ${node.resolution || "step"} over the last ${node.window} before each point`;
    case "shifted":
      return shift(node.how);
    case "call":
      return call(node.name, node.args);
    case "aggregate":
      return aggregate(node.op, node.param?.text, node.grouping, node.labels);
    case "binary":
      return binary(node.op, node.right, node.matching);
    case "unary":
      return node.op === "-" ? "The values with their sign turned around" : "The values as they are";
    case "paren":
      return "Taken together before what surrounds it";
    case "number":
      return `The number ${node.text}`;
    case "string":
      return `The text ${node.text}`;
  }
}

const comparisons: Record<PromMatcher["op"], string> = { "=": "is", "!=": "is not", "=~": "matches", "!~": "does not match" };

function conditions(matchers: readonly PromMatcher[]): string {
  if (matchers.length === 0) return "";
  return `where ${matchers.map(({ name, op, value }) => `${name} ${comparisons[op]} ${value === "" ? "empty" : `“${value}”`}`).join(" and ")}`;
}

function shift(how: string): string {
  const parts = [];
  const offset = /offset\s+(-?)(\S+)/i.exec(how);
  if (offset) parts.push(`as it was ${offset[2]} ${offset[1] === "-" ? "later" : "earlier"}`);
  const at = /@\s*(\S+)/.exec(how);
  if (at) parts.push(at[1] === "start()" ? "always at the start of the range" : at[1] === "end()" ? "always at the end of the range" : `always at the time ${at[1]}`);
  const text = parts.join(", ");
  return text.charAt(0).toUpperCase() + text.slice(1);
}

const functions: Record<string, string> = {
  rate: "How much each counter grows per second, on average",
  irate: "How much each counter grows per second, between its last two samples",
  increase: "How much each counter grows",
  delta: "How much each gauge changes from the first to the last sample",
  idelta: "The difference of the last two samples",
  deriv: "How much each gauge changes per second, by a line through its samples",
  avg_over_time: "The mean of each series' samples",
  min_over_time: "The smallest of each series' samples",
  max_over_time: "The largest of each series' samples",
  sum_over_time: "The sum of each series' samples",
  count_over_time: "How many samples each series has",
  last_over_time: "The newest of each series' samples",
  first_over_time: "The oldest of each series' samples",
  present_over_time: "1 for each series that has a sample",
  absent_over_time: "1 if there is no sample at all",
  stddev_over_time: "How far each series' samples are spread",
  changes: "How often each series' value changes",
  resets: "How often each counter starts anew",
  absent: "1 if nothing is selected",
  abs: "The values without their sign",
  ceil: "The values rounded up",
  floor: "The values rounded down",
  round: "The values rounded",
  sqrt: "The square roots of the values",
  exp: "e to the power of the values",
  ln: "The natural logarithms of the values",
  log2: "The binary logarithms of the values",
  log10: "The decimal logarithms of the values",
  scalar: "The one value as a number",
  vector: "The number as a series without labels",
  sort: "The series, smallest value first",
  sort_desc: "The series, largest value first",
  time: "The time of each point, in seconds since 1970",
  timestamp: "The times of the samples, in seconds since 1970",
  histogram_count: "How many observations each histogram has",
  histogram_sum: "The sum of each histogram's observations",
  histogram_avg: "The mean of each histogram's observations",
  label_replace: "The series with a label made from another one by a pattern",
  label_join: "The series with a label made of others",
  predict_linear: "Where each gauge will be, by a line through its samples",
};

function call(name: string, args: readonly PromNode[]): string {
  const first = args[0]?.text ?? "";
  switch (name) {
    case "histogram_quantile":
      return `${quantileText(first)} of the observations in the buckets`;
    case "quantile_over_time":
      return `${quantileText(first)} of each series' samples`;
    case "histogram_fraction":
      return `The share of observations between ${first} and ${args[1]?.text ?? ""}`;
    case "clamp_max":
    case "clamp_min":
      return `The values, none ${name === "clamp_max" ? "above" : "below"} ${args[1]?.text ?? ""}`;
    case "clamp":
      return `The values, none below ${args[1]?.text ?? ""} or above ${args[2]?.text ?? ""}`;
    default:
      return functions[name] ?? `The function ${name} of it`;
  }
}

function quantileText(text: string): string {
  const share = Number(text);
  if (!Number.isFinite(share)) return `The ${text} quantile`;
  if (share === 0.5) return "The median";
  const percent = Number((share * 100).toPrecision(6));
  return `The value that ${percent} % stay at or below: the ${percent}th percentile`;
}

const aggregations: Record<string, string> = {
  sum: "Added up",
  avg: "Their mean",
  min: "The smallest of them",
  max: "The largest of them",
  count: "How many there are",
  group: "1 for each group",
  stddev: "How far they are spread",
  stdvar: "The variance of them",
};

function aggregate(op: string, param: string | undefined, grouping: string, labels: readonly string[]): string {
  const what =
    op === "topk" ? `The ${param} series with the largest values` : op === "bottomk" ? `The ${param} series with the smallest values` : op === "quantile" ? `${quantileText(param ?? "")} of them` : op === "count_values" ? `How many have each value, which goes into the label ${param}` : op === "limitk" ? `Any ${param} of them` : op === "limit_ratio" ? `A share of ${param} of them` : (aggregations[op] ?? op);
  if (grouping === "by" && labels.length > 0) return `${what}, for each ${list(labels)}`;
  if (grouping === "without" && labels.length > 0) return `${what}, whatever their ${list(labels)}`;
  return /^(topk|bottomk|limitk|limit_ratio)$/.test(op) ? what : `${what}, into one series`;
}

const operators: Record<string, string> = { "+": "The sum of both", "-": "The left less the right", "*": "The product of both", "/": "The left divided by the right", "%": "The remainder of the left divided by the right", "^": "The left to the power of the right" };
const comparing: Record<string, string> = { ">": "above", "<": "below", ">=": "at or above", "<=": "at or below", "==": "equal to", "!=": "other than" };

function binary(op: string, right: PromNode, matching: string): string {
  const bool = /\bbool\b/.test(matching);
  const pairs = /\b(on|ignoring)\s*\(([^)]*)\)/.exec(matching);
  const paired = pairs ? `, in pairs with the same labels${pairs[1] === "on" ? ` ${pairs[2]?.trim() === "" ? "or none" : `in ${pairs[2]}`}` : ` but ${pairs[2]}`}` : "";
  const many = /group_left/.test(matching) ? ", several at the left for one at the right" : /group_right/.test(matching) ? ", several at the right for one at the left" : "";
  const compared = comparing[op];
  if (compared) {
    const what = right.kind === "number" ? right.text : "the right";
    return bool ? `1 where the left is ${compared} ${what}, else 0${paired}${many}` : `Only what is ${compared} ${what}${paired}${many}`;
  }
  if (op === "and") return `The left where the right has a series too${paired}`;
  if (op === "or") return `The left, and what only the right has${paired}`;
  if (op === "unless") return `The left where the right has no series${paired}`;
  return `${operators[op] ?? op}${paired}${many}`;
}

function list(labels: readonly string[]): string {
  return labels.length < 2 ? (labels[0] ?? "") : `${labels.slice(0, -1).join(", ")} and ${labels.at(-1)}`;
}

/** A line of an expression's tree. */
export interface ExplainedPart {
  node: PromNode;
  /** Below how many others it stands. */
  depth: number;
  says: string;
  /** Whether it can be evaluated by itself: a window of samples cannot be drawn. */
  evaluates: boolean;
}

/** An expression and its parts, the whole first, each below what it is a part of. Literals and parentheses say nothing. */
export function explainParts(root: PromNode): ExplainedPart[] {
  const lines: ExplainedPart[] = [];
  const visit = (node: PromNode, depth: number): void => {
    if ((node.kind === "number" || node.kind === "string") && depth > 0) return;
    if (node.kind === "paren") {
      visit(node.inner, depth);
      return;
    }
    lines.push({ node, depth, says: explain(node), evaluates: !isWindow(node) });
    for (const part of partsOf(node)) visit(part, depth + 1);
  };
  visit(root, 0);
  return lines;
}

function isWindow(node: PromNode): boolean {
  return node.kind === "window" || (node.kind === "shifted" && isWindow(node.inner)) || node.kind === "string";
}
