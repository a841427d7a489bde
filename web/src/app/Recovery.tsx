import { useQueryClient, type Query } from "@tanstack/react-query";
import { useEffect } from "react";

import { worthAnother } from "../api/client";
import { attempts, backoff } from "../lib/backoff";

/**
 * Asks again, a little later each time, what is on show and failed in a way that may pass. What has tried often enough by
 * itself is left alone, and what found nobody at all is for Reconnecting.
 */
export function Recovery() {
  const queries = useQueryClient();
  useEffect(() => {
    const tried = new Map<Query, number>();
    const timers = new Set<ReturnType<typeof setTimeout>>();
    const later = (query: Query, n: number, seconds: number): void => {
      const timer = setTimeout(
        () => {
          timers.delete(timer);
          tried.set(query, n + 1);
          if (query.isActive() && query.state.status === "error" && query.state.fetchStatus === "idle") void query.fetch().catch(() => {});
        },
        backoff(n, seconds),
      );
      timers.add(timer);
    };
    const stop = queries.getQueryCache().subscribe((event) => {
      if (event.type === "removed" || (event.type === "updated" && event.action.type === "success")) tried.delete(event.query);
      if (event.type !== "updated" || event.action.type !== "error" || !event.query.isActive()) return;
      const { error, fetchFailureCount } = event.query.state;
      const n = Math.max(tried.get(event.query) ?? 0, fetchFailureCount - 1);
      if (worthAnother(error) && !error.away && n < attempts) later(event.query, n, error.retryAfter);
    });
    return () => {
      stop();
      timers.forEach(clearTimeout);
    };
  }, [queries]);
  return null;
}
