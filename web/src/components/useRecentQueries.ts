import { useCallback, useMemo } from "react";

import type { Language } from "../lib/palette";
import { useStoredList } from "./useStoredList";

/** A query that was run in this browser. */
export interface RecentQuery {
  language: Language;
  query: string;
}

const limit = 300;

/** The queries last run, newest first, and how to add one. */
export function useRecentQueries(): [readonly RecentQuery[], (one: RecentQuery) => void] {
  const [list, add] = useStoredList("oriel.queries", limit);
  const recent = useMemo(
    () =>
      list.flatMap((text): RecentQuery[] => {
        const [, language, query] = /^(promql|logql|traceql) (.+)$/s.exec(text) ?? [];
        return language && query ? [{ language: language as Language, query }] : [];
      }),
    [list],
  );
  const addQuery = useCallback(({ language, query }: RecentQuery) => add(`${language} ${query}`), [add]);
  return [recent, addQuery];
}
