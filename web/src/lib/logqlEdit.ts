import { parser } from "@grafana/lezer-logql";
import type { SyntaxNode } from "@lezer/common";

import { escapeRegExp } from "./escapeRegExp";

/** The selector that matches every stream the server accepts a query for. */
export const EVERYTHING = '{service_name=~".+"}';

export type MatchOp = "=" | "!=" | "=~" | "!~";

/** A condition of a query, with its place in the text. */
export interface Chip {
  kind: "matcher" | "filter" | "line";
  /** Label name; empty for a line filter. */
  name: string;
  op: string;
  /** Unquoted. */
  value: string;
  from: number;
  to: number;
  /** The selector or pipeline stage the condition stands in. */
  within: Range;
  /** False when the condition is one side of an `or` and cannot be taken out alone. */
  removable: boolean;
}

/** Half-open range of characters. */
interface Range {
  from: number;
  to: number;
}

/** What the page needs to know of a query. The server stays the judge of what is valid. */
export interface QueryShape {
  kind: "log" | "metric" | "invalid";
  chips: Chip[];
  /** Patterns of positive line filters, to highlight. */
  terms: RegExp[];
  /** Names of parser stages in the query. */
  parsers: string[];
  /** What the query makes anew instead of reading it: the line itself, and these labels. */
  derived: { line: boolean; labels: string[] };
  /** The first stream selector, braces included. */
  selector?: Range;
  /** Where another stage of the first pipeline goes. */
  pipelineEnd?: number;
}

/** A condition to put into a query. */
export interface Filter {
  origin: "label" | "metadata" | "parsed";
  name: string;
  op: "=" | "!=";
  value: string;
  /** Stage that makes the field, when the query has none yet. */
  parser?: "json" | "logfmt";
}

