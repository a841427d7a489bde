import { TextInput } from "@mantine/core";
import type { ReactNode } from "react";

import { useUrlState } from "../../components/useUrlState";
import { text, urlSchema } from "../../lib/urlState";
import type { Service } from "./red";
import classes from "./overview.module.css";

const overviewState = urlSchema<{ q: string }>({ q: text() });

/** The services whose names contain what is looked for, and the field for that. */
export function useFindService(services: readonly Service[]): { shown: readonly Service[]; narrowed: boolean; fields: ReactNode } {
  const [{ q }, set] = useUrlState(overviewState);
  const wanted = q.trim().toLowerCase();
  const shown = services.filter(({ name }) => name.toLowerCase().includes(wanted));
  const fields = (
    <span className={classes.find}>
      <TextInput data-search="" size="xs" w={160} aria-label="Find a service" placeholder="Find a service" value={q} onChange={(event) => set({ q: event.currentTarget.value }, { replace: true })} />
    </span>
  );
  return { shown, narrowed: wanted !== "", fields };
}
