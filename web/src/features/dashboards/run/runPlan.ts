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
  /** What they say of the queries that does not touch the answers. */
  hints: string[];
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
        const answered = await requests.ask(requestKey(query, plan), (own) => runQuery(query, plan.range, own), signal, priority);
        return { query, frames: answered.frames(query, several), notices: answered.notices, hints: answered.hints ?? [] };
      } catch (error) {
        if (signal.aborted) throw error;
        errors.push({ refId: query.refId, message: error instanceof Error ? error.message : String(error) });
        return { query, frames: [], notices: [], hints: [] };
      }
    }),
  );
  const frames = answers.flatMap((answer) => answer.frames);
  const computed = compute(plan, frames, errors);
  const shown = [...frames, ...computed].filter((frame) => !plan.hidden.has(frame.refId));
  const once = (texts: readonly string[]): string[] => [...new Set(texts)];
  return { frames: shown, errors, notices: once(answers.flatMap((answer) => answer.notices)), hints: once(answers.flatMap((answer) => answer.hints)), took: performance.now() - began };
}

/** Says anew how much the answers to a panel's queries are wanted: it has come into sight, or gone. */
export function preferPlan(plan: Plan, priority: Priority): void {
  for (const query of plan.queries) requests.prefer(requestKey(query, plan), priority);
}

/** Panels that ask the same share one request; what they call its answer does not matter. */
function requestKey(query: Query, { range }: Plan): string {
  return JSON.stringify([{ ...query, refId: "", legend: undefined, source: query.source.uid }, range]);
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
