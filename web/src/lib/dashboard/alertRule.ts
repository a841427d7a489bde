import { readPromQL } from "../promql/tree";
import type { Frame } from "./frame";
import { num, obj, objs } from "./json";
import type { PanelModel } from "./model";
import type { Plan } from "./plan";

/** What a rule begins as that watches what a panel shows. */
export interface RuleSeed {
  signal: "metrics" | "logs" | "traces";
  /** The query as it was asked, with the panel's highest threshold behind it. */
  expr: string;
  name: string;
}

/** A rule over the first query of a panel that this server itself answers; undefined for a panel without one. */
export function ruleSeed(panel: Pick<PanelModel, "fieldConfig">, title: string, plan: Plan, frames: readonly Frame[]): RuleSeed | undefined {
  const name = title.replace(/\W+/g, " ").trim().split(" ").map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join("");
  const beyond = threshold(panel);
  for (const query of plan.queries) {
    if (plan.hidden.has(query.refId)) continue;
    if (query.type === "prometheus" && query.source.base === "") return { signal: "metrics", name, expr: compared(query.expr, beyond, readPromQL(query.expr)?.kind === "binary") };
    if (query.type === "loki" && query.source.base === "") {
      // Lines are no numbers: what can be watched is how many there are.
      const lines = frames.some((frame) => frame.refId === query.refId && frame.meta?.type === "logs");
      return { signal: "logs", name, expr: lines ? `sum(count_over_time(${query.expr} [5m])) > 0` : compared(query.expr, beyond, true) };
    }
    if (query.type === "tempo" && query.source.base === "/tempo" && (query.ask === "metrics" || query.ask === "search")) {
      return { signal: "traces", name, expr: query.ask === "search" ? `${query.query} | count_over_time()` : query.query };
    }
  }
  return undefined;
}

function compared(expr: string, beyond: number | undefined, parens: boolean): string {
  return beyond === undefined ? expr : `${parens ? `(${expr})` : expr} > ${beyond}`;
}

/** The highest of a panel's thresholds that are values. */
function threshold(panel: Pick<PanelModel, "fieldConfig">): number | undefined {
  const { mode, steps } = obj(panel.fieldConfig.defaults.thresholds);
  return mode === "percentage" ? undefined : objs(steps).flatMap((step) => num(step.value) ?? []).at(-1);
}
