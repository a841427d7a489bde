import { parser } from "@grafana/lezer-logql";
import type { SyntaxNode } from "@lezer/common";

import { brokenOrCommented, childrenOf, literalText } from "../queryText";
import { lineFunctions, logAggregations, valueFunctions, writeLogs, type BuiltLogs, type LogStage, type LogStep, type StreamMatcher } from "./build";
import { maskVariables } from "./mask";

/**
 * Takes a query apart around its first selector; undefined for one that the builder would not write back as it means:
 * one with a mistake, a comment, or a pipeline in parentheses.
 */
export function readLogs(query: string): BuiltLogs | undefined {
  if (query.trim() === "") return { matchers: [], stages: [], steps: [] };
  const built = take(query.trim());
  const again = built && take(writeLogs(built));
  return again && JSON.stringify(again) === JSON.stringify(built) ? built : undefined;
}

function take(query: string): BuiltLogs | undefined {
  const top = parser.parse(maskVariables(query)).topNode;
  const [root, more] = childrenOf(top);
  if (!root || more || brokenOrCommented(top)) return undefined;
  return new Reader(query).built(root);
}

/** What stands in the way: the builder does not show the query. */
class Beyond extends Error {}

class Reader {
  readonly #query: string;

  constructor(query: string) {
    this.#query = query;
  }

  built(root: SyntaxNode): BuiltLogs | undefined {
    try {
      return this.#expression(root);
    } catch (error) {
      if (error instanceof Beyond) return undefined;
      throw error;
    }
  }

