import { useQueryClient, type Query, type QueryClient } from "@tanstack/react-query";
import { useEffect, useState, useSyncExternalStore } from "react";

import { ApiError, startingHeader, url } from "../api/client";
import { useTime } from "../components/time/TimeContext";
import { backoff } from "../lib/backoff";
import { clockOf } from "../lib/timeFormat";
import classes from "./ExposedBanner.module.css";

/** Says that the server is away while nothing it is asked has an answer, tries again by itself, and asks anew what failed once it is back. */
export function Reconnecting() {
  const queries = useQueryClient();
  const { zone } = useTime();
  const since = useAway();
  const away = since !== undefined;
  // What the server says it is at while it starts.
  const [starting, setStarting] = useState("");
  useEffect(() => {
    if (!away) return undefined;
    let stopped = false;
    let timer: ReturnType<typeof setTimeout>;
    const attempt = async (n: number): Promise<void> => {
      const answer = await fetch(url("/-/ready"), { cache: "no-store" }).catch(() => undefined);
      const said = answer?.headers.has(startingHeader) ? await answer.text().catch(() => "") : "";
      if (stopped) return;
      if (answer?.ok) return void anew(queries);
      setStarting(said.trim());
      timer = setTimeout(() => void attempt(n + 1), backoff(n));
    };
    timer = setTimeout(() => void attempt(1), backoff(0));
    return () => {
      stopped = true;
      clearTimeout(timer);
      setStarting("");
      // One had its answer by an attempt of its own: the others can have theirs.
      void anew(queries);
    };
  }, [away, queries]);
  if (!away) return null;
  return (
    <div className={classes.banner} role="status">
      {starting === "" ? (
        <>
          <strong>Reconnecting …</strong> Oriel does not answer{since > 0 && `; its last answer is of ${clockOf(since, zone)}`}.
        </>
      ) : (
        <strong>{starting}</strong>
      )}{" "}
      This page asks again by itself.
    </div>
  );
}

/** Asks again what found nobody. Those that wait for an attempt of their own need not any more. */
async function anew(queries: QueryClient): Promise<void> {
  const lost = queries.getQueryCache().getAll().filter(unreached);
  await Promise.all(lost.map(({ queryKey }) => queries.cancelQueries({ queryKey, exact: true })));
  lost.forEach(({ queryKey }) => void queries.refetchQueries({ queryKey, exact: true }));
}

/** Whether the last thing that happened to a query on show is that no answer came at all. */
function unreached(query: Query): boolean {
  const { error, fetchFailureReason } = query.state;
  return query.isActive() && [error, fetchFailureReason].some((one) => one instanceof ApiError && one.away);
}

/** While what is on show has no answer, and nothing had one since: when the last came, in Unix milliseconds, 0 for never. */
function useAway(): number | undefined {
  const cache = useQueryClient().getQueryCache();
  return useSyncExternalStore(
    (changed) => cache.subscribe(changed),
    () => {
      const all = cache.getAll();
      const failed = all.filter(unreached);
      const last = Math.max(0, ...all.map((one) => one.state.dataUpdatedAt));
      return failed.length > 0 && failed.every((one) => one.state.fetchStatus === "fetching" || one.state.errorUpdatedAt > last) ? last : undefined;
    },
  );
}
