import { readPromQL, selectorsIn, partsOf, type PromNode } from "../../lib/promql/tree";

/**
 * The query whose answer has the buckets that `query` is about: of a quantile what is inside it; of a bare histogram the
 * growth of its buckets, classic or native; of anything else itself.
 */
export function bucketQuery(query: string): string {
  const root = readPromQL(query);
  if (!root) return query;
  const inner = quantileIn(root);
  if (inner) return keepsBuckets(inner);
  if (root.kind === "selector" && root.metric.endsWith("_bucket")) return `sum by (le) (increase(${root.text}[$__rate_interval]))`;
  return query;
}

function quantileIn(node: PromNode): PromNode | undefined {
  if (node.kind === "call" && /^histogram_(quantile|fraction|avg|count|sum)$/.test(node.name)) return node.args.at(-1);
  return partsOf(node).map(quantileIn).find(Boolean);
}

/** Per-bucket growth of what a quantile is computed from, all other labels aside. */
function keepsBuckets(node: PromNode): string {
  const classic = selectorsIn(node).some((one) => one.metric.endsWith("_bucket"));
  const grown = node.kind === "aggregate" ? node.inner : node;
  return `sum${classic ? " by (le)" : ""} (${grown.text.replace(/^i?rate\(/, "increase(")})`;
}
