import { useQueries, type UseQueryResult } from "@tanstack/react-query";
import { useEffect, useState } from "react";

/** A query among several; `question` is what stays the same while its key moves on with time. */
export interface KeptQuery<T> {
  question: string;
  queryKey: readonly unknown[];
  queryFn: (context: { signal: AbortSignal }) => Promise<T>;
  retry?: false;
}

/** As useQueries; and as with useQuery, the last answer to a question stays until the next is there. */
export function useKeptQueries<T>(queries: readonly KeptQuery<T>[]): UseQueryResult<T>[] {
  const [kept] = useState(() => new Map<string, T>());
  const results = useQueries({ queries: queries.map(({ question, ...query }) => ({ ...query, placeholderData: () => kept.get(question) })) }) as UseQueryResult<T>[];
  useEffect(() => {
    const asked = new Set(queries.map(({ question }) => question));
    for (const question of kept.keys()) if (!asked.has(question)) kept.delete(question);
    results.forEach(({ data, isPlaceholderData }, index) => {
      const question = queries[index]?.question;
      if (question !== undefined && data !== undefined && !isPlaceholderData) kept.set(question, data);
    });
  });
  return results;
}
