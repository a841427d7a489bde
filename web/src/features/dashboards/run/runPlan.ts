import { ApiError, worthAnother } from "../../../api/client";
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
  /** What single requests answered, by requestKey. */
  parts: ReadonlyMap<string, Part>;
}

interface Part {
  frames: Frame[];
  notices: string[];
  hints: string[];
}

/** Not one of a panel's requests was answered, and another attempt may be. */
export class NoAnswer extends ApiError {
  readonly errors: PanelAnswer["errors"];

  constructor(first: ApiError, errors: PanelAnswer["errors"]) {
    super(first.message, first.status, first);
    this.errors = errors;
  }
}

/**
 * Runs the requests of a panel, and the expressions over their answers. A query that fails leaves the others their
 * answers; it is an error for the panel only when nothing came. What of the plan was answered `before` is not asked again.
 */
export async function runPlan(plan: Plan, signal: AbortSignal, priority: Priority, before?: Pick<PanelAnswer, "errors" | "parts">): Promise<PanelAnswer> {
  const began = performance.now();
  const known = before && before.errors.length > 0 ? before.parts : undefined;
  const parts = new Map<string, Part>();
  const passing: ApiError[] = [];
  const errors = plan.refused.map(({ refId, reason }) => ({ refId, message: reason }));
  const several = new Set(plan.queries.map((query) => query.refId)).size > 1;
  const answers = await Promise.all(
    plan.queries.map(async (query) => {
      const key = requestKey(query, plan, query.refId);
      const part = known?.get(key);
      if (part) {
        parts.set(key, part);
        return { query, ...part };
      }
      try {
        const answered = await requests.ask(requestKey(query, plan), (own) => runQuery(query, plan.range, own), signal, priority);
        const now = { frames: answered.frames(query, several), notices: answered.notices, hints: answered.hints ?? [] };
        parts.set(key, now);
        return { query, ...now };
      } catch (error) {
        if (signal.aborted) throw error;
        if (worthAnother(error)) passing.push(error);
        errors.push({ refId: query.refId, message: error instanceof Error ? error.message : String(error) });
        return { query, frames: [], notices: [], hints: [] };
      }
    }),
  );
  const [first] = passing;
  if (first && passing.length === plan.queries.length) throw new NoAnswer(first, errors);
  const frames = answers.flatMap((answer) => answer.frames);
  const computed = compute(plan, frames, errors);
  const shown = [...frames, ...computed].filter((frame) => !plan.hidden.has(frame.refId));
  const once = (texts: readonly string[]): string[] => [...new Set(texts)];
  return { frames: shown, errors, notices: once(answers.flatMap((answer) => answer.notices)), hints: once(answers.flatMap((answer) => answer.hints)), took: performance.now() - began, parts };
}

/** Says anew how much the answers to a panel's queries are wanted: it has come into sight, or gone. */
export function preferPlan(plan: Plan, priority: Priority): void {
  for (const query of plan.queries) requests.prefer(requestKey(query, plan), priority);
}

/** Panels that ask the same share one request; what they call its answer does not matter. */
function requestKey(query: Query, { range }: Plan, refId = ""): string {
  return JSON.stringify([{ ...query, refId, legend: undefined, source: query.source.uid }, range]);
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
