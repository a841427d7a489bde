import { useComputedColorScheme } from "@mantine/core";
import { useMemo } from "react";

import type { Look } from "../lib/dashboard/display";
import { resolveZone } from "../lib/zone";

/** What the page's theme and the dashboard's time zone make of values. The same object as long as neither changes. */
export function useLook(timeZone: string): Look {
  const scheme = useComputedColorScheme("light");
  return useMemo(() => ({ scheme, zone: resolveZone(timeZone) }), [scheme, timeZone]);
}
