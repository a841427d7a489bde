import { parser } from "@prometheus-io/lezer-promql";
import type { SyntaxNode } from "@lezer/common";

/** A condition on a label in a selector. */
export interface PromMatcher {
  name: string;
  op: "=" | "!=" | "=~" | "!~";
  /** Unquoted. */
  value: string;
}

/** A part of an expression with its place in the text. */
export type PromNode = PromPart & {
  /** As it is written, without the spaces around. */
  text: string;
  from: number;
  to: number;
};

type PromPart =
  | { kind: "selector"; metric: string; matchers: PromMatcher[] }
  /** A selector with a window: `up[5m]`, or an expression evaluated over one: `rate(x[1m])[1h:5m]`. */
  | { kind: "window"; inner: PromNode; window: string; resolution: string | undefined }
  | { kind: "call"; name: string; args: PromNode[] }
  | { kind: "aggregate"; op: string; param: PromNode | undefined; inner: PromNode; grouping: "by" | "without" | ""; labels: string[] }
  | { kind: "binary"; op: string; left: PromNode; right: PromNode; matching: string }
  | { kind: "unary"; op: string; inner: PromNode }
  | { kind: "paren"; inner: PromNode }
  /** `offset` and `@`, as they stand behind the inner expression. */
  | { kind: "shifted"; inner: PromNode; how: string }
  | { kind: "number" | "string" };

/**
 * An expression as a tree; undefined where the editor's grammar finds an error in it. Grafana's macros and
 * variables count as durations, numbers and names of the same length.
 */
export function readPromQL(query: string): PromNode | undefined {
  const filled = maskMacros(query);
  const top = parser.parse(filled).topNode;
  let broken = false;
  top.cursor().iterate((node) => {
    if (node.type.isError) broken = true;
  });
  if (broken || !top.firstChild || top.firstChild.nextSibling) return undefined;
  return nodeOf(top.firstChild, query);
}

/**
 * Macros and variables replaced by what is as long and may stand there, for a grammar that does not know them: where a
 * range is wanted a duration, where a value is a number, elsewhere a name.
 */
