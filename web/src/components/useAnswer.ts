import { keepPreviousData, useQuery, useQueryClient, type QueryFunctionContext } from "@tanstack/react-query";
import { useState } from "react";

import { ApiError, worthAnother } from "../api/client";
import { attempts, backoff } from "../lib/backoff";
import type { TimeRange } from "../lib/time";
import { useTime } from "./time/TimeContext";

/** What a box on the page says of its answer besides showing it. */
export interface AnswerState {
  /** The keys of what was asked, to give up waiting for it. */
  asked: readonly (readonly unknown[])[];
  /** What is shown is of another range or an earlier refresh; the newer has not come. */
  isPlaceholderData: boolean;
  /** When what is shown was answered, in Unix milliseconds; 0 before the first answer. */
  at: number;
  /** Why there is no newer answer than the one that is shown. */
  failure: Error | null;
  /** Why there is none yet, while it is tried again. */
  failing?: Error | null;
  refetch: () => unknown;
}

/** An answer, which stays when a later one to the same question fails. */
export type Answer<T> = AnswerState & { isFetching: boolean } & (
    | { isPending: true; isError: false; isSuccess: false; data: undefined; error: null }
    | { isPending: false; isError: true; isSuccess: false; data: undefined; error: Error }
    | { isPending: false; isError: false; isSuccess: true; data: T; error: null }
  );

interface Good<T> {
  data: T;
  at: number;
  question: string;
}

type Ask<T> = (context: Pick<QueryFunctionContext, "signal" | "queryKey">) => Promise<T>;

const again = { retry: (failures: number, error: Error) => failures < attempts && worthAnother(error), retryDelay: (attempt: number, error: Error) => backoff(attempt, error instanceof ApiError ? error.retryAfter : 0) };

/** How a question is asked again whose box says that it is: what passes soon is waited for. Where nothing is, nor is this. */
export function usePatience(): typeof again | { retry?: false } {
  return useQueryClient().getDefaultOptions().queries?.retry === false ? { retry: false } : again;
}

export interface AnswerOptions {
  enabled?: boolean;
  over?: TimeRange | undefined;
  /** How long until it is asked again by itself, while the tab can be seen; false for not. Without it only refreshes ask again. */
  everyMs?: (() => number | false) | undefined;
}

/** Asks `question` over the page's range, or `over` another, and again with every refresh. `ask` may depend on nothing but the two. */
export function useAnswer<T>(question: readonly unknown[], ask: Ask<T>, { enabled = true, over, everyMs }: AnswerOptions = {}): Answer<T> {
  const { range, tick } = useTime();
  const queryKey = [...question, over ?? range, tick];
  const query = useQuery<T>({ queryKey, queryFn: ask, enabled, placeholderData: keepPreviousData as never, ...usePatience(), ...(everyMs ? { refetchInterval: everyMs, refetchOnWindowFocus: "always" } : {}) });
  const [kept, setKept] = useState<Good<T>>();
  const words = JSON.stringify(question);
  if (query.isSuccess && !query.isPlaceholderData && (kept?.data !== query.data || kept.at !== query.dataUpdatedAt || kept.question !== words)) {
    setKept({ data: query.data, at: query.dataUpdatedAt, question: words });
  }
  // Until there is a newer answer the reason stays, also while it is asked for once more.
  const [lost, setLost] = useState<{ error: Error; question: string }>();
  if (query.isError && (lost?.error !== query.error || lost.question !== words)) setLost({ error: query.error, question: words });
  if (query.isSuccess && !query.isPlaceholderData && lost) setLost(undefined);
  const good = kept?.question === words ? kept : undefined;
  // While it is tried again, what is known of the attempts so far.
  const failure = lost?.question === words ? lost.error : query.failureReason;
  const state = { asked: [queryKey], isPlaceholderData: query.isPlaceholderData, isFetching: query.isFetching, at: good?.at ?? 0, failure: good ? failure : null, refetch: query.refetch };
  if (query.isSuccess) return { ...state, isPending: false, isError: false, isSuccess: true, data: query.data, error: null };
  if (good) return { ...state, isPending: false, isError: false, isSuccess: true, data: good.data, error: null };
  if (query.isError) return { ...state, isPending: false, isError: true, isSuccess: false, data: undefined, error: query.error };
  return { ...state, failing: query.failureReason, isPending: true, isError: false, isSuccess: false, data: undefined, error: null };
}
