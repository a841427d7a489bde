import { foldBelow, foldInsides, foldSound } from "./traceFold";
import { ORPHAN_ROW, type TraceTree } from "./traceTree";

// Rows folded and unfolded one by one that a link carries: about a kilobyte. The first of more are forgotten.
const most = 120;
// The end of a span's id tells it from the others; counters begin with zeros.
const tail = 8;

/**
 * What of a trace is folded, as URLs carry it: a rule for all spans and then, each after a dot, the rows that are the other
 * way than the rule has them. The rule is empty, a number of levels that stay open, "insides" or "sound".
 */
export function foldedKeys(tree: TraceTree, folding: string): ReadonlySet<string> {
  const [rule = "", ...others] = folding.split(".");
  const keys = byRule(tree, rule);
  if (others.length === 0) return keys;
  const other = new Set(others);
  for (const key of [ORPHAN_ROW, ...tree.nodes.flatMap((node) => (node.children.length > 0 ? [node.key] : []))]) {
    if (other.has(short(key)) && !keys.delete(key)) keys.add(key);
  }
  return keys;
}

/** `folding` with each of some rows folded that was not, and the other way round. */
export function toggleFolds(folding: string, keys: readonly string[]): string {
  const [rule = "", ...others] = folding.split(".");
  const next = new Set(others);
  for (const key of keys.map(short)) if (!next.delete(key)) next.add(key);
  return [rule, ...[...next].slice(-most)].join(".");
}

function byRule(tree: TraceTree, rule: string): Set<string> {
  if (rule === "insides") return foldInsides(tree);
  if (rule === "sound") return foldSound(tree);
  return /^\d+$/.test(rule) ? foldBelow(tree, Number(rule)) : new Set();
}

function short(key: string): string {
  const [id = "", ...rest] = key.split("#");
  return [key === ORPHAN_ROW ? key : id.slice(-tail), ...rest].join("#");
}
