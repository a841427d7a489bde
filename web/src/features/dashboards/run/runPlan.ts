import { requests, type Priority } from "../../../api/queue";
import type { Frame } from "../../../lib/dashboard/frame";
import { evaluate, framesOf, seriesIn, type Series } from "../../../lib/dashboard/expressions";
import type { Plan, Query } from "../../../lib/dashboard/plan";
import { runQuery } from "./runQuery";

/** What came of a panel's queries. */
export interface PanelAnswer {
  frames: Frame[];
  /** Failures of single queries, or of expressions over them. */
  errors: { refId: string; message: string }[];
  /** What servers say of their answers, such as limits that cut them. */
  notices: string[];
  /** How long it took, in milliseconds, with the waiting for other requests. */
  took: number;
}

/**
 * Runs the requests of a panel, and the expressions over their answers. A query that fails leaves the others their
 * answers; it is an error for the panel only when nothing came.
 */
export async function runPlan(plan: Plan, signal: AbortSignal, priority: Priority): Promise<PanelAnswer> {
  const began = performance.now();
  const errors = plan.refused.map(({ refId, reason }) => ({ refId, message: reason }));
  const several = new Set(plan.queries.map((query) => query.refId)).size > 1;
  const answers = await Promise.all(
    plan.queries.map(async (query) => {
      try {
        const key = JSON.stringify([{ ...query, refId: "", legend: undefined, source: query.source.uid }, plan.range]);
        const answered = await requests.ask(key, (own) => runQuery(query, plan.range, own), signal, priority);
        return { query, frames: answered.frames(query, several), notices: answered.notices };
      } catch (error) {
        if (signal.aborted) throw error;
        errors.push({ refId: query.refId, message: error instanceof Error ? error.message : String(error) });
        return { query, frames: [], notices: [] };
      }
    }),
  );
  const frames = answers.flatMap((answer) => answer.frames);
  const computed = compute(plan, frames, errors);
  const shown = [...frames, ...computed].filter((frame) => !plan.hidden.has(frame.refId));
  return { frames: shown, errors, notices: [...new Set(answers.flatMap((answer) => answer.notices))], took: performance.now() - began };
}

function compute(plan: Plan, frames: readonly Frame[], errors: PanelAnswer["errors"]): Frame[] {
  const inputs = new Map<string, Series[]>();
  const refIds = new Set(plan.queries.map((query: Query) => query.refId));
  for (const refId of refIds) inputs.set(refId, seriesIn(frames.filter((frame) => frame.refId === refId)));
  return plan.expressions.flatMap((target) => {
    try {
      const series = evaluate(target, inputs);
      inputs.set(target.refId, series);
      return framesOf(target.refId, series);
    } catch (error) {
      errors.push({ refId: target.refId, message: error instanceof Error ? error.message : String(error) });
      return [];
    }
  });
}