/** A query whose macros, such as `$__auto`, are lengths of time in brackets and numbers elsewhere, each as long as the macro. */
function withoutMacros(query: string): string {
  return query.replaceAll(/\$(?:__\w+|\{__\w+\})/g, (macro, at: number) => (/(?:\[|\boffset\s)\s*$/.test(query.slice(0, at)) ? "1s" : "1").padEnd(macro.length));
}

/** Takes a query apart with the editor's own grammar. */
export function readQuery(query: string): QueryShape {
  const shape: QueryShape = { kind: "invalid", chips: [], terms: [], parsers: [], derived: { line: false, labels: [] } };
  if (query.trim() === "") return shape;
  let broken = false;
  let metric = false;
  let pipelined = false;
  parser.parse(withoutMacros(query)).iterate({
    enter(node) {
      if (node.type.isError) broken = true;
      switch (node.name) {
        case "MetricExpr":
          metric = true;
          break;
        case "Selector":
          shape.selector ??= { from: node.from, to: node.to };
          shape.pipelineEnd ??= node.to;
          break;
        case "PipelineExpr":
          // The outermost pipeline of the first selector is met first and spans all its stages.
          if (!pipelined) shape.pipelineEnd = node.to;
          pipelined = true;
          break;
        case "Json":
        case "Logfmt":
        case "Unpack":
        case "Regexp":
        case "Pattern":
          shape.parsers.push(node.name.toLowerCase());
          break;
        case "LineFormat":
          shape.derived.line = true;
          break;
        case "LabelFormat": {
          // New labels stand before a "=", each followed by a label or a template.
          const stage = query.slice(node.to, node.node.parent?.to ?? node.to);
          for (const [, name = ""] of stage.matchAll(/([A-Za-z_]\w*)\s*=(?=\s*["`\w])(?:\s*(?:"(?:[^"\\]|\\.)*"|`[^`]*`|\w+))/g)) shape.derived.labels.push(name);
          break;
        }
        case "Matcher":
        case "NumberFilter":
        case "DurationFilter":
        case "BytesFilter":
          readCondition(query, node.node, shape);
          break;
        case "LineFilter":
          readLineFilter(query, node.node, shape);
          break;
        default:
      }
    },
  });
  shape.kind = broken ? "invalid" : metric ? "metric" : "log";
  return shape;
}

function readCondition(query: string, node: SyntaxNode, shape: QueryShape): void {
  const name = node.getChild("Identifier");
  const last = node.lastChild;
  const op = name?.nextSibling;
  if (!name || !op || !last || op === last || last.type.isError) return;
  const selector = ancestor(node, "Selector");
  const stage = ancestor(node, "PipelineStage");
  const within = selector ?? stage;
  if (!within || (!selector && !ancestor(node, "LabelFilter"))) return;
  shape.chips.push({
    kind: selector ? "matcher" : "filter",
    name: slice(query, name),
    op: slice(query, op),
    value: unquote(slice(query, last)),
    from: node.from,
    to: node.to,
    within: { from: within.from, to: within.to },
    removable: selector !== undefined || slice(query, within).replace(/^\|\s*/, "") === slice(query, node),
  });
}

function readLineFilter(query: string, node: SyntaxNode, shape: QueryShape): void {
  const op = node.getChild("Filter");
  const text = node.getChild("String");
  if (!op || !text) return;
  const sign = slice(query, op);
  const alternatives = [text, ...orStrings(node)].map((part) => unquote(slice(query, part)));
  shape.chips.push({
    kind: "line",
    name: "",
    op: sign,
    value: alternatives.join(" or "),
    from: node.from,
    to: node.to,
    within: { from: node.from, to: node.to },
    removable: true,
  });
  for (const value of alternatives) {
    const term = highlight(sign, value);
    if (term) shape.terms.push(term);
  }
}

function orStrings(node: SyntaxNode): SyntaxNode[] {
  const found: SyntaxNode[] = [];
  let or = node.getChild("OrFilter");
  while (or) {
    const text = or.getChild("String");
    if (text) found.push(text);
    or = or.getChild("OrFilter");
  }
  return found;
}

function highlight(op: string, value: string): RegExp | undefined {
  if (value === "") return undefined;
  if (op === "|=") return new RegExp(escapeRegExp(value), "g");
  if (op !== "|~") return undefined;
  // RE2's leading flags have no JavaScript spelling; `i` is the one people write.
  const flags = /^\(\?([imsU]+)\)/.exec(value);
  try {
    return new RegExp(value.slice(flags?.[0].length ?? 0), flags?.[1]?.includes("i") ? "gi" : "g");
  } catch {
    return undefined;
  }
}

/** Removes one condition. The last matcher of the selector gives way to the one that matches everything. */
export function removeChip(query: string, chip: Chip): string {
  if (!chip.removable) return query;
  if (chip.kind === "matcher") {
    const rest = readQuery(query)
      .chips.filter((c) => c.kind === "matcher" && c.within.from === chip.within.from && c.from !== chip.from)
      .map((c) => slice(query, c));
    const selector = rest.length === 0 ? EVERYTHING : `{${rest.join(", ")}}`;
    return query.slice(0, chip.within.from) + selector + query.slice(chip.within.to);
  }
  const { from, to } = chip.within;
  const after = query.slice(to);
  return query.slice(0, from).trimEnd() + (/^\s*([)[\]]|$)/.test(after) ? after.trimEnd() : ` ${after.trimStart()}`);
}

/** Whether a condition can be given another value: it is one comparison, with one value. */
export function isChangeable(query: string, chip: Chip): boolean {
  return chip.removable && !(chip.kind === "line" && /["`]\s*or\b/.test(slice(query, chip)));
}

/** Gives a condition another comparison or value. A number stays without quotes where it was one. */
export function changeChip(query: string, chip: Chip, op: string, value: string): string {
  if (!isChangeable(query, chip)) return query;
  const quoted = /["`]$/.test(slice(query, chip).trimEnd()) || !/^-?\d+(?:\.\d+)?[a-zA-Zµ]*$/.test(value);
  const text = quoted ? quote(value) : value;
  const condition = chip.kind === "matcher" ? `${chip.name}${op}${text}` : `${chip.kind === "line" ? "" : `${chip.name} `}${op} ${text}`;
  return query.slice(0, chip.from) + condition + query.slice(chip.to);
}

/** Adds a condition, or turns the opposite one around. A condition that is already there changes nothing. */
export function addFilter(query: string, filter: Filter): string {
  const shape = readQuery(query);
  if (shape.kind === "invalid") return addFilter(EVERYTHING, filter);
  const kind = filter.origin === "label" ? "matcher" : "filter";
  const condition = `${filter.name}${filter.op}${quote(filter.value)}`;
  const same = shape.chips.filter((c) => c.kind === kind && c.name === filter.name);
  for (const chip of same) {
    if (chip.value === filter.value && chip.op === filter.op) return query;
    if (chip.value === filter.value && chip.op === (filter.op === "=" ? "!=" : "=")) {
      return query.slice(0, chip.from) + condition + query.slice(chip.to);
    }
    // "any value" and another single value both give way to the value asked for.
    const anyValue = chip.op === "=~" && chip.value === ".+";
    if (filter.op === "=" && chip.removable && (anyValue || chip.op === "=")) {
      return query.slice(0, chip.from) + condition + query.slice(chip.to);
    }
  }
  if (kind === "matcher" && shape.selector) {
    const { from, to } = shape.selector;
    return `${query.slice(0, from)}{${query.slice(from + 1, to - 1).trim()}, ${condition}}${query.slice(to)}`;
  }
  const missing = filter.parser && !shape.parsers.includes(filter.parser) ? ` | ${filter.parser}` : "";
  return insertStage(query, shape, `${missing} | ${condition}`);
}

/** Adds a text filter at the end of the pipeline. */
export function addLineFilter(query: string, op: "|=" | "!=" | "|>" | "!>", text: string): string {
  if (text === "") return query;
  const shape = readQuery(query);
  if (shape.kind === "invalid") return addLineFilter(EVERYTHING, op, text);
  return insertStage(query, shape, ` ${op} ${quote(text)}`);
}

/** Puts a stage at the end of the first pipeline: the end of a log query, before the range of a metric query. */
function insertStage(query: string, shape: QueryShape, stage: string): string {
  const end = shape.pipelineEnd ?? query.length;
  return query.slice(0, end).trimEnd() + stage + query.slice(end);
}

/** The lines of a log query, counted by severity over a window such as `30s`. */
export function countByLevel(query: string, window: string): string {
  return `sum by (detected_level) (count_over_time(${query.trim()} [${window}]))`;
}

/** A selector of exactly one stream. Labels that are empty select nothing and are left out. */
export function streamSelector(labels: Readonly<Record<string, string>>): string {
  const matchers = Object.keys(labels)
    .filter((name) => labels[name] !== "" && !name.startsWith("__"))
    .toSorted()
    .map((name) => `${name}=${quote(labels[name] ?? "")}`);
  return matchers.length === 0 ? EVERYTHING : `{${matchers.join(", ")}}`;
}

/** All lines of a trace, or of one span of it. */
export function linesOfTrace(traceId: string, spanId?: string): string {
  const span = spanId ? ` | span_id=${quote(spanId)}` : "";
  return `${EVERYTHING} | trace_id=${quote(traceId)}${span}`;
}

/** LogQL for the lines whose text has some words, ids of a trace and a span say: for those who send them in no field. */
export function linesNaming(...words: string[]): string {
  return `${EVERYTHING}${words.map((word) => ` |= ${quote(word)}`).join("")}`;
}

/** A LogQL string literal. JSON's escapes are a subset of Go's. */
export function quote(value: string): string {
  return JSON.stringify(value);
}

function unquote(literal: string): string {
  if (literal.startsWith("`")) return literal.slice(1, literal.endsWith("`") ? -1 : undefined);
  if (!literal.startsWith('"')) return literal;
  try {
    return JSON.parse(literal) as string;
  } catch {
    return literal.slice(1, -1);
  }
}

function slice(query: string, node: Range): string {
  return query.slice(node.from, node.to);
}

function ancestor(node: SyntaxNode, name: string): SyntaxNode | undefined {
  for (let up = node.parent; up; up = up.parent) if (up.name === name) return up;
  return undefined;
}
