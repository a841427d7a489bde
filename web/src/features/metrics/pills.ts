import { labelOps, type Condition } from "../../components/filterbar/FilterBar";
import type { NameSource } from "../../components/querybuilder/useNames";
import { hasComment, readPromQL, selectorsIn, writeSelector, type PromMatcher } from "../../lib/promql/tree";

/** Names and values of metrics. */
export const promSource: NameSource = { language: "promql", base: "", fill: (text) => text };

/** Conditions on labels as pills. */
export function pillsOf(matchers: readonly PromMatcher[]): Condition[] {
  return matchers.map(({ name, op, value }) => ({ key: `${name} ${op} ${value}`, name, op, value, text: `${name} ${op} ${value}`, ops: labelOps, removable: true }));
}

/** The one selector of a query, and the query with others in its place. */
export interface OneSelector {
  metric: string;
  matchers: readonly PromMatcher[];
  with(matchers: readonly PromMatcher[]): string;
}

/** The selector that pills stand for; undefined for a query that has several or none, or that cannot be read. */
export function selectorOf(query: string): OneSelector | undefined {
  const root = hasComment(query) ? undefined : readPromQL(query);
  const [only, another] = root ? selectorsIn(root) : [];
  if (!only || another) return undefined;
  return { metric: only.metric, matchers: only.matchers, with: (matchers) => query.slice(0, only.from) + writeSelector(only.metric, matchers) + query.slice(only.to) };
}
