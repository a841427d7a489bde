import { Select, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";

import { listProfiles } from "../../api/services";
import { useTime } from "../../components/time/TimeContext";
import { useUrlState } from "../../components/useUrlState";
import { text, urlSchema } from "../../lib/urlState";
import type { Service } from "./red";
import classes from "./overview.module.css";

const overviewState = urlSchema<{ q: string; env: string }>({ q: text(), env: text() });

/** The services whose names contain what is looked for, and that run in the environment chosen; and the fields for both. */
export function useFindService(services: readonly Service[]): { shown: readonly Service[]; narrowed: boolean; fields: ReactNode } {
  const { range, tick } = useTime();
  const [{ q, env }, set] = useUrlState(overviewState);
  const profiles = useQuery({ queryKey: ["services", "profiles", range, tick], queryFn: ({ signal }) => listProfiles(undefined, range, signal) });
  const environments = new Set(profiles.data?.flatMap((one) => one.environments));
  const within = env === "" ? undefined : new Set(profiles.data?.flatMap((one) => (one.environments.includes(env) ? [one.name] : [])));
  const wanted = q.trim().toLowerCase();
  const shown = services.filter(({ name }) => name.toLowerCase().includes(wanted) && (!within || within.has(name)));
  const fields = (
    <span className={classes.find}>
      {(environments.size > 1 || env !== "") && (
        <Select size="xs" w={140} clearable aria-label="Environment" placeholder="All environments" data={[...new Set([...environments, ...(env === "" ? [] : [env])])].toSorted()} value={env || null} onChange={(next) => set({ env: next ?? "" })} />
      )}
      <TextInput data-search="" size="xs" w={160} aria-label="Find a service" placeholder="Find a service" value={q} onChange={(event) => set({ q: event.currentTarget.value }, { replace: true })} />
    </span>
  );
  return { shown, narrowed: wanted !== "" || env !== "", fields };
}
