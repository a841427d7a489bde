import { parser } from "@prometheus-io/lezer-promql";

import type { AdhocFilter } from "./model";

const operators: Record<string, string> = { "=": "=", "!=": "!=", "=~": "=~", "!~": "!~", "=|": "=~", "!=|": "!~" };

/** A filter as a matcher of PromQL and LogQL; undefined for an operator they do not have. */
export function matcherText(filter: AdhocFilter): string | undefined {
  const operator = operators[filter.operator];
  return operator ? `${filter.key}${operator}${JSON.stringify(filter.value)}` : undefined;
}

/** `expr` with the filters in every selector of it. A text that is no PromQL comes back as it is. */
export function filterPromQL(expr: string, filters: readonly AdhocFilter[]): string {
  const matchers = filters.flatMap((filter) => matcherText(filter) ?? []);
  if (matchers.length === 0) return expr;
  const edits: { at: number; insert: string }[] = [];
  parser.parse(expr).iterate({
    enter(node) {
      if (node.name !== "VectorSelector") return;
      const text = expr.slice(node.from, node.to);
      const brace = text.indexOf("{");
      if (brace === -1) edits.push({ at: node.to, insert: `{${matchers.join(",")}}` });
      else edits.push({ at: node.from + brace + 1, insert: /^\s*\}/.test(text.slice(brace + 1)) ? matchers.join(",") : `${matchers.join(",")},` });
    },
  });
  return edits.toSorted((a, b) => b.at - a.at).reduce((text, { at, insert }) => text.slice(0, at) + insert + text.slice(at), expr);
}

/** A LogQL query with the filters in every stream selector. */
export function filterLogQL(expr: string, filters: readonly AdhocFilter[]): string {
  const matchers = filters.flatMap((filter) => matcherText(filter) ?? []);
  if (matchers.length === 0) return expr;
  // A selector's braces stand outside of texts.
  return expr.replace(/("(?:[^"\\]|\\.)*"|`[^`]*`)|\{/g, (all, quoted?: string) => (quoted === undefined ? `{${matchers.join(",")},` : all)).replace(/,\s*\}/g, "}");
}