export function maskMacros(query: string): string {
  return query.replace(/\$(?:\{[^}]+\}|\w+)/g, (variable, at: number) => {
    const before = query.slice(0, at);
    const digits = `1${"0".repeat(variable.length - 2)}`;
    if (/(?:[[:]|\boffset)\s*$/.test(before)) return `${digits}s`;
    return /^\$\{?__/.test(variable) || isValue(before, query.slice(at + variable.length)) ? `${digits}1` : `v${"_".repeat(variable.length - 1)}`;
  });
}

/** Whether what stands between two texts is a number: an operand or a first argument, no metric and no label. */
function isValue(before: string, after: string): boolean {
  if (/\w$/.test(before) || /^\s*[{[]/.test(after) || /\b(?:by|without|on|ignoring|group_left|group_right)\s*\([^()]*$/.test(before)) return false;
  return /(?:[-+*/%^<>]|==|!=|>=|<=)\s*$/.test(before) || /^\s*(?:[-+*/%^<>]|==|!=)/.test(after) || (/\(\s*$/.test(before) && /^\s*,/.test(after));
}

/** Whether a query has a comment, which what is rebuilt from its parts would lose. */
export function hasComment(query: string): boolean {
  let found = false;
  parser
    .parse(maskMacros(query))
    .topNode.cursor()
    .iterate((node) => {
      if (node.name === "LineComment") found = true;
    });
  return found;
}

/** Where the grammar stops understanding a query; undefined for one that is whole, empty, or computes with others (`$A`). */
export function firstMistake(query: string): { from: number; to: number } | undefined {
  if (query.trim() === "" || /\$\{?[A-Z]\b/.test(query)) return undefined;
  let found: { from: number; to: number } | undefined;
  parser
    .parse(maskMacros(query))
    .topNode.cursor()
    .iterate((node) => {
      if (node.type.isError) found ??= { from: Math.min(node.from, query.length - 1), to: Math.max(node.to, node.from + 1) };
    });
  return found && { from: found.from, to: Math.min(found.to, query.length) };
}

const expressions = new Set([
  "AggregateExpr", "BinaryExpr", "FunctionCall", "MatrixSelector", "NumberDurationLiteral", "OffsetExpr", "ParenExpr", "StringLiteral",
  "SubqueryExpr", "UnaryExpr", "VectorSelector", "StepInvariantExpr",
]);

function children(node: SyntaxNode): SyntaxNode[] {
  const found: SyntaxNode[] = [];
  for (let child = node.firstChild; child; child = child.nextSibling) found.push(child);
  return found;
}

function nodeOf(node: SyntaxNode, query: string): PromNode | undefined {
  const part = partOf(node, query);
  return part && { ...part, text: query.slice(node.from, node.to), from: node.from, to: node.to };
}

function partOf(node: SyntaxNode, query: string): PromPart | undefined {
  const text = (of: SyntaxNode | null | undefined): string => (of ? query.slice(of.from, of.to) : "");
  const all = children(node);
  const inner = all.find((child) => expressions.has(child.name));
  const only = inner && nodeOf(inner, query);
  switch (node.name) {
    case "NumberDurationLiteral":
      return { kind: "number" };
    case "StringLiteral":
      return { kind: "string" };
    case "VectorSelector":
      return selectorOf(node, query);
    case "MatrixSelector":
    case "SubqueryExpr": {
      const [window, resolution] = all.filter((child) => child.name === "DurationExpr");
      return only && { kind: "window", inner: only, window: text(window), resolution: node.name === "SubqueryExpr" ? text(resolution) : undefined };
    }
    case "ParenExpr":
      return only && { kind: "paren", inner: only };
    case "OffsetExpr":
    case "StepInvariantExpr":
      return only && inner && { kind: "shifted", inner: only, how: query.slice(inner.to, node.to).trim() };
    case "UnaryExpr":
      return only && { kind: "unary", op: text(node.getChild("UnaryOp")), inner: only };
    case "FunctionCall": {
      const args = argumentsOf(node, query);
      return args && { kind: "call", name: text(node.getChild("FunctionIdentifier")), args };
    }
    case "AggregateExpr": {
      const args = argumentsOf(node, query);
      const last = args?.at(-1);
      if (!args || !last || args.length > 2) return undefined;
      const modifier = node.getChild("AggregateModifier");
      const grouping = modifier?.getChild("By") ? "by" : modifier?.getChild("Without") ? "without" : "";
      return { kind: "aggregate", op: text(node.getChild("AggregateOp")), param: args.length === 2 ? args[0] : undefined, inner: last, grouping, labels: labelsIn(modifier, query) };
    }
    case "BinaryExpr": {
      const sides = all.filter((child) => expressions.has(child.name));
      const [left, right] = [sides[0] && nodeOf(sides[0], query), sides.at(-1) && sides.length === 2 ? nodeOf(sides[1] as SyntaxNode, query) : undefined];
      if (!left || !right) return undefined;
      const op = all.find((child) => child.from >= left.to && !expressions.has(child.name));
      const between = query.slice(left.to, right.from).trim();
      return { kind: "binary", op: text(op), left, right, matching: between.slice(text(op).length).trim() };
    }
    default:
      return undefined;
  }
}

function argumentsOf(node: SyntaxNode, query: string): PromNode[] | undefined {
  const body = node.getChild("FunctionCallBody");
  if (!body) return undefined;
  const args = children(body).filter((child) => expressions.has(child.name)).map((child) => nodeOf(child, query));
  return args.every((arg) => arg !== undefined) ? args : undefined;
}

function labelsIn(modifier: SyntaxNode | null, query: string): string[] {
  const labels = modifier?.getChild("GroupingLabels");
  return labels ? children(labels).filter((child) => child.name !== "⚠").map((child) => unquote(query.slice(child.from, child.to))) : [];
}

function selectorOf(node: SyntaxNode, query: string): PromPart {
  const name = node.getChild("Identifier");
  let metric = name ? query.slice(name.from, name.to) : "";
  const matchers: PromMatcher[] = [];
  const list = node.getChild("LabelMatchers");
  for (const child of list ? children(list) : []) {
    if (child.name === "QuotedLabelName") metric = unquote(query.slice(child.from, child.to));
    if (child.name !== "UnquotedLabelMatcher" && child.name !== "QuotedLabelMatcher") continue;
    const [label, op, value] = children(child).map((part) => query.slice(part.from, part.to));
    matchers.push({ name: unquote(label ?? ""), op: (op ?? "=") as PromMatcher["op"], value: unquote(value ?? "") });
  }
  return { kind: "selector", metric, matchers };
}

function unquote(literal: string): string {
  if (literal.startsWith("`")) return literal.slice(1, -1);
  if (literal.startsWith("'")) return literal.slice(1, -1).replace(/\\'/g, "'").replace(/\\\\/g, "\\");
  if (!literal.startsWith('"')) return literal;
  try {
    return JSON.parse(literal) as string;
  } catch {
    return literal.slice(1, -1);
  }
}

/** The expressions directly inside a node, in the order of the text. */
export function partsOf(node: PromNode): PromNode[] {
  switch (node.kind) {
    case "call":
      return node.args;
    case "aggregate":
      return node.param ? [node.param, node.inner] : [node.inner];
    case "binary":
      return [node.left, node.right];
    case "window":
    case "unary":
    case "paren":
    case "shifted":
      return [node.inner];
    default:
      return [];
  }
}

/** The selectors in an expression, in the order of the text. */
export function selectorsIn(node: PromNode): (PromNode & { kind: "selector" })[] {
  return node.kind === "selector" ? [node] : partsOf(node).flatMap(selectorsIn);
}

/** A selector as PromQL writes it; a name that is no identifier goes into the braces. */
export function writeSelector(metric: string, matchers: readonly PromMatcher[]): string {
  const plain = metric === "" || /^[a-zA-Z_:$][\w:${}]*$/.test(metric);
  const conditions = matchers.map(({ name, op, value }) => `${labelText(name)}${op}${JSON.stringify(value)}`);
  const inside = [...(plain ? [] : [JSON.stringify(metric)]), ...conditions].join(",");
  return `${plain ? metric : ""}${inside === "" && metric !== "" ? "" : `{${inside}}`}`;
}

/** A label's name as PromQL writes it: quoted if it is neither an identifier nor a variable. */
export function labelText(name: string): string {
  return /^(?:[a-zA-Z_]\w*|\$\w+|\$\{[^}]+\})$/.test(name) ? name : JSON.stringify(name);
}
