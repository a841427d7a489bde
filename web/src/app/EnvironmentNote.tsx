import { useRouterState } from "@tanstack/react-router";
import { useEffect } from "react";

import { filterFor } from "../api/environment";
import { useEnvironment } from "../components/environment";
import { Notice } from "../components/Notice";
import { useTime } from "../components/time/TimeContext";
import { useGo } from "../components/useGo";
import { narrowing } from "../lib/environment";
import type { RawSearch } from "../lib/urlState";
import classes from "./Shell.module.css";

/** Says where the chosen environment does not narrow what the page shows; a page that would begin with everything begins with a filter for it. */
export function EnvironmentNote() {
  const [env, choose] = useEnvironment();
  const path = useRouterState({ select: (state) => state.location.pathname });
  const search = useRouterState({ select: (state) => state.location.search as RawSearch });
  const how = env === "" ? "none" : narrowing(path);
  const blank = how === "begins" && !["q", "f", "m", "mode"].some((key) => search[key] !== undefined);
  useBeginning(blank, path, env);
  if (how !== "all" && (how !== "begins" || blank || names(search, env))) return null;
  return (
    <div className={classes.note}>
      <Notice action={{ label: "Show all environments everywhere", run: () => choose("") }}>
        {how === "all" ? `This page is about all environments, not ${env} alone.` : `The query says nothing of ${env}: this is of all environments that it selects.`}
      </Notice>
    </div>
  );
}

/** Puts the filter for an environment into the address of a page that has no query yet. It can be taken away there like any other. */
function useBeginning(blank: boolean, path: string, env: string): void {
  const go = useGo();
  const { range } = useTime();
  useEffect(() => {
    if (!blank) return undefined;
    const stop = new AbortController();
    void filterFor(path, env, range, stop.signal).then(
      (filter) => void (filter && !stop.signal.aborted && go(`${path}?${new URLSearchParams(filter)}`, { replace: true })),
      // Without an answer the page is of all environments, which it says.
      () => {},
    );
    return () => stop.abort();
    // With another range the page still begins with what it has begun with.
    // oxlint-disable-next-line react/exhaustive-deps
  }, [blank, path, env, go]);
}

/** Whether a page's query or filters have the environment's name in them. */
function names(search: RawSearch, env: string): boolean {
  return [search.q, search.f].flat().some((text) => text?.includes(env) ?? false);
}
