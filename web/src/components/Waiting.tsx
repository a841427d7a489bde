import { hashKey, useQueryClient, type QueryKey } from "@tanstack/react-query";
import { createContext, useCallback, useContext, useEffect, useState, useSyncExternalStore, type ReactNode } from "react";

import { clockOf } from "../lib/timeFormat";
import { TimeContext } from "./time/TimeContext";
import type { AnswerState } from "./useAnswer";
import { useDelayed } from "./useDelayed";
import classes from "./Waiting.module.css";

/** What the box around asks for; whatever waits within it can be given up. */
export const AskedContext = createContext<readonly QueryKey[]>([]);

/** After so many milliseconds it is told how long an answer takes, and one may give up. */
const patience = 5_000;

interface Wait {
  fetching: boolean;
  /** Why the last attempt failed, while there will be another. */
  failing: Error | null;
  /** Nobody waits any more, and nothing has come. */
  givenUp: boolean;
  cancel: () => void;
  again: () => void;
}

/** The waiting for what was asked with these keys. Giving up ends the requests, and with them the work of the server. */
export function useWait(asked: readonly QueryKey[]): Wait {
  const queries = useQueryClient();
  const cache = queries.getQueryCache();
  const hashes = asked.map((key) => hashKey(key));
  const id = hashes.join("\n");
  // A page may have hundreds of boxes that wait: each is told of its own questions only.
  const subscribe = useCallback((changed: () => void) => cache.subscribe(({ query }) => void (id.includes(query.queryHash) && changed())), [cache, id]);
  const fetching = useSyncExternalStore(subscribe, () => hashes.some((hash) => cache.get(hash)?.state.fetchStatus === "fetching"));
  const failing = useSyncExternalStore(subscribe, () => hashes.map((hash) => cache.get(hash)?.state).find((state) => state?.fetchStatus === "fetching" && state.fetchFailureReason)?.fetchFailureReason ?? null);
  const [ended, setEnded] = useState("");
  const each = (act: (filter: { queryKey: QueryKey; exact: true }) => unknown): void => asked.forEach((queryKey) => void act({ queryKey, exact: true }));
  return {
    fetching,
    failing,
    givenUp: ended === id && !fetching,
    cancel: () => {
      setEnded(id);
      each((filter) => queries.cancelQueries(filter));
    },
    // One that waits for its next attempt begins anew.
    again: () => each((filter) => void queries.cancelQueries(filter).then(() => queries.refetchQueries(filter))),
  };
}

/** Beside what takes longer than five seconds: how long it does, and a way to give up; then, instead of `children`, a way to ask again. */
export function Waiting({ asked, children }: { asked: readonly QueryKey[]; children?: ReactNode }) {
  const { fetching, givenUp, cancel, again } = useWait(asked);
  if (!givenUp) {
    return (
      <>
        {children}
        {fetching && <Elapsed key={hashKey(asked)} onCancel={cancel} />}
      </>
    );
  }
  return (
    <span className={classes.waiting} role="status">
      Cancelled{" "}
      <button type="button" className={classes.act} onClick={again}>
        Ask again
      </button>
    </span>
  );
}

function Elapsed({ onCancel }: { onCancel: () => void }) {
  const [ms, setMs] = useState(0);
  useEffect(() => {
    const began = Date.now();
    const timer = setInterval(() => setMs(Date.now() - began), 1000);
    return () => clearInterval(timer);
  }, []);
  if (ms < patience) return null;
  return (
    <span className={classes.waiting}>
      <span role="timer">{Math.round(ms / 1000)} s</span>{" "}
      <button type="button" className={classes.act} onClick={onCancel}>
        Cancel
      </button>
    </span>
  );
}

/** A thin bar over what is old while the new is on its way. */
export function Progress({ asked }: { asked: readonly QueryKey[] }) {
  const { fetching } = useWait(asked);
  const late = useDelayed(400);
  return late && fetching ? <div className={classes.progress} role="status" aria-label="Loading newer data" /> : null;
}

/** Of what was answered at `at`: that it is old, when a newer answer failed or two refreshes went by without one. */
export function AsOf({ at, failed }: { at: number; failed: boolean }) {
  const time = useContext(TimeContext);
  const due = at + 2 * (time?.everyMs ?? 0);
  const [overdue, setOverdue] = useState(0);
  const refreshes = (time?.everyMs ?? 0) > 0;
  useEffect(() => {
    if (!refreshes || at === 0) return undefined;
    const timer = setTimeout(() => setOverdue(due), Math.max(0, due - Date.now()));
    return () => clearTimeout(timer);
  }, [refreshes, at, due]);
  if (at === 0 || !time || !(failed || (refreshes && overdue === due))) return null;
  return (
    <span className={classes.old} title="When what is shown here was answered">
      as of {clockOf(at, time.zone)}
    </span>
  );
}

/** Over what has no box of its own: what there is to say of the wait for its answer and of its age. */
export function WaitingLine({ of: { asked, at, failure } }: { of: Pick<AnswerState, "asked" | "at" | "failure"> }) {
  return (
    <div className={classes.line}>
      <Waiting asked={asked} />
      <AsOf at={at} failed={failure !== null} />
    </div>
  );
}
