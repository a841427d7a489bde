import { useMemo } from "react";

import { ApiError } from "../../api/client";
import { queryRange, type Matrix, type MatrixSeries } from "../../api/prom";
import { useTime } from "../../components/time/TimeContext";
import type { AnswerState } from "../../components/useAnswer";
import { useKeptQueries } from "../../components/useKeptQueries";
import { evaluate, type Series } from "../../lib/dashboard/expressions";
import { fillMacros } from "../../lib/macros";
import { parseStep, pickStep, tooManyPoints } from "../../lib/step";
import { referencesIn, type PaneQuery } from "./panes";

/** Points of a chart: about one for two pixels. */
export const points = 400;

/** A query with its name on the page. */
export interface NamedQuery extends PaneQuery {
  name: string;
}

/** What came of one query of a pane. */
export interface QueryAnswer {
  query: NamedQuery;
  series: readonly MatrixSeries[];
  pending: boolean;
  /** Newer data is on its way. */
  busy: boolean;
  error: Error | null;
  notices: readonly string[];
  /** What was answered; of an expression nothing. */
  of?: Pick<Matrix, "tookMs" | "spent"> | undefined;
}

export interface PaneData {
  answers: QueryAnswer[];
  stepMs: number;
  /** Why nothing is asked: the step that was chosen is too short for the range. "" if it is not. */
  refusal: string;
  retry: () => void;
  /** Of the queries that were sent: their keys, when the oldest answer came (Unix milliseconds), and what failed since. */
  asked: AnswerState["asked"];
  at: number;
  failure: Error | null;
}

/**
 * Asks a pane's queries over the page's range in steps of `step`, as `15s`, or of what suits the range for ""; expressions
 * are computed from the answers of the others on the page.
 */
export function usePaneData(queries: readonly NamedQuery[], page: readonly NamedQuery[], step: string): PaneData {
  const { range, tick } = useTime();
  const stepMs = parseStep(step) ?? pickStep(range, points);
  const refusal = tooManyPoints(range, stepMs);
  const needed = refusal === "" ? asked(queries, page) : [];
  const keys = needed.map(({ text }) => ["prom", "range", text, range, tick, stepMs]);
  const results = useKeptQueries(
    needed.map(({ text }, index) => ({
      question: text,
      queryKey: keys[index] ?? [],
      queryFn: ({ signal }) => queryRange({ query: fillMacros(text, range, stepMs), range, points, stepMs }, signal),
    })),
  );
  const stamp = results.map((one) => `${one.dataUpdatedAt} ${one.isPending} ${one.isPlaceholderData} ${one.errorUpdatedAt}`).join();
  const key = JSON.stringify([queries, needed]);
  const answers = useMemo(
    () => {
      const direct = new Map(
        needed.map((query, index): [string, QueryAnswer] => {
          const result = results[index];
          return [query.name, { query, series: result?.data?.series ?? [], pending: result?.isPending ?? true, busy: result?.isPlaceholderData ?? false, error: result?.error ?? null, notices: result?.data?.notices ?? [], of: result?.data }];
        }),
      );
      if (refusal !== "") return [];
      return queries.filter((query) => query.text !== "").map((query) => direct.get(query.name) ?? computed(query, page, direct, 0));
    },
    // `results` is another with every render; what is in it changes with the stamp.
    // oxlint-disable-next-line react/exhaustive-deps
    [stamp, key, refusal],
  );
  return {
    answers,
    stepMs,
    refusal,
    retry: () => results.forEach((one) => void (one.error && one.refetch())),
    asked: keys,
    at: results.length === 0 ? 0 : Math.min(...results.map((one) => one.at)),
    failure: results.find((one) => one.failure)?.failure ?? null,
  };
}

/** The queries that are sent: those of the pane, and those that its expressions name. */
function asked(queries: readonly NamedQuery[], page: readonly NamedQuery[]): NamedQuery[] {
  const wanted = new Set<string>();
  const visit = (query: NamedQuery, depth: number): void => {
    const names = referencesIn(query.text);
    if (!names) wanted.add(query.name);
    else if (depth < 8) for (const name of names) page.filter((one) => one.name === name && one !== query).forEach((one) => visit(one, depth + 1));
  };
  queries.forEach((query) => visit(query, 0));
  return page.filter((query) => query.text !== "" && wanted.has(query.name));
}

function computed(query: NamedQuery, page: readonly NamedQuery[], direct: ReadonlyMap<string, QueryAnswer>, depth: number): QueryAnswer {
  const base = { query, series: [], pending: false, busy: false, error: null, notices: [] };
  if (depth > 8) return { ...base, error: new Error("The expression computes with itself.") };
  const inputs = (referencesIn(query.text) ?? []).map((name) => {
    const other = page.find((one) => one.name === name && one !== query && one.text !== "");
    return { name, answer: direct.get(name) ?? (other && computed(other, page, direct, depth + 1)) };
  });
  const failed = inputs.find(({ answer }) => answer?.error);
  if (failed) return { ...base, error: new Error(`Query ${failed.name}: ${failed.answer?.error?.message ?? ""}`) };
  if (inputs.some(({ answer }) => answer?.pending)) return { ...base, pending: true };
  try {
    const known = new Map(inputs.flatMap(({ name, answer }): [string, Series[]][] => (answer ? [[name, answer.series.map(toSeries)]] : [])));
    return { ...base, series: evaluate({ type: "math", expression: query.text }, known).map(fromSeries), busy: inputs.some(({ answer }) => answer?.busy) };
  } catch (error) {
    return { ...base, error: error instanceof Error ? error : new Error(String(error)) };
  }
}

function toSeries({ labels, times, values }: MatrixSeries): Series {
  const { __name__: _, ...rest } = labels;
  return { labels: rest, times, values };
}

function fromSeries({ labels, times, values }: Series): MatrixSeries {
  return { labels, times: times ?? [], values };
}

/** Whether a query was refused as wrong, which is no failure of the server. */
export function isRefusal(error: unknown): boolean {
  return error instanceof ApiError && (error.status === 400 || error.status === 422);
}
