import { useQuery } from "@tanstack/react-query";
import { useCallback, useMemo } from "react";

import { listProfiles, type Profile } from "../api/services";
import { text, urlSchema } from "../lib/urlState";
import { useTime } from "./time/TimeContext";
import { useUrlState } from "./useUrlState";

const environmentState = urlSchema<{ env: string }>({ env: text() });

/** The environment that the page is about, "" for all; and the way to another. */
export function useEnvironment(): [env: string, choose: (env: string) => void] {
  const [{ env }, set] = useUrlState(environmentState);
  return [env, useCallback((next: string) => set({ env: next }), [set])];
}

/** What is known of where services run. */
export interface Runs {
  env: string;
  /** Whether a service runs in the environment that the page is about. One of which nothing is known runs nowhere. */
  here: (service: string) => boolean;
  /** The other environments that it runs in as well: its numbers are of all of them. */
  elsewhere: (service: string) => readonly string[];
}

const nowhere: readonly string[] = [];

/** Where services run, for a page that shows those of one environment. */
export function useRuns(): Runs {
  const [env] = useEnvironment();
  const { range, tick } = useTime();
  const profiles = useQuery({ queryKey: ["services", "profiles", range, tick], queryFn: ({ signal }) => listProfiles(undefined, range, signal), enabled: env !== "" });
  return useMemo(() => runs(env, profiles.data), [env, profiles.data]);
}

/** As useRuns, of profiles that are there already. */
export function runs(env: string, profiles: readonly Profile[] | undefined): Runs {
  const places = new Map(profiles?.map(({ name, environments }) => [name, environments]));
  return {
    env,
    // Until it is known where they run all are shown: they are too many for a moment, not too few.
    here: (service) => env === "" || !profiles || (places.get(service)?.includes(env) ?? false),
    elsewhere: (service) => (env === "" ? nowhere : (places.get(service)?.filter((one) => one !== env) ?? nowhere)),
  };
}
