import { useQueryClient, type Query } from "@tanstack/react-query";
import { useEffect, useSyncExternalStore } from "react";

import { ApiError, url } from "../api/client";
import { useTime } from "../components/time/TimeContext";
import { clockOf } from "../lib/timeFormat";
import classes from "./ExposedBanner.module.css";

/** Seconds between attempts; the last one goes on. */
const waits = [1, 2, 5, 15];

/** Says that the server is away while nothing it is asked has an answer, tries again by itself, and asks anew what failed once it is back. */
export function Reconnecting() {
  const queries = useQueryClient();
  const { zone } = useTime();
  const since = useAway();
  const away = since !== undefined;
  useEffect(() => {
    if (!away) return undefined;
    let stopped = false;
    let timer: ReturnType<typeof setTimeout>;
    const attempt = async (n: number): Promise<void> => {
      const back = await fetch(url("/-/ready"), { cache: "no-store" }).then(({ ok }) => ok, () => false);
      if (stopped) return;
      if (back) return void queries.refetchQueries({ predicate: unreached });
      timer = setTimeout(() => void attempt(n + 1), (waits[Math.min(n, waits.length - 1)] ?? 15) * 1000);
    };
    timer = setTimeout(() => void attempt(1), (waits[0] ?? 1) * 1000);
    return () => {
      stopped = true;
      clearTimeout(timer);
    };
  }, [away, queries]);
  if (!away) return null;
  return (
    <div className={classes.banner} role="status">
      <strong>Reconnecting …</strong> Oriel does not answer{since > 0 && `; its last answer is of ${clockOf(since, zone)}`}. This page asks again by itself.
    </div>
  );
}

/** Whether the last thing that happened to a query on show is that no answer came at all. */
function unreached(query: Query): boolean {
  const { error, fetchFailureReason } = query.state;
  return query.isActive() && [error, fetchFailureReason].some((one) => one instanceof ApiError && one.status === 0);
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
