import { useQueries, type UseQueryResult } from "@tanstack/react-query";
import { useEffect, useState } from "react";

import { usePatience } from "./useAnswer";

/** A query among several; `question` is what stays the same while its key moves on with time. */
export interface KeptQuery<T> {
  question: string;
  queryKey: readonly unknown[];
  queryFn: (context: { signal: AbortSignal }) => Promise<T>;
  retry?: false;
}

/** What came of one of several queries. */
export interface KeptResult<T> extends Pick<UseQueryResult<T>, "isPending" | "isPlaceholderData" | "dataUpdatedAt" | "errorUpdatedAt" | "error" | "refetch"> {
  /** The last answer to the question, also where the newest failed. */
  data: T | undefined;
  /** When that was answered, in Unix milliseconds; 0 before the first. */
  at: number;
  /** Why there is no newer answer than `data`, also while it is tried again. */
  failure: Error | null;
  /** The newest failed, and there is none before it. */
  isError: boolean;
}

/** As useQueries; and as with useAnswer, the last answer to a question stays until the next is there. */
export function useKeptQueries<T>(queries: readonly KeptQuery<T>[]): KeptResult<T>[] {
  const [kept] = useState(() => new Map<string, { data: T; at: number }>());
  const patience = usePatience();
  const results = useQueries({ queries: queries.map(({ question, ...query }) => ({ ...patience, ...query, placeholderData: () => kept.get(question)?.data })) }) as UseQueryResult<T>[];
  useEffect(() => {
    const asked = new Set(queries.map(({ question }) => question));
    for (const question of kept.keys()) if (!asked.has(question)) kept.delete(question);
    results.forEach(({ data, isPlaceholderData, dataUpdatedAt }, index) => {
      const question = queries[index]?.question;
      if (question !== undefined && data !== undefined && !isPlaceholderData) kept.set(question, { data, at: dataUpdatedAt });
    });
  });
  return results.map(({ isPending, isPlaceholderData, dataUpdatedAt, errorUpdatedAt, error, failureReason, refetch, data }, index) => {
    const good = kept.get(queries[index]?.question ?? "");
    return { isPending, isPlaceholderData, dataUpdatedAt, errorUpdatedAt, error, refetch, data: data ?? good?.data, at: good?.at ?? dataUpdatedAt, failure: good ? (error ?? failureReason) : null, isError: error !== null && data === undefined && !good };
  });
}
