import { parser } from "@grafana/lezer-traceql";
import type { SyntaxNode } from "@lezer/common";

import { brokenOrCommented, childrenOf, literalText } from "../queryText";
import { metricFunctions, scalarFunctions, writeTraces, type BuiltTraces, type TraceCondition, type TraceStage } from "./build";
import { maskIntrinsics } from "./mask";

/**
 * Takes a query apart that begins with one filter; undefined for one that relates several filters, or has a mistake, a
 * comment, or anything else that the builder would not write back as it means.
 */
export function readTraces(query: string): BuiltTraces | undefined {
  if (query.trim() === "") return { join: "&&", conditions: [], stages: [] };
  const built = take(query.trim());
  const again = built && take(writeTraces(built));
  return again && JSON.stringify(again) === JSON.stringify(built) ? built : undefined;
}

function take(query: string): BuiltTraces | undefined {
  const top = parser.parse(maskIntrinsics(query)).topNode;
  const [root, more] = childrenOf(top);
  if (!root || more || brokenOrCommented(top)) return undefined;
  const [first, ...rest] = pipeline(root) ?? [];
  const [filter] = first ? childrenOf(first) : [];
  if (filter?.name !== "SpansetFilter") return undefined;
  const text = (node: SyntaxNode): string => query.slice(node.from, node.to);
  return { ...conditionsOf(filter, text), stages: rest.map((one) => stageOf(one, text)) };
}

type Text = (node: SyntaxNode) => string;

/** The parts between bars; undefined where filters are related otherwise, or something is in parentheses. */
function pipeline(node: SyntaxNode): SyntaxNode[] | undefined {
  const [first, bar, last, more] = childrenOf(node);
  if (!first || more || first.from !== node.from) return undefined;
  if (!bar) return first.name === "SpansetPipeline" && first.to === node.to ? [first] : undefined;
  if (bar.name !== "Pipe" || last?.to !== node.to) return undefined;
  const [before, after] = [pipeline(first), last && pipeline(last)];
  return before && after && [...before, ...after];
}

function conditionsOf(filter: SyntaxNode, text: Text): Pick<BuiltTraces, "join" | "conditions"> {
  const root = filter.getChild("FieldExpression");
  if (!root) return { join: "&&", conditions: [] };
  const join = joinOf(root);
  const parts = join ? operands(root, join) : [root];
  // Without parentheses the server decides what belongs together first: that is kept as one text.
  if (!join || parts.some((part) => joinOf(part) !== undefined)) return { join: "&&", conditions: join ? [{ kind: "text", text: text(root) }] : [conditionOf(root, text)] };
  return { join, conditions: parts.map((part) => conditionOf(part, text)) };
}

/** The word between two sides that stand side by side, without parentheses around. */
function joinOf(node: SyntaxNode): "&&" | "||" | undefined {
  const [left, op, right] = childrenOf(node);
  if (!left || !op || !right || left.from !== node.from || right.to !== node.to) return undefined;
  return op.name === "And" ? "&&" : op.name === "Or" ? "||" : undefined;
}

function operands(node: SyntaxNode, join: string): SyntaxNode[] {
  const [left, , right] = childrenOf(node);
  return [left, right].flatMap((side) => (side ? (joinOf(side) === join ? operands(side, join) : [side]) : []));
}

const comparisons = new Set(["=", "!=", "=~", "!~", ">", ">=", "<", "<="]);

function conditionOf(node: SyntaxNode, text: Text): TraceCondition {
  const [field, op, value] = childrenOf(node);
  const plain: TraceCondition = { kind: "text", text: text(node) };
  if (!field || !op || !value || field.from !== node.from || value.to !== node.to || !comparisons.has(text(op))) return plain;
  const named = field.firstChild;
  if (!named || named.to !== field.to || named.from !== field.from || (named.name !== "IntrinsicField" && named.name !== "AttributeField")) return plain;
  // A sign stands before what it is about, outside its node.
  const fixed = value.firstChild?.name === "FieldExpression" && text(value).startsWith("-") ? value.firstChild.firstChild : value.firstChild;
  if (fixed?.name !== "Static") return plain;
  if (fixed.firstChild?.name !== "String") return { kind: "condition", field: text(field), op: text(op), value: text(value), quoted: false };
  const read = literalText(text(fixed));
  return read === undefined ? plain : { kind: "condition", field: text(field), op: text(op), value: read, quoted: true };
}

function stageOf(pipe: SyntaxNode, text: Text): TraceStage {
  const node = pipe.firstChild;
  const plain: TraceStage = { kind: "text", text: text(pipe) };
  if (!node || node.from !== pipe.from || node.to !== pipe.to) return plain;
  switch (node.name) {
    case "MetricsOperation":
      return (node.firstChild && metricsOf(node.firstChild, text)) ?? plain;
    case "MetricsAggregatorFunctions": {
      const [fn, limit] = childrenOf(node);
      const name = fn && text(fn);
      return limit && (name === "topk" || name === "bottomk") ? { kind: "top", fn: name, limit: text(limit) } : plain;
    }
    case "ScalarFilter":
      return scalarOf(node, text) ?? plain;
    case "SelectOperation": {
      const attributes = expressionsIn(node).map(text);
      return attributes.length > 0 ? { kind: "select", attributes } : plain;
    }
    default:
      return plain;
  }
}

/** The outermost field expressions below a node. */
function expressionsIn(node: SyntaxNode): SyntaxNode[] {
  return childrenOf(node).flatMap((child) => (child.name === "FieldExpression" ? [child] : expressionsIn(child)));
}

function metricsOf(node: SyntaxNode, text: Text): TraceStage | undefined {
  const fn = /^\w+/.exec(text(node))?.[0] ?? "";
  if (!(metricFunctions as readonly string[]).includes(fn)) return undefined;
  const quantiles = node.getChild("MetricsOperationQuantileArgs");
  const attribute = (quantiles ?? node).getChild("MetricsExpression");
  const group = node.getChild("GroupOperation");
  return {
    kind: "metrics",
    fn,
    attribute: attribute ? text(attribute) : "",
    params: quantiles ? childrenOf(quantiles).filter((child) => child.name === "MetricsOperationQuantileArgsType").map(text) : [],
    by: group ? expressionsIn(group).map(text) : [],
  };
}

function scalarOf(node: SyntaxNode, text: Text): TraceStage | undefined {
  const [left, op, right] = childrenOf(node);
  const aggregate = left?.firstChild;
  if (!left || !op || !right || aggregate?.name !== "Aggregate" || aggregate.to !== left.to || aggregate.from !== left.from) return undefined;
  const fn = /^\w+/.exec(text(aggregate))?.[0] ?? "";
  if (!(scalarFunctions as readonly string[]).includes(fn)) return undefined;
  const attribute = aggregate.getChild("FieldExpression");
  return { kind: "scalar", fn, attribute: attribute ? text(attribute) : "", op: text(op), value: text(right) };
}