  #text(node: SyntaxNode): string {
    return this.#query.slice(node.from, node.to);
  }

  #string(node: SyntaxNode | null | undefined): string {
    const value = node ? literalText(this.#text(node)) : undefined;
    if (value === undefined) throw new Beyond();
    return value;
  }

  #expression(node: SyntaxNode): BuiltLogs | undefined {
    switch (node.name) {
      case "LogExpr":
        return { ...this.#lines(node), steps: [] };
      case "RangeAggregationExpr":
        return this.#window(node);
      case "VectorAggregationExpr":
        return this.#aggregate(node);
      case "BinOpExpr":
        return this.#binary(node);
      default:
        return this.#around(node);
    }
  }

  /** What has no controls: text around the first part with a selector. */
  #around(node: SyntaxNode): BuiltLogs | undefined {
    const inner = childrenOf(node).find(hasSelector);
    const built = inner && this.#expression(inner);
    if (!inner || !built) return undefined;
    const [before, after] = [this.#query.slice(node.from, inner.from), this.#query.slice(inner.to, node.to)];
    // A pipeline may not be wrapped by text: it would no longer be known where it ends.
    if (before + after === "") return built;
    if (built.steps.length === 0) throw new Beyond();
    return { ...built, steps: [...built.steps, { kind: "text", before, after }] };
  }

  #binary(node: SyntaxNode): BuiltLogs | undefined {
    const [left, op, modifier, right] = childrenOf(node);
    if (!left || !op || !modifier || !right || modifier.from !== modifier.to || !hasSelector(left) || /^(And|Or|Unless)$/.test(op.name)) return this.#around(node);
    const built = this.#expression(left);
    return built && { ...built, steps: [...built.steps, { kind: "binary", op: this.#text(op), right: this.#text(right) }] };
  }

  #aggregate(node: SyntaxNode): BuiltLogs | undefined {
    const op = node.getChild("VectorOp");
    const inner = node.getChild("MetricExpr");
    if (!op || !inner || !(logAggregations as readonly string[]).includes(this.#text(op))) return this.#around(node);
    const built = this.#expression(inner);
    const param = node.getChild("Number");
    return built && { ...built, steps: [...built.steps, { kind: "aggregate", op: this.#text(op), param: param ? this.#text(param) : "", ...this.#grouping(node) }] };
  }

  #window(node: SyntaxNode): BuiltLogs | undefined {
    const fn = node.getChild("RangeOp");
    const range = node.getChild("LogRangeExpr");
    const window = range?.getChild("Range");
    if (!fn || !range || !window || ![...lineFunctions, ...valueFunctions].some((one) => one === this.#text(fn))) throw new Beyond();
    const param = node.getChild("Number");
    const offset = range.getChild("OffsetExpr");
    const step: LogStep = {
      kind: "window",
      fn: this.#text(fn),
      param: param ? this.#text(param) : "",
      window: this.#text(window).slice(1, -1).trim(),
      offset: offset ? this.#text(offset).replace(/^offset/, "").trim() : "",
      ...this.#grouping(node),
    };
    return { ...this.#lines(range), steps: [step] };
  }

  #grouping(node: SyntaxNode): { grouping: "by" | "without" | ""; labels: string[] } {
    const grouping = node.getChild("Grouping");
    const labels: string[] = [];
    grouping?.cursor().iterate((at) => {
      if (at.name === "Identifier") labels.push(this.#query.slice(at.from, at.to));
    });
    return { grouping: grouping?.getChild("Without") ? "without" : labels.length > 0 ? "by" : "", labels };
  }

  #lines(node: SyntaxNode): { matchers: StreamMatcher[]; stages: LogStage[] } {
    const selector = node.getChild("Selector");
    // In parentheses, or something this does not know.
    if (!selector || selector.from !== node.from) throw new Beyond();
    const matchers = this.#all(selector, "Matcher").map((matcher): StreamMatcher => {
      const [name, op, value] = childrenOf(matcher);
      return { name: name ? this.#text(name) : "", op: (op ? this.#text(op) : "=") as StreamMatcher["op"], value: this.#string(value) };
    });
    const pipeline = node.getChild("PipelineExpr");
    const unwrap = node.getChild("UnwrapExpr");
    return { matchers, stages: [...(pipeline ? this.#pipeline(pipeline) : []), ...(unwrap ? this.#unwrap(unwrap) : [])] };
  }

  /** The outermost nodes of a name, in the order of the text. */
  #all(node: SyntaxNode, name: string): SyntaxNode[] {
    return childrenOf(node).flatMap((child) => (child.name === name ? [child] : this.#all(child, name)));
  }

  #pipeline(node: SyntaxNode): LogStage[] {
    return this.#all(node, "PipelineStage").flatMap((stage): LogStage[] => {
      const filters = stage.getChild("LineFilters");
      if (filters) return this.#all(filters, "LineFilter").map((one) => this.#lineFilter(one));
      const last = stage.lastChild;
      return last ? [this.#stage(last)] : [];
    });
  }

  #lineFilter(node: SyntaxNode): LogStage {
    const op = node.getChild("Filter");
    const first = node.getChild("String");
    if (!op || !first || node.getChild("FilterOp")) return { kind: "text", text: this.#text(node) };
    return { kind: "line", op: this.#text(op), values: this.#all(node, "String").map((one) => this.#string(one)) };
  }

  #stage(node: SyntaxNode): LogStage {
    const parts = childrenOf(node);
    const [first, second] = parts;
    switch (node.name) {
      case "LabelParser":
        return { kind: "parser", name: first ? this.#text(first) : "", template: second ? this.#string(second) : "" };
      case "LogfmtParser":
        if (parts.length === 1) return { kind: "parser", name: "logfmt", template: "" };
        break;
      case "LineFormatExpr":
        return { kind: "format", template: this.#string(second) };
      case "LabelFilter": {
        const filter = first && parts.length === 1 && first.from === node.from ? this.#filter(first) : undefined;
        if (filter) return filter;
        break;
      }
      case "DropLabelsExpr":
      case "KeepLabelsExpr": {
        const named = this.#all(node, "DropLabel").concat(this.#all(node, "KeepLabel"));
        if (named.every((one) => one.firstChild?.name === "Identifier")) return { kind: "labels", how: node.name.startsWith("Drop") ? "drop" : "keep", labels: named.map((one) => this.#text(one)) };
        break;
      }
      default:
    }
    return { kind: "text", text: `| ${this.#text(node)}` };
  }

  #filter(node: SyntaxNode): LogStage | undefined {
    if (node.name === "UnitFilter") return node.firstChild ? this.#filter(node.firstChild) : undefined;
    const [name, op, value, more] = childrenOf(node);
    if (!name || !op || !value || more || node.name === "IpLabelFilter") return undefined;
    const quoted = value.name === "String";
    return { kind: "filter", name: this.#text(name), op: this.#text(op), value: quoted ? this.#string(value) : this.#text(value), quoted };
  }

  #unwrap(node: SyntaxNode): LogStage[] {
    const inner = node.getChild("UnwrapExpr");
    const filter = node.getChild("LabelFilter");
    if (inner) return [...this.#unwrap(inner), ...(filter ? [this.#stage(filter)] : [])];
    const label = node.getChild("Identifier");
    if (!label) throw new Beyond();
    const conversion = node.getChild("ConvOp");
    return [{ kind: "unwrap", label: this.#text(label), conversion: conversion ? this.#text(conversion) : "" }];
  }
}

function hasSelector(node: SyntaxNode): boolean {
  return node.name === "Selector" || childrenOf(node).some(hasSelector);
}
