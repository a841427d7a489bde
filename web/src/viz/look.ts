import { useComputedColorScheme } from "@mantine/core";
import { useMemo } from "react";

import { usePrefs } from "../components/usePrefs";
import type { Look } from "../lib/dashboard/display";
import { resolveZone } from "../lib/zone";

/** What the page's theme and the dashboard's time zone make of values. The same object as long as neither changes. */
export function useLook(timeZone: string): Look {
  const scheme = useComputedColorScheme("light");
  const [{ series }] = usePrefs();
  return useMemo(() => ({ scheme, distinct: series === "distinct", zone: resolveZone(timeZone) }), [scheme, series, timeZone]);
}
