import { useQuery, useQueryClient } from "@tanstack/react-query";
import { lazy, Suspense } from "react";

import { listProfiles } from "../api/services";
import { useEnvironment } from "../components/environment";
import { useTime } from "../components/time/TimeContext";
import { useDelayed } from "../components/useDelayed";

const HeaderSelect = lazy(() => import("./HeaderSelect").then((loaded) => ({ default: loaded.HeaderSelect })));

/** In milliseconds: what a page shows is asked for before it is asked which environments there are. */
const patience = 1000;
const lasts = 300_000;

/** Which deployment environment the pages are about, where there are several; others are not told that there are any. */
export function EnvironmentSwitch() {
  const [env, choose] = useEnvironment();
  const { range, tick } = useTime();
  const queries = useQueryClient();
  const late = useDelayed(patience);
  const known = useQuery({
    queryKey: ["environments"],
    // A page of services asks the same.
    queryFn: () => queries.fetchQuery({ queryKey: ["services", "profiles", range, tick], queryFn: ({ signal }) => listProfiles(undefined, range, signal, true), staleTime: Infinity }),
    select: (profiles) => [...new Set(profiles.flatMap((one) => one.environments))].toSorted(),
    enabled: late,
    staleTime: lasts,
    refetchInterval: lasts,
    retry: false,
  });
  const names = known.data ?? [];
  if (names.length < 2 && env === "") return null;
  return (
    <Suspense fallback={null}>
      <HeaderSelect
        aria-label="Environment"
        placeholder="All environments"
        clearable
        data={names.includes(env) || env === "" ? names : [env, ...names]}
        value={env || null}
        onChange={(next) => choose(next ?? "")}
      />
    </Suspense>
  );
}
