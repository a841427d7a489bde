import { useQueries } from "@tanstack/react-query";
import { useMemo } from "react";

import { queryInstant } from "../../api/prom";
import { useTime } from "../../components/time/TimeContext";
import { fillMacros } from "../../lib/macros";
import { explainParts } from "../../lib/promql/explain";
import { readPromQL } from "../../lib/promql/tree";
import { pickStep } from "../../lib/step";
import { group } from "../../lib/units";
import { points } from "./usePaneData";
import classes from "./metrics.module.css";

/** A query's parts as a tree: each in plain words, and how many series it has at the end of the range. */
export function ExplainTree({ query }: { query: string }) {
  const { range, tick } = useTime();
  const parts = useMemo(() => {
    const root = readPromQL(query);
    return root ? explainParts(root) : [];
  }, [query]);
  const sizes = useQueries({
    queries: parts.map(({ node, evaluates }) => ({
      queryKey: ["prom", "size", node.text, range, tick],
      enabled: evaluates,
      retry: false,
      queryFn: async ({ signal }: { signal: AbortSignal }) => (await queryInstant(fillMacros(node.text, range, pickStep(range, points)), range.to, signal)).length,
    })),
  });
  if (parts.length === 0) return <p className={classes.caption}>This text is no PromQL expression yet.</p>;
  return (
    <ul className={classes.tree} aria-label="The query, part by part">
      {parts.map(({ node, depth, says, evaluates }, index) => {
        const size = sizes[index];
        return (
          <li key={`${node.from} ${node.to} ${node.kind}`} className={classes.treePart} style={{ paddingLeft: depth * 16 }}>
            <code>{node.text}</code>
            <span className={classes.treeSays}>{says}</span>
            <span className={classes.treeSize} data-empty={size?.data === 0 || undefined}>
              {!evaluates ? "" : size?.isError ? "refused" : size?.data === undefined ? "…" : `${group(size.data)} series`}
            </span>
          </li>
        );
      })}
    </ul>
  );
}
