import { useIsFetching, useQueryClient } from "@tanstack/react-query";
import { lazy, Suspense, useMemo } from "react";

import { ApiError } from "../../api/client";
import { Loading } from "../../components/status";
import { BeforeReach } from "../../components/time/BeforeReach";
import { useTime } from "../../components/time/TimeContext";
import { useUrlState } from "../../components/useUrlState";
import { readQuery } from "../../lib/logqlEdit";
import { LogLines } from "./LogLines";
import { QueryBar } from "./QueryBar";
import { logsState, metricStep } from "./state";
import classes from "./logs.module.css";

const MetricResults = lazy(() => import("./MetricResults").then((loaded) => ({ default: loaded.MetricResults })));

/** Explore logs: a LogQL query, and what it selects as lines or, for a metric query, as series. */
export function LogsPage() {
  const [state, set] = useUrlState(logsState);
  const { range, refresh } = useTime();
  const shape = useMemo(() => readQuery(state.q), [state.q]);
  const client = useQueryClient();
  // Asked anew whenever a request of this page ends.
  useIsFetching({ queryKey: ["logs"] });
  const refused = client
    .getQueryCache()
    .findAll({ queryKey: ["logs"], type: "active" })
    .map((one) => one.state.error)
    .find((error) => error instanceof ApiError && error.status === 400);

  const run = (query: string) => {
    if (query === state.q) refresh();
    else set({ q: query, row: "", at: "" });
  };
  return (
    <div className={classes.page}>
      <QueryBar query={state.q} shape={shape} refused={refused ?? undefined} step={metricStep(state, range)} live={state.live} onRun={run} onLive={(live) => set({ live, at: "" })} />
      <BeforeReach signal="logs" />
      {shape.kind === "metric" ? (
        <Suspense fallback={<Loading height={320} what="results" />}>
          <MetricResults state={state} set={set} />
        </Suspense>
      ) : <LogLines key={state.q} state={state} shape={shape} set={set} onQuery={run} />}
    </div>
  );
}
